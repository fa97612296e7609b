/// Sentences of which one is said and nothing else: wordings whose places are each filled by one of a few phrases.
public struct ClosedSentences: Sendable, Equatable {
    /// Each wording's places in order, and the phrases that may fill each.
    public var wordings: [[[String]]]

    public init(wordings: [[[String]]]) { self.wordings = wordings }
}
