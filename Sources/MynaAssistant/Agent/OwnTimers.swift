import Foundation
import MynaStages

/// The timers that one conversation has set, to tell which of them have ended.
///
/// A home keeps timers without saying whose they are. One of ours that it no longer has was cancelled before its time, or has
/// ended at it.
struct OwnTimers {
    private struct Timer {
        var entity: String
        var name: String?
        var seconds: Double
        var due: Date
    }

    private var timers: [Timer] = []
    /// A home's clock and its timers are read one after the other.
    private static let tolerance = 1.5

    var isEmpty: Bool { timers.isEmpty }

    /// Remembers a timer that was just started by `call`.
    mutating func add(_ call: ServiceCall, now: Date) {
        guard call.name == "timer.start", call.data["index"] == nil, let seconds = call.data["seconds"]?.number else { return }
        timers.append(
            Timer(
                entity: call.entity, name: call.data["name"]?.string, seconds: seconds,
                due: now.addingTimeInterval(seconds)))
    }

    /// Compares ours with what the home has now, and forgets those that are gone.
    ///
    /// - Returns: what to say of each that ended, and how long until the next one does, nil where none runs.
    mutating func update(_ running: [HomeTimer], now: Date) -> (said: [String], next: Double?) {
        var left = running
        var said: [String] = []
        var kept: [Timer] = []
        for var timer in timers {
            // The one of this name whose end is nearest to what was known of it: it may have been given more time.
            let place = left.indices.filter { left[$0].entity == timer.entity && left[$0].name == timer.name }.min {
                abs(now.addingTimeInterval(left[$0].remaining).timeIntervalSince(timer.due))
                    < abs(now.addingTimeInterval(left[$1].remaining).timeIntervalSince(timer.due))
            }
            if let place {
                let there = left.remove(at: place)
                (timer.seconds, timer.due) = (
                    there.seconds, there.isPaused ? .distantFuture : now.addingTimeInterval(there.remaining)
                )
                kept.append(timer)
            } else if timer.due.timeIntervalSince(now) < Self.tolerance {
                let name = timer.name.map { "\($0) timer" } ?? "timer of \(Wording.duration(timer.seconds))"
                said.append("Your \(name) is up.")
            }
        }
        timers = kept
        let next = kept.map { $0.due.timeIntervalSince(now) }.filter { $0 < 1e9 }.min()
        return (said, next)
    }
}
