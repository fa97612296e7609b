internal import MynaStages

/// Writes the words between quotes with a space before the first, as they stand in the request.
///
/// `target="the lamp"` becomes `target=" the lamp"`: the copied words are then the very tokens that were read, and
/// copying is a matter of looking them up.
struct SpacedQuotes<Inner: TextConstraint>: TextConstraint {
    private var inner: Inner
    private var isQuoted = false
    private var awaitsSpace = false

    /// Holds the spaced form to what `inner` says of the plain one.
    init(_ inner: Inner) { self.inner = inner }

    mutating func advance(_ byte: UInt8) -> Bool {
        if awaitsSpace {
            guard byte == UInt8(ascii: " ") else { return false }
            awaitsSpace = false
            return true
        }
        guard inner.advance(byte) else { return false }
        if byte == UInt8(ascii: "\"") {
            isQuoted.toggle()
            awaitsSpace = isQuoted
        }
        return true
    }

    var canEnd: Bool { !isQuoted && inner.canEnd }
}

/// `text` without the space after each opening quote.
func withoutQuoteSpaces(_ text: String) -> String {
    var plain = ""
    var isQuoted = false
    var isOpening = false
    for character in text {
        if character == " ", isOpening {
            isOpening = false
            continue
        }
        if character == "\"" { isQuoted.toggle() }
        isOpening = character == "\"" && isQuoted
        plain.append(character)
    }
    return plain
}

/// The constraint of the spaced form.
func spacedQuotes(_ constraint: some TextConstraint) -> any TextConstraint { SpacedQuotes(constraint) }
