import MynaStages
import Synchronization

/// Puts the events of one turn in order, gives each its time, and hands it on.
///
/// Time runs as if the sound had come live: a file that is heard faster than it was spoken moves the turn's time
/// forward to the end of what has been heard, so that audio time and clock time share one line.
final class TurnLog: Sendable {
    private struct State {
        var events: [Event] = []
        /// How far the sound heard is ahead of the clock.
        var lead = Duration.zero
        var heard = Duration.zero
        var hearing = Duration.zero
        var inputEnd = Duration.zero
        var wordsKnown = Duration.zero
        var speaking: (began: Duration, ended: Duration)?
    }

    private let state = Mutex(State())
    private let elapsed: @Sendable () -> Duration
    private let report: @Sendable (Event) async -> Void

    init(clock: some Clock<Duration>, report: @escaping @Sendable (Event) async -> Void) {
        elapsed = Stopwatch(clock).elapsed
        self.report = report
    }

    /// What has happened so far, in order.
    var events: [Event] { state.withLock { $0.events } }

    /// Takes an event that carries its own time.
    func append(_ event: Event) async {
        state.withLock { $0.events.append(event) }
        await report(event)
    }

    /// Takes something that happens now.
    func append(_ kind: Event.Kind) async {
        let event = state.withLock { state in
            // Microseconds: no clock here tells more, and JSON stays short.
            let event = Event(time: ((elapsed() + state.lead).inSeconds * 1e6).rounded() / 1e6, kind)
            state.events.append(event)
            return event
        }
        await report(event)
    }

    /// Counts sound that has just come in; what follows the last of it counts from here.
    func heard(_ duration: Duration) {
        state.withLock { state in
            state.heard += duration
            state.lead = max(state.lead, state.heard - elapsed())
            state.inputEnd = elapsed() + state.lead
        }
    }

    /// Runs a step of the recogniser and counts what it cost.
    func timedHearing(_ step: () async throws -> [Event]) async throws -> [Event] {
        let began = elapsed()
        defer { state.withLock { $0.hearing += elapsed() - began } }
        return try await step()
    }

    func wordsKnown() { state.withLock { $0.wordsKnown = elapsed() + $0.lead } }
    /// A reply may be spoken in parts: the first begins it, and the last ends it.
    func speakingBegan() {
        state.withLock { $0.speaking = ($0.speaking?.began ?? elapsed() + $0.lead, elapsed() + $0.lead) }
    }
    func speakingEnded() { state.withLock { $0.speaking?.ended = elapsed() + $0.lead } }

    /// What each stage took, so far; `spoken` where the request was heard, not read.
    func timings(spoken: Bool) -> Turn.Timings {
        state.withLock { state in
            func time(_ event: Event?) -> Duration? { event.map { .seconds($0.time) } }
            let understood = time(state.events.first { if case .understood = $0.kind { true } else { false } })
            let change = time(state.events.last { if case .homeChanged = $0.kind { true } else { false } })
            let reply = time(state.events.first { if case .replyText = $0.kind { true } else { false } })
            let sound = time(state.events.first { if case .replyAudio = $0.kind { true } else { false } })
            return Turn.Timings(
                audio: spoken ? state.heard : nil,
                hear: spoken ? state.hearing : nil,
                words: spoken ? state.wordsKnown - state.inputEnd : nil,
                understand: understood.map { $0 - state.wordsKnown },
                act: reply.map { $0 - (understood ?? state.wordsKnown) },
                speak: state.speaking.map { $0.ended - $0.began },
                change: change.map { $0 - state.inputEnd },
                firstReplyAudio: sound.map { $0 - state.inputEnd },
                turn: elapsed() + state.lead)
        }
    }
}
