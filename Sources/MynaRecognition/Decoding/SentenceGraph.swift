internal import MynaText

/// Closed sentences as a graph over a recogniser's pieces: what may follow what, one sentence after another.
///
/// The sentences are never written out. A place in the graph is the set of all ways to have come there, which is made when a
/// search first comes to it and kept.
final class SentenceGraph {
    /// A number for a set of ways.
    typealias Place = Int

    /// A way to have come somewhere: in a wording, in one of its places, at a node of the tree of the phrases that may fill it.
    private struct Way: Hashable, Comparable {
        var wording: Int32
        var part: Int32
        var node: Int32

        static func < (left: Way, right: Way) -> Bool {
            (left.wording, left.part, left.node) < (right.wording, right.part, right.node)
        }
    }

    /// The phrases of one place as a tree of their pieces.
    private struct Tree {
        var children: [[Int: Int32]] = [[:]]
        var endsPhrase = [false]

        mutating func add(_ pieces: [Int]) {
            var node: Int32 = 0
            for piece in pieces {
                if let next = children[Int(node)][piece] {
                    node = next
                } else {
                    children.append([:])
                    endsPhrase.append(false)
                    let next = Int32(children.count - 1)
                    children[Int(node)][piece] = next
                    node = next
                }
            }
            endsPhrase[Int(node)] = true
        }
    }

    private var trees: [Tree] = []
    private var wordings: [[Int]] = []  // the tree of each place
    private var sets: [[Way]] = []
    private var numbers: [[Way]: Place] = [:]
    private var steps: [[Int: Place]] = []
    private var isWhole: [Bool] = []

    /// Where every sentence begins.
    let start: Place = 0

    /// Nil where some phrase can't be written in the tokenizer's pieces, or nothing can be said.
    init?(_ sentences: ClosedSentences, in tokenizer: BytePairTokenizer) {
        var known: [[String]: Int] = [:]
        for wording in sentences.wordings where !wording.isEmpty {
            var places: [Int] = []
            for phrases in wording {
                if let tree = known[phrases] {
                    places.append(tree)
                    continue
                }
                var tree = Tree()
                for phrase in phrases {
                    guard let letters = SpokenForm.letters(of: phrase) else { return nil }
                    tree.add(tokenizer.encode(letters, findingAdded: false))
                }
                known[phrases] = trees.count
                places.append(trees.count)
                trees.append(tree)
            }
            wordings.append(places)
        }
        if wordings.isEmpty { return nil }
        _ = number(of: wordings.indices.map { Way(wording: Int32($0), part: 0, node: 0) }, isWhole: false)
    }

    /// Whether a sentence may end here.
    func mayEnd(_ place: Place) -> Bool { isWhole[place] }

    /// Where a piece leads; nil where no sentence goes on with it.
    func step(_ piece: Int, from place: Place) -> Place? { next(place)[piece] }

    /// The pieces that may come next, and where they lead.
    private func next(_ place: Place) -> [Int: Place] {
        if !steps[place].isEmpty || sets[place].isEmpty { return steps[place] }
        var ways: [Int: (ways: Set<Way>, isWhole: Bool)] = [:]
        for way in sets[place] {
            let places = wordings[Int(way.wording)]
            let tree = trees[places[Int(way.part)]]
            for (piece, node) in tree.children[Int(way.node)] {
                var entry = ways[piece] ?? ([], false)
                if !tree.children[Int(node)].isEmpty { entry.ways.insert(Way(wording: way.wording, part: way.part, node: node)) }
                if tree.endsPhrase[Int(node)] {
                    if Int(way.part) + 1 < places.count {
                        entry.ways.insert(Way(wording: way.wording, part: way.part + 1, node: 0))
                    } else {
                        entry.isWhole = true
                    }
                }
                ways[piece] = entry
            }
        }
        steps[place] = ways.mapValues { number(of: $0.ways.sorted(), isWhole: $0.isWhole) }
        return steps[place]
    }

    private func number(of ways: [Way], isWhole whole: Bool) -> Place {
        // A set that may end is another place than the same set that may not.
        let key = whole ? ways + [Way(wording: -1, part: -1, node: -1)] : ways
        if let known = numbers[key] { return known }
        sets.append(ways)
        steps.append([:])
        isWhole.append(whole)
        numbers[key] = sets.count - 1
        return sets.count - 1
    }
}
