/// Running text.
public enum Prose {
    /// `text` cut at its sentence ends and line breaks.
    public static func sentences(_ text: String) -> [Substring] {
        var out: [Substring] = []
        for line in text.split(separator: "\n") {
            var start = line.startIndex
            var previous: UInt8 = 0
            var i = line.utf8.startIndex
            while i < line.utf8.endIndex {
                let byte = line.utf8[i]
                if byte == 0x20, previous == UInt8(ascii: ".") || previous == UInt8(ascii: "?") || previous == UInt8(ascii: "!") {
                    out.append(line[start..<i])
                    start = line.utf8.index(after: i)
                }
                if byte != UInt8(ascii: "\"") { previous = byte }
                i = line.utf8.index(after: i)
            }
            out.append(line[start...])
        }
        return out
    }
}
