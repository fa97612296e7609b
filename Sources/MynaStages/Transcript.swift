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

/// One text among several that may have been said.
public struct Alternative: Sendable, Equatable, Codable {
    public var text: String
    /// Natural logarithm of how well it fits: `acoustic` and `language` together.
    public var score: Double
    /// Log-probability of the text given the sound.
    public var acoustic: Double
    /// Weighted log-probability of the text as language.
    public var language: Double

    public init(text: String, acoustic: Double, language: Double) {
        (self.text, self.acoustic, self.language) = (text, acoustic, language)
        score = acoustic + language
    }
}

/// What was heard in one utterance.
public struct Transcript: Sendable, Equatable, Codable {
    public var text: String
    public var words: [Word]
    /// The likeliest texts, best first, where a recogniser was asked for several.
    public var alternatives: [Alternative]?

    public init(text: String, words: [Word], alternatives: [Alternative]? = nil) {
        self.text = text
        self.words = words
        self.alternatives = alternatives
    }
}
