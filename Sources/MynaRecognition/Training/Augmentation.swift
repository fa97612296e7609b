internal import Foundation

/// Changes made to log-mel frames so that no utterance is heard twice alike.
///
/// All work on natural-log power, `frames × bins` floats in rows.
struct Augmentation {
    let bins: Int
    /// Recorded noise, each `frames × bins`.
    let noises: [[Float]]

    /// How strongly each change is applied; `nil` for clean data such as dev.
    struct Strength: Sendable {
        var noiseShare = 0.35
        var snr: ClosedRange<Float> = 3...30  // dB
        var stretch: ClosedRange<Float> = 0.88...1.12
        var warp: ClosedRange<Float> = 0.92...1.08
        var gain: ClosedRange<Float> = -14...8  // dB
        var tilt: ClosedRange<Float> = -1.5...1.5
        var frequencyMasks = 2
        var frequencyMaskWidth = 16
        var timeMaskShare = 0.05
        var timeMasks = 3
    }

    /// Silence before and after, in frames, made of the utterance's own noise floor.
    struct Padding { var before: Int, after: Int }

    func apply<R: RandomNumberGenerator>(
        _ input: [Float], _ strength: Strength, _ padding: Padding, using random: inout R
    ) -> [Float] {
        var x = warped(
            input, stretch: .random(in: strength.stretch, using: &random), warp: .random(in: strength.warp, using: &random))
        x = padded(x, padding, using: &random)
        let frames = x.count / bins
        let decibel = Float(log(10.0) / 10)
        let gain = Float.random(in: strength.gain, using: &random) * decibel
        let tilt = Float.random(in: strength.tilt, using: &random)
        let colour = (0..<bins).map { gain + tilt * (Float($0) / Float(bins - 1) - 0.5) * 2 }
        for f in 0..<frames { for b in 0..<bins { x[f * bins + b] += colour[b] } }
        if Double.random(in: 0..<1, using: &random) < strength.noiseShare {
            addNoise(&x, snr: .random(in: strength.snr, using: &random) * decibel, using: &random)
        }
        mask(&x, strength, using: &random)
        return x
    }

    /// Resamples time and shifts bands, linearly: one reading of the input for both.
    private func warped(_ input: [Float], stretch: Float, warp: Float) -> [Float] {
        let count = input.count / bins
        guard count > 1 else { return input }
        let frames = max(2, Int(Float(count) * stretch))
        // Below the knee bands scale by `warp`; above it they run linearly to the top, so nothing falls outside.
        let knee = Float(bins) * 0.8
        let places = (0..<bins).map { b -> (Int, Float) in
            let x = Float(b)
            let y = x <= knee ? x * warp : knee * warp + (x - knee) * (Float(bins - 1) - knee * warp) / (Float(bins - 1) - knee)
            let low = min(max(Int(y), 0), bins - 2)
            return (low, min(max(y - Float(low), 0), 1))
        }
        return [Float](unsafeUninitializedCapacity: frames * bins) { out, size in
            input.withUnsafeBufferPointer { x in
                let ratio = Float(count - 1) / Float(frames - 1)
                for f in 0..<frames {
                    let t = Float(f) * ratio
                    let low = min(Int(t), count - 2)
                    let share = t - Float(low)
                    let (a, b) = (low * bins, (low + 1) * bins)
                    for (bin, place) in places.enumerated() {
                        let p = x[a + place.0] + (x[a + place.0 + 1] - x[a + place.0]) * place.1
                        let q = x[b + place.0] + (x[b + place.0 + 1] - x[b + place.0]) * place.1
                        out[f * bins + bin] = p + (q - p) * share
                    }
                }
            }
            size = frames * bins
        }
    }

    private func padded<R: RandomNumberGenerator>(_ x: [Float], _ padding: Padding, using random: inout R) -> [Float] {
        guard padding.before + padding.after > 0 else { return x }
        let frames = x.count / bins
        // The quietest tenth of the frames, by their mean, is the floor.
        let means = (0..<frames).map { f -> Float in
            var sum: Float = 0
            for b in 0..<bins { sum += x[f * bins + b] }
            return sum
        }
        let quiet = means.indices.sorted { means[$0] < means[$1] }.prefix(max(1, frames / 10))
        var out: [Float] = []
        out.reserveCapacity(x.count + (padding.before + padding.after) * bins)
        func silence(_ count: Int) {
            for _ in 0..<count {
                let f = quiet[quiet.startIndex + Int.random(in: 0..<quiet.count, using: &random)]
                for b in 0..<bins { out.append(x[f * bins + b] + Float.random(in: -0.6...0.6, using: &random)) }
            }
        }
        silence(padding.before)
        out += x
        silence(padding.after)
        return out
    }

    private func addNoise<R: RandomNumberGenerator>(_ x: inout [Float], snr: Float, using random: inout R) {
        let frames = x.count / bins
        func level(_ y: UnsafeBufferPointer<Float>, _ from: Int, _ count: Int) -> Float {
            var top = -Float.infinity
            for i in from * bins..<(from + count) * bins { top = max(top, y[i]) }
            var sum: Float = 0
            for i in from * bins..<(from + count) * bins { sum += expf(y[i] - top) }
            return top + logf(sum / Float(count))
        }
        let noise: [Float]
        var start = 0
        if let recorded = noises.randomElement(using: &random), Double.random(in: 0..<1, using: &random) < 0.7 {
            noise = recorded
            start = Int.random(in: 0..<recorded.count / bins, using: &random)
        } else {
            // Steady noise of a random smooth colour.
            let slope = Float.random(in: -4...1, using: &random)
            let bump = Float.random(in: 0...1, using: &random)
            noise = (0..<32).flatMap { _ in
                (0..<bins).map { b in
                    let y = Float(b) / Float(bins - 1)
                    return slope * y + 1.5 * cosf(6 * (y - bump)) + Float.random(in: -0.9...0.9, using: &random)
                }
            }
        }
        let available = noise.count / bins
        noise.withUnsafeBufferPointer { n in
            x.withUnsafeMutableBufferPointer { y in
                let shift = level(UnsafeBufferPointer(y), 0, frames) - snr - level(n, 0, available)
                for f in 0..<frames {
                    let g = (start + f) % available * bins
                    for b in 0..<bins {
                        let (p, q) = (y[f * bins + b], n[g + b] + shift)
                        y[f * bins + b] = p > q ? p + log1pf(expf(q - p)) : q + log1pf(expf(p - q))
                    }
                }
            }
        }
    }

    private func mask<R: RandomNumberGenerator>(_ x: inout [Float], _ strength: Strength, using random: inout R) {
        let frames = x.count / bins
        guard frames > 8 else { return }
        let mean = x.reduce(0, +) / Float(x.count)
        for _ in 0..<strength.frequencyMasks {
            let width = Int.random(in: 0...strength.frequencyMaskWidth, using: &random)
            let low = Int.random(in: 0...bins - width, using: &random)
            for f in 0..<frames { for b in low..<low + width { x[f * bins + b] = mean } }
        }
        for _ in 0..<strength.timeMasks {
            let width = Int.random(in: 0...max(1, Int(Double(frames) * strength.timeMaskShare)), using: &random)
            let low = Int.random(in: 0...frames - width, using: &random)
            for i in low * bins..<(low + width) * bins { x[i] = mean }
        }
    }
}
