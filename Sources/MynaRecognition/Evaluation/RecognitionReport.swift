public import MynaText

/// What an evaluation of speech recognition found; as JSON in the form of `myna eval asr --json`.
public struct RecognitionReport: Sendable, Equatable, Encodable {
    /// Rows that took no part.
    public struct Skipped: Sendable, Equatable, Encodable {
        public var noText = 0
        /// Rows whose text is a list of slot values, not what was said.
        public var slots = 0
        public var otherSplit = 0
        public var beyondLimit = 0

        private enum CodingKeys: String, CodingKey {
            case slots
            case noText = "no_text"
            case otherSplit = "other_split"
            case beyondLimit = "beyond_limit"
        }
    }

    /// An utterance whose sound cannot be read.
    public struct BadAudio: Sendable, Equatable, Encodable {
        public var id: String
        public var error: String
    }

    public var rates = ErrorRates([])
    public var groups: [String: ErrorRates] = [:]
    /// Wall time of recognition over the length of the sound; nil where one of them is not known.
    public var realTimeFactor: Double?
    public var audioSeconds: Double?
    /// How long words took to come; nil where it was not measured.
    public var latency: RecognitionLatency?
    /// Rates of the best of each utterance's listed texts: what a perfect choice among them would give.
    public var oracle: ErrorRates?
    /// How certain words fared, where they were asked for.
    public var recall: WordRecall?
    public var skipped = Skipped()
    public var badAudio: [BadAudio] = []

    private enum CodingKeys: String, CodingKey {
        case skipped, rtf, latency, oracle, recall
        case groups = "by_corpus"
        case audioSeconds = "audio_seconds"
        case badAudio = "bad_audio"
    }

    public func encode(to encoder: any Encoder) throws {
        try rates.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(groups, forKey: .groups)
        try fields.encode(realTimeFactor, forKey: .rtf)
        try fields.encode(audioSeconds, forKey: .audioSeconds)
        try fields.encodeIfPresent(latency, forKey: .latency)
        try fields.encodeIfPresent(oracle, forKey: .oracle)
        try fields.encodeIfPresent(recall, forKey: .recall)
        try fields.encode(skipped, forKey: .skipped)
        try fields.encode(badAudio, forKey: .badAudio)
    }
}
