/// Learns the pieces of a ``BytePairTokenizer`` from text.
///
/// The same lines give the same tokenizer as `tokenizers`' `BpeTrainer`: special tokens first, then the alphabet, then
/// the merges; the most frequent pair is joined first, the one with the lower ids among equals.
public struct BytePairTrainer {
    /// Which bytes are in the vocabulary before any merge.
    public enum Alphabet: Sendable {
        /// All 256: any text can be encoded.
        case all
        /// Those that the text holds: leaves more room in a small vocabulary.
        case seen
    }

    private let specials: [String]
    private let markers: [String]
    private let alphabet: Alphabet
    private let splitting: WordSplitting
    private let addsPrefixSpace: Bool
    private var counts: [[UInt8]: Int] = [:]

    /// - Parameters:
    ///   - specials: markers that are no part of the text.
    ///   - markers: parts of the text that are one token wherever they stand.
    public init(
        specials: [String] = [], markers: [String] = [], alphabet: Alphabet = .all, splitting: WordSplitting = .gpt2,
        addsPrefixSpace: Bool = false
    ) {
        self.specials = specials
        self.markers = markers
        self.alphabet = alphabet
        self.splitting = splitting
        self.addsPrefixSpace = addsPrefixSpace
    }

    /// Counts the words of `line`, which stands `count` times in the text.
    public mutating func add(_ line: some StringProtocol, count: Int = 1) {
        guard !line.isEmpty else { return }
        if addsPrefixSpace, line.utf8.first != UInt8(ascii: " ") {
            for word in splitting.words(of: " " + line) { counts[Array(word), default: 0] += count }
        } else {
            for word in splitting.words(of: line) { counts[Array(word), default: 0] += count }
        }
    }

    /// The tokenizer with at most `vocabularySize` ids; fewer when the text has no more pairs that stand `minimumCount` times.
    public func tokenizer(vocabularySize: Int, minimumCount: Int = 2) throws(TokenizerError) -> BytePairTokenizer {
        var pieces = (specials + markers).map { Array($0.utf8) }
        let bytes: [UInt8] =
            switch alphabet {
            case .all: Array(0...255)
            case .seen: Array(counts.keys.reduce(into: Set<UInt8>()) { $0.formUnion($1) })
            }
        var markerIDs: [[UInt8]: Int32] = [:]  // those that the file cannot tell from pieces, so they are both
        for (index, marker) in markers.enumerated() where ByteAlphabet.isPlain(marker) {
            markerIDs[Array(marker.utf8)] = Int32(specials.count + index)
        }
        var byteTokens = [Int32](repeating: -1, count: 256)
        for byte in bytes.sorted(by: { ByteAlphabet.scalars[Int($0)].value < ByteAlphabet.scalars[Int($1)].value }) {
            if let marker = markerIDs[[byte]] {
                byteTokens[Int(byte)] = marker
            } else {
                byteTokens[Int(byte)] = Int32(pieces.count)
                pieces.append([byte])
            }
        }
        guard pieces.count <= vocabularySize else { throw .vocabularyTooSmall(size: vocabularySize, needed: pieces.count) }
        var merging = Merging(
            words: counts.map { word, count in (word.map { byteTokens[Int($0)] }, count) }, pieces: pieces,
            firstPiece: specials.count + markers.count, markers: markerIDs, specials: Set(specials.map { Array($0.utf8) }))
        while merging.pieces.count < vocabularySize, merging.joinBest(minimumCount: minimumCount) {}
        let added = (specials + markers).enumerated().map {
            BytePairTokenizer.AddedToken(id: $0.offset, text: $0.element, isSpecial: $0.offset < specials.count)
        }
        return try BytePairTokenizer(
            pieces: merging.pieces, merges: merging.merges, added: added, splitting: splitting, addsPrefixSpace: addsPrefixSpace)
    }
}

/// The state of training: the words as they are joined so far and how often each pair stands in them.
private struct Merging {
    struct Candidate: Comparable {
        var count: Int
        var pair: UInt64

