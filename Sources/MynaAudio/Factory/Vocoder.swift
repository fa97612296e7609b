internal import Foundation

/// Takes speech apart into throat and voice by linear prediction, and puts it together with another voice.
///
/// This is how statistical synthesisers and old telephones sound, which no engine of the training voices does.
struct Vocoder {
    /// What drives the throat.
    enum Voice {
        /// The speaker's own melody, moved by a factor.
        case moved(Double)
        /// One pitch in hertz.
        case monotone(Double)
        case whisper
    }

    static func draw(_ random: inout FactoryRandom) -> Voice {
        switch random.pick([(0, 7.0), (1, 1), (2, 1.5)]) {
        case 0: .moved(exp(random.uniform(log(0.7)...log(1.5))))
        case 1: .monotone(random.uniform(85...220))
        default: .whisper
        }
    }

    private static let order = 20
    private static let hop = 80
    private static let window = 400

    /// `samples` at 16 kHz, spoken with `voice`; as long as they were.
    static func resynthesised(_ samples: [Float], _ voice: Voice, _ random: inout FactoryRandom) -> [Float] {
        if samples.count < 2 * window { return samples }
        let fade = (0..<window).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(window))) }
        // Rough voices mix breath into the pulses.
        let breath = Float(random.uniform(0.05...0.4))
        var out = [Float](repeating: 0, count: samples.count)
        var memory = [Float](repeating: 0, count: order)
        var phase = 0.0
        var gain: Float = 0
        var start = 0
        var emphasised = samples
        for i in stride(from: emphasised.count - 1, to: 0, by: -1) { emphasised[i] -= 0.95 * emphasised[i - 1] }
        let pitches = melody(samples)
        while start < samples.count {
            let from = max(0, min(samples.count - window, start + hop / 2 - window / 2))
            let (coefficients, residual) = prediction(emphasised, from, fade)
            let target = residual.squareRoot()
            let own = pitches[min(pitches.count - 1, start / hop)]
            let pitch: Double =
                switch voice {
                case .moved(let factor): own * factor
                case .monotone(let hertz): own > 0 ? hertz : 0
                case .whisper: 0
                }
            for i in start..<min(start + hop, samples.count) {
                gain += (target - gain) * 0.03
                var drive = Float(random.gaussian())
                if pitch > 0 {
                    drive *= breath
                    phase += pitch / 16000
                    if phase >= 1 {
                        phase -= 1
                        drive += Float((16000 / pitch).squareRoot())
                    }
                }
                var y = drive * gain
                for k in 0..<order { y -= coefficients[k] * memory[k] }
                for k in stride(from: order - 1, to: 0, by: -1) { memory[k] = memory[k - 1] }
                memory[0] = max(-8, min(8, y))
                out[i] = memory[0]
            }
            start += hop
        }
        for i in 1..<out.count { out[i] += 0.95 * out[i - 1] }
        // Pulses all point one way, which speech does not: without this most of the energy would lie near 0 Hz.
        for _ in 0..<2 { SoundEffects.Biquad.highPass(70, rate: 16000).apply(&out) }
        let wanted = SoundEffects.loudness(samples)
        let got = SoundEffects.loudness(out)
        return got > 0 ? out.map { $0 * Float(wanted / got) } : samples
    }

    /// The predictor's coefficients and the mean square it leaves, by autocorrelation and Levinson's recursion.
    private static func prediction(_ x: [Float], _ from: Int, _ fade: [Float]) -> ([Float], Float) {
        var frame = [Float](repeating: 0, count: window)
        for i in 0..<window { frame[i] = x[from + i] * fade[i] }
        var r = [Float](repeating: 0, count: order + 1)
        frame.withUnsafeBufferPointer { frame in
            for lag in 0...order {
                var sum: Float = 0
                for i in lag..<window { sum += frame[i] * frame[i - lag] }
                // A lag window widens the formants a little and keeps the filter stable.
                r[lag] = sum * Float(exp(-0.5 * pow(2 * Double.pi * 40 * Double(lag) / 16000, 2)))
            }
        }
        r[0] = r[0] * 1.0001 + 1e-7
        var a = [Float](repeating: 0, count: order)
        var error = r[0]
        for i in 0..<order {
            var k = -r[i + 1]
            for j in 0..<i { k -= a[j] * r[i - j] }
            k /= error
            var next = a
            next[i] = k
            for j in 0..<i { next[j] = a[j] + k * a[i - 1 - j] }
            a = next
            error *= 1 - k * k
        }
        // The window's energy is 0.375 of its length.
        return (a, max(0, error) / (0.375 * Float(window)))
    }

    /// The pitch in hertz every 5 ms, 0 where there is none: the peak of the autocorrelation at 4 kHz.
    static func melody(_ samples: [Float]) -> [Double] {
        var low = [Float](repeating: 0, count: samples.count / 4)
        for i in low.indices {
            var sum: Float = 0
            for j in 0..<4 { sum += samples[4 * i + j] }
            low[i] = sum / 4
        }
        let length = 120
        let lags = 10...66  // 400 to 60 Hz
        let loud = low.reduce(0) { max($0, abs($1)) } * 0.03
        var pitches: [Double] = []
        var start = 0
        while start < samples.count {
            let from = start / 4 - length / 2
            start += hop
            guard from >= 0, from + length + lags.upperBound < low.count else {
                pitches.append(0)
                continue
            }
            var energy: Float = 1e-9
            var peak: Float = 0
            for i in from..<from + length {
                energy += low[i] * low[i]
                peak = max(peak, abs(low[i]))
            }
            var matches = [Float](repeating: 0, count: lags.upperBound + 2)
            for lag in lags {
                var sum: Float = 0
                var other: Float = 1e-9
                for i in from..<from + length {
                    sum += low[i] * low[i + lag]
                    other += low[i + lag] * low[i + lag]
                }
                matches[lag] = sum / (energy * other).squareRoot()
            }
            // Twice the period fits as well as the period: the first good peak is the pitch, not the best.
            let best = matches.max() ?? 0
            let lag = lags.first { matches[$0] > 0.8 * best && matches[$0] >= matches[$0 - 1] && matches[$0] >= matches[$0 + 1] }
            pitches.append(lag.map { best > 0.5 && peak > loud ? 4000 / Double($0) : 0 } ?? 0)
        }
        return pitches
    }
}
