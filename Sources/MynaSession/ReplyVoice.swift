import MynaStages
import Synchronization

/// Speaks one reply, its parts as they become known; once speaking has failed, no more of it.
final class ReplyVoice: Sendable {
    private struct State {
        var said = ""
        var failure: (any Error)?
    }

    private let synthesizer: (any SpeechSynthesizer)?
    private let log: TurnLog
    private let play: @Sendable (AudioFrame) async throws -> Void
    private let state = Mutex(State())

    /// - Parameter synthesizer: nil where replies stay text.
    init(
        _ synthesizer: (any SpeechSynthesizer)?, log: TurnLog, play: @escaping @Sendable (AudioFrame) async throws -> Void
    ) {
        (self.synthesizer, self.log, self.play) = (synthesizer, log, play)
    }

    /// The parts that were to be spoken, joined.
    var said: String { state.withLock { $0.said } }
    /// Why the reply could not be spoken to its end; the request has been acted on all the same.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Speaks a part of the reply; tells whether it was heard to its end.
    func speak(_ part: String) async -> Bool {
        state.withLock { $0.said += part }
        guard let synthesizer, !part.isEmpty else { return true }
        guard failure == nil else { return false }
        log.speakingBegan()
        defer { log.speakingEnded() }
        do {
            try await synthesizer.speak(part) { [log, play] frame in
                await log.append(.replyAudio(seconds: frame.duration.inSeconds))
                try await play(frame)
            }
            return true
        } catch {
            state.withLock { $0.failure = error }
            return false
        }
    }

    /// Speaks what has not been of the whole reply.
    ///
    /// - Throws: `CancellationError` where that is why it fell silent.
    func speakRest(of reply: String) async throws {
        let said = said
        if failure == nil {
            // A reply that doesn't begin as it was told to is spoken as a whole: nothing of it may be lost.
            _ = await speak(reply.hasPrefix(said) ? String(reply.dropFirst(said.count)) : " " + reply)
        }
        if let cancellation = failure as? CancellationError { throw cancellation }
    }
}
