import MynaAudio
import Testing

@Suite struct ResamplerTests {
    @Test(
        "pieces of any size give the samples of the whole",
        arguments: [(48000, 16000), (44100, 16000), (16000, 22050), (8000, 16000)])
    func piecesEqualWhole(from: Int, to: Int) throws {
        let sound = tone(30000, frequency: 1000, rate: from)
        let whole = try Resampler(from: from, to: to)
        let expected = whole.process(sound) + whole.finish()
        var dice = Dice(state: UInt64(from + to))
        let resampler = try Resampler(from: from, to: to)
        var joined: [Float] = []
        var start = 0
        while start < sound.count {
            let end = min(sound.count, start + Int.random(in: 1...2500, using: &dice))
            joined += resampler.process(Array(sound[start..<end]))
            start = end
        }
        joined += resampler.finish()
        #expect(joined.count == expected.count)
        #expect(zip(joined, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test("a tone keeps pitch, loudness and length", arguments: [(48000, 16000), (44100, 16000), (22050, 16000), (16000, 48000)])
    func tones(from: Int, to: Int) throws {
        let resampler = try Resampler(from: from, to: to)
        let out = resampler.process(tone(from, rate: from)) + resampler.finish()
        #expect(abs(out.count - to) <= 1)
        let expected = tone(out.count, rate: to)
        #expect(zip(out, expected).dropFirst(to / 10).dropLast(to / 10).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test("what the lower rate cannot carry is gone")
    func aliasing() throws {
        let resampler = try Resampler(from: 48000, to: 16000)
        let out = resampler.process(tone(48000, frequency: 10000, rate: 48000)) + resampler.finish()
        #expect(Array(out.dropFirst(1000).dropLast(1000)).rootMeanSquare < 1e-3)
    }

    @Test("a stream without sound ends without sound, and a foolish rate is refused")
    func edges() throws {
        let resampler = try Resampler(from: 48000, to: 16000)
        #expect(resampler.process([]).isEmpty)
        #expect(resampler.finish().isEmpty)
        #expect(throws: AudioError.unsupportedRate(from: 0, to: 16000)) { try Resampler(from: 0, to: 16000) }
        #expect(throws: AudioError.unsupportedRate(from: 16000, to: -1)) { try Resampler(from: 16000, to: -1) }
    }
}
