internal import Foundation
public import MynaStages
public import MynaText

/// Reads what a large language model answered, and checks all of it against the home: a server may not have held to the
/// schema, and a model that was held to it may have been told of a home that has changed since.
public enum HomeAnswer {
    /// Why an answer cannot be used, by the place in it.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        public var place: String
        public var problem: String

        public var description: String { "\(place) \(problem)" }
    }

    /// The slots of an intent that carry a reply which the model worded.
    static let (replySlot, replyKindSlot) = ("reply", "reply_kind")

    /// The intents of `text`, an answer to `prompt`'s home.
    public static func intents(_ text: String, _ prompt: HomePrompt) throws(Fault) -> [Intent] {
        let tree: JSONTree
        do { tree = try JSONTree(text) } catch { throw Fault(place: "$", problem: "is no JSON (\(error))") }
        guard case .object(let members) = tree else { throw Fault(place: "$", problem: "is no object") }
        if let calls = tree["calls"] {
            guard members.count == 1 else { throw Fault(place: "$", problem: "has more than calls") }
            guard case .list(let values) = calls, (1...IntentSchema.intentLimit).contains(values.count) else {
                throw Fault(place: "$.calls", problem: "is no list of 1 to \(IntentSchema.intentLimit) calls")
            }
            var intents: [Intent] = []
            for (index, value) in values.enumerated() { intents.append(try intent(value, "$.calls[\(index)]", prompt)) }
            return intents
        }
        for name in members.map(\.name) where !["kind", "say"].contains(name) {
            throw Fault(place: "$.\(name)", problem: "is none of calls, kind and say")
        }
        guard case .string(let said)? = tree["say"] else { throw Fault(place: "$.say", problem: "is no text") }
        guard case .string(let kind)? = tree["kind"], HomePrompt.replyKinds.contains(kind) else {
            throw Fault(place: "$.kind", problem: "is none of \(HomePrompt.replyKinds.joined(separator: ", "))")
        }
        let spoken = heard(said)
        guard !spoken.isEmpty else { throw Fault(place: "$.say", problem: "says nothing") }
        return [Intent("chat", ["kind": "other", replySlot: spoken, replyKindSlot: kind])]
    }

    private static func intent(_ value: JSONTree, _ place: String, _ prompt: HomePrompt) throws(Fault) -> Intent {
        guard case .object(let members) = value else { throw Fault(place: place, problem: "is no object") }
        guard case .string(let name)? = value["action"], let action = HomePrompt.actions.first(where: { $0.name == name }) else {
            throw Fault(place: "\(place).action", problem: "is no action of a home")
        }
        var slots: [String: String] = [:]
        for member in members where member.name != "action" {
            let here = "\(place).\(member.name)"
            guard let slot = IntentSlot(rawValue: member.name), action.slots.contains(slot) else {
                throw Fault(place: here, problem: "is no slot of \(name)")
            }
            guard case .string(let words) = member.value else { throw Fault(place: here, problem: "is no text") }
            if let known = prompt.members(of: slot) {
                guard known.contains(words) else {
                    throw Fault(place: here, problem: "is \"\(words)\", which this home does not have")
                }
                slots[slot.rawValue] = words
            } else {
                // Free words come to the form in which requests are heard; what is empty was not filled.
                let spoken = SpokenForm.text(of: words)
                if !spoken.isEmpty { slots[slot.rawValue] = spoken }
            }
        }
        for slot in action.required where slots[slot.rawValue] == nil {
            throw Fault(place: place, problem: "has no \(slot.rawValue), which \(name) needs")
        }
        return Intent(name, slots)
    }

    /// The longest reply that is spoken, in characters.
    static let longestReply = 600

    /// What can be heard of a text: no markup, nothing mute, and no more than is listened to.
    static func heard(_ text: String) -> String {
        let plain = String(
            String.UnicodeScalarView(
                text.unicodeScalars.compactMap { scalar in
                    if "*#`_~|<>".unicodeScalars.contains(scalar) { return nil }
                    return Wording.isMute(scalar) ? " " : scalar
                }))
        let words = plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard words.count > longestReply else { return words }
        let start = words.prefix(longestReply)
        let end = start.lastIndex { ".!?".contains($0) }
        return end.map { String(start[...$0]) } ?? String(start) + "…"
    }
}
