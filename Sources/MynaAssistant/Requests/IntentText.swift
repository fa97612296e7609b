public import MynaStages

/// Intents as text: one a line, `action slot="copied words" slot=member`, slots in the schema's order.
public enum IntentText {
    /// The text of `intents`; empty for none.
    ///
    /// Slots that the schema does not know are written last, by name, so that no content is hidden; parsing refuses them.
    public static func write(_ intents: [Intent]) -> String {
        intents.map { intent in
            let known = IntentSlot.allCases.filter { intent.slots[$0.rawValue] != nil }
            let unknown = intent.slots.keys.filter { IntentSlot(rawValue: $0) == nil }.sorted()
            let parts = known.map { slot in
                let words = intent.slots[slot.rawValue] ?? ""
                return slot.members == nil ? "\(slot.rawValue)=\"\(words)\"" : "\(slot.rawValue)=\(words)"
            }
            return ([intent.action] + parts + unknown.map { "\($0)=\"\(intent.slots[$0] ?? "")\"" }).joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// Reads what ``write(_:)`` wrote, strictly.
    public static func parse(_ text: String) throws(IntentTextError) -> [Intent] {
        if text.isEmpty { return [] }
        var intents: [Intent] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard index < IntentSchema.intentLimit else { throw IntentTextError(line: index + 1, problem: .tooMany) }
            do throws(IntentTextError.Problem) {
                intents.append(try intent(line))
            } catch {
                throw IntentTextError(line: index + 1, problem: error)
            }
        }
        return intents
    }

    private static func intent(_ line: Substring) throws(IntentTextError.Problem) -> Intent {
        var rest = line
        let name = rest.prefix { $0 != " " }
        rest = rest.dropFirst(name.count)
        guard let action = IntentSchema.action(name) else { throw .unknownAction(String(name)) }
        var slots: [String: String] = [:]
        var last = -1
        while !rest.isEmpty {
            guard rest.removeFirst() == " " else { throw .malformed(String(line)) }
            let key = rest.prefix { $0 != "=" }
            rest = rest.dropFirst(key.count)
            guard !rest.isEmpty else { throw .malformed(String(line)) }
            rest.removeFirst()
            guard let slot = IntentSlot(rawValue: String(key)), action.slots.contains(slot) else {
                throw .slotNotAllowed(action: action.name, slot: String(key))
            }
            guard slot.index > last else { throw .slotOrder(action: action.name, slot: slot.rawValue) }
            last = slot.index
            slots[slot.rawValue] = try value(of: slot, from: &rest)
        }
        for slot in action.required where slots[slot.rawValue] == nil {
            throw .slotMissing(action: action.name, slot: slot.rawValue)
        }
        return Intent(action.name, slots)
    }

    private static func value(of slot: IntentSlot, from rest: inout Substring) throws(IntentTextError.Problem) -> String {
        if let members = slot.members {
            let member = String(rest.prefix { $0 != " " })
            guard members.contains(member) else { throw .notAMember(slot: slot.rawValue, value: member) }
            rest = rest.dropFirst(member.count)
            return member
        }
        guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
            throw .notQuoted(slot: slot.rawValue)
        }
        let words = String(rest[rest.index(after: rest.startIndex)..<end])
        rest = rest[rest.index(after: end)...]
        guard !words.split(separator: " ", omittingEmptySubsequences: false).contains("") else {
            throw .notWords(slot: slot.rawValue, value: words)
        }
        return words
    }
}

/// Why a text is not a list of intents.
public struct IntentTextError: Error, Equatable, CustomStringConvertible {
    /// Counted from one.
    public var line: Int
    public var problem: Problem

    /// What is wrong in the line.
    public enum Problem: Error, Equatable {
        case tooMany
        case unknownAction(String)
        case malformed(String)
        case slotNotAllowed(action: String, slot: String)
        case slotOrder(action: String, slot: String)
        case slotMissing(action: String, slot: String)
        case notAMember(slot: String, value: String)
        case notQuoted(slot: String)
        case notWords(slot: String, value: String)
    }

    public var description: String {
        let what =
            switch problem {
            case .tooMany: "more than \(IntentSchema.intentLimit) intents"
            case .unknownAction(let name): "no action is called \"\(name)\""
            case .malformed(let text): "\"\(text)\" is not action slot=value …"
            case .slotNotAllowed(let action, let slot): "\(action) has no slot \"\(slot)\""
            case .slotOrder(let action, let slot): "\(action): \(slot) stands twice or out of order"
            case .slotMissing(let action, let slot): "\(action) needs \(slot)"
            case .notAMember(let slot, let value): "\(slot) cannot be \"\(value)\""
            case .notQuoted(let slot): "\(slot) needs words in quotes"
            case .notWords(let slot, let value): "\(slot)=\"\(value)\" is not words with single spaces between"
            }
        return "intents, line \(line): \(what)"
    }
}
