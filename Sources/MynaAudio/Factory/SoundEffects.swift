internal import Foundation

/// What happens to clean sound on its way to a microphone and through it; all at 16 kHz.
enum SoundEffects {
    /// A second-order filter, coefficients as in the Audio EQ Cookbook (R. Bristow-Johnson).
    struct Biquad {
        var b0: Double, b1: Double, b2: Double, a1: Double, a2: Double

        static func lowPass(_ frequency: Double, rate: Double, q: Double = 0.7071) -> Biquad {
            let w = 2 * Double.pi * frequency / rate
            let alpha = sin(w) / (2 * q)
            let c = cos(w)
            let a0 = 1 + alpha
            return Biquad(b0: (1 - c) / 2 / a0, b1: (1 - c) / a0, b2: (1 - c) / 2 / a0, a1: -2 * c / a0, a2: (1 - alpha) / a0)
        }

        static func highPass(_ frequency: Double, rate: Double, q: Double = 0.7071) -> Biquad {
            let w = 2 * Double.pi * frequency / rate
            let alpha = sin(w) / (2 * q)
            let c = cos(w)
            let a0 = 1 + alpha
            return Biquad(b0: (1 + c) / 2 / a0, b1: -(1 + c) / a0, b2: (1 + c) / 2 / a0, a1: -2 * c / a0, a2: (1 - alpha) / a0)
        }

        static func peak(_ frequency: Double, decibels: Double, rate: Double, q: Double) -> Biquad {
            let w = 2 * Double.pi * frequency / rate
            let alpha = sin(w) / (2 * q)
            let c = cos(w)
            let a = pow(10, decibels / 40)
            let a0 = 1 + alpha / a
            return Biquad(
                b0: (1 + alpha * a) / a0, b1: -2 * c / a0, b2: (1 - alpha * a) / a0, a1: -2 * c / a0, a2: (1 - alpha / a) / a0)
        }

        func apply(_ samples: inout [Float]) {
            var x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0
            samples.withUnsafeMutableBufferPointer { samples in
                for i in samples.indices {
                    let x = Double(samples[i])
                    let y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
                    x2 = x1
                    x1 = x
                    y2 = y1
                    y1 = y
                    samples[i] = Float(y)
                }
            }
        }
    }

    /// Random colour of a microphone: a tilt and two bumps.
    static func equalise(_ samples: inout [Float], _ random: inout FactoryRandom) {
        let tilt = Float(random.uniform(-0.5...0.5))
        var before: Float = 0
        for i in samples.indices {
            let x = samples[i]
            samples[i] = x - tilt * before
            before = x
        }
        for _ in 0..<2 {
            let frequency = exp(random.uniform(log(120)...log(6500)))
            Biquad.peak(frequency, decibels: random.uniform(-7...7), rate: 16000, q: random.uniform(0.5...1.5)).apply(&samples)
        }
    }

    /// A telephone: 300 to 3400 Hz and µ-law.
    static func telephone(_ samples: inout [Float], _ random: inout FactoryRandom) {
        let high = Biquad.highPass(random.uniform(200...320), rate: 16000)
        let low = Biquad.lowPass(random.uniform(3200...3600), rate: 16000, q: 0.8)
        for filter in [high, high, low, low, low] { filter.apply(&samples) }
        let peak = max(1e-6, samples.reduce(0) { max($0, abs($1)) })
        let mu: Float = 255
        for i in samples.indices {
            let x = samples[i] / peak
            let coded = (log(1 + mu * abs(x)) / log(1 + mu) * 127).rounded() / 127
            samples[i] = (x < 0 ? -1 : 1) * (pow(1 + mu, coded) - 1) / mu * peak
        }
    }

    /// Root of the mean square over what is not silence.
    static func loudness(_ samples: [Float]) -> Double {
        let frame = 320
        var powers: [Double] = []
        var start = 0
        while start + frame <= samples.count {
            var sum = 0.0
            for i in start..<start + frame { sum += Double(samples[i] * samples[i]) }
            powers.append(sum / Double(frame))
            start += frame
        }
        guard let top = powers.max(), top > 0 else { return 0 }
        let loud = powers.filter { $0 > top * 1e-3 }
        return (loud.reduce(0, +) / Double(loud.count)).squareRoot()
    }

