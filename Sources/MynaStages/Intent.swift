/// One thing that a person asked for, before it is tied to a device: an action and the words that fill its slots.
///
/// Written as text, one intent a line is `action slot="words" slot="words"`; see docs/intents.md for the actions,
/// their slots and what may fill them. A language model writes intents; the assistant grounds them in the home.
public struct Intent: Sendable, Equatable, Codable {
    /// The action's name, such as `turn_on`.
    public var action: String
    /// Slot name to words: copied from the request, or one of a closed set.
    public var slots: [String: String]

    public init(_ action: String, _ slots: [String: String] = [:]) {
        self.action = action
        self.slots = slots
    }
}

/// What the request is an answer to, as far as understanding it needs to know.
public enum DialogueState: String, Sendable, Codable, CaseIterable {
    /// Nothing was said before, or it no longer matters.
    case fresh
    /// The last turn did something: "a bit warmer" and "the hall too" refer to it.
    case acted
    /// The last reply asked which of several things was meant.
    case askedWhich = "asked_which"
    /// The last reply asked for a yes.
    case askedConfirmation = "asked_confirmation"
    /// The last reply asked for a missing value, such as how long.
    case askedValue = "asked_value"
}
