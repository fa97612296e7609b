/// A byte-level byte-pair tokenizer in the published `tokenizer.json` form.
///
/// Text is cut into words (``WordSplitting``), each word into bytes, and neighbouring pieces are joined in the order in
/// which training learned to. Any text can be encoded when the vocabulary holds all bytes; a byte it does not hold is
/// dropped, as the reference does where no unknown-token is declared.
public struct BytePairTokenizer: Sendable {
    /// A token that stands for itself and is never joined from pieces.
    public struct AddedToken: Sendable, Equatable {
        public var id: Int
        public var text: String
        /// Left out when text is decoded for people.
        public var isSpecial: Bool

        public init(id: Int, text: String, isSpecial: Bool = true) {
            self.id = id
            self.text = text
            self.isSpecial = isSpecial
        }
    }

    struct Join: Sendable {
        var rank: Int
        var result: Int32
    }

    /// The bytes of each token, by id; empty for an id that no token has.
    public let pieces: [[UInt8]]
    /// The pairs that are joined, first learned first.
    public let merges: [(Int, Int)]
    public let added: [AddedToken]
    public let splitting: WordSplitting
    /// Whether text that starts without a space is given one, so that a word is the same at the start and after another.
    public let addsPrefixSpace: Bool
    /// Whether a word that is itself a token is taken whole, whatever the merges say.
    let ignoresMerges: Bool
    /// Whether text is brought to Unicode's composed form first.
    let composes: Bool
    /// The ids that the file puts around a whole text, such as its begin-of-text token.
    public let frame: (before: [Int], after: [Int])

    private let joins: [UInt64: Join]
    private let byteTokens: [Int32]  // −1 where the vocabulary lacks the byte
    private let wholeWords: [[UInt8]: Int]
    private let addedByLength: [AddedToken]
    private let specials: Set<Int>

    /// Builds a tokenizer from its pieces.
    ///
    /// - Throws: ``TokenizerError/inconsistent(field:reason:)`` when a merge's result is not a piece or an id is out of range.
    public init(
        pieces: [[UInt8]], merges: [(Int, Int)], added: [AddedToken] = [], splitting: WordSplitting = .gpt2,
        addsPrefixSpace: Bool = false
    ) throws(TokenizerError) {
        try self.init(
            pieces: pieces, merges: merges, added: added, splitting: splitting, addsPrefixSpace: addsPrefixSpace,
            ignoresMerges: false, composes: false, frame: ([], []))
    }

    init(
        pieces: [[UInt8]], merges: [(Int, Int)], added: [AddedToken], splitting: WordSplitting, addsPrefixSpace: Bool,
        ignoresMerges: Bool, composes: Bool, frame: (before: [Int], after: [Int])
    ) throws(TokenizerError) {
        let addedIDs = Set(added.map(\.id))
        var ids: [[UInt8]: Int] = [:]
        // A marker without spaces is written in the file as a piece would be, so it is also what pieces join to.
        for token in added where !token.isSpecial && ByteAlphabet.isPlain(token.text) { ids[Array(token.text.utf8)] = token.id }
        for (id, piece) in pieces.enumerated() where !piece.isEmpty && !addedIDs.contains(id) { ids[piece] = id }
        var byteTokens = [Int32](repeating: -1, count: 256)
        for (piece, id) in ids where piece.count == 1 { byteTokens[Int(piece[0])] = Int32(id) }
        for token in added {
            guard pieces.indices.contains(token.id) else {
                throw .inconsistent(field: "added_tokens", reason: "\"\(token.text)\" has the id \(token.id) of \(pieces.count)")
            }
            guard !token.text.isEmpty else { throw .inconsistent(field: "added_tokens", reason: "token \(token.id) is empty") }
        }
        var joins: [UInt64: Join] = [:]
        joins.reserveCapacity(merges.count)
        for (rank, (left, right)) in merges.enumerated() {
            guard pieces.indices.contains(left), pieces.indices.contains(right) else {
                throw .inconsistent(
                    field: "model.merges[\(rank)]", reason: "joins tokens \(left) and \(right) of \(pieces.count)")
            }
            guard let result = ids[pieces[left] + pieces[right]] else {
                let text = ByteAlphabet.text(of: pieces[left] + pieces[right])
                throw .inconsistent(field: "model.merges[\(rank)]", reason: "makes \"\(text)\", which is no token")
            }
            let key = Self.key(Int32(left), Int32(right))
            if joins[key] == nil { joins[key] = Join(rank: rank, result: Int32(result)) }
        }
        self.pieces = pieces
        self.merges = merges
        self.added = added
        self.splitting = splitting
        self.addsPrefixSpace = addsPrefixSpace
        self.ignoresMerges = ignoresMerges
        self.composes = composes
        self.frame = frame
        self.joins = joins
        self.byteTokens = byteTokens
        self.wholeWords = ignoresMerges ? ids : [:]
        self.addedByLength = added.sorted { $0.text.utf8.count > $1.text.utf8.count }
        self.specials = Set(added.filter(\.isSpecial).map(\.id))
    }

