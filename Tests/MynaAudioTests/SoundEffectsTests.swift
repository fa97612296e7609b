import Foundation
import Testing

@testable import MynaAudio

/// A vowel: pulses at `pitch` through three resonances.
private func vowel(_ seconds: Double, pitch: Double) -> [Float] {
    let count = Int(seconds * 16000)
    var out = [Float](repeating: 0, count: count)
    var phase = 0.0
    for i in 0..<count {
        phase += pitch / 16000
        if phase >= 1 {
            phase -= 1
            out[i] = 1
        }
    }
    for formant in [700.0, 1200, 2600] {
        let r = 0.97
        let c = Float(2 * r * cos(2 * Double.pi * formant / 16000))
        var y1: Float = 0
        var y2: Float = 0
        for i in 0..<count {
            let y = out[i] * 0.1 + c * y1 - Float(r * r) * y2
            y2 = y1
            y1 = y
            out[i] = y
        }
    }
    let peak = out.map(abs).max() ?? 1
    return out.map { 0.5 * $0 / peak }
}

/// Energy in decibels between two frequencies.
private func band(_ samples: [Float], _ low: Double, _ high: Double) -> Double {
    let transform = FourierTransform(count: 8192)
    var re = Array(samples[2000..<2000 + 8192])
    for i in re.indices { re[i] *= Float(0.5 - 0.5 * cos(2 * Double.pi * Double(i) / 8192)) }
    var im = [Float](repeating: 0, count: 8192)
    transform.forward(&re, &im)
    let bins = Int(low * 8192 / 16000)...Int(high * 8192 / 16000)
    return 10 * log10(bins.reduce(1e-12) { $0 + Double(re[$1] * re[$1] + im[$1] * im[$1]) })
}

@Suite struct SoundEffectsTests {
    @Test("convolution by transform equals the sum of its definition", arguments: [1, 7, 200])
    func convolution(length: Int) {
        var random = FactoryRandom(seed: 3, stream: UInt64(length))
        let signal = (0..<1500).map { _ in Float(random.gaussian()) }
        let response = (0..<length).map { _ in Float(random.gaussian()) }
        let fast = FourierTransform(count: 512).convolve(signal, response)
        #expect(fast.count == signal.count)
        for i in stride(from: 0, to: signal.count, by: 13) {
            var sum: Float = 0
            for k in 0..<min(length, i + 1) { sum += response[k] * signal[i - k] }
            #expect(abs(sum - fast[i]) < 1e-3)
        }
    }

    @Test("stretching changes the length and keeps pitch and loudness", arguments: [0.83, 1.2])
    func stretch(factor: Double) {
        let sound = tone(32000, frequency: 200)
        let out = SoundEffects.stretched(sound, by: factor)
        #expect(abs(Double(out.count) - 32000 * factor) < 800)
        let middle = Array(out[4000..<20000])
        let crossings = zip(middle, middle.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(crossings - 200) <= 4)
        #expect(abs(middle.rootMeanSquare / sound.rootMeanSquare - 1) < 0.1)
    }

    @Test("the vocoder keeps the vowel and moves the pitch")
    func vocoder() {
        let sound = vowel(1.5, pitch: 120)
        let melody = Vocoder.melody(sound).filter { $0 > 0 }.sorted()
        #expect(melody.count > 250 && abs(melody[melody.count / 2] - 120) < 4)
        var random = FactoryRandom(seed: 1, stream: 2)
        let moved = Vocoder.resynthesised(sound, .moved(1.4), &random)
        #expect(moved.count == sound.count)
        let after = Vocoder.melody(moved).filter { $0 > 0 }.sorted()
        #expect(after.count > 200)
        #expect(abs(after[after.count / 2] - 168) < 8)
        for (low, high) in [(500.0, 900.0), (1000, 1400), (2400, 2800)] {
            #expect(abs(band(moved, low, high) - band(sound, low, high)) < 5)
        }
        #expect(band(moved, 0, 60) < band(moved, 500, 900) - 20)
        let whispered = Vocoder.resynthesised(sound, .whisper, &random)
        #expect(Vocoder.melody(whispered).count { $0 > 0 } < 60)
    }

    @Test("the longest silence inside is found, and not those at the ends")
    func silence() throws {
        let quiet = { (n: Int) in [Float](repeating: 0.0001, count: n) }
        let sound = quiet(8000) + tone(8000) + quiet(1600) + tone(4000) + quiet(4800) + tone(4000) + quiet(9000)
        let found = try #require(SoundEffects.longestSilence(sound, rate: 16000, atLeast: 0.06))
        #expect(abs(found.lowerBound - 21600) < 200 && abs(found.upperBound - 26400) < 200)
        #expect(SoundEffects.longestSilence(tone(16000), rate: 16000, atLeast: 0.06) == nil)
        let trimmed = try #require(SoundEffects.trimmed(sound, rate: 16000))
        #expect(abs(trimmed.count - (22400 + 640)) < 300)
        #expect(SoundEffects.trimmed([0, 0, 0], rate: 16000) == nil)
    }

    @Test("rooms start with the direct sound, die away, and keep the energy")
    func rooms() {
        let rooms = Rooms(count: 12, recorded: [[0, 0, 0.5, 0.2]], sampleRate: 16000, seed: 1)
        #expect(rooms.responses.count == 13)
        #expect(rooms.responses == Rooms(count: 12, recorded: [[0, 0, 0.5, 0.2]], sampleRate: 16000, seed: 1).responses)
        for response in rooms.responses {
            let energy = response.reduce(0) { $0 + Double($1 * $1) }
            #expect(abs(energy - 1) < 1e-3 && response[0] != 0)
            if response.count > 3200 {
                let early = response.prefix(1600).reduce(0) { $0 + Double($1 * $1) }
                #expect(early > 0.5)
            }
        }
    }

    @Test("a telephone keeps the middle and loses the ends")
    func telephone() {
        var random = FactoryRandom(seed: 5, stream: 1)
        var noise = (0..<16000).map { _ in Float(random.gaussian() * 0.1) }
        let before = noise
        SoundEffects.telephone(&noise, &random)
        #expect(abs(band(noise, 600, 2500) - band(before, 600, 2500)) < 3)
        #expect(band(noise, 5000, 7500) < band(before, 5000, 7500) - 20)
        #expect(band(noise, 20, 80) < band(before, 20, 80) - 15)
    }
}
