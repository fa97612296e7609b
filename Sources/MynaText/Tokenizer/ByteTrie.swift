/// Byte strings with a number each, for finding which of them a text goes on with.
struct ByteTrie: Sendable {
    private struct Node {
        var value: Int32 = -1
        var edges: Range<Int32> = 0..<0
    }

    private var nodes = [Node()]
    private var edgeBytes: [UInt8] = []
    private var edgeNodes: [Int32] = []

    /// - Parameter entries: of several with the same bytes the first counts; empty ones are left out.
    init(_ entries: some Sequence<(key: [UInt8], value: Int32)>) {
        let sorted = entries.filter { !$0.key.isEmpty }.enumerated().sorted {
            $0.element.key == $1.element.key ? $0.offset < $1.offset : $0.element.key.lexicographicallyPrecedes($1.element.key)
        }.map(\.element)
        build(0, sorted[...], depth: 0)
    }

    /// Lays out the children of a node side by side; `entries` are those that begin with the node's bytes.
    private mutating func build(_ node: Int, _ entries: ArraySlice<(key: [UInt8], value: Int32)>, depth: Int) {
        var rest = entries
        if let first = rest.first, first.key.count == depth {
            nodes[node].value = first.value
            rest = rest.drop { $0.key.count == depth }
        }
        var groups: [(node: Int, entries: ArraySlice<(key: [UInt8], value: Int32)>)] = []
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
        for group in groups { build(group.node, group.entries, depth: depth + 1) }
    }

    private func child(of node: Int, _ byte: UInt8) -> Int? {
        var (low, high) = (Int(nodes[node].edges.lowerBound), Int(nodes[node].edges.upperBound))
        while low < high {
            let middle = (low + high) / 2
            if edgeBytes[middle] == byte { return Int(edgeNodes[middle]) }
            if edgeBytes[middle] < byte { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Calls `found` with the length and number of every entry that `text` goes on with at `start`, the shortest first.
    func prefixes(of text: [UInt8], from start: Int, _ found: (_ length: Int, _ value: Int32) -> Void) {
        var node = 0
        var position = start
        while position < text.count, let next = child(of: node, text[position]) {
            node = next
            position += 1
            if nodes[node].value >= 0 { found(position - start, nodes[node].value) }
        }
    }

    /// The longest entry that `text` goes on with at `start`; 0 where there is none.
    func longestPrefix(of text: [UInt8], from start: Int) -> Int {
        var longest = 0
        prefixes(of: text, from: start) { length, _ in longest = length }
        return longest
    }
}
