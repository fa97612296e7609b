public import MynaStages
internal import Synchronization

extension AttentiveSession {
    /// Hears `frames` to their end, also while a reply is spoken: speech over it holds the voice at its first sound and stops it at
    /// its first words; what was said is the next request, and the assistant learns what was heard of the reply.
    ///
    /// - Parameters:
    ///   - frames: sound from which the echo of the session's own voice has been taken.
    ///   - gate: decides what is meant for the assistant; speech over a reply always is.
    ///   - signals: what happened since it was last asked, such as a button that went down.
    /// - Throws: what a stage, the player or `frames` throws.
    public func converse(
        hearing frames: some AsyncSequence<AudioFrame, any Error>, gate: any AttentionGate,
        signals: @Sendable () -> [AttentionSignal] = { [] }, player: any ReplyPlayer,
        report: @escaping @Sendable (Report) async -> Void = { _ in }
    ) async throws {
        var duplex = Duplex(self, gate: gate, player: player, report: report)
        duplex.waking = await Waking(spotter)
        do {
            for try await frame in frames { try await duplex.hear(frame, signals: signals()) }
            try await duplex.finish()
        } catch {
            duplex.reply?.task.cancel()
            throw error
        }
    }

    /// Where a full-duplex session is.
    private struct Duplex {
        let session: AttentiveSession
        let player: any ReplyPlayer
        let report: @Sendable (Report) async -> Void
        var gate: any AttentionGate
        var time = 0.0
        var hearing: Hearing?
        var waking: Waking?
        var bargeIn = BargeIn()
        var reply: ReplyInProgress?

        init(
            _ session: AttentiveSession, gate: any AttentionGate, player: any ReplyPlayer,
            report: @escaping @Sendable (Report) async -> Void
        ) {
            (self.session, self.gate, self.player, self.report) = (session, gate, player, report)
        }

        mutating func hear(_ frame: AudioFrame, signals: [AttentionSignal]) async throws {
            for signal in signals { gate.note(signal, at: time) }
            time += frame.duration / .seconds(1)
            try await noteEndOfReply()
            if bargeIn.isReplying { return try await hearOverReply(frame) }
            var sound = [frame]
            if hearing == nil, !gate.isOpen(at: time) {
                guard let found = try await waking?.hear(frame) else { return }
                await report(.woke(found))
                gate.note(.wakeWord, at: time)
                sound = waking?.after(found) ?? []
            }
            var isOver = !gate.isOpen(at: time)
            if !isOver {
                if hearing == nil { hearing = Hearing(stream: try await session.recognizer.listen(), start: time) }
                for frame in sound where try await take(frame) { isOver = true }
                if let current = hearing, !current.hasSpoken, time - current.start > AttentiveSession.mostSilence {
                    hearing = nil
                }
            }
            if isOver { try await requestEnded() }
        }

        /// Gives sound to the request's stream; tells whether the request is over.
        private mutating func take(_ frame: AudioFrame) async throws -> Bool {
            var isOver = false
            for event in try await hearing?.stream.hear(frame) ?? [] {
                await report(.heard(event))
                if case .speechStarted = event.kind {
                    hearing?.hasSpoken = true
                    gate.note(.speechStarted, at: time)
                }
                if case .endDecided = event.kind { isOver = true }
            }
            return isOver
        }

        private mutating func requestEnded() async throws {
            guard let current = hearing else { return }
            hearing = nil
            waking = await Waking(session.spotter)
            guard current.hasSpoken else { return }
            gate.note(.requestEnded, at: time)
            var heard: Transcript?
            for event in try await current.stream.finish() {
                await report(.heard(event))
                if case .wordsFinal(let transcript) = event.kind { heard = transcript }
            }
            guard let heard, !heard.text.isEmpty else { return gate.note(.replyEnded, at: time) }
            // The one before it has been stopped and has only its last words to tell.
            _ = try await reply?.task.value
            reply = ReplyInProgress(to: heard, in: session.conversation, through: player, report: report)
            bargeIn.replyBegan()
        }

