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
