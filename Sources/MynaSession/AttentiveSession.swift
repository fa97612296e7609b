public import MynaStages

/// Hears an endless stream of sound and lets the assistant answer what is meant for it, as a gate decides.
///
/// ``attend(to:gate:signals:play:replied:report:)`` is half-duplex: while a reply is spoken nothing is heard, so that the assistant never
/// takes its own voice for a request. ``converse(hearing:gate:signals:player:report:)`` hears on, and needs sound without its own echo.
public struct AttentiveSession: Sendable {
    let recognizer: any SpeechRecognizer
    let conversation: Conversation
    let spotter: (any WakeWordSpotter)?

    /// What a session tells of itself.
    public enum Report: Sendable {
        case woke(WakeWordDetection)
        case heard(Event)
        case answered(Turn)
        /// The reply was stopped by speech after these of its words.
        case interrupted(reply: String, heard: String)
    }

    /// Seconds without speech after which a recogniser that is always on begins anew, so that nothing grows.
    static let mostSilence = 20.0
    /// Seconds of sound kept while the gate is closed: a wake word is known a little after its end.
    private static let kept = 1.5

    /// - Parameters:
    ///   - conversation: answers what was heard; its own recogniser isn't used.
    ///   - spotter: tells a ``WakeWordGate`` of wake words; nil where the gate needs none.
    public init(recognizer: any SpeechRecognizer, conversation: Conversation, spotter: (any WakeWordSpotter)? = nil) {
        (self.recognizer, self.conversation, self.spotter) = (recognizer, conversation, spotter)
    }

    /// Hears `frames` to their end.
    ///
    /// - Parameters:
    ///   - gate: decides what is meant for the assistant.
    ///   - signals: what happened since it was last asked, such as a button that went down.
    ///   - play: takes a reply's sound a piece at a time.
    ///   - replied: a reply has been spoken; sound that was recorded meanwhile should be thrown away.
    /// - Throws: what a stage or `frames` throws.
    public func attend(
        to frames: some AsyncSequence<AudioFrame, any Error>, gate: any AttentionGate,
        signals: @Sendable () -> [AttentionSignal] = { [] },
        play: @escaping @Sendable (AudioFrame) async throws -> Void = { _ in },
        replied: @Sendable () async throws -> Void = {},
        report: @escaping @Sendable (Report) async -> Void = { _ in }
    ) async throws {
        var gate = gate
        var time = 0.0
        var hearing: Hearing?
        var waking = await Waking(spotter)
        for try await frame in frames {
            for signal in signals() { gate.note(signal, at: time) }
            time += frame.duration / .seconds(1)
            var sound = [frame]
            if hearing == nil, !gate.isOpen(at: time) {
                guard let found = try await waking.hear(frame) else { continue }
                await report(.woke(found))
                gate.note(.wakeWord, at: time)
                sound = waking.after(found)
            }
            let isOpen = gate.isOpen(at: time)
            var isOver = !isOpen
            if isOpen {
                if hearing == nil { hearing = Hearing(stream: try await recognizer.listen(), start: time) }
                for frame in sound {
                    for event in try await hearing?.stream.hear(frame) ?? [] {
                        await report(.heard(event))
                        if case .speechStarted = event.kind {
                            hearing?.hasSpoken = true
                            gate.note(.speechStarted, at: time)
                        }
                        if case .endDecided = event.kind { isOver = true }
                    }
                }
                if let current = hearing, !current.hasSpoken, time - current.start > Self.mostSilence { hearing = nil }
            }
            guard isOver, let current = hearing else { continue }
            hearing = nil
            if current.hasSpoken {
                gate.note(.requestEnded, at: time)
                try await answer(current, play: play, report: report)
                try await replied()
                gate.note(.replyEnded, at: time)
            }
            waking = await Waking(spotter)
        }
        if let hearing, hearing.hasSpoken { try await answer(hearing, play: play, report: report) }
    }

    private func answer(
        _ hearing: Hearing, play: @escaping @Sendable (AudioFrame) async throws -> Void,
        report: @escaping @Sendable (Report) async -> Void
    ) async throws {
        var heard: Transcript?
        for event in try await hearing.stream.finish() {
            await report(.heard(event))
            if case .wordsFinal(let transcript) = event.kind { heard = transcript }
        }
        guard let heard, !heard.text.isEmpty else { return }
        await report(
            .answered(try await conversation.turn(text: heard.text, alternatives: heard.alternatives ?? [], play: play)))
    }

    /// A request that is being heard.
    struct Hearing {
        var stream: any ListeningStream
        var start: Double
        var hasSpoken = false
    }

    /// What is heard while the gate is closed.
    struct Waking {
        private let stream: (any WakeWordListening)?
        private var recent: [AudioFrame] = []
        private var length = 0.0
        private var heard = 0.0

        init(_ spotter: (any WakeWordSpotter)?) async { stream = await spotter?.listenForWakeWords() }

        /// Takes the next sound; gives the first wake word in it.
        mutating func hear(_ frame: AudioFrame) async throws -> WakeWordDetection? {
            guard let stream else { return nil }
            let seconds = frame.duration / .seconds(1)
            recent.append(frame)
            length += seconds
            heard += seconds
            while let first = recent.first, length - first.duration / .seconds(1) >= AttentiveSession.kept {
                length -= first.duration / .seconds(1)
                recent.removeFirst()
            }
            return try await stream.hear(frame).first
        }

        /// The sound kept from behind a wake word.
        func after(_ detection: WakeWordDetection) -> [AudioFrame] {
            var (start, kept) = (heard - length, [AudioFrame]())
            for frame in recent {
                let seconds = frame.duration / .seconds(1)
                let skipped = min(seconds, max(0, detection.time - start))
                start += seconds
                let samples = frame.samples.dropFirst(Int(skipped * Double(frame.sampleRate)))
                if !samples.isEmpty { kept.append(AudioFrame(samples: Array(samples), sampleRate: frame.sampleRate)) }
            }
            return kept
        }
    }
}
