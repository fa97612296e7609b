/// Turns tokens into text as they come, never splitting a character: what is not yet a whole one waits.
///
/// Law: the pieces given out, joined, are what ``BytePairTokenizer/decode(_:skippingSpecials:)`` gives for all tokens.
public struct TokenStream: Sendable {
    private let tokenizer: BytePairTokenizer
    private var waiting: [UInt8] = []

    public init(_ tokenizer: BytePairTokenizer) {
        self.tokenizer = tokenizer
    }

    /// Takes the next token and gives the text that is now certain; empty for a special token.
    public mutating func append(_ id: Int) -> String {
        guard tokenizer.pieces.indices.contains(id), !tokenizer.isSpecial(id) else { return "" }
        waiting += tokenizer.pieces[id]
        let whole = waiting.count - incompleteTail()
        defer { waiting.removeFirst(whole) }
        return String(decoding: waiting[..<whole], as: UTF8.self)
    }

    /// Gives what still waits; an unfinished character becomes U+FFFD.
    public mutating func finish() -> String {
        defer { waiting = [] }
        return String(decoding: waiting, as: UTF8.self)
    }

    /// How many bytes at the end may be the beginning of a character.
    private func incompleteTail() -> Int {
        for length in 1...3 where length <= waiting.count {
            let byte = waiting[waiting.count - length]
            switch byte {
            case 0x80...0xBF: continue
            case 0xC2...0xDF: return length < 2 ? length : 0
            case 0xE0...0xEF: return length < 3 ? length : 0
            case 0xF0...0xF4: return length < 4 ? length : 0
            default: return 0
            }
        }
        return 0
    }
}
