import MynaAudio
import Testing

struct NoiseMixingTests {
    @Test(arguments: [Float(24), 6, 0, -6])
    func theRatioIsAsAsked(decibels: Float) {
        let speech = (0..<4000).map { Float($0 % 7) - 3 }
        let noise = (0..<900).map { Float(($0 * 37) % 11) - 5 }
        let sum = mixed(speech, with: noise, from: 123, snr: decibels)
        func power(_ x: [Float]) -> Float { x.reduce(0) { $0 + $1 * $1 } / Float(x.count) }
        let added = zip(sum, speech).map { $0 - $1 }
        let ratio = power(speech) / power(added)
        let wanted: Float = [24: 251.19, 6: 3.981, 0: 1, -6: 0.2512][decibels] ?? 0
        #expect(abs(ratio / wanted - 1) < 0.02)
        #expect(abs(added[0] / noise[123] - added[5] / noise[128]) < 1e-3)
    }

    @Test func silenceStaysAsItIs() {
        #expect(mixed([0, 0, 0], with: [1, 2], snr: 6) == [0, 0, 0])
        #expect(mixed([1, 2], with: [], snr: 6) == [1, 2])
    }
}
