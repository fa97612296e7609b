/// A grammar over bytes as a graph: rules that read bytes and call each other.
///
/// Each rule is a small automaton; a call pushes where to go on. After ``finish()`` every way that is left leads to an
/// end, so that who follows it never gets stuck.
struct PushdownGrammar: Sendable {
    typealias Node = Int32

    struct Edge: Sendable {
        var bytes: ClosedRange<UInt8>
        var to: Node
    }

    /// A call of the rule that begins at `rule`, which goes on at `then`.
    struct Call: Sendable {
        var rule: Node
        var then: Node
    }

    private(set) var edges: [[Edge]] = []
    /// Ways that read nothing.
    private(set) var silent: [[Node]] = []
    private(set) var calls: [[Call]] = []
    /// Where a rule ends and its caller goes on.
    private(set) var isEnd: [Bool] = []
    /// From where a rule can only end: a call that goes on here need not be remembered.
    private(set) var isTail: [Bool] = []
    var start: Node = 0

    var count: Int { edges.count }

    mutating func node(isEnd: Bool = false) -> Node {
        edges.append([])
        silent.append([])
        calls.append([])
        self.isEnd.append(isEnd)
        return Node(edges.count - 1)
    }

    mutating func read(_ bytes: ClosedRange<UInt8>, from: Node, to: Node) {
        edges[Int(from)].append(Edge(bytes: bytes, to: to))
    }

    mutating func read(_ byte: Unicode.Scalar, from: Node, to: Node) {
        let byte = UInt8(ascii: byte)
        read(byte...byte, from: from, to: to)
    }

    /// Reads exactly `text`.
    mutating func read(_ text: some Sequence<UInt8>, from: Node) -> Node {
        var last = from
        for byte in text {
            let next = node()
            read(byte...byte, from: last, to: next)
            last = next
        }
        return last
    }

    mutating func skip(from: Node, to: Node) { silent[Int(from)].append(to) }

    mutating func call(_ rule: Node, from: Node, to: Node) { calls[Int(from)].append(Call(rule: rule, then: to)) }

    /// Which nodes some text leads from to the end of their rule.
    private func reaching() -> [Bool] {
        var reaches = isEnd
        var changed = true
        while changed {
            changed = false
            for node in (0..<count).reversed() where !reaches[node] {
                if edges[node].contains(where: { reaches[Int($0.to)] }) || silent[node].contains(where: { reaches[Int($0)] })
                    || calls[node].contains(where: { reaches[Int($0.rule)] && reaches[Int($0.then)] })
                {
                    reaches[node] = true
                    changed = true
                }
            }
        }
        return reaches
    }

    /// Removes the ways that lead nowhere.
    ///
    /// - Returns: which nodes can reach the end of their rule.
    mutating func finish() -> [Bool] {
        let reaches = reaching()
        for node in 0..<count {
            edges[node].removeAll { !reaches[Int($0.to)] }
            silent[node].removeAll { !reaches[Int($0)] }
            calls[node].removeAll { !(reaches[Int($0.rule)] && reaches[Int($0.then)]) }
        }
        isTail = (0..<count).map { edges[$0].isEmpty && calls[$0].isEmpty }
        var changed = true
        while changed {
            changed = false
            for node in 0..<count where isTail[node] && !silent[node].allSatisfy({ isTail[Int($0)] }) {
                isTail[node] = false
                changed = true
            }
        }
        return reaches
    }
}

/// Where a text stands in a ``PushdownGrammar``: all places it may be at, each with the calls that wait.
///
/// Stacks of calls are kept once each and known by number, so that places compare quickly.
struct PushdownStates: Sendable {
    typealias Node = PushdownGrammar.Node
    typealias Stack = Int32

    /// A place in the grammar; ``ended`` stands for a whole text.
    struct Place: Hashable, Sendable, Comparable {
        var node: Node
        var stack: Stack

        static func < (a: Place, b: Place) -> Bool { (a.node, a.stack) < (b.node, b.stack) }
    }

    /// Nothing waits: the end of this rule is the end of the text.
    static let bottom: Stack = 0
    static let ended = Place(node: -1, stack: bottom)

    private struct Frame: Hashable, Sendable {
        var then: Node
        var below: Stack
    }

    private var frames = [Frame(then: -1, below: 0)]
    private var numbers: [Frame: Stack] = [:]

    private mutating func pushed(_ then: Node, on below: Stack) -> Stack {
        let frame = Frame(then: then, below: below)
        if let known = numbers[frame] { return known }
        frames.append(frame)
        numbers[frame] = Stack(frames.count - 1)
        return Stack(frames.count - 1)
    }

    /// The places from which `place` reads on, sorted: silent ways, calls and ends are followed.
    mutating func reached(from places: some Sequence<Place>, in grammar: PushdownGrammar) -> [Place] {
        var seen: Set<Place> = []
        var waiting = Array(places)
        var found: [Place] = []
        while let place = waiting.popLast() {
            guard seen.insert(place).inserted else { continue }
            guard place != Self.ended else {
                found.append(place)
                continue
            }
            let node = Int(place.node)
            if grammar.isEnd[node] { waiting.append(popped(place.stack)) }
            for next in grammar.silent[node] { waiting.append(Place(node: next, stack: place.stack)) }
            for call in grammar.calls[node] {
                let stack = grammar.isTail[Int(call.then)] ? place.stack : pushed(call.then, on: place.stack)
                waiting.append(Place(node: call.rule, stack: stack))
            }
            if !grammar.edges[node].isEmpty { found.append(place) }
        }
        return found.sorted()
    }

    /// Where the rule's caller goes on.
    func popped(_ stack: Stack) -> Place {
        guard stack != Self.bottom else { return Self.ended }
        let frame = frames[Int(stack)]
        return Place(node: frame.then, stack: frame.below)
    }

    /// The stack whose frames are those of `stack` above `base` instead of above the bottom.
    mutating func rebased(_ stack: Stack, on base: Stack) -> Stack {
        guard stack != Self.bottom else { return base }
        let frame = frames[Int(stack)]
        return pushed(frame.then, on: rebased(frame.below, on: base))
    }

    /// The places after reading `byte`; empty where no text goes on so.
    mutating func next(_ places: [Place], _ byte: UInt8, in grammar: PushdownGrammar) -> [Place] {
        var moved: [Place] = []
        for place in places where place != Self.ended {
            for edge in grammar.edges[Int(place.node)] where edge.bytes.contains(byte) {
                moved.append(Place(node: edge.to, stack: place.stack))
            }
        }
        return moved.isEmpty ? [] : reached(from: moved, in: grammar)
    }
}
