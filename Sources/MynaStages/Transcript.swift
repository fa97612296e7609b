/// One recognised word and when it was spoken.
public struct Word: Sendable, Equatable, Codable {
    public var word: String
    /// Audio time in seconds since the stream began.
    public var start: Double
    public var end: Double
    /// The model's own probability, 0…1; not calibrated.
    public var confidence: Double

    public init(word: String, start: Double, end: Double, confidence: Double) {
        self.word = word
        self.start = start
        self.end = end
        self.confidence = confidence
    }
}

/// What was heard in one utterance.
public struct Transcript: Sendable, Equatable, Codable {
    public var text: String
    public var words: [Word]

    public init(text: String, words: [Word]) {
        self.text = text
        self.words = words
    }
}
