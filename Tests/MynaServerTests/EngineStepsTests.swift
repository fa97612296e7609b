import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

/// The feed of the engine's steps.
@Suite struct EngineStepsTests {
    let step = EngineStep(
        start: 1, seconds: 0.25, trigger: "pause", rows: [.init(stream: 3, frames: 7, waiting: 2)], streams: 2, load: 0.5)

    @Test(.timeLimit(.minutes(1))) func `steps come as events, with a beat between them, until nobody reads any more`()
        async throws
    {
        var watchers = StepWatchers()
        let left = Collected<Int>()
        let steps = watchers.add { left.add($0) }
        let ended = Flag()
        let source = StepLines(lines: StepLines.told(steps, beat: .milliseconds(5)) { ended.clear() })
        let reading = Task {
            var bytes: [UInt8] = []
            var lines = source.makeAsyncIterator()
            while let piece = try await lines.nextBuffer(suggested: 3) {
                bytes += piece
                let text = String(decoding: bytes, as: UTF8.self)
                if text.contains("data: "), text.hasSuffix(": \n\n") { return text }
            }
            return ""
        }
        watchers.tell(step)
        let text = try await reading.value
        let event = try #require(text.split(separator: "\n").first { $0.hasPrefix("data: ") })
        #expect(try JSONDecoder().decode(EngineStep.self, from: Data(event.dropFirst(6).utf8)) == step)
        try await until { !ended.isSet && left.all == [1] }
    }

    @Test func `who looks on and doesn't read loses the oldest steps, and nobody waits for it`() async {
        var watchers = StepWatchers()
        let steps = watchers.add { _ in }
        for index in 0..<1000 {
            var step = step
            step.start = Double(index)
            watchers.tell(step)
        }
        watchers.remove(1)
        #expect(watchers.isEmpty)
        var seen: [Double] = []
        for await step in steps {
            seen.append(step.start)
            if seen.count == 256 { break }
        }
        #expect(seen == (744..<1000).map(Double.init))
    }
}
