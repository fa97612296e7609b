/// Names and messages that others wrote: data to be shown, never more.
enum Names {
    /// `text` as one short line without control characters.
    static func line(_ text: String, most: Int = 120) -> String {
        let clean = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.properties.generalCategory == .control || $0.properties.generalCategory == .format ? " " : $0
                }))
        return String(clean.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(most))
    }
}
