/// A SentencePiece tokenizer (Kudo & Richardson 2018), unigram or byte-pair, from the published `.model` file.
///
/// Encodes and decodes as the `sentencepiece` package does with its default options.
public struct SentencePieceTokenizer: Sendable {
    /// What each token adds to a text, by id: a `▁` is a space; control tokens and the unknown one add nothing.
    public let pieces: [[UInt8]]
    /// The token that begins a text; nil where the vocabulary has none.
    public let beginToken: Int?
    /// The token that ends a text; nil where the vocabulary has none.
    public let endToken: Int?

    let file: SentencePieceFile
    private let normalizer: SentencePieceNormalizer
    private let ids: [[UInt8]: Int32]
    private let trie: ByteTrie
    private let userDefined: ByteTrie
    private let unknown: Int
    private let byteIDs: [Int]  // −1 where there is none
    private let unknownScore: Float
    private let highestScore: Float

    /// Reads a `.model` file.
    ///
    /// - Throws: ``TokenizerError``, naming the file or the field.
    public init(contentsOf path: String) throws(TokenizerError) {
        try self.init(SentencePieceFile(contentsOf: path))
    }

    init(_ file: SentencePieceFile) throws(TokenizerError) {
        self.file = file
        let numbered = file.pieces.enumerated()
        userDefined = ByteTrie(numbered.filter { $1.kind == .userDefined }.map { ($1.text, Int32($0)) })
        // Tokens that text never becomes: unknown, control and byte tokens.
        let written = numbered.filter { [.normal, .userDefined, .unused].contains($1.kind) }
        trie = ByteTrie(written.map { ($1.text, Int32($0)) })
        ids = Dictionary(written.map { ($1.text, Int32($0)) }) { first, _ in first }
        guard ids.count == written.count else {
            throw .inconsistent(field: "pieces", reason: "\(written.count - ids.count) of them stand twice")
        }
        normalizer = try SentencePieceNormalizer(file, keeping: userDefined)
        unknown = file.pieces.firstIndex { $0.kind == .unknown } ?? 0  // the file was checked to have one
        var byteIDs = [Int](repeating: -1, count: 256)
        for (id, piece) in numbered where piece.kind == .byte {
            if let byte = Self.byte(of: piece.text) { byteIDs[Int(byte)] = id }
        }
        if file.fallsBackToBytes, let missing = byteIDs.firstIndex(of: -1) {
            throw .inconsistent(field: "trainer_spec.byte_fallback", reason: "there is no token for the byte \(missing)")
        }
        self.byteIDs = byteIDs
        let scores = file.pieces.filter { $0.kind == .normal }.map(\.score)
        unknownScore = (scores.min() ?? 0) - 10  // the reference's penalty
        highestScore = scores.max() ?? 0
        pieces = file.pieces.map { piece in
            switch piece.kind {
            case .control, .unknown: []
            case .byte: Self.byte(of: piece.text).map { [$0] } ?? []
            default: Self.withSpaces(piece.text)
            }
        }
        func control(_ id: Int) -> Int? { file.pieces.indices.contains(id) && file.pieces[id].kind == .control ? id : nil }
        (beginToken, endToken) = (control(file.beginID), control(file.endID))
    }

    /// The number of ids.
    public var count: Int { pieces.count }

    /// The id of the piece `text` as the file writes it, control tokens included; nil where there is none.
    public func id(of text: String) -> Int? { file.pieces.firstIndex { $0.text.elementsEqual(text.utf8) } }

    /// Whether a token is left out when text is decoded for people.
    public func isSpecial(_ id: Int) -> Bool { file.pieces[id].kind == .control }

    /// The token ids of `text`, without begin and end; text can never forge a control token.
    public func encode(_ text: String) -> [Int] {
        let normalized = normalizer(text)
        guard !normalized.isEmpty else { return [] }
        let found = file.algorithm == .unigram ? likeliest(normalized) : joined(normalized)
        var tokens: [Int] = []
        var followsUnknown = false
        for (id, range) in found {
            let isUnknown = id == unknown
            if isUnknown, file.fallsBackToBytes {
                for byte in normalized[range] { tokens.append(byteIDs[Int(byte)]) }
            } else if !(isUnknown && followsUnknown) {  // neighbours make one unknown token
                tokens.append(id)
            }
            followsUnknown = isUnknown
        }
        return tokens
    }

