public import MynaStages

/// One person talking with the assistant, turn after turn: hear, act, speak.
///
/// A turn ends when its reply is spoken; a second turn that begins before is refused with
/// ``ConversationError/turnInProgress``. Cancelling the task cancels the turn; what was done in the home stays done.
public actor Conversation {
    private let recognizer: (any SpeechRecognizer)?
    private let assistant: any Assistant
    private let synthesizer: (any SpeechSynthesizer)?
    private let clock: any Clock<Duration>
    private let limits: Limits
    private var isTurnInProgress = false

    /// - Parameters:
    ///   - recognizer: needed by spoken turns only.
    ///   - synthesizer: where there is none, replies stay text.
    public init(
        recognizer: (any SpeechRecognizer)?, assistant: any Assistant, synthesizer: (any SpeechSynthesizer)?,
        clock: any Clock<Duration> = ContinuousClock(), limits: Limits = Limits()
    ) {
        self.recognizer = recognizer
        self.assistant = assistant
        self.synthesizer = synthesizer
        self.clock = clock
        self.limits = limits
    }

    /// Hears a request in `frames`, acts on it and speaks the reply.
    ///
    /// - Parameters:
    ///   - end: what ends the listening; sound after it isn't read.
    ///   - speaker: the resident's id, where it is known.
    ///   - area: the id of the area the person stands in, where it is known.
    ///   - play: takes the reply's sound a piece at a time; the turn waits while it does.
    ///   - report: hears each event as it happens, in order.
    /// - Throws: ``ConversationError``, or what a stage or `frames` throws. A reply that could not be spoken throws
    ///   nothing: the request was acted on, and ``Turn/speechFailure`` says what went wrong.
    public func turn(
        hearing frames: some AsyncSequence<AudioFrame, any Error> & Sendable, until end: EndOfListening = .inputEnds,
        speaker: String? = nil, area: String? = nil,
        play: @escaping @Sendable (AudioFrame) async throws -> Void = { _ in },
        report: @escaping @Sendable (Event) async -> Void = { _ in }
    ) async throws -> Turn {
        guard let recognizer else { throw ConversationError.noRecognizer }
        return try await exclusively {
            let log = TurnLog(clock: clock, report: report)
            let transcript = try await hear(frames, with: recognizer, until: end, log: log)
            let request = Request(
                text: transcript.text, speaker: speaker, area: area, alternatives: transcript.alternatives ?? [])
            return try await answer(request, heard: transcript, log: log, play: play)
        }
    }

    /// Acts on the request `text` and speaks the reply; see ``turn(hearing:until:speaker:area:play:report:)``.
    /// `alternatives` are what else may have been said, where the text was heard elsewhere.
    public func turn(
        text: String, alternatives: [Alternative] = [], speaker: String? = nil, area: String? = nil,
        play: @escaping @Sendable (AudioFrame) async throws -> Void = { _ in },
        report: @escaping @Sendable (Event) async -> Void = { _ in }
    ) async throws -> Turn {
        let request = Request(
            text: try requestText(text, limit: limits.characters), speaker: speaker, area: area, alternatives: alternatives)
        return try await exclusively {
            try await answer(request, heard: nil, log: TurnLog(clock: clock, report: report), play: play)
        }
    }

    /// Tells the assistant that a reply was broken off after the words `heard`.
    public func wasInterrupted(_ reply: String, after heard: String) async {
        await assistant.wasInterrupted(reply, after: heard)
    }

    private func exclusively(_ body: () async throws -> Turn) async throws -> Turn {
        guard !isTurnInProgress else { throw ConversationError.turnInProgress }
        isTurnInProgress = true
        defer { isTurnInProgress = false }
        return try await body()
    }

    private func hear(
        _ frames: some AsyncSequence<AudioFrame, any Error> & Sendable, with recognizer: any SpeechRecognizer,
        until end: EndOfListening, log: TurnLog
    ) async throws -> Transcript {
        let stream = try await recognizer.listen()
        var heard = Duration.zero
        var final: Transcript?
        listening: for try await frame in frames {
            heard += frame.duration
            guard heard <= limits.sound else { throw ConversationError.soundTooLong(limit: limits.sound) }
            log.heard(frame.duration)
            for event in try await log.timedHearing({ try await stream.hear(frame) }) {
                await log.append(event)
                if case .wordsFinal(let transcript) = event.kind { final = transcript }
                if case .endDecided = event.kind, end == .speechEnds { break listening }
            }
        }
        for event in try await log.timedHearing({ try await stream.finish() }) {
            await log.append(event)
            if case .wordsFinal(let transcript) = event.kind { final = transcript }
        }
        log.wordsKnown()
        guard let final else { throw ConversationError.noFinalWords }
        return final
    }

    private func answer(
        _ request: Request, heard: Transcript?, log: TurnLog, play: @escaping @Sendable (AudioFrame) async throws -> Void
    ) async throws -> Turn {
        let voice = ReplyVoice(synthesizer, log: log, play: play)
        let reply: Reply
        if request.text.allSatisfy(\.isWhitespace) {
            reply = Reply(text: "I didn't hear anything.", kind: .clarify)
        } else {
            reply = try await replyOfAssistant(to: request, log, voice)
        }
        // An assistant may tell its reply itself, as one that speaks while it thinks must.
        let isTold = log.events.contains { if case .replyText = $0.kind { true } else { false } }
        if !isTold { await log.append(.replyText(text: reply.text, kind: reply.kind)) }
        try await voice.speakRest(of: reply.text)
        await log.append(.turnFinished)
        return Turn(
            heard: heard?.text ?? request.text, reply: reply, events: log.events, timings: log.timings(spoken: heard != nil),
            speechFailure: voice.failure)
    }

    /// The assistant's reply, whose parts are spoken as they are told; where speaking fails amid them, what was told of it.
    private func replyOfAssistant(to request: Request, _ log: TurnLog, _ voice: ReplyVoice) async throws -> Reply {
        let answering = Task { [assistant] in
            try await assistant.reply(to: request) { kind in
                await log.append(kind)
                // Nobody hears the rest: the assistant need not word it.
                if case .replyPart(let part) = kind, await !voice.speak(part) { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        do {
            return try await withTaskCancellationHandler {
                try await answering.value
            } onCancel: {
                answering.cancel()
            }
        } catch let cancellation as CancellationError {
            guard voice.failure != nil, !Task.isCancelled else { throw cancellation }
            return Reply(text: voice.said, kind: .chat)
        }
    }
}

extension Conversation {
    /// What one turn may cost.
    public struct Limits: Sendable {
        /// The longest request that is heard.
        public var sound: Duration
        /// The longest request that is read, in characters.
        public var characters: Int

        public init(sound: Duration = .seconds(120), characters: Int = 4096) {
            self.sound = sound
            self.characters = characters
        }
    }

    /// What ends the listening of a turn.
    public enum EndOfListening: Sendable {
        /// The sound's own end: a file is heard whole.
        case inputEnds
        /// The recogniser's decision that the speaker has finished, or else the sound's end: a microphone never ends.
        case speechEnds
    }
}
