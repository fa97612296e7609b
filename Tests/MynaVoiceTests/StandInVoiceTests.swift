import MynaStages
import MynaVoice
import Synchronization
import Testing

/// Keeps what a voice says.
private final class Heard: Sendable {
    private let frames = Mutex<[AudioFrame]>([])

    func take(_ frame: AudioFrame) { frames.withLock { $0.append(frame) } }
    var all: [AudioFrame] { frames.withLock { $0 } }
    var samples: [Float] { all.flatMap(\.samples) }
}

extension [Float] {
    fileprivate var rootMeanSquare: Double { (reduce(0) { $0 + Double($1 * $1) } / Double(Swift.max(1, count))).squareRoot() }
}

private func spoken(_ text: String, by voice: StandInVoice) async throws -> Heard {
    let heard = Heard()
    try await voice.speak(text) { heard.take($0) }
    return heard
}

@Suite struct StandInVoiceTests {
    @Test("a sentence is sound in pieces of at most 100 ms, of a plausible length and loudness")
    func sentence() async throws {
        let heard = try await spoken("The kitchen light is on now.", by: StandInVoice())
        #expect(heard.all.allSatisfy { $0.sampleRate == 22050 && $0.duration <= .milliseconds(100) && !$0.samples.isEmpty })
        #expect((1...4).contains(Double(heard.samples.count) / 22050))
        #expect(heard.samples.contains { abs($0) > 0.05 } && heard.samples.allSatisfy { abs($0) <= 1 })
    }

    @Test("the same words take the same time and loudness, whoever spoke between")
    func repeatable() async throws {
        let voice = try StandInVoice()
        let first = try await spoken("Good morning.", by: voice)
        _ = try await spoken("Something else.", by: StandInVoice(voice: "en-gb+f3", wordsPerMinute: 220, pitch: 70))
        let second = try await spoken("Good morning.", by: voice)
        // The library carries the phase of its oscillators, its random numbers and the pauses of the last rate over: 50 ms or
        // so may come or go. The other voice's rate would take a quarter of the time away.
        #expect(abs(first.samples.count - second.samples.count) < first.samples.count / 8)
        #expect(abs(first.samples.rootMeanSquare / second.samples.rootMeanSquare - 1) < 0.1)
    }

    @Test("a faster voice takes less time")
    func rate() async throws {
        let slow = try await spoken("One two three four five.", by: StandInVoice(wordsPerMinute: 100))
        let fast = try await spoken("One two three four five.", by: StandInVoice(wordsPerMinute: 300))
        #expect(Double(fast.samples.count) < 0.6 * Double(slow.samples.count))
    }

    @Test("nothing to say is no sound", arguments: ["", "  \n\t ", "\u{1}\u{0}\u{7}"])
    func nothing(text: String) async throws {
        #expect(try await spoken(text, by: StandInVoice()).all.isEmpty)
    }

    @Test("control characters, marks and other scripts are no commands and no harm")
    func oddText() async throws {
        let plain = try await spoken("hello there", by: StandInVoice())
        let commanded = try await spoken("hello\u{1}450S there\u{0}", by: StandInVoice())
        #expect(commanded.samples.count > plain.samples.count)
        for text in [
            "<speak><break time='900s'/></speak>", "[[h@'loU]]", "🙂 ñ 漢字 \u{202e}abc", String(repeating: "x", count: 3000),
        ] {
            #expect(try await !spoken(text, by: StandInVoice()).samples.isEmpty)
        }
    }

    @Test("a text of 100 kB begins to sound at once and stops when the listener does")
    func longText() async throws {
        let voice = try StandInVoice()
        let heard = Heard()
        struct Enough: Error {}
        await #expect(throws: Enough.self) {
            try await voice.speak(String(repeating: "all the lights are off ", count: 4500)) { frame in
                heard.take(frame)
                if heard.all.count == 30 { throw Enough() }
            }
        }
        #expect(heard.all.count == 30)
    }

    @Test("cancelling the task stops the voice")
    func cancellation() async throws {
        let voice = try StandInVoice()
        let heard = Heard()
        let task = Task {
            try await voice.speak(String(repeating: "This goes on for ever. ", count: 1000)) { frame in
                heard.take(frame)
                if heard.all.count == 5 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(heard.all.count == 5)
        #expect(try await !spoken("And on again.", by: voice).samples.isEmpty)
    }

    @Test("two voices at once do not mix")
    func together() async throws {
        let alone = try await spoken("Turn left at the lights.", by: StandInVoice(voice: "en-us")).samples.count
        let counts = try await withThrowingTaskGroup(of: (Bool, Int).self) { group in
            for i in 0..<6 {
                group.addTask {
                    let us = i % 2 == 0
                    let voice = try StandInVoice(voice: us ? "en-us" : "en-gb+f3", wordsPerMinute: us ? 165 : 250)
                    return (us, try await spoken("Turn left at the lights.", by: voice).samples.count)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (us, count) in counts { #expect((abs(count - alone) < alone / 50) == us) }
    }

    @Test("an unknown voice, a wild setting and an endless text are refused by name")
    func refused() async throws {
        await #expect(throws: VoiceError.noVoice(name: "klingon-9")) {
            _ = try await spoken("hello", by: StandInVoice(voice: "klingon-9"))
        }
        #expect(throws: VoiceError.badSetting(name: "rate", value: 9000, allowed: 80...450)) {
            try StandInVoice(wordsPerMinute: 9000)
        }
        #expect(throws: VoiceError.badSetting(name: "pitch", value: -1, allowed: 0...99)) { try StandInVoice(pitch: -1) }
        await #expect(throws: VoiceError.textTooLong(characters: 1_000_001, limit: 1_000_000)) {
            _ = try await spoken(String(repeating: "a", count: 1_000_001), by: StandInVoice())
        }
    }
}
