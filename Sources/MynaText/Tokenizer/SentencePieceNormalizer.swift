/// How SentencePiece brings text to the form its pieces are in: the file's own character rules, and spaces as `▁`.
struct SentencePieceNormalizer: Sendable {
    static let space: [UInt8] = Array("\u{2581}".utf8)

    private let file: SentencePieceFile
    private let trie: [UInt32]
    private let replacements: ArraySlice<UInt8>
    /// Pieces that the user asked for are left as they are.
    private let kept: ByteTrie

    /// - Throws: ``TokenizerError/inconsistent(field:reason:)`` when the compiled rules are damaged.
    init(_ file: SentencePieceFile, keeping kept: ByteTrie) throws(TokenizerError) {
        self.file = file
        self.kept = kept
        let map = file.charsmap
        guard !map.isEmpty else {
            (trie, replacements) = ([], [])
            return
        }
        func word(_ index: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(map[index + $1]) << UInt32(8 * $1) } }
        let field = "normalizer_spec.precompiled_charsmap"
        guard map.count >= 8 else { throw .inconsistent(field: field, reason: "it has \(map.count) bytes") }
        let size = Int(word(0))
        guard size % 4 == 0, size >= 4, 4 + size < map.count, map.last == 0 else {
            throw .inconsistent(field: field, reason: "its trie of \(size) bytes does not fit into \(map.count)")
        }
        trie = (0..<size / 4).map { word(4 + 4 * $0) }
        replacements = map[(4 + size)...]
    }

    /// The longest rule that `text` goes on with at `start`: how many bytes it replaces, and where its result begins.
    ///
    /// The trie is a double array (Aoe 1989) in the layout of the Darts-clone library: a unit holds its label in the low
    /// byte, whether a value follows in bit 8, and the offset of its children above, times 256 where bit 9 is set.
    private func rule(_ text: [UInt8], _ start: Int) -> (length: Int, result: Int)? {
        guard !trie.isEmpty else { return nil }
        func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }
        var found: (length: Int, result: Int)?
        var node = offset(trie[0])
        for position in start..<text.count {
            node ^= Int(text[position])
            guard node < trie.count, trie[node] & 0x8000_00FF == UInt32(text[position]) else { break }
            let unit = trie[node]
            node ^= offset(unit)
            guard node < trie.count else { break }
            if unit & 0x100 != 0 { found = (position + 1 - start, Int(trie[node] & 0x7FFF_FFFF)) }
        }
        return found
    }

    /// What the text at `start` becomes, and how many bytes of it that covers.
    private func step(_ text: [UInt8], _ start: Int) -> (result: ArraySlice<UInt8>, length: Int) {
        let kept = kept.longestPrefix(of: text, from: start)
        if kept > 0 { return (text[start..<start + kept], kept) }
        if let rule = rule(text, start), rule.result < replacements.count {
            let result = replacements.dropFirst(rule.result)
            return (result.prefix { $0 != 0 }, rule.length)
        }
        let length = SentencePieceTokenizer.characterLength(text, start)
        return (text[start..<start + length], length)
    }

    /// The normalised form of `text`, in UTF-8.
    func callAsFunction(_ text: String) -> [UInt8] {
        let text = Array(text.utf8)
        let blank = UInt8(ascii: " ")
        var start = 0
        if file.removesExtraSpaces {
            while start < text.count {
                let (result, length) = step(text, start)
                guard result.elementsEqual([blank]) else { break }
                start += length
            }
        }
        guard start < text.count else { return [] }
        var normalized: [UInt8] = []
        normalized.reserveCapacity(text.count * 3 / 2 + 3)
        func append(_ byte: UInt8) {
            if byte == blank, file.escapesSpaces { normalized += Self.space } else { normalized.append(byte) }
        }
        if file.addsDummyPrefix { append(blank) }
        var followsSpace = file.removesExtraSpaces
        while start < text.count {
            var (result, length) = step(text, start)
            if followsSpace { result = result.drop { $0 == blank } }
            if let last = result.last {
                for byte in result { append(byte) }
                followsSpace = last == blank
            }
            if !file.removesExtraSpaces { followsSpace = false }
            start += length
        }
        if file.removesExtraSpaces {
            let space = file.escapesSpaces ? Self.space : [blank]
            while normalized.count >= space.count, normalized.suffix(space.count).elementsEqual(space) {
                normalized.removeLast(space.count)
            }
        }
        return normalized
    }
}