    /// The part between the first and the last sound, with up to 20 ms around it; nil where there is none.
    static func trimmed(_ samples: [Float], rate: Int) -> [Float]? {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        guard peak > 1e-4, let first = samples.firstIndex(where: { abs($0) > peak * 0.01 }),
            let last = samples.lastIndex(where: { abs($0) > peak * 0.01 })
        else { return nil }
        let margin = rate / 50
        return Array(samples[max(0, first - margin)...min(samples.count - 1, last + margin)])
    }

    /// The longest silence inside, at least `seconds` long.
    static func longestSilence(_ samples: [Float], rate: Int, atLeast seconds: Double) -> Range<Int>? {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        let threshold = peak * 0.012
        var best = 0..<0
        var start = 0
        var silent = false
        // A stray click does not end a silence: two loud samples in 5 ms do.
        let window = rate / 200
        var i = 0
        while i + window <= samples.count {
            var loud = 0
            for j in i..<i + window where abs(samples[j]) > threshold { loud += 1 }
            if loud <= 1 {
                if !silent {
                    silent = true
                    start = i
                }
            } else if silent {
                silent = false
                if i - start > best.count, start > 0 { best = start..<i }
            }
            i += window
        }
        return Double(best.count) >= seconds * Double(rate) ? best : nil
    }

    /// Noise whose spectrum falls by a drawn slope, with mains hum at times; loudness 1.
    static func colouredNoise(_ count: Int, _ random: inout FactoryRandom) -> [Float] {
        let poles = [0, 0.6, 0.9, 0.97, 0.995].map { pole in (pole, random.uniform(0...1)) }
        let chosen = random.pick(poles.map { ($0.0, $0.1 + 0.2) })
        var noise = [Float](repeating: 0, count: count)
        var low = 0.0
        let mix = random.uniform(0.02...0.3)
        for i in 0..<count {
            let white = random.gaussian()
            low = chosen * low + (1 - chosen) * white
            noise[i] = Float(low + mix * (1 - chosen).squareRoot() * white)
        }
        let level = max(1e-9, (noise.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, count))).squareRoot())
        var out = noise.map { $0 / Float(level) }
        if random.chance(0.15) {
            let hum = random.pick([50.0, 60.0])
            let strength = random.uniform(0.2...1)
            for i in 0..<count {
                let t = Double(i) / 16000
                out[i] += Float(
                    strength * (sin(2 * .pi * hum * t) + 0.5 * sin(2 * .pi * 2 * hum * t) + 0.3 * sin(2 * .pi * 3 * hum * t)))
            }
        }
        return out
    }

    /// `count` samples of a recording from a drawn place on, going round at its end.
    static func excerpt(_ recording: [Float], _ count: Int, _ random: inout FactoryRandom) -> [Float] {
        let start = random.index(recording.count)
        return (0..<count).map { recording[(start + $0) % recording.count] }
    }

    /// Changes the duration by `factor` and keeps the pitch: overlap-add of pieces that fit each other (WSOLA).
    static func stretched(_ samples: [Float], by factor: Double) -> [Float] {
        let window = 512
        let hop = 256
        let search = 160
        if samples.count < 4 * window || abs(factor - 1) < 0.01 { return samples }
        let total = Int(Double(samples.count) * factor)
        var out = [Float](repeating: 0, count: total + window)
        let fade = (0..<window).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(window))) }
        var target = 0
        var previous = 0
        samples.withUnsafeBufferPointer { x in
            while target + window < total {
                let wanted = Int(Double(target) / factor)
                var place = min(max(0, wanted), x.count - window)
                if target > 0 {
                    // The natural continuation of the last piece; the next one should look like it.
                    let follow = previous + hop
                    var best = -Float.infinity
                    let low = max(0, wanted - search)
                    let high = min(x.count - window, wanted + search)
                    if follow + window <= x.count, low <= high {
                        var candidate = low
                        while candidate <= high {
                            var sum: Float = 0
                            var i = 0
                            while i < window {
                                sum += x[follow + i] * x[candidate + i]
                                i += 4
                            }
                            if sum > best {
                                best = sum
                                place = candidate
                            }
                            candidate += 2
                        }
                    }
                }
                for i in 0..<window { out[target + i] += x[place + i] * fade[i] }
                previous = place
                target += hop
            }
        }
        out.removeLast(out.count - min(out.count, target))
        return out
    }
}
