internal import Foundation
internal import MynaText
public import MynaStages

/// What a second language model's judgement counts for: the form of `rescoring.json` in its folder.
public struct RescoringWeights: Sendable, Codable, Equatable {
    /// For each natural logarithm of a text's probability.
    public var weight: Double
    /// Added for each word, since longer texts are less likely.
    public var wordBonus: Double
    /// What the first model's judgement, which the search has weighted already, still counts for.
    public var searchWeight: Double
    /// Times the judgements, whose exponentials are then taken for the texts' probabilities: chosen is the text of which the fewest words
    /// are expected to be wrong. Where nil the likeliest is.
    public var posteriorScale: Double?

    public init(weight: Double, wordBonus: Double, searchWeight: Double = 1, posteriorScale: Double? = nil) {
        (self.weight, self.wordBonus, self.searchWeight) = (weight, wordBonus, searchWeight)
        self.posteriorScale = posteriorScale
    }
}

/// Hears as another recogniser does and, when a stream ends, lets a larger language model choose among the texts that its
/// search still held.
///
/// Only the final text may differ from the last partial one. The other recogniser has to list alternatives.
public struct RescoredRecognizer: SpeechRecognizer {
    private let recognizer: any SpeechRecognizer
    private let scorer: any TextScorer
    private let weights: RescoringWeights
    /// How many alternatives are told on; nil where nobody asked for them.
    private let listed: Int?

    public init(
        _ recognizer: any SpeechRecognizer, by scorer: any TextScorer, _ weights: RescoringWeights, listing listed: Int?
    ) {
        (self.recognizer, self.scorer, self.weights, self.listed) = (recognizer, scorer, weights, listed)
    }

    public func listen() async throws -> any ListeningStream { Stream(stream: try await recognizer.listen(), chooser: self) }

    public func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
        Stream(stream: try await recognizer.listen(until: end, expecting: sentences), chooser: self)
    }

    public func expect(_ sentences: [String]) async { await recognizer.expect(sentences) }

    public func steps() async -> AsyncStream<EngineStep>? { await recognizer.steps() }

    private struct Stream: ListeningStream {
        let stream: any ListeningStream
        let chooser: RescoredRecognizer
        var number: Int? { stream.number }

        func hear(_ frame: AudioFrame) async throws -> [Event] { try await chooser.chosen(await stream.hear(frame)) }
        func finish() async throws -> [Event] { try await chooser.chosen(await stream.finish()) }
    }

    private func chosen(_ events: [Event]) async throws -> [Event] {
        var events = events
        for index in events.indices {
            guard case .wordsFinal(let transcript) = events[index].kind else { continue }
            events[index].kind = .wordsFinal(try await chosen(transcript))
        }
        return events
    }

    /// The transcript with the best of its alternatives as its text.
    func chosen(_ transcript: Transcript) async throws -> Transcript {
        guard var texts = transcript.alternatives, texts.count > 1 else { return listing(transcript) }
        let judged = try await scorer.logProbabilities(of: texts.map(\.text))
        for index in texts.indices {
            texts[index].second = judged[index]
            texts[index].score =
                texts[index].acoustic + weights.searchWeight * texts[index].language + weights.weight * judged[index]
                + weights.wordBonus * Double(texts[index].words.count)
        }
        texts = texts.enumerated().sorted { ($0.element.score, -$0.offset) > ($1.element.score, -$1.offset) }.map(\.element)
        if let scale = weights.posteriorScale { texts.insert(texts.remove(at: leastWrong(texts, scale)), at: 0) }
        return listing(Transcript(text: texts[0].text, words: texts[0].words, alternatives: texts))
    }

    /// Which of the texts has the fewest words expected to be wrong; the first of several.
    private func leastWrong(_ texts: [Alternative], _ scale: Double) -> Int {
        let words = texts.map { $0.text.split(separator: " ") }
        let likelihoods = texts.map { exp(scale * ($0.score - texts[0].score)) }
        let errors = words.map { one in zip(words, likelihoods).reduce(0) { $0 + $1.1 * Double(editDistance(one, $1.0)) } }
        return errors.indices.min { errors[$0] < errors[$1] } ?? 0
    }

    private func listing(_ transcript: Transcript) -> Transcript {
        var transcript = transcript
        transcript.alternatives = listed.flatMap { count in transcript.alternatives.map { Array($0.prefix(count)) } }
        return transcript
    }
}
