public import MynaStages

/// What was heard in one recording, as `myna transcribe --json` writes it.
public struct Transcription: Sendable, Equatable, Codable {
    /// What the recording is called.
    public var audio: String
    public var text: String
    /// In seconds.
    public var duration: Double
    /// Time spent hearing for each second heard.
    public var rtf: Double
    public var words: [Word]
    public var events: [Event]
    /// The likeliest texts of each utterance, best first, where the recogniser lists them.
    public var nbest: [[Alternative]]?
}

/// Transcribes recordings of any length with a recogniser made for requests.
///
/// A recording of up to ``Transcriber/utterance`` is one stream of the recogniser. A longer one becomes several, begun anew
/// where the speaker pauses, so that neither memory nor the time a partial result takes grows with its length.
public struct Transcriber: Sendable {
    private let recognizer: any SpeechRecognizer
    private let clock: any Clock<Duration>
    /// From this length on an utterance ends at the next pause.
    let utterance: Duration
    /// From this length on it ends without one.
    let longest: Duration
    /// How long no new words make a pause.
    let pause: Duration

    public init(
        recognizer: any SpeechRecognizer, clock: any Clock<Duration> = ContinuousClock(), utterance: Duration = .seconds(20),
        longest: Duration = .seconds(60), pause: Duration = .milliseconds(800)
    ) {
        self.recognizer = recognizer
        self.clock = clock
        self.utterance = utterance
        self.longest = longest
        self.pause = pause
    }

    /// Hears `frames` to their end; event times count from their beginning.
    ///
    /// - Parameters:
    ///   - keepingEvents: whether the result lists them; those of a long recording are many.
    ///   - report: hears each event as it happens.
    /// - Throws: what the recogniser or `frames` throws.
    public func transcription(
        of frames: some AsyncSequence<AudioFrame, any Error> & Sendable, named name: String, keepingEvents: Bool = true,
        report: @Sendable (Event) async -> Void = { _ in }
    ) async throws -> Transcription {
        var result = Transcription(audio: name, text: "", duration: 0, rtf: 0, words: [], events: [])
        var stream: (any ListeningStream)?
        var span = Span(began: .zero)
        var heard = Duration.zero
        var working = Duration.zero

        func take(_ events: [Event]) async {
            for event in events.map({ $0.shifted(by: span.began) }) {
                span.note(event, at: heard)
                if case .wordsFinal(let transcript) = event.kind, !transcript.text.isEmpty {
                    result.text += (result.text.isEmpty ? "" : " ") + transcript.text
                    result.words += transcript.words
                    if let alternatives = transcript.alternatives { result.nbest = (result.nbest ?? []) + [alternatives] }
                }
                if keepingEvents { result.events.append(event) }
                await report(event)
            }
        }

        for try await frame in frames {
            let current: any ListeningStream
            if let stream { current = stream } else { current = try await recognizer.listen() }
            stream = current
            heard += frame.duration
            await take(try await timed(&working) { try await current.hear(frame) })
            if span.isOver(at: heard, in: self) {
                await take(try await timed(&working) { try await current.finish() })
                stream = nil
                span = Span(began: heard)
            }
        }
        if let stream { await take(try await timed(&working) { try await stream.finish() }) }
        result.duration = heard.inSeconds
        result.rtf = heard > .zero ? working / heard : 0
        return result
    }

    private func timed(_ total: inout Duration, _ step: () async throws -> [Event]) async throws -> [Event] {
        let stopwatch = Stopwatch(clock)
        defer { total += stopwatch.elapsed() }
        return try await step()
    }

    /// One stream's stretch of the recording.
    private struct Span {
        let began: Duration
        var text = ""
        var lastNews: Duration
        var isDecided = false

        init(began: Duration) {
            self.began = began
            lastNews = began
        }

        mutating func note(_ event: Event, at time: Duration) {
            switch event.kind {
            case .wordsPartial(let partial, _) where partial != text:
                text = partial
                lastNews = time
            case .endDecided: isDecided = true
            default: break
            }
        }

        /// An end decided long ago, with words after it, ends nothing; the pause that follows those does.
        mutating func isOver(at time: Duration, in limits: Transcriber) -> Bool {
            defer { isDecided = false }
            if time - began < limits.utterance { return false }
            // Where nothing was said yet, something may have begun that no one has written.
            if text.isEmpty { return time - began >= limits.longest }
            return isDecided || time - lastNews >= limits.pause || time - began >= limits.longest
        }
    }
}

extension Event {
    /// The event of a stream that began `offset` into the recording.
    fileprivate func shifted(by offset: Duration) -> Event {
        if offset == .zero { return self }
        let seconds = offset.inSeconds
        var event = Event(time: time + seconds, kind)
        if case .wordsFinal(var transcript) = kind {
            for index in transcript.words.indices {
                transcript.words[index].start += seconds
                transcript.words[index].end += seconds
            }
            event.kind = .wordsFinal(transcript)
        }
        return event
    }
}
