internal import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Turns each pair of a head's dimensions by an angle that grows with the position (Su et al. 2021).
///
/// The pairs are dimension i and i + D/2, as in the published checkpoints. Frequencies are computed in the reference's
/// order of float32 operations, so that long texts turn by the same angles.
struct Rotary {
    private let config: RotaryConfig
    private let headDim: Int
    private let device: Device
    private let frequencies: Tensor  // [D / 2], radians per position
    /// What cosines and sines are multiplied by.
    private let attentionScale: Double

    init(_ config: RotaryConfig, headDim: Int, device: Device) {
        (self.config, self.headDim, self.device) = (config, headDim, device)
        let plain = Self.frequencies(theta: config.theta, headDim: headDim)
        var attentionScale = 1.0
        let scaled: [Float]
        switch config.scaling {
        case .default, .dynamic: scaled = plain
        case .linear(let factor): scaled = plain.map { $0 / Float(factor) }
        case .llama3(let stretch): scaled = plain.map { Self.stretched($0, by: stretch) }
        case .yarn(let yarn):
            scaled = Self.blended(theta: config.theta, headDim: headDim, yarn)
            attentionScale = Self.attentionScale(yarn)
        }
        self.attentionScale = attentionScale
        frequencies = Tensor(scaled).to(device)
    }

    private static func frequencies(theta: Double, headDim: Int) -> [Float] {
        (0..<headDim / 2).map { 1 / pow(Float(theta), Float(2 * $0) / Float(headDim)) }
    }

    /// Slow frequencies are divided by the factor, fast ones kept, those between blended.
    private static func stretched(_ frequency: Float, by stretch: RotaryConfig.Stretch) -> Float {
        let wavelength = 2 * Float.pi / frequency
        let original = Float(stretch.originalMaxPositionEmbeddings)
        let (low, high) = (Float(stretch.lowFreqFactor), Float(stretch.highFreqFactor))
        if wavelength > original / low { return frequency / Float(stretch.factor) }
        if wavelength < original / high { return frequency }
        let share = (original / wavelength - low) / (high - low)
        return (1 - share) * frequency / Float(stretch.factor) + share * frequency
    }

    /// YaRN: dimensions that turn often within the original length keep their frequency, those that turn seldom are
    /// divided by the factor, with a ramp between.
    private static func blended(theta: Double, headDim: Int, _ yarn: RotaryConfig.Yarn) -> [Float] {
        /// The dimension that turns `rotations` times within the original length.
        func dimension(_ rotations: Double) -> Double {
            Double(headDim) * log(Double(yarn.originalMaxPositionEmbeddings) / (rotations * 2 * Double.pi)) / (2 * log(theta))
        }
        var (low, high) = (dimension(yarn.betaFast), dimension(yarn.betaSlow))
        if yarn.truncates { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        (low, high) = (max(low, 0), min(high, Double(headDim - 1)))
        if low == high { high += 0.001 }
        return (0..<headDim / 2).map { index in
            let wavelength = pow(Float(theta), Float(2 * index) / Float(headDim))
            let kept = 1 - min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
            return 1 / (Float(yarn.factor) * wavelength) * (1 - kept) + 1 / wavelength * kept
        }
    }

    private static func attentionScale(_ yarn: RotaryConfig.Yarn) -> Double {
        func scale(_ mscale: Double) -> Double { yarn.factor <= 1 ? 1 : 0.1 * mscale * log(yarn.factor) + 1 }
        if let given = yarn.attentionFactor { return given }
        // A zero counts as absent in the reference.
        if let some = yarn.mscale, let all = yarn.mscaleAllDim, some != 0, all != 0 { return scale(some) / scale(all) }
        return scale(1)
    }

    /// The frequencies of a text of `length` tokens so far.
    private func frequencies(length: Int) -> Tensor {
        guard case .dynamic(let factor, let positions) = config.scaling, length > positions else { return frequencies }
        let growth = factor * Double(length) / Double(positions) - (factor - 1)
        let theta = config.theta * pow(growth, Double(headDim) / Double(headDim - 2))
        return Tensor(Self.frequencies(theta: theta, headDim: headDim)).to(device)
    }

    /// Cosines and sines of positions `start ..< start + count`, each `[T, D]`.
    func angles(from start: Int, count: Int, dtype: DType) -> (cos: Tensor, sin: Tensor) {
        let positions = Tensor.arange(.integer(start), .integer(start + count), dtype: .float32, device: device)
        return angles(positions.outer(frequencies(length: start + count)), dtype)
    }

    /// Cosines and sines of one position for each row, each `[B, 1, 1, D]`.
    func angles(at positions: [Int], dtype: DType) -> (cos: Tensor, sin: Tensor) {
        let products: Tensor
        if case .dynamic(_, let trained) = config.scaling, positions.contains(where: { $0 >= trained }) {
            products = .stacked(positions.map { frequencies(length: $0 + 1) * Double($0) }, 0)
        } else {
            products = Tensor(positions.map(Float.init)).to(device).outer(frequencies)
        }
        let (cos, sin) = angles(products, dtype)  // [B, D]
        return (cos.unsqueeze(1).unsqueeze(1), sin.unsqueeze(1).unsqueeze(1))
    }

    private func angles(_ half: Tensor, _ dtype: DType) -> (cos: Tensor, sin: Tensor) {
        let whole = Tensor.concatenated([half, half], -1)
        let (cos, sin) = (whole.cos(), whole.sin())
        guard attentionScale != 1 else { return (cos.to(dtype), sin.to(dtype)) }
        return ((cos * attentionScale).to(dtype), (sin * attentionScale).to(dtype))
    }

    /// `x` is `[B, H, T, D]`.
    static func turn(_ x: Tensor, _ angles: (cos: Tensor, sin: Tensor)) -> Tensor {
        let halves = x.chunk(2, dim: -1)
        return x * angles.cos + Tensor.concatenated([-halves[1], halves[0]], -1) * angles.sin
    }
}
