public import MynaStages

/// Accepts exactly the texts of intents that one request allows, byte by byte.
///
/// Known actions with their slots in order, members of closed sets, and copied slots that are contiguous runs of whole
/// words of the request. Copying the value costs one retain; a byte costs a table look-up or, inside quotes, a binary
/// search among the places of the request that begin with the words so far.
public struct IntentGrammar: TextConstraint {
    private enum Place: UInt8 {
        case action, slot, member, openQuote, copied, closed
    }

    private let request: RequestIndex
    private var place = Place.action
    /// Where in the trie of actions, slots or members.
    private var node: UInt16 = 0
    private var action: UInt8 = 0
    private var slot: UInt8 = 0
    private var intentCount: UInt8 = 0
    /// The slots that the present intent has.
    private var used: UInt32 = 0
    /// The places of the request that begin with the words in the open quote, as a range of ``RequestIndex/starts``.
    private var low: Int32 = 0
    private var high: Int32 = 0
    private var depth: Int32 = 0

    /// What may be written for `request`, said in `state`.
    public init(request: String, state: DialogueState) {
        self.request = RequestIndex(request, state)
    }

    public var canEnd: Bool {
        switch place {
        case .action: intentCount == 0 && node == 0 || endsIntent
        case .slot, .openQuote, .copied: false
        case .member, .closed: endsIntent
        }
    }

    public mutating func advance(_ byte: UInt8) -> Bool {
        switch place {
        case .action:
            if let next = GrammarTables.shared.actions.step(node, byte, allowed: request.actions) {
                node = next
                return true
            }
            return endAction(byte)
        case .slot:
            return advanceSlotName(byte)
        case .member:
            if let next = GrammarTables.shared.members[Int(slot)].step(node, byte, allowed: .max) {
                node = next
                return true
            }
            return GrammarTables.shared.members[Int(slot)].word(node) != nil && goOn(byte)
        case .openQuote:
            guard byte == UInt8(ascii: "\""), !request.starts.isEmpty else { return false }
            (place, low, high, depth) = (.copied, 0, Int32(request.starts.count), 0)
            return true
        case .copied:
            return advanceCopied(byte)
        case .closed:
            return goOn(byte)
        }
    }

    /// Whether the intent as it stands is whole.
    private var endsIntent: Bool {
        let tables = GrammarTables.shared
        switch place {
        case .action:
            guard let word = tables.actions.word(node), request.actions & (1 << UInt64(word)) != 0 else { return false }
            return tables.required[word] == 0
        case .member:
            guard tables.members[Int(slot)].word(node) != nil else { return false }
        case .closed: break
        case .slot, .openQuote, .copied: return false
        }
        return tables.required[Int(action)] & ~used == 0
    }

    private mutating func endAction(_ byte: UInt8) -> Bool {
        guard let word = GrammarTables.shared.actions.word(node), request.actions & (1 << UInt64(word)) != 0 else { return false }
        var next = self
        (next.action, next.used) = (UInt8(word), 0)
        guard next.goOn(byte) else { return false }
        self = next
        return true
    }

    /// After a whole action or slot: one more slot, or one more intent.
    private mutating func goOn(_ byte: UInt8) -> Bool {
        if byte == UInt8(ascii: "\n") {
            guard endsIntent, Int(intentCount) + 1 < IntentSchema.intentLimit else { return false }
            intentCount += 1
            (place, node, used) = (.action, 0, 0)
            return true
        }
        guard byte == UInt8(ascii: " "), slotsLeft != 0 else { return false }
        (place, node) = (.slot, 0)
        return true
    }

    /// The slots that may still come; those that copy need a word to copy.
    ///
    /// None may pass over a slot that the action must have.
    private var slotsLeft: UInt64 {
        let tables = GrammarTables.shared
        var left = tables.allowed[Int(action)]
        if used != 0 {
            let next = UInt32(32 - used.leadingZeroBitCount)
            left &= ~((1 << UInt64(next)) - 1)
        }
        if request.starts.isEmpty { left &= tables.closedSlots }
        let missing = tables.required[Int(action)] & ~used
        if missing != 0 { left &= (UInt64(missing & (~missing + 1)) << 1) - 1 }
        return left
    }

    private mutating func advanceSlotName(_ byte: UInt8) -> Bool {
        let tables = GrammarTables.shared
        let left = slotsLeft
        if let next = tables.slots.step(node, byte, allowed: left) {
            node = next
            return true
        }
        guard byte == UInt8(ascii: "="), let word = tables.slots.word(node), left & (1 << UInt64(word)) != 0 else { return false }
        (slot, used, node) = (UInt8(word), used | 1 << UInt32(word), 0)
        place = tables.closedSlots & (1 << UInt64(word)) != 0 ? .member : .openQuote
        return true
    }

    private mutating func advanceCopied(_ byte: UInt8) -> Bool {
        if byte == UInt8(ascii: "\"") {
            guard depth > 0, request.isWordEnd(low, depth) else { return false }
            place = .closed
            return true
        }
        let range = request.narrowed(low, high, depth, byte)
        guard range.low < range.high else { return false }
        (low, high, depth) = (range.low, range.high, depth + 1)
        return true
    }
}

/// The words of one request, ready to be copied from.
private final class RequestIndex: Sendable {
    /// The words with single spaces between.
    let bytes: [UInt8]
    /// Where each word starts, in the order of the bytes that follow.
    let starts: [Int32]
    /// The actions that may be written in this state.
    let actions: UInt64

