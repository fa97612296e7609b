internal import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Turns each pair of a head's dimensions by an angle that grows with the position (Su et al. 2021).
///
/// The pairs are dimension i and i + D/2, as in the published Llama checkpoints.
struct Rotary {
    private let frequencies: Tensor  // [D / 2], radians per position

    init(_ config: RotaryConfig, headDim: Int, device: Device) {
        let frequencies: [Float] = (0..<headDim / 2).map { index in
            let exponent = Float(2 * index) / Float(headDim)
            return Self.stretched(1 / pow(Float(config.theta), exponent), by: config.stretch)
        }
        self.frequencies = Tensor(frequencies).to(device)
    }

    /// Slow frequencies are divided by the factor, fast ones kept, those between blended.
    private static func stretched(_ frequency: Float, by stretch: RotaryConfig.Stretch?) -> Float {
        guard let stretch else { return frequency }
        let wavelength = 2 * Float.pi / frequency
        let original = Float(stretch.originalMaxPositionEmbeddings)
        let (low, high) = (Float(stretch.lowFreqFactor), Float(stretch.highFreqFactor))
        if wavelength > original / low { return frequency / Float(stretch.factor) }
        if wavelength < original / high { return frequency }
        let share = (original / wavelength - low) / (high - low)
        return (1 - share) * frequency / Float(stretch.factor) + share * frequency
    }

    /// Cosines and sines of positions `start ..< start + count`, each `[T, D]`.
    func angles(from start: Int, count: Int, dtype: DType) -> (cos: Tensor, sin: Tensor) {
        let positions = Tensor.arange(.integer(start), .integer(start + count), dtype: .float32, device: frequencies.device)
        let half = positions.outer(frequencies)  // [T, D / 2]
        let whole = Tensor.concatenated([half, half], -1)  // [T, D]
        return (whole.cos().to(dtype), whole.sin().to(dtype))
    }

    /// `x` is `[B, H, T, D]`.
    static func turn(_ x: Tensor, _ angles: (cos: Tensor, sin: Tensor)) -> Tensor {
        let halves = x.chunk(2, dim: -1)
        return x * angles.cos + Tensor.concatenated([-halves[1], halves[0]], -1) * angles.sin
    }
}
