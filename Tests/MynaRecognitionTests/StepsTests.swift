import Foundation
import MynaEngine
import MynaStages
import MynaTestSupport
import Testing
import TorchNN

@testable import MynaRecognition

/// What those who look on at a recogniser's steps are told.
@Suite struct StepsTests {
    @Test(.timeLimit(.minutes(2))) func `each step is told with whose frames ran in it, and to nobody once nobody looks on`()
        async throws
    {
        let recognizer = try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path))
        let second = AudioFrame(samples: (0..<16_000).map { 0.1 * Float($0 % 100) / 100 }, sampleRate: 16_000)
        let streams = [try await recognizer.listen(), try await recognizer.listen()]
        let numbers = streams.compactMap { $0.number }
        #expect(Set(numbers).count == 2)
        // Before anybody looks on.
        _ = try await streams[0].hear(second)
        let steps = try #require(await (recognizer as any SpeechRecognizer).steps())
        let told = Collected<EngineStep>()
        let looking = Task { for await step in steps { told.add(step) } }
        for stream in streams {
            _ = try await stream.hear(second)
            _ = try await stream.finish()
        }
        looking.cancel()
        while await recognizer.isWatched { await Task.yield() }
        let seen = told.all
        _ = try await recognizer.listen().hear(second)
        #expect(told.all == seen)
        let frames = Dictionary(seen.flatMap(\.rows).map { ($0.stream, $0.frames) }, uniquingKeysWith: +)
        #expect(Set(frames.keys) == Set(numbers) && frames.values.allSatisfy { $0 > 0 })
        #expect(seen.allSatisfy { $0.seconds >= 0 && Scheduler.Trigger(rawValue: $0.trigger) != nil && !$0.rows.isEmpty })
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.start + $0.seconds <= $1.start })
    }
}
