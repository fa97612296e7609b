import MynaDevices
import MynaStages
import MynaTestSupport
import Testing

/// A loudspeaker and a microphone in a room: what is played comes back later, softer and spread out.
private struct Room {
    /// Speech-like: noise whose loudness changes as syllables do.
    static func speech(seconds: Double, seed: UInt64) -> [Float] {
        var random = SeededRandom(seed: seed)
        var samples: [Float] = []
        var last: Float = 0
        while samples.count < Int(seconds * 16_000) {
            let level = Bool.random(using: &random) ? Float.random(in: 0.05...0.3, using: &random) : 0.001
            for _ in 0..<Int.random(in: 1_000...4_000, using: &random) {
                last = 0.7 * last + 0.3 * Float.random(in: -1...1, using: &random)
                samples.append(level * last)
            }
        }
        return Array(samples.prefix(Int(seconds * 16_000)))
    }

    /// The echo of `played`, `delay` samples later, with reflections over 60 ms.
    static func echo(of played: [Float], delay: Int, seed: UInt64) -> [Float] {
        var random = SeededRandom(seed: seed)
        var taps: [(later: Int, gain: Float)] = [(0, 0.5)]
        for _ in 0..<25 {
            let later = Int.random(in: 20...960, using: &random)
            taps.append((later, Float.random(in: -0.2...0.2, using: &random) * (1 - Float(later) / 1_000)))
        }
        return played.indices.map { index in
            taps.reduce(Float(0)) { sum, tap in
                let place = index - delay - tap.later
                return place >= 0 ? sum + tap.gain * played[place] : sum
            }
        }
    }

    static func power(_ samples: some Collection<Float>) -> Float { samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count) }
}

@Suite struct EchoTests {
    @Test(arguments: [0, 1_600, 4_000, 6_400])
    func `an echo is found and taken away at any delay up to 400 ms, and speech over it stays`(delay: Int) throws {
        let played = Room.speech(seconds: 12, seed: 1)
        let echo = Room.echo(of: played, delay: delay, seed: 2)
        let canceller = try EchoCanceller()
        let clean = try canceller.clean(echo, played: played)
        // The last four seconds, when it has settled: ten decibels at least.
        #expect(Room.power(clean.suffix(64_000)) < Room.power(echo.suffix(64_000)) / 10)
        #expect(abs((canceller.delayInPieces ?? -100) - delay / 160) <= 4)

        // Speech of somebody else alone passes.
        let speech = Room.speech(seconds: 3, seed: 3)
        let heard = try canceller.clean(speech, played: [Float](repeating: 0, count: speech.count))
        #expect(Room.power(heard.suffix(32_000)) > Room.power(speech.suffix(32_000)) / 2)
    }

    @Test func `what is left of an echo is silenced once its loudness is known, and louder speech over it passes`() throws {
        let played = Room.speech(seconds: 16, seed: 6)
        // A room that the canceller cannot follow: the echo changes from second to second.
        var echo: [Float] = []
        for second in 0..<16 {
            let whole = Room.echo(of: played, delay: 1_600, seed: UInt64(second))
            echo += whole[second * 16_000..<(second + 1) * 16_000]
        }
        let speech = Room.speech(seconds: 4, seed: 7).map { 4 * $0 }
        let heard = echo.indices.map { echo[$0] + ($0 >= 192_000 ? speech[$0 - 192_000] : 0) }
        let canceller = try EchoCanceller()
        let clean = try canceller.clean(heard, played: played)
        let alone = clean[80_000..<192_000], over = clean[192_000...]
        #expect(Room.power(alone) < Room.power(echo[80_000..<192_000]) / 300)
        #expect(Room.power(over) > Room.power(speech) / 10)
    }

    @Test func `frames are cleaned however they come, and drift between the devices only leaves something out`() async throws {
        let played = Room.speech(seconds: 8, seed: 4)
        let echo = Room.echo(of: played, delay: 800, seed: 5)
        let (near, far) = (SampleRing(capacity: 200_000), SampleRing(capacity: 200_000))
        echo.withUnsafeBufferPointer { near.write($0) }
        // The loudspeaker was on for half a second before the microphone was.
        [Float](repeating: 0, count: 8_000).withUnsafeBufferPointer { far.write($0) }
        played.withUnsafeBufferPointer { far.write($0) }
        let frames = EchoCancelledFrames(
            RingFrames(near, sampleRate: 16_000, lasting: .milliseconds(20), end: { .finished }), played: far,
            canceller: try EchoCanceller())
        var clean: [Float] = []
        for try await frame in frames { clean += frame.samples }
        #expect(clean.count == echo.count)
        #expect(clean.allSatisfy { $0.isFinite })
    }

    @Test func `what is no number is refused with its place before it spoils the canceller, and what is too loud is clipped`()
        throws
    {
        let canceller = try EchoCanceller()
        let quiet = [Float](repeating: 0, count: 320)
        _ = try canceller.clean(quiet, played: quiet)
        for bad in [Float.nan, .infinity] {
            var broken = quiet
            broken[80] = bad
            #expect(throws: EchoError.notFinite(atSecond: 0.025)) { try canceller.clean(broken, played: quiet) }
            #expect(throws: EchoError.notFinite(atSecond: 0.025)) { try canceller.clean(quiet, played: broken) }
        }
        let loud = try canceller.clean((0..<16_000).map { $0 % 40 < 20 ? 50 : -50 }, played: [Float](repeating: 0, count: 16_000))
        #expect(loud.allSatisfy { $0.isFinite && abs($0) <= 1.5 })
    }

    @Test func `a held speaker plays silence and keeps what waits, a stopped one throws it away and tells what was heard`() {
        let output = SpeakerOutput(sampleRate: 1_000)
        func write(_ samples: [Float]) { samples.withUnsafeBufferPointer { output.waiting.write($0) } }
        func fill(_ count: Int) -> [Float] {
            var room = [Float](repeating: 9, count: count)
            room.withUnsafeMutableBufferPointer { output.fill($0) }
            return room
        }
        write([1, 2, 3, 4, 5])
        #expect(fill(2) == [1, 2])
        output.hold()
        #expect(fill(2) == [0, 0])
        output.goOn()
        #expect(fill(2) == [3, 4])
        output.stop()
        #expect(!output.hasStopped && output.stopCount == 1)
        #expect(fill(3) == [0, 0, 0])
        #expect(output.hasStopped && output.waiting.count == 0)
        #expect(output.takePlayedCount() == 4 && output.takePlayedCount() == 0)
        // What was played is kept for the canceller, silence too.
        #expect(output.played.read(100) == [1, 2, 0, 0, 3, 4, 0, 0, 0])
    }
}
