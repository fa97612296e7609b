internal import MynaStages

/// How far what was heard is from what was said, in words and in characters.
///
/// Both sides go through ``SpokenForm`` first: case, punctuation, hyphens and written numbers make no errors. Characters
/// are those of the spoken words with one space between words, spaces counted.
public struct TranscriptErrors: Sendable, Equatable {
    public var wordErrors: Int
    /// Words that were said.
    public var words: Int
    public var characterErrors: Int
    /// Characters of what was said.
    public var characters: Int

    public init(said: String, heard: String) {
        let (said, heard) = (SpokenForm.words(of: said), SpokenForm.words(of: heard))
        wordErrors = editDistance(said, heard)
        words = said.count
        let (saidText, heardText) = (
            Array(said.joined(separator: " ").unicodeScalars), Array(heard.joined(separator: " ").unicodeScalars)
        )
        characterErrors = editDistance(saidText, heardText)
        characters = saidText.count
    }
}

/// Error rates over a set of utterances, as shares: 0.1 is one error in ten words.
public struct ErrorRates: Sendable, Equatable, Encodable {
    public var wer: Double
    public var cer: Double
    public var utterances: Int
    public var words: Int
    /// Where the word error rate lies with 95 % probability, were other utterances drawn from the same source.
    public var werInterval: [Double]

    private enum CodingKeys: String, CodingKey {
        case wer, cer, utterances, words
        case werInterval = "wer_interval"
    }

    /// The rates of all `utterances` together; the interval is a percentile bootstrap over utterances.
    ///
    /// No words at all give a rate of zero without errors, and of one with errors.
    public init(_ utterances: [TranscriptErrors], resamples: Int = 1000, seed: UInt64 = 1) {
        func rate(_ errors: Int, _ total: Int) -> Double { total > 0 ? Double(errors) / Double(total) : errors > 0 ? 1 : 0 }
        wer = rate(utterances.reduce(0) { $0 + $1.wordErrors }, utterances.reduce(0) { $0 + $1.words })
        cer = rate(utterances.reduce(0) { $0 + $1.characterErrors }, utterances.reduce(0) { $0 + $1.characters })
        self.utterances = utterances.count
        words = utterances.reduce(0) { $0 + $1.words }
        werInterval =
            bootstrapInterval(count: utterances.count, resamples: resamples, seed: seed) { chosen in
                var (errors, words) = (0, 0)
                for index in chosen {
                    errors += utterances[index].wordErrors
                    words += utterances[index].words
                }
                return rate(errors, words)
            } ?? [wer, wer]
    }
}

/// The 2.5 and 97.5 percentiles of `statistic` over seeded draws, with replacement, of `count` indices; nil for none.
public func bootstrapInterval(count: Int, resamples: Int = 1000, seed: UInt64 = 1, _ statistic: ([Int]) -> Double) -> [Double]? {
    guard count > 0, resamples > 0 else { return nil }
    var random = SeededRandom(seed: seed)
    var chosen = Array(repeating: 0, count: count)
    var values: [Double] = []
    for _ in 0..<resamples {
        for index in chosen.indices { chosen[index] = Int.random(in: 0..<count, using: &random) }
        values.append(statistic(chosen))
    }
    values.sort()
    func percentile(_ share: Double) -> Double {
        let place = share * Double(values.count - 1)
        let below = Int(place)
        let above = min(below + 1, values.count - 1)
        return values[below] + (values[above] - values[below]) * (place - Double(below))
    }
    return [percentile(0.025), percentile(0.975)]
}

/// How often certain words, such as rare names, are heard when they are said, and when they are not.
public struct WordRecall: Sendable, Equatable, Encodable {
    /// How often the words were said, and how many of these were heard in the right utterance.
    public private(set) var said = 0
    public private(set) var heard = 0
    /// How often one was heard that nobody said.
    public private(set) var inserted = 0
    /// Words heard in all.
    public private(set) var words = 0
    public var recall: Double? { said > 0 ? Double(heard) / Double(said) : nil }

    private let wanted: Set<String>

    private enum CodingKeys: String, CodingKey {
        case said, heard, inserted, words, recall
    }

    /// - Parameter texts: whose words, in spoken form, are counted.
    public init(of texts: some Sequence<String>) { wanted = Set(texts.flatMap { SpokenForm.words(of: $0) }) }

    public mutating func add(said text: String, heard hypothesis: String) {
        let (said, heard) = (SpokenForm.words(of: text), SpokenForm.words(of: hypothesis))
        func counts(_ words: [String]) -> [String: Int] {
            words.reduce(into: [:]) { if wanted.contains($1) { $0[$1, default: 0] += 1 } }
        }
        let (right, found) = (counts(said), counts(heard))
        for (word, count) in right {
            self.said += count
            self.heard += min(count, found[word] ?? 0)
        }
        for (word, count) in found { inserted += max(0, count - (right[word] ?? 0)) }
        words += heard.count
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(said, forKey: .said)
        try fields.encode(heard, forKey: .heard)
        try fields.encode(inserted, forKey: .inserted)
        try fields.encode(words, forKey: .words)
        try fields.encodeIfPresent(recall, forKey: .recall)
    }
}
