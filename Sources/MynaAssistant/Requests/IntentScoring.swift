public import MynaStages

/// How well predicted intents match the true ones, over many requests.
///
/// Slots are compared within intents that are paired in order by equal action; the slots of an intent without a pair are
/// all missed, or all wrong.
public struct IntentScoring: Sendable {
    /// Right, wrong and missed fillers of one slot.
    public struct Counts: Sendable, Equatable {
        public var right = 0
        /// Predicted, but not so.
        public var wrong = 0
        /// True, but not predicted so.
        public var missed = 0

        /// The harmonic mean of precision and recall; 1 where there was nothing to find and nothing was found.
        public var f1: Double {
            let all = 2 * right + wrong + missed
            return all == 0 ? 1 : 2 * Double(right) / Double(all)
        }
    }

    public private(set) var requests = 0
    /// Requests whose intents are all as they should be, in order.
    public private(set) var exact = 0
    /// Requests whose actions are as they should be, in order, whatever the slots.
    public private(set) var actionsExact = 0
    /// By the slot's name.
    public private(set) var slots: [String: Counts] = [:]
    public private(set) var actions = Counts()
    /// Exact and all requests by kind.
    public private(set) var kinds: [String: (exact: Int, requests: Int)] = [:]

    public init() {}

    /// The share of requests that are exactly right; 0 where there are none.
    public var exactShare: Double { requests == 0 ? 0 : Double(exact) / Double(requests) }

    /// F1 over all slots together.
    public var slotF1: Double {
        slots.values.reduce(into: Counts()) { all, counts in
            all.right += counts.right
            all.wrong += counts.wrong
            all.missed += counts.missed
        }.f1
    }

    /// Adds one request.
    public mutating func add(predicted: [Intent], expected: [Intent], kind: String = "") {
        let isExact = predicted == expected
        requests += 1
        exact += isExact ? 1 : 0
        actionsExact += predicted.map(\.action) == expected.map(\.action) ? 1 : 0
        let known = kinds[kind] ?? (0, 0)
        kinds[kind] = (known.exact + (isExact ? 1 : 0), known.requests + 1)

        var rest = predicted
        for intent in expected {
            if let index = rest.firstIndex(where: { $0.action == intent.action }) {
                actions.right += 1
                compare(rest.remove(at: index).slots, intent.slots)
            } else {
                actions.missed += 1
                compare([:], intent.slots)
            }
        }
        for intent in rest {
            actions.wrong += 1
            compare(intent.slots, [:])
        }
    }

    private mutating func compare(_ predicted: [String: String], _ expected: [String: String]) {
        for (slot, words) in expected {
            if predicted[slot] == words {
                slots[slot, default: .init()].right += 1
            } else {
                slots[slot, default: .init()].missed += 1
            }
        }
        for (slot, words) in predicted where expected[slot] != words { slots[slot, default: .init()].wrong += 1 }
    }
}
