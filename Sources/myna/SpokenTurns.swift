import MynaSession
import MynaStages
import MynaVoice

/// Speaks written requests and holds a whole spoken turn for each, to measure what speech costs.
struct SpokenTurns {
    /// Voices whose variants the speech factory holds out of training, in two accents.
    static let voices = ["en-us+m7", "en-gb+f4", "en-us+Mr serious", "en-gb+m7", "en-us+f4", "en-gb+Mr serious"]

    let recognizer: any SpeechRecognizer
    let synthesizer: any SpeechSynthesizer
    /// Silence before and after a request.
    var silence = Duration.milliseconds(300)
    private(set) var turns: [Turn.Timings] = []

    init(recognizer: any SpeechRecognizer, synthesizer: any SpeechSynthesizer) {
        self.recognizer = recognizer
        self.synthesizer = synthesizer
    }

    /// Says `request` to `assistant`; the same words are always said by the same voice, at the same rate and pitch.
    mutating func ask(
        _ request: Request, _ assistant: any Assistant, _ report: @escaping @Sendable (Event.Kind) async -> Void
    ) async throws -> (heard: String, reply: Reply) {
        var hash = request.text.stableHash
        func draw(_ range: Range<Int>) -> Int {
            defer { hash /= UInt64(range.count) }
            return range.lowerBound + Int(hash % UInt64(range.count))
        }
        let voice = try StandInVoice(
            voice: Self.voices[draw(0..<Self.voices.count)], wordsPerMinute: draw(140..<190), pitch: draw(30..<70))
        let frames = try await frames(saying: request.text, voice)
        let conversation = Conversation(recognizer: recognizer, assistant: assistant, synthesizer: synthesizer)
        let turn = try await conversation.turn(
            hearing: frames, speaker: request.speaker, area: request.area, report: { await report($0.kind) })
        turns.append(turn.timings)
        return (turn.heard, turn.reply)
    }

    /// The request as a microphone gives it.
    private func frames(saying text: String, _ voice: StandInVoice) async throws -> FrameSequence {
        let sink = SampleSink()
        try await voice.speak(text) { await sink.take($0) }
        let rate = await sink.sampleRate
        let quiet = [Float](repeating: 0, count: Int(silence.inSeconds * Double(rate)))
        return FrameSequence(samples: quiet + (await sink.samples) + quiet, sampleRate: rate)
    }
}

/// Sound in frames of 80 ms.
private struct FrameSequence: AsyncSequence, Sendable {
    var samples: [Float]
    var sampleRate: Int

    func makeAsyncIterator() -> Iterator { Iterator(rest: samples[...], sampleRate: sampleRate) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<Float>
        var sampleRate: Int

        mutating func next() async throws -> AudioFrame? {
            guard !rest.isEmpty else { return nil }
            let frame = rest.prefix(sampleRate * 80 / 1000)
            rest = rest.dropFirst(frame.count)
            return AudioFrame(samples: Array(frame), sampleRate: sampleRate)
        }
    }
}

/// Puts pieces of sound together.
private actor SampleSink {
    private(set) var samples: [Float] = []
    private(set) var sampleRate = 16_000

    func take(_ frame: AudioFrame) {
        samples += frame.samples
        sampleRate = frame.sampleRate
    }
}

/// The middle and the slow end of some durations, in milliseconds.
struct LatencySummary: Encodable {
    var p50: Double
    var p95: Double
    var n: Int

    /// Nil for no durations.
    init?(_ durations: [Duration]) {
        let sorted = durations.map { $0.inSeconds * 1000 }.sorted()
        guard let last = sorted.last else { return nil }
        func quantile(_ share: Double) -> Double {
            let place = share * Double(sorted.count - 1)
            let below = Int(place)
            let above = below + 1 < sorted.count ? sorted[below + 1] : last
            return ((sorted[below] + (above - sorted[below]) * (place - Double(below))) * 10).rounded() / 10
        }
        (p50, p95, n) = (quantile(0.5), quantile(0.95), sorted.count)
    }
}

/// What spoken requests cost in time, from the end of their sound.
struct SpokenLatency: Encodable {
    /// From the text to the reply, which comes once the home was seen to have changed.
    var text: LatencySummary?
    var words: LatencySummary?
    var change: LatencySummary?
    var firstReplyAudio: LatencySummary?

    private enum CodingKeys: String, CodingKey {
        case text = "text_to_verified_reply"
        case words = "end_of_audio_to_words"
        case change = "end_of_audio_to_change"
        case firstReplyAudio = "first_reply_audio"
    }

    init(_ turns: [Turn.Timings]) {
        words = LatencySummary(turns.compactMap(\.words))
        change = LatencySummary(turns.compactMap(\.change))
        firstReplyAudio = LatencySummary(turns.compactMap(\.firstReplyAudio))
    }

    /// Of requests that were not spoken.
    init(texts: [Duration]) { text = LatencySummary(texts) }

    /// For people, a line each.
    var lines: [String] {
        let rows: [(String, LatencySummary?)] = [
            ("words", words), ("verified change", change), ("first sound of the reply", firstReplyAudio),
        ]
        let written = text.map {
            "  from the text to the verified reply: \($0.p50) ms in the middle, \($0.p95) ms at the 95th percentile, of \($0.n)"
        }
        return [written].compactMap(\.self)
            + rows.compactMap { name, row in
                row.map {
                    "  from the end of the sound to the \(name): \($0.p50) ms in the middle, \($0.p95) ms at the 95th percentile, of \($0.n)"
                }
            }
    }
}
