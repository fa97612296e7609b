import MynaStages
import Testing

@testable import MynaRecognition

@Suite struct LatencyTests {
    private func partial(_ text: String) -> [Event] { [Event(time: 0, .wordsPartial(text: text, stable: 0))] }

    private func final(_ words: [(String, Double, Double)]) -> [Event] {
        let words = words.map { Word(word: $0.0, start: $0.1, end: $0.2, confidence: 1) }
        return [Event(time: 0, .wordsFinal(Transcript(text: words.map(\.word).joined(separator: " "), words: words)))]
    }

    @Test func `work is added where it makes the next piece wait, and only there`() throws {
        var time = ListeningTime()
        time.heard(upTo: 0.5, taking: .milliseconds(100), [])  // done at 0.6
        time.heard(upTo: 1.0, taking: .milliseconds(900), partial("turn"))  // begun at 1.0, done at 1.9
        time.heard(upTo: 1.5, taking: .milliseconds(50), partial("turn of"))  // waits: done at 1.95
        time.finished(taking: .milliseconds(50), final([("turn", 0.25, 0.5), ("on", 0.75, 1.0)]))  // done at 2.0
        #expect(abs(time.working - 1.1) < 1e-9)
        #expect(abs(time.final - 0.5) < 1e-9)
        #expect(abs(try #require(time.firstPartialDelay) - 1.65) < 1e-9)
        // "turn" stood in a text when 1.0 s had been said; "on" first in the last one.
        #expect(time.wordDelays == [0.5, 0.5])
    }

    @Test func `percentiles are nearest ranks, and silence counts for the end only`() throws {
        var statistics = LatencyStatistics()
        #expect(statistics.latency == nil)
        for index in 1...100 {
            var time = ListeningTime()
            time.heard(upTo: 1, taking: .zero, index == 1 ? partial("yes") : [])
            time.finished(taking: .milliseconds(index), final(index == 1 ? [("yes", 0.2, 0.9)] : []))
            statistics.add(time)
        }
        let latency = try #require(statistics.latency)
        #expect(latency.final == .init(p50: 50, p90: 90, p99: 99))
        #expect(latency.firstPartial == 800)
        #expect(latency.algorithmicDelay == 100)
    }
}
