public import MynaStages

/// A made request with what it means.
public struct GeneratedRequest: Sendable, Equatable, Codable {
    /// Lower-case words as a recogniser writes them.
    public var text: String
    public var state: DialogueState
    public var intents: [Intent]
    /// Which template, or `corpus/…`; the same as long as the template is. Of the first clause, where there are several.
    public var template: String
    /// The subject: `home`, `question`, `list`, `timer`, `event`, `time`, `weather`, `followup`, `answer`, `chat`,
    /// `knowledge`, `unsupported` or `noise` (no intent).
    public var kind: String
}
