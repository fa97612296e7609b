import MynaSession
import MynaStages
import Synchronization

/// Prints the events of one turn as they happen, the speaking as one line.
final class Timeline: Sendable {
    private let hasSpoken = Mutex(false)

    /// Prints `event`, unless it only goes on with the speaking.
    func tell(_ event: Event) {
        if case .replyAudio = event.kind {
            let isFirst = hasSpoken.withLock { spoken in
                defer { spoken = true }
                return !spoken
            }
            if !isFirst { return }
        }
        Output.standard.line(event.line)
    }
}