    /// The number of ids, special tokens included.
    public var count: Int { pieces.count }

    /// The id of the added token `text`; nil where there is none.
    public func id(of text: String) -> Int? { added.first { $0.text == text }?.id }

    /// Whether `id` is a special token.
    public func isSpecial(_ id: Int) -> Bool { specials.contains(id) }

    /// The token ids of `text`.
    ///
    /// Added tokens that stand in the text become their ids unless `findingAdded` is false, which is right for text from
    /// outside: it can then never forge a marker.
    public func encode(_ text: String, findingAdded: Bool = true) -> [Int] {
        var ids: [Int] = []
        guard findingAdded, !added.isEmpty else {
            encodePlain(Substring(text), into: &ids)
            return ids
        }
        var rest = Substring(text)
        while let (range, token) = firstAdded(in: rest) {
            encodePlain(rest[..<range.lowerBound], into: &ids)
            ids.append(token.id)
            rest = rest[range.upperBound...]
        }
        encodePlain(rest, into: &ids)
        return ids
    }

    /// The first place in `text` where an added token stands, the longest where several start there.
    private func firstAdded(in text: Substring) -> (Range<Substring.Index>, AddedToken)? {
        let firsts = Set(addedByLength.compactMap(\.text.utf8.first))
        var index = text.startIndex
        while index < text.endIndex {
            let here = text.utf8[index...]
            if let first = here.first, firsts.contains(first) {
                for token in addedByLength where here.starts(with: token.text.utf8) {
                    return (index..<text.utf8.index(index, offsetBy: token.text.utf8.count), token)
                }
            }
            text.utf8.formIndex(after: &index)
        }
        return nil
    }

    private func encodePlain(_ text: Substring, into ids: inout [Int]) {
        guard !text.isEmpty else { return }
        var text = composes ? Substring(Self.composed(String(text))) : text
        if addsPrefixSpace, text.utf8.first != UInt8(ascii: " ") { text = Substring(" " + text) }
        for word in splitting.words(of: text) {
            if ignoresMerges, let id = wholeWords[Array(word)] {
                ids.append(id)
            } else {
                join(word, into: &ids)
            }
        }
    }

    /// Joins the bytes of one word, lowest rank first and leftmost among equals; O(n log n) in the word's length.
    private func join(_ word: ArraySlice<UInt8>, into ids: inout [Int]) {
        var symbols: [Int32] = []
        symbols.reserveCapacity(word.count)
        for byte in word where byteTokens[Int(byte)] >= 0 { symbols.append(byteTokens[Int(byte)]) }
        guard symbols.count > 1 else {
            ids.append(contentsOf: symbols.lazy.map(Int.init))
            return
        }
        var next = Array(1...symbols.count)  // the neighbour to the right; symbols.count ends the word
        var previous = Array(-1..<symbols.count - 1)
        var queue = MinHeap<Candidate>()
        func consider(_ left: Int) {
            let right = next[left]
            guard right < symbols.count, let join = joins[Self.key(symbols[left], symbols[right])] else { return }
            queue.insert(Candidate(rank: join.rank, left: left, pair: (symbols[left], symbols[right]), result: join.result))
        }
        for left in 0..<symbols.count - 1 { consider(left) }
        while let best = queue.popMin() {
            let right = next[best.left]
            // A candidate is stale once either side was joined elsewhere; a joined right side is marked −1.
            guard right < symbols.count, symbols[best.left] == best.pair.0, symbols[right] == best.pair.1 else { continue }
            symbols[best.left] = best.result
            symbols[right] = -1
            next[best.left] = next[right]
            if next[right] < symbols.count { previous[next[right]] = best.left }
            consider(best.left)
            if previous[best.left] >= 0 { consider(previous[best.left]) }
        }
        for symbol in symbols where symbol >= 0 { ids.append(Int(symbol)) }
    }

    /// The text of `ids`; bytes that are not UTF-8 become U+FFFD, ids out of range are left out.
    public func decode(_ ids: some Sequence<Int>, skippingSpecials: Bool = true) -> String {
        var bytes: [UInt8] = []
        for id in ids where pieces.indices.contains(id) && !(skippingSpecials && specials.contains(id)) {
            bytes.append(contentsOf: pieces[id])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func key(_ left: Int32, _ right: Int32) -> UInt64 { UInt64(UInt32(left)) << 32 | UInt64(UInt32(right)) }

    private struct Candidate: Comparable {
        var rank: Int
        var left: Int
        var pair: (Int32, Int32)
        var result: Int32

        static func == (a: Candidate, b: Candidate) -> Bool { a.rank == b.rank && a.left == b.left }
        static func < (a: Candidate, b: Candidate) -> Bool { (a.rank, a.left) < (b.rank, b.left) }
    }
}