    /// Only this much of a request can be copied from; no model's context holds more.
    static let byteLimit = 4096

    init(_ request: String, _ state: DialogueState) {
        var bytes: [UInt8] = []
        for byte in request.utf8.prefix(Self.byteLimit) {
            if byte > 0x20, byte != UInt8(ascii: "\""), byte != 0x7f {
                bytes.append(byte)
            } else if let last = bytes.last, last != 0x20 {
                bytes.append(0x20)
            }
        }
        if request.utf8.count > Self.byteLimit {  // the last word may be cut
            while let last = bytes.last, last != 0x20 { bytes.removeLast() }
        }
        if bytes.last == 0x20 { bytes.removeLast() }
        self.bytes = bytes
        starts = bytes.indices.filter { $0 == 0 || bytes[$0 - 1] == 0x20 }.map { Int32($0) }
            .sorted { bytes[Int($0)...].lexicographicallyPrecedes(bytes[Int($1)...]) }
        actions = GrammarTables.shared.actions(in: state, copying: !bytes.isEmpty)
    }

    /// Whether a word of the first place in a range ends `depth` bytes on; space sorts first, so the first place tells.
    func isWordEnd(_ low: Int32, _ depth: Int32) -> Bool {
        let end = Int(starts[Int(low)] + depth)
        return end == bytes.count || bytes[end] == 0x20
    }

    /// The part of a range whose places have `byte` at `depth`.
    func narrowed(_ low: Int32, _ high: Int32, _ depth: Int32, _ byte: UInt8) -> (low: Int32, high: Int32) {
        func first(atLeast bound: Int) -> Int32 {
            var (low, high) = (low, high)
            while low < high {
                let middle = (low + high) / 2
                let index = Int(starts[Int(middle)] + depth)
                if index < bytes.count, Int(bytes[index]) >= bound { high = middle } else { low = middle + 1 }
            }
            return low
        }
        return (first(atLeast: Int(byte)), first(atLeast: Int(byte) + 1))
    }
}

/// The schema as tables.
private final class GrammarTables: Sendable {
    static let shared = GrammarTables()

    let actions = WordTrie(IntentSchema.actions.map(\.name))
    let slots = WordTrie(IntentSlot.allCases.map(\.rawValue))
    /// One trie a slot; empty for the slots that copy.
    let members = IntentSlot.allCases.map { WordTrie($0.members ?? []) }
    /// The slots each action may have, and must have.
    let allowed: [UInt64]
    let required: [UInt32]
    let closedSlots: UInt64

    private init() {
        precondition(IntentSchema.actions.count <= 64 && IntentSlot.allCases.count <= 31)
        allowed = IntentSchema.actions.map { $0.slots.reduce(0) { $0 | 1 << UInt64($1.index) } }
        required = IntentSchema.actions.map { $0.required.reduce(0) { $0 | 1 << UInt32($1.index) } }
        closedSlots = IntentSlot.allCases.reduce(0) { $1.members == nil ? $0 : $0 | 1 << UInt64($1.index) }
    }

    /// Answers to a question may be written only where one was asked; what must copy, only where there are words.
    func actions(in state: DialogueState, copying: Bool) -> UInt64 {
        var allowed: UInt64 = 0
        for (index, action) in IntentSchema.actions.enumerated() where IntentSchema.isAllowed(action.name, in: state) {
            guard copying || action.required.allSatisfy({ $0.members != nil }) else { continue }
            allowed |= 1 << UInt64(index)
        }
        return allowed
    }
}

extension IntentSchema {
    /// Whether `action` may be written for a request said in `state`: answers stand only where something was asked.
    public static func isAllowed(_ action: String, in state: DialogueState) -> Bool {
        switch action {
        case "select": state == .askedWhich || state == .askedValue
        case "tell": state == .askedValue
        default: true
        }
    }
}

/// A trie of words of a…z and _, with the set of words below each node.
private struct WordTrie: Sendable {
    private var next: [UInt16] = Array(repeating: 0, count: 27)
    private var words: [Int16] = [-1]
    private var below: [UInt64] = [0]

    init(_ list: [String]) {
        for (index, word) in list.enumerated() {
            var node = 0
            below[0] |= 1 << UInt64(index)
            for byte in word.utf8 {
                let edge = node * 27 + Self.letter(byte)!  // our own words have no other letters
                if next[edge] == 0 {
                    next[edge] = UInt16(words.count)
                    next += Array(repeating: 0, count: 27)
                    words.append(-1)
                    below.append(0)
                }
                node = Int(next[edge])
                below[node] |= 1 << UInt64(index)
            }
            words[node] = Int16(index)
        }
    }

    private static func letter(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a"))
        case UInt8(ascii: "_"): 26
        default: nil
        }
    }

    /// The node after `byte`, where a word among `allowed` lies that way.
    func step(_ node: UInt16, _ byte: UInt8, allowed: UInt64) -> UInt16? {
        guard let letter = Self.letter(byte) else { return nil }
        let to = next[Int(node) * 27 + letter]
        return to != 0 && below[Int(to)] & allowed != 0 ? to : nil
    }

    /// The word that ends here.
    func word(_ node: UInt16) -> Int? { words[Int(node)] < 0 ? nil : Int(words[Int(node)]) }
}