    /// The likeliest sequence of pieces (Viterbi), where a character without a piece counts as unknown.
    ///
    /// Sums are float, as in the reference, so that ties fall alike: what comes first stays.
    private func likeliest(_ text: [UInt8]) -> [(Int, Range<Int>)] {
        struct End {
            var start = -1
            var id = 0
            var score: Float = 0
        }
        var ends = [End](repeating: End(), count: text.count + 1)
        var start = 0
        while start < text.count {
            let before = ends[start].score
            let character = Self.characterLength(text, start)
            var coversCharacter = false
            func offer(_ id: Int, _ length: Int, _ score: Float) {
                let candidate = score + before
                let end = ends[start + length]
                guard end.start < 0 || candidate > end.score else { return }
                ends[start + length] = End(start: start, id: id, score: candidate)
            }
            trie.prefixes(of: text, from: start) { length, value in
                let piece = file.pieces[Int(value)]
                guard piece.kind != .unused else { return }
                // What a user defined is taken before anything else of its length.
                let score = piece.kind == .userDefined ? Float(Double(Float(length) * highestScore) - 0.1) : piece.score
                offer(Int(value), length, score)
                if length == character { coversCharacter = true }
            }
            if !coversCharacter { offer(unknown, character, unknownScore) }
            start += character
        }
        var path: [(Int, Range<Int>)] = []
        var end = text.count
        while end > 0 {
            path.append((ends[end].id, ends[end].start..<end))
            end = ends[end].start
        }
        return path.reversed()
    }

    /// Joins neighbours as long as they make a piece, the one of the highest score first, leftmost among equals.
    private func joined(_ text: [UInt8]) -> [(Int, Range<Int>)] {
        var ranges: [Range<Int>] = []
        var frozen: [Bool] = []
        var start = 0
        while start < text.count {
            let kept = userDefined.longestPrefix(of: text, from: start)
            let length = kept > 0 ? kept : Self.characterLength(text, start)
            ranges.append(start..<start + length)
            frozen.append(kept > 0)
            start += length
        }
        let count = ranges.count
        var next = Array(1..<count + 1)
        var previous = Array(-1..<count - 1)
        var queue = MinHeap<Candidate>()
        var unusedParts: [Range<Int>: Int] = [:]  // where an unused piece was joined, to part it again
        func consider(_ left: Int) {
            guard left >= 0, next[left] < count else { return }
            let right = next[left]
            guard !frozen[left], !frozen[right] else { return }
            let whole = ranges[left].lowerBound..<ranges[right].upperBound
            guard let id = ids[Array(text[whole])] else { return }
            let piece = file.pieces[Int(id)]
            if piece.kind == .unused { unusedParts[whole] = ranges[left].upperBound }
            queue.insert(Candidate(score: piece.score, left: left, end: whole.upperBound))
        }
        for left in 0..<count { consider(left) }
        while let best = queue.popMin() {
            let right = next[best.left]
            // Stale once either side was joined elsewhere; what was taken by its left neighbour is empty.
            guard !ranges[best.left].isEmpty, right < count, ranges[right].upperBound == best.end else { continue }
            ranges[best.left] = ranges[best.left].lowerBound..<best.end
            ranges[right] = best.end..<best.end
            next[best.left] = next[right]
            if next[right] < count { previous[next[right]] = best.left }
            consider(previous[best.left])
            consider(best.left)
        }
        var result: [(Int, Range<Int>)] = []
        func add(_ range: Range<Int>) {
            let id = ids[Array(text[range])].map(Int.init) ?? unknown
            if file.pieces[id].kind == .unused, let middle = unusedParts[range] {
                add(range.lowerBound..<middle)
                add(middle..<range.upperBound)
            } else {
                result.append((id, range))
            }
        }
        var index = 0
        while index < count {
            add(ranges[index])
            index = next[index]
        }
        return result
    }

