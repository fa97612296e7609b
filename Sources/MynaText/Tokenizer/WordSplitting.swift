/// How text is cut into words before pieces are joined; no piece reaches over a word's border.
public enum WordSplitting: Sendable, Equatable {
    /// GPT-2's pattern: a word takes the space before it; digits stay together.
    case gpt2
    /// The pattern of the Llama 3 and Qwen files: at most `digits` digits together, line ends kept with what precedes them.
    case llama3(digits: Int)

    /// The regular expression that tokenizer files write for it.
    var pattern: String {
        switch self {
        case .gpt2: #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
        case .llama3(let digits):
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}\#(digits == 1 ? "" : "{1,\(digits)}")"#
                + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
        }
    }

    /// The splitting that `pattern` describes; nil for a pattern no scanner is written for.
    init?(pattern: String) {
        let known: [WordSplitting] = [.gpt2, .llama3(digits: 3), .llama3(digits: 1)]
        guard let match = known.first(where: { $0.pattern == pattern }) else { return nil }
        self = match
    }

    /// The UTF-8 bytes of each word of `text`, in order; together they are the whole text.
    func words(of text: some StringProtocol) -> [ArraySlice<UInt8>] {
        var scanner = WordScanner(text)
        var words: [ArraySlice<UInt8>] = []
        while scanner.position < scanner.kinds.count {
            let start = scanner.position
            switch self {
            case .gpt2: scanner.skipGPT2Word()
            case .llama3(let digits): scanner.skipLlama3Word(digits: digits)
            }
            words.append(scanner.bytes[scanner.offsets[start]..<scanner.offsets[scanner.position]])
        }
        return words
    }
}

/// Walks over a text by the classes of its characters; the patterns' alternatives are tried in their order.
private struct WordScanner {
    enum Kind: UInt8 {
        case letter, number, space, newline, other
    }

    let bytes: ArraySlice<UInt8>
    private(set) var kinds: [Kind] = []
    /// Where each character starts in `bytes`, and where the last one ends.
    private(set) var offsets: [Int] = []
    private(set) var position = 0

    init(_ text: some StringProtocol) {
        bytes = ArraySlice(text.utf8)
        kinds.reserveCapacity(bytes.count)
        offsets.reserveCapacity(bytes.count + 1)
        var offset = 0
        for scalar in text.unicodeScalars {
            kinds.append(Self.kind(of: scalar))
            offsets.append(offset)
            offset += UTF8.width(scalar)
        }
        offsets.append(offset)
    }

    static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x61...0x7A, 0x41...0x5A: return .letter
        case 0x30...0x39: return .number
        case 0x0A, 0x0D: return .newline
        case 0x20, 0x09, 0x0B, 0x0C: return .space
        case 0..<0x80: return .other
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return scalar.properties.isWhitespace ? .space : .other
        }
    }

    private func kind(at index: Int) -> Kind? { index < kinds.count ? kinds[index] : nil }

    private func byte(at index: Int) -> UInt8? { index < kinds.count ? bytes[offsets[index]] : nil }

    private func end(of kind: Kind, from start: Int) -> Int {
        var index = start
        while self.kind(at: index) == kind { index += 1 }
        return index
    }

    private func endOfWhitespace(from start: Int) -> Int {
        var index = start
        while let kind = kind(at: index), kind == .space || kind == .newline { index += 1 }
        return index
    }

    /// The length of `'s`, `'re`… at the position, 0 where there is none.
    private func contraction(ignoringCase: Bool) -> Int {
        guard byte(at: position) == UInt8(ascii: "'"), let first = byte(at: position + 1) else { return 0 }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        switch first | fold {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        default: break
        }
        guard let second = byte(at: position + 2) else { return 0 }
        switch (first | fold, second | fold) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return 3
        default: return 0
        }
    }

    /// Whitespace up to the last character of it, which goes with the next word; a single one stands alone.
    private mutating func skipWhitespace() {
        let end = endOfWhitespace(from: position)
        position = end == kinds.count || end == position + 1 ? end : end - 1
    }

    mutating func skipGPT2Word() {
        let contraction = contraction(ignoringCase: false)
        if contraction > 0 {
            position += contraction
            return
        }
        let start = byte(at: position) == UInt8(ascii: " ") ? position + 1 : position
        if let kind = kind(at: start), kind != .space, kind != .newline {
            position = end(of: kind, from: start)
        } else {
            skipWhitespace()
        }
    }

    mutating func skipLlama3Word(digits: Int) {
        let contraction = contraction(ignoringCase: true)
        if contraction > 0 {
            position += contraction
            return
        }
        switch kinds[position] {
        case .letter:
            position = end(of: .letter, from: position)
            return
        case .space, .other:
            if kind(at: position + 1) == .letter {
                position = end(of: .letter, from: position + 1)
                return
            }
        case .number:
            position = min(end(of: .number, from: position), position + digits)
            return
        case .newline: break
        }
        let start = byte(at: position) == UInt8(ascii: " ") ? position + 1 : position
        if kind(at: start) == .other {
            position = end(of: .newline, from: end(of: .other, from: start))
            return
        }
        let whitespaceEnd = endOfWhitespace(from: position)
        if let lastNewline = (position..<whitespaceEnd).last(where: { kinds[$0] == .newline }) {
            position = lastNewline + 1
        } else {
            skipWhitespace()
        }
    }
}
