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
    /// Natural logarithm of how well it fits, all judges together.
    public var score: Double
    /// Log-probability of the text given the sound.
    public var acoustic: Double
    /// Weighted log-probability of the text as language, by the model of the search.
    public var language: Double
    /// Log-probability of the text as language by a second model, unweighted, where one was asked.
    public var second: Double?
    /// Its words and their times; not written down, as only the text that was taken is told word by word.
    public var words: [Word] = []

    public init(text: String, acoustic: Double, language: Double, words: [Word] = []) {
        (self.text, self.acoustic, self.language, self.words) = (text, acoustic, language, words)
        score = acoustic + language
    }

    enum CodingKeys: String, CodingKey { case text, score, acoustic, language, second }
}

/// What was heard in one utterance.
public struct Transcript: Sendable, Equatable, Codable {
    public var text: String
    public var words: [Word]
    /// The texts that may have been said, the transcript's own first and then the likeliest, where a recogniser was asked for several.
    public var alternatives: [Alternative]?

    public init(text: String, words: [Word], alternatives: [Alternative]? = nil) {
        self.text = text
        self.words = words
        self.alternatives = alternatives
    }
}
