internal import MynaAssistant
internal import MynaLanguage
internal import MynaStages

extension IntentSchema {
    /// All that can stand outside quotes in a text of intents, in the parts that the language model's tokens are.
    static var textParts: [String] {
        let slots = IntentSlot.allCases.flatMap { slot in
            slot.members.map { members in members.map { " \(slot.rawValue)=\($0)" } } ?? [" \(slot.rawValue)=\""]
        }
        return actions.map(\.name) + slots + ["\"", "\n"]
    }
}
