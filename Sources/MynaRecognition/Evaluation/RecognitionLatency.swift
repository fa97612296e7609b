internal import MynaStages

/// How late words come when sound is given as it is spoken, in milliseconds.
public struct RecognitionLatency: Sendable, Equatable, Encodable {
    /// Shares of utterances: half, nine in ten and 99 in a hundred took no longer.
    public struct Percentiles: Sendable, Equatable, Encodable {
        public var p50: Double
        public var p90: Double
        public var p99: Double
    }

    /// From the beginning of the first word to the first partial text, the median over utterances; nil where none came.
    public var firstPartial: Double?
    /// From the end of the sound to the final text.
    public var final: Percentiles
    /// From the end of a word to the moment, in audio time, at which a text first held it: what the model waits for, without the
    /// time it works. The mean over the words of the final texts; nil where there are none.
    public var algorithmicDelay: Double?

    private enum CodingKeys: String, CodingKey {
        case firstPartial = "first_partial_ms"
        case final = "final_ms"
        case algorithmicDelay = "algorithmic_delay_ms"
    }
}

/// What became of one utterance whose sound came piece by piece, a piece as soon as it was spoken.
///
/// Work is measured and waiting is reckoned: a piece is begun when it has been spoken and the one before is done.
struct ListeningTime {
    /// Seconds spent hearing.
    private(set) var working = 0.0
    /// Seconds of sound so far.
    private var spoken = 0.0
    /// When the last piece was done, in seconds since the sound began.
    private var done = 0.0
    private var firstPartial: Double?
    /// Words of each text, and how much sound there was when it came.
    private var texts: [(words: [Substring], spoken: Double)] = []
    private(set) var final = 0.0
    private(set) var words: [Word] = []

    mutating func heard(upTo seconds: Double, taking time: Duration, _ events: [Event]) {
        spoken = seconds
        advance(time)
        note(events)
    }

    mutating func finished(taking time: Duration, _ events: [Event]) {
        advance(time)
        note(events)
        final = done - spoken
    }

    private mutating func advance(_ time: Duration) {
        let seconds = time / .seconds(1)
        working += seconds
        done = max(done, spoken) + seconds
    }

    private mutating func note(_ events: [Event]) {
        for event in events {
            switch event.kind {
            case .wordsPartial(let text, _) where !text.isEmpty:
                if firstPartial == nil { firstPartial = done }
                texts.append((text.split(separator: " "), spoken))
            case .wordsFinal(let transcript):
                words = transcript.words
                texts.append((transcript.words.map { $0.word[...] }, spoken))
            default: break
            }
        }
    }

    /// Seconds from the beginning of the first word to the first text.
    var firstPartialDelay: Double? {
        guard let firstPartial, let first = words.first else { return nil }
        return firstPartial - first.start
    }

    /// Seconds of sound after the end of each word until a text first held it at its place.
    var wordDelays: [Double] {
        words.enumerated().compactMap { index, word in
            texts.first { $0.words.count > index && $0.words[index] == word.word[...] }.map { $0.spoken - word.end }
        }
    }
}

/// Adds up the times of utterances.
struct LatencyStatistics {
    private var firstPartials: [Double] = []
    private var finals: [Double] = []
    private var delays = (sum: 0.0, count: 0)

    mutating func add(_ time: ListeningTime) {
        if let delay = time.firstPartialDelay { firstPartials.append(delay) }
        finals.append(time.final)
        let words = time.wordDelays
        delays = (delays.sum + words.reduce(0, +), delays.count + words.count)
    }

    /// Nil where nothing was heard.
    var latency: RecognitionLatency? {
        guard !finals.isEmpty else { return nil }
        return RecognitionLatency(
            firstPartial: firstPartials.isEmpty ? nil : Self.percentile(50, of: firstPartials),
            final: .init(
                p50: Self.percentile(50, of: finals), p90: Self.percentile(90, of: finals), p99: Self.percentile(99, of: finals)),
            algorithmicDelay: delays.count == 0 ? nil : Self.milliseconds(delays.sum / Double(delays.count)))
    }

    /// The nearest rank: the smallest value that so many in a hundred do not exceed.
    private static func percentile(_ share: Int, of seconds: [Double]) -> Double {
        let sorted = seconds.sorted()
        return milliseconds(sorted[max(0, (sorted.count * share + 99) / 100 - 1)])
    }

    private static func milliseconds(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }
}