    /// The text of `ids`, without the space that encoding put in front; ids out of range are left out.
    public func decode(_ ids: some Sequence<Int>) -> String {
        var stream = SentencePieceStream(self)
        var text = ""
        for id in ids { text += stream.append(id) }
        return text + stream.finish()
    }

    /// Highest score first, then the leftmost.
    private struct Candidate: Comparable {
        var score: Float
        var left: Int
        var end: Int

        static func < (a: Candidate, b: Candidate) -> Bool { a.score != b.score ? a.score > b.score : a.left < b.left }
    }

    /// How many bytes the character that begins at `start` has, as its first byte says.
    static func characterLength(_ text: [UInt8], _ start: Int) -> Int {
        let length =
            switch text[start] {
            case 0xF0...: 4
            case 0xE0...: 3
            case 0xC0...: 2
            default: 1
            }
        return min(length, text.count - start)
    }

    /// The byte that `<0x0A>` stands for.
    static func byte(of piece: [UInt8]) -> UInt8? {
        guard piece.count == 6, piece.starts(with: "<0x".utf8), piece[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: piece[3..<5], as: UTF8.self), radix: 16)
    }

    static func withSpaces(_ piece: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        var index = 0
        while index < piece.count {
            if piece[index...].starts(with: SentencePieceNormalizer.space) {
                text.append(UInt8(ascii: " "))
                index += 3
            } else {
                text.append(piece[index])
                index += 1
            }
        }
        return text
    }
}

/// Turns SentencePiece tokens into text as they come, never splitting a character.
///
/// Law: the pieces given out, joined, are what ``SentencePieceTokenizer/decode(_:)`` gives for all tokens.
public struct SentencePieceStream: Sendable {
    private let tokenizer: SentencePieceTokenizer
    /// Bytes that may still become a character.
    private var waiting: [UInt8] = []
    /// Whether a space would still be the one that encoding put in front.
    private var atBeginning = true

    public init(_ tokenizer: SentencePieceTokenizer) { self.tokenizer = tokenizer }

    /// Takes the next token and gives the text that is now certain.
    public mutating func append(_ id: Int) -> String {
        guard tokenizer.pieces.indices.contains(id) else { return "" }
        let file = tokenizer.file
        let kind = file.pieces[id].kind
        if kind == .byte {
            waiting += tokenizer.pieces[id]
            return told(characters(isEnd: false))
        }
        var text = told(characters(isEnd: true))
        switch kind {
        case .control: break
        case .unknown: text += told(file.unknownSurface)
        default:
            var piece = tokenizer.pieces[id][...]
            if atBeginning, file.addsDummyPrefix || file.removesExtraSpaces, piece.first == UInt8(ascii: " "),
                file.pieces[id].text.starts(with: SentencePieceNormalizer.space)
            {
                piece = piece.dropFirst()
                // One space is dropped; all of them where extra ones were removed.
                if !file.removesExtraSpaces { atBeginning = false }
            }
            text += told(String(decoding: piece, as: UTF8.self))
        }
        return text
    }

    /// Gives what still waits; bytes that make no character become U+FFFD each.
    public mutating func finish() -> String { told(characters(isEnd: true)) }

    private mutating func told(_ text: String) -> String {
        if !text.isEmpty { atBeginning = false }
        return text
    }

    /// Takes whole characters from what waits.
    private mutating func characters(isEnd: Bool) -> String {
        var text = ""
        var position = 0
        while position < waiting.count {
            let length =
                switch waiting[position] {
                case 0xF0...0xF4: 4
                case 0xE0...0xEF: 3
                case 0xC2...0xDF: 2
                default: 1
                }
            let bytes = waiting[position...].prefix(length)
            if bytes.count == length, let character = String(validating: bytes, as: UTF8.self) {
                text += character
                position += length
            } else if !isEnd, bytes.count < length, bytes.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) {
                break
            } else {
                text += "\u{FFFD}"
                position += 1
            }
        }
        waiting.removeFirst(position)
        return text
    }
}
