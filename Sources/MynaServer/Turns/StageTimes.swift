internal import Synchronization

/// How long the stages of turns took, as Prometheus counts it.
final class StageTimes: Sendable {
    /// Upper bounds, in seconds.
    static let bounds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Counts {
        var buckets = Array(repeating: 0, count: bounds.count)
        var count = 0
        var sum = 0.0
    }
    private let stages = Mutex<[String: Counts]>([:])

    func add(_ turn: ServedTurn) {
        let spans = Span.all(of: turn, tellsWords: false)
        stages.withLock { stages in
            for span in spans {
                let seconds = max(0, span.end - span.start)
                var counts = stages[span.name] ?? Counts()
                for (index, bound) in Self.bounds.enumerated() where seconds <= bound { counts.buckets[index] += 1 }
                counts.count += 1
                counts.sum += seconds
                stages[span.name] = counts
            }
        }
    }

    /// Lines of `/metrics`.
    var lines: [String] {
        let name = "myna_stage_seconds"
        return ["# TYPE \(name) histogram"]
            + stages.withLock { $0 }.sorted { $0.key < $1.key }.flatMap { stage, counts in
                zip(Self.bounds, counts.buckets).map { "\(name)_bucket{stage=\"\(stage)\",le=\"\($0)\"} \($1)" } + [
                    "\(name)_bucket{stage=\"\(stage)\",le=\"+Inf\"} \(counts.count)",
                    "\(name)_sum{stage=\"\(stage)\"} \(counts.sum)", "\(name)_count{stage=\"\(stage)\"} \(counts.count)",
                ]
            }
    }
}