        /// Hears while the reply is spoken. What is said is kept in the stream it was heard in: it is the beginning of a request.
        private mutating func hearOverReply(_ frame: AudioFrame) async throws {
            if hearing == nil {
                let end = EndOfTurn(beginsWithSound: true)
                hearing = Hearing(stream: try await session.recognizer.listen(until: end, expecting: []), start: time)
            }
            var isOver = false
            for event in try await hearing?.stream.hear(frame) ?? [] {
                switch event.kind {
                case .speechStarted:
                    hearing?.hasSpoken = true
                    try await act(bargeIn.soundBegan(at: time))
                case .wordsPartial(let text, _) where !text.isEmpty:
                    try await act(bargeIn.wordsHeard(text, over: reply?.said ?? ""))
                case .endDecided: isOver = true
                default: break
                }
                await report(.heard(event))
            }
            if bargeIn.isReplying {
                try await act(bargeIn.timePassed(to: time))
                // No word came of it, or nothing is said for long: the next sound begins anew.
                if isOver || time - (hearing?.start ?? time) > AttentiveSession.mostSilence { hearing = nil }
            } else if isOver {
                try await requestEnded()
            }
        }

        private mutating func act(_ action: BargeIn.Action) async throws {
            switch action {
            case .nothing: break
            case .hold: await player.hold()
            case .goOn:
                hearing = nil
                await player.goOn()
            case .interrupt:
                gate.note(.interrupted, at: time)
                await reply?.interrupt(player)
            }
        }

        private mutating func noteEndOfReply() async throws {
            guard bargeIn.isReplying, let reply, reply.hasEnded else { return }
            try await reply.task.value
            self.reply = nil
            bargeIn.replyEnded()
            gate.note(.replyEnded, at: time)
            // Speech that has just begun is a follow-up: its stream goes on.
            if let current = hearing {
                if current.hasSpoken { gate.note(.speechStarted, at: time) } else { hearing = nil }
            }
        }

        /// No more sound will come: what was said is answered, and its reply spoken.
        mutating func finish() async throws {
            if Task.isCancelled { reply?.task.cancel() }
            if !bargeIn.isReplying { try await requestEnded() }
            _ = try await reply?.task.value
        }
    }
}

/// A reply on its way: made, spoken, perhaps broken off.
private final class ReplyInProgress: Sendable {
    private struct State {
        var hasEnded = false
        var heard: Double?
        var said = ""
        var spoken = 0.0
        var isWhole = false
    }
    private final class Shared: Sendable { let state = Mutex(State()) }

    private let shared: Shared
    /// Ends when the reply has been heard, or was broken off and the assistant knows.
    let task: Task<Void, any Error>

    init(
        to request: Transcript, in conversation: Conversation, through player: any ReplyPlayer,
        report: @escaping @Sendable (AttentiveSession.Report) async -> Void
    ) {
        let shared = Shared()
        self.shared = shared
        task = Task {
            defer { shared.state.withLock { $0.hasEnded = true } }
            let turn = try await conversation.turn(
                text: request.text, alternatives: request.alternatives ?? [],
                play: { frame in
                    if shared.state.withLock({ $0.heard != nil }) { throw ReplyInterrupted() }
                    shared.state.withLock { $0.spoken += frame.duration.inSeconds }
                    try await player.play(frame)
                    if shared.state.withLock({ $0.heard != nil }) { throw ReplyInterrupted() }
                },
                report: { event in
                    switch event.kind {
                    case .replyPart(let part): shared.state.withLock { $0.said += part }
                    case .replyText(let text, _): shared.state.withLock { $0.said = text }
                    default: break
                    }
                })
            shared.state.withLock { $0.isWhole = turn.speechFailure == nil }
            await report(.answered(turn))
            try await player.finish()
            let (heard, whole) = shared.state.withLock { ($0.heard, $0.isWhole ? $0.spoken : nil) }
            guard let heard else { return }
            let words = wordsHeard(of: turn.reply.text, within: heard, of: whole)
            await conversation.wasInterrupted(turn.reply.text, after: words)
            await report(.interrupted(reply: turn.reply.text, heard: words))
        }
    }

    /// What it says, as far as that is known.
    var said: String { shared.state.withLock { $0.said } }
    var hasEnded: Bool { shared.state.withLock { $0.hasEnded } }

    /// Stops the voice; what comes of the reply from now on isn't played.
    func interrupt(_ player: any ReplyPlayer) async {
        shared.state.withLock { $0.heard = $0.heard ?? 0 }
        let seconds = await player.stop()
        shared.state.withLock { $0.heard = seconds }
    }
}
