/// The tokens that a ``JSONSchema`` allows at each point of a text.
///
/// The grammar is followed as an automaton that is made as it is needed: each set of places becomes a state, with the
/// state that each byte leads to and the mask of tokens remembered. What a vocabulary allows inside a rule is the same
/// wherever the rule was called from, but for the tokens that reach beyond its end; so the first is found once for each
/// place, and only those tokens are tried anew for each caller (as in XGrammar, Dong et al. 2024). In a string that is
/// nearly the whole vocabulary, which then is walked once for all strings of the schema.
///
/// It remembers, so it stays on one thread; all texts under the same schema should share one.
public final class SchemaMasks {
    typealias Place = PushdownStates.Place

    /// A state of the automaton.
    public struct State: Sendable, Equatable {
        fileprivate var id: Int32
    }

    private struct Known {
        var places: [Place]
        /// The state after each byte: −1 for none, −2 where it is not known yet.
        var next: [Int32]
        var mask: TokenMask?
    }

    /// What is allowed inside a rule, whoever called it.
    private struct Inside {
        var mask: TokenMask
        /// The trie's nodes at which the rule may have ended, with the places that go on inside it.
        var exits: [(node: Int, places: [Place])]
    }

    /// More masks than these are forgotten all at once: for a large vocabulary each takes some 20 kB.
    static let maskLimit = 1024

    private let grammar: PushdownGrammar
    private let trie: TokenTrie
    private let pieces: [[UInt8]]
    private var states = PushdownStates()
    private var known: [Known] = []
    private var numbers: [[Place]: Int32] = [:]
    private var inside: [Int32: Inside] = [:]
    private var maskCount = 0

    /// - Parameter pieces: the bytes of each token.
    public init(_ schema: JSONSchema, _ trie: TokenTrie, pieces: [[UInt8]]) {
        (grammar, self.trie, self.pieces) = (schema.grammar, trie, pieces)
    }

    /// Where every text begins.
    public var start: State { State(id: number(reached([Place(node: grammar.start, stack: PushdownStates.bottom)]))) }

    private func reached(_ places: [Place]) -> [Place] { states.reached(from: places, in: grammar) }

    private func number(_ places: [Place]) -> Int32 {
        guard !places.isEmpty else { return -1 }
        if let known = numbers[places] { return known }
        var next = [Int32](repeating: -1, count: 256)
        for place in places where place != PushdownStates.ended {
            for edge in grammar.edges[Int(place.node)] {
                for byte in edge.bytes { next[Int(byte)] = -2 }
            }
        }
        known.append(Known(places: places, next: next, mask: nil))
        numbers[places] = Int32(known.count - 1)
        return Int32(known.count - 1)
    }

    private func next(_ state: Int32, _ byte: UInt8) -> Int32 {
        let remembered = known[Int(state)].next[Int(byte)]
        if remembered != -2 { return remembered }
        let next = number(states.next(known[Int(state)].places, byte, in: grammar))
        known[Int(state)].next[Int(byte)] = next
        return next
    }

    /// The state after `token`; nil where it is not allowed.
    public func advance(_ state: State, _ token: Int) -> State? {
        var id = state.id
        for byte in pieces[token] {
            id = next(id, byte)
            if id < 0 { return nil }
        }
        return State(id: id)
    }

    /// Whether what was written is a whole text.
    public func canEnd(_ state: State) -> Bool { known[Int(state.id)].places.first == PushdownStates.ended }

    /// The tokens that may follow.
    public func mask(_ state: State) -> TokenMask {
        if let mask = known[Int(state.id)].mask { return mask }
        let mask = computed(state.id)
        if maskCount == Self.maskLimit {
            for index in known.indices { known[index].mask = nil }
            maskCount = 0
        }
        maskCount += 1
        known[Int(state.id)].mask = mask
        return mask
    }

    private func computed(_ state: Int32) -> TokenMask {
        let places = known[Int(state)].places
        // All of one caller: what is inside its rule is known by the nodes alone.
        guard let stack = places.first?.stack, stack != PushdownStates.bottom, places.allSatisfy({ $0.stack == stack }) else {
            var mask = TokenMask(count: trie.vocabularySize)
            walk(0, state, &mask)
            return mask
        }
        let inside = inside(number(reached(places.map { Place(node: $0.node, stack: PushdownStates.bottom) })))
        var mask = inside.mask
        let outer = states.popped(stack)
        var continued: [[Place]: Int32] = [:]
        for exit in inside.exits {
            let state: Int32
            if let made = continued[exit.places] {
                state = made
            } else {
                let within = exit.places.map { rebased($0, on: stack) }
                state = number(reached(within + [outer]))
                continued[exit.places] = state
            }
            if state >= 0 { walk(exit.node, state, &mask) }
        }
        return mask
    }

    /// A place inside a rule that was walked without its caller, with the caller's stack below.
    private func rebased(_ place: Place, on stack: PushdownStates.Stack) -> Place {
        Place(node: place.node, stack: states.rebased(place.stack, on: stack))
    }

    /// Adds the tokens below a node of the trie that `state` allows.
    private func walk(_ node: Int, _ state: Int32, _ mask: inout TokenMask) {
        for edge in trie.nodes[node].edges {
            let next = next(state, trie.edgeBytes[Int(edge)])
            guard next >= 0 else { continue }
            let child = Int(trie.edgeNodes[Int(edge)])
            if trie.nodes[child].token >= 0 { mask.insert(Int(trie.nodes[child].token)) }
            if !trie.nodes[child].edges.isEmpty { walk(child, next, &mask) }
        }
    }

    /// What the rule that `state` stands in allows until it ends; nothing waits below it.
    private func inside(_ state: Int32) -> Inside {
        if let made = inside[state] { return made }
        var made = Inside(mask: TokenMask(count: trie.vocabularySize), exits: [])
        explore(0, state, &made)
        inside[state] = made
        return made
    }

    private func explore(_ node: Int, _ state: Int32, _ made: inout Inside) {
        for edge in trie.nodes[node].edges {
            let next = next(state, trie.edgeBytes[Int(edge)])
            guard next >= 0 else { continue }
            let child = Int(trie.edgeNodes[Int(edge)])
            if trie.nodes[child].token >= 0 { made.mask.insert(Int(trie.nodes[child].token)) }
            guard !trie.nodes[child].edges.isEmpty else { continue }
            let places = known[Int(next)].places
            if places.first == PushdownStates.ended {
                made.exits.append((child, Array(places.dropFirst())))
            } else {
                explore(child, next, &made)
            }
        }
    }
}