        /// The better candidate is the lesser, as the heap wants it.
        static func < (a: Candidate, b: Candidate) -> Bool { a.count != b.count ? a.count > b.count : a.pair < b.pair }
    }

    private var words: [[Int32]]
    private let wordCounts: [Int]
    private(set) var pieces: [[UInt8]]
    private(set) var merges: [(Int, Int)] = []
    private var ids: [[UInt8]: Int32]
    private let specials: Set<[UInt8]>
    private var pairCounts: [UInt64: Int] = [:]
    private var places: [UInt64: Set<Int32>] = [:]  // the words in which a pair stands, or once stood
    private var queue = MinHeap<Candidate>()

    init(words: [([Int32], Int)], pieces: [[UInt8]], firstPiece: Int, markers: [[UInt8]: Int32], specials: Set<[UInt8]>) {
        self.words = words.map(\.0)
        self.specials = specials
        ids = markers
        wordCounts = words.map(\.1)
        self.pieces = pieces
        for id in firstPiece..<pieces.count { ids[pieces[id]] = Int32(id) }
        for (index, word) in self.words.enumerated() where word.count > 1 {
            for position in 0..<word.count - 1 {
                let pair = BytePairTokenizer.key(word[position], word[position + 1])
                pairCounts[pair, default: 0] += wordCounts[index]
                places[pair, default: []].insert(Int32(index))
            }
        }
        for (pair, count) in pairCounts where count > 0 { queue.insert(Candidate(count: count, pair: pair)) }
    }

    /// Joins the most frequent pair everywhere; false when none is frequent enough.
    mutating func joinBest(minimumCount: Int) -> Bool {
        while let best = queue.popMin() {
            let current = pairCounts[best.pair] ?? 0
            guard current == best.count else {  // it has changed since it was queued
                if current > 0 { queue.insert(Candidate(count: current, pair: best.pair)) }
                continue
            }
            guard best.count >= max(1, minimumCount) else { return false }
            let (left, right) = (Int32(best.pair >> 32), Int32(truncatingIfNeeded: best.pair))
            let piece = pieces[Int(left)] + pieces[Int(right)]
            if specials.contains(piece) { continue }  // text can never make a special token
            let result = ids[piece] ?? Int32(pieces.count)
            if Int(result) == pieces.count {
                pieces.append(piece)
                ids[piece] = result
            }
            merges.append((Int(left), Int(right)))
            var grown: Set<UInt64> = []
            for place in places.removeValue(forKey: best.pair) ?? [] {
                replace(left, right, by: result, in: Int(place), grown: &grown)
            }
            pairCounts[best.pair] = 0
            for pair in grown { queue.insert(Candidate(count: pairCounts[pair] ?? 0, pair: pair)) }
            return true
        }
        return false
    }

    private mutating func replace(_ left: Int32, _ right: Int32, by result: Int32, in place: Int, grown: inout Set<UInt64>) {
        let count = wordCounts[place]
        let word = words[place]
        var joined: [Int32] = []
        joined.reserveCapacity(word.count)
        var position = 0
        while position < word.count {
            guard position + 1 < word.count, word[position] == left, word[position + 1] == right else {
                joined.append(word[position])
                position += 1
                continue
            }
            if let before = joined.last {
                change(before, left, by: -count, place: place)
                change(before, result, by: count, place: place)
                grown.insert(BytePairTokenizer.key(before, result))
            }
            if position + 2 < word.count {
                change(right, word[position + 2], by: -count, place: place)
                change(result, word[position + 2], by: count, place: place)
                grown.insert(BytePairTokenizer.key(result, word[position + 2]))
            }
            joined.append(result)
            position += 2
        }
        words[place] = joined
    }

    private mutating func change(_ left: Int32, _ right: Int32, by count: Int, place: Int) {
        let pair = BytePairTokenizer.key(left, right)
        pairCounts[pair, default: 0] += count
        if count > 0 { places[pair, default: []].insert(Int32(place)) }
    }
}
