import Foundation
import MynaEngine
import MynaRecognition
import MynaStages

/// Streams of speech that come as people talk: pieces of 80 ms, each stream at a phase of its own.
struct StreamLoad {
    /// What a run of so many streams gave.
    struct Report: Encodable {
        var streams: Int
        /// Chunks heard, all streams together.
        var chunks: Int
        /// From when the sound that completes a chunk came until its words were known, in milliseconds.
        var latency_ms: Percentiles
        /// Share of the time that the model's thread was busy.
        var busy: Double
        var frames_per_step: Double
    }

    struct Percentiles: Encodable {
        var p50: Double, p90: Double, p99: Double, max: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            func at(_ share: Double) -> Double {
                sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
            }
            (p50, p90, p99, max) = (at(0.5), at(0.9), at(0.99), sorted.last ?? 0)
        }
    }

    static let rate = 16_000
    static let piece = 1280
    let recognizer: StreamingRecognizer
    let sounds: [[Float]]
    /// Frames of 80 ms in a chunk.
    let chunk: Int

    /// Holds `count` streams for `seconds` after one second of warming up.
    func run(_ count: Int, seconds: Double) async throws -> Report {
        let before = await recognizer.metrics
        let start = ContinuousClock.now + .milliseconds(100)
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for index in 0..<count {
                group.addTask {
                    // Phases spread evenly and out of order: the golden ratio's multiples.
                    let phase = Double(chunk) * 0.08 * (Double(index) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
                    return try await stream(
                        sounds[index % sounds.count], at: 4801 * index, from: start + .seconds(phase),
                        seconds: seconds + 1)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let after = await recognizer.metrics
        let steps = after.steps.values.reduce(0, +) - before.steps.values.reduce(0, +)
        return Report(
            streams: count, chunks: latencies.count, latency_ms: Percentiles(latencies.map { $0 * 1000 }),
            busy: (after.busySeconds - before.busySeconds) / elapsed,
            frames_per_step: Double(after.frames - before.frames) / Double(max(1, steps)))
    }

    /// One stream's latencies in seconds.
    private func stream(
        _ sound: [Float], at offset: Int, from start: ContinuousClock.Instant, seconds: Double
    ) async throws -> [Double] {
        let stream = try await recognizer.listen()
        var latencies: [Double] = []
        var position = offset % sound.count
        var fed = 0
        while Double(fed) / Double(Self.rate) < seconds {
            var samples: [Float] = []
            while samples.count < Self.piece {
                let end = min(sound.count, position + Self.piece - samples.count)
                samples += sound[position..<end]
                position = end == sound.count ? 0 : end
            }
            let before = chunks(fed)
            fed += Self.piece
            let due = start + .seconds(Double(fed) / Double(Self.rate))
            try await Task.sleep(until: due, clock: .continuous)
            _ = try await stream.hear(AudioFrame(samples: samples, sampleRate: Self.rate))
            if chunks(fed) > before, Double(fed) / Double(Self.rate) > 1 {
                latencies.append((ContinuousClock.now - due) / .seconds(1))
            }
        }
        _ = try await stream.finish()
        return latencies
    }

    /// Chunks that so many samples complete: a frame of 80 ms needs 256 samples beyond its first.
    private func chunks(_ samples: Int) -> Int { samples < 256 ? 0 : ((samples - 256) / Self.piece + 1) / chunk }
}
