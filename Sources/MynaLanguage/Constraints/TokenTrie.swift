public import MynaStages
public import MynaText

/// The tokens of a vocabulary as a tree of their bytes, for finding those that a ``TextConstraint`` allows.
public struct TokenTrie: Sendable {
    struct Node {
        var token: Int32 = -1
        var edges: Range<Int32> = 0..<0
    }

    private(set) var nodes: [Node] = []
    private(set) var edgeBytes: [UInt8] = []
    private(set) var edgeNodes: [Int32] = []
    /// One more than the highest id of the vocabulary.
    let vocabularySize: Int

    /// All tokens but the special ones. Where two have the same bytes, the added one stands for both, since encoding
    /// prefers it too.
    public init(_ tokenizer: BytePairTokenizer) {
        let added = Set(tokenizer.added.map(\.id))
        var byPiece: [[UInt8]: Int] = [:]
        for (id, piece) in tokenizer.pieces.enumerated() where !piece.isEmpty && !tokenizer.isSpecial(id) {
            if let other = byPiece[piece], added.contains(other) { continue }
            byPiece[piece] = id
        }
        vocabularySize = tokenizer.count
        let sorted = byPiece.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        nodes = [Node()]
        build(0, sorted[...], depth: 0)
    }

    /// Lays out the children of a node side by side; `tokens` are those that begin with the node's bytes.
    private mutating func build(_ node: Int, _ tokens: ArraySlice<(key: [UInt8], value: Int)>, depth: Int) {
        var rest = tokens
        if let first = rest.first, first.key.count == depth {
            nodes[node].token = Int32(first.value)
            rest = rest.dropFirst()
        }
        var groups: [(node: Int, tokens: ArraySlice<(key: [UInt8], value: Int)>)] = []
        let firstEdge = Int32(edgeBytes.count)
        while let first = rest.first {
            let byte = first.key[depth]
            let end = rest.firstIndex { $0.key[depth] != byte } ?? rest.endIndex
            groups.append((nodes.count, rest[..<end]))
            edgeBytes.append(byte)
            edgeNodes.append(Int32(nodes.count))
            nodes.append(Node())
            rest = rest[end...]
        }
        nodes[node].edges = firstEdge..<Int32(edgeBytes.count)
        for group in groups { build(group.node, group.tokens, depth: depth + 1) }
    }

    /// The tokens whose bytes `constraint` takes, in no particular order.
    public func allowed(by constraint: any TextConstraint) -> [Int] {
        var found: [Int] = []
        collect(0, constraint, &found)
        return found
    }

    private func collect<C: TextConstraint>(_ node: Int, _ constraint: C, _ found: inout [Int]) {
        for edge in nodes[node].edges {
            var next = constraint
            guard next.advance(edgeBytes[Int(edge)]) else { continue }
            let child = Int(edgeNodes[Int(edge)])
            if nodes[child].token >= 0 { found.append(Int(nodes[child].token)) }
            if !nodes[child].edges.isEmpty { collect(child, next, &found) }
        }
    }
}
