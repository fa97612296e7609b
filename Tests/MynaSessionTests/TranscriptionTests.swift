import Foundation
import MynaSession
import MynaStages
import MynaTestSupport
import Testing

/// A recogniser that hears one word in each second that is not silent, and reports it as that second ends.
private struct CountingRecognizer: SpeechRecognizer {
    let opened = Collected<Int>()

    func expect(_ sentences: [String]) async {}

    func listen() async throws -> any ListeningStream {
        opened.add(1)
        return Stream()
    }

    func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream { try await listen() }

    private actor Stream: ListeningStream {
        private var seconds = 0.0
        private var words: [Word] = []
        private var text: String { words.map(\.word).joined(separator: " ") }

        func hear(_ frame: AudioFrame) -> [Event] {
            seconds += frame.duration / .seconds(1)
            guard frame.samples[0] != 0 else { return [] }
            words.append(Word(word: "w\(Int(frame.samples[0]))", start: seconds - 1, end: seconds, confidence: 1))
            return [Event(time: seconds, .wordsPartial(text: text, stable: 0))]
        }

        func finish() -> [Event] { [Event(time: seconds, .wordsFinal(Transcript(text: text, words: words)))] }
    }
}

/// A frame of a second for each number; 0 is silence.
private struct Seconds: AsyncSequence, Sendable {
    let values: [Float]

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<Float>
        mutating func next() async throws -> AudioFrame? {
            rest.popFirst().map { AudioFrame(samples: [Float](repeating: $0, count: 100), sampleRate: 100) }
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(rest: values[...]) }
}

@Suite struct Transcriptions {
    @Test("a short recording is one stream, whole")
    func short() async throws {
        let recognizer = CountingRecognizer()
        let reported = Collected<Event>()
        let result = try await Transcriber(recognizer: recognizer).transcription(
            of: Seconds(values: [1, 0, 0, 2]), named: "a.wav", report: { reported.add($0) })
        #expect(result.text == "w1 w2")
        #expect(result.duration == 4)
        #expect(result.events.map(\.type) == ["words.partial", "words.partial", "words.final"])
        #expect(result.events == reported.all)
        #expect(recognizer.opened.all.count == 1)
    }

    @Test("a long recording loses no word, goes on counting its time and ends streams in pauses")
    func long() async throws {
        let recognizer = CountingRecognizer()
        // A word a second for an hour, a pause after every seventh.
        let values = (0..<3600).map { $0 % 8 == 7 ? Float(0) : Float($0) + 1 }
        let result = try await Transcriber(recognizer: recognizer).transcription(
            of: Seconds(values: values), named: "hour.wav", keepingEvents: false)
        #expect(result.words.map(\.word) == values.filter { $0 > 0 }.map { "w\(Int($0))" })
        #expect(result.words.allSatisfy { $0.start + 1 == $0.end && $0.word == "w\(Int($0.end))" })
        #expect(result.text == result.words.map(\.word).joined(separator: " "))
        #expect(result.events.isEmpty)
        // 20 s are reached in the third run of seven words, which ends at 23 s; its pause ends the stream at 24 s.
        #expect(recognizer.opened.all.count == 3600 / 24)
    }

    @Test("speech without a pause is cut at the longest utterance")
    func noPause() async throws {
        let recognizer = CountingRecognizer()
        let result = try await Transcriber(recognizer: recognizer).transcription(
            of: Seconds(values: [Float](repeating: 1, count: 150)), named: "talk.wav")
        #expect(result.words.count == 150)
        #expect(recognizer.opened.all.count == 3)
    }

    @Test("what no stream heard is no text and no rate")
    func nothing() async throws {
        let recognizer = CountingRecognizer()
        let result = try await Transcriber(recognizer: recognizer).transcription(of: Seconds(values: []), named: "none")
        #expect(result.text.isEmpty && result.duration == 0 && result.rtf == 0)
        #expect(recognizer.opened.all.isEmpty)
    }

    @Test("the rate counts the recogniser's work by the sound")
    func rate() async throws {
        let clock = ManualClock(sleepsPassTime: true)
        let recognizer = ScriptedRecognizer(final: Transcript(text: "", words: [])) {
            try await clock.sleep(for: .milliseconds(100))
        }
        let result = try await Transcriber(recognizer: recognizer, clock: clock).transcription(
            of: Seconds(values: [0, 0, 0]), named: "silence")
        #expect(abs(result.rtf - 0.4 / 3) < 1e-12)
    }
}

@Suite struct Lines {
    @Test(
        "each event has its line",
        arguments: [
            (Event(time: 0.5, .wordsPartial(text: "turn on", stable: 4)), "  0.50 s  hears      turn on …"),
            (Event(time: 12.345, .wordsFinal(Transcript(text: "", words: []))), " 12.35 s  heard      nothing"),
            (Event(time: 1, .endDecided(reason: "token")), "  1.00 s  end        by token"),
            (
                Event(time: 1, .understood([Intent("turn_on", ["target": "lamp", "place": "hall"])])),
                "  1.00 s  understood turn_on place=\"hall\" target=\"lamp\""
            ),
            (
                Event(
                    time: 1, .callStarted(name: "light.turn_on", arguments: ["entity_id": "light.hall", "brightness_pct": 20])),
                "  1.00 s  calls      light.turn_on brightness_pct=20 entity_id=light.hall"
            ),
            (
                Event(
                    time: 1,
                    .homeChanged(
                        entity: "light.hall", before: EntityState(state: "off", attributes: ["color": "red"]),
                        after: EntityState(state: "on", attributes: ["color": "red", "brightness_pct": 20.5]))),
                "  1.00 s  home       light.hall: off → on, brightness_pct none → 20.5"
            ),
            (Event(time: 1, .turnFinished), "  1.00 s  done"),
        ])
    func lines(event: Event, line: String) {
        #expect(event.line == line)
    }
}
