public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// `y = x Wᵀ + b` over the last axis: `[…, I]` to `[…, O]`.
public struct Linear {
    public let weight: Tensor  // [O, I]
    public let bias: Tensor?  // [O]

    /// New weights are as `initial` says, otherwise uniform within ±1/√I; a new bias is uniform within ±1/√I.
    public init(
        _ weights: Weights, from inputs: Int, to outputs: Int, bias: Bool = true, initial: ParameterStore.Initial? = nil
    ) {
        let bound = 1 / sqrt(Double(inputs))
        weight = weights.tensor("weight", [outputs, inputs], initial ?? .uniform(bound))
        self.bias = bias ? weights.tensor("bias", [outputs], .uniform(bound)) : nil
    }

    /// Over tensors that are there.
    public init(weight: Tensor, bias: Tensor?) { (self.weight, self.bias) = (weight, bias) }

    /// […, inputs] to […, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight, bias: bias) }
}

/// A table of vectors: `[…]` int64 to `[…, D]`.
public struct Embedding {
    public let weight: Tensor  // [N, D]

    /// Reads `weight` [count, width]; new ones are normal with this standard deviation.
    public init(_ weights: Weights, count: Int, width: Int, deviation: Double = 0.02) {
        weight = weights.tensor("weight", [count, width], .normal(deviation))
    }

    /// int64 numbers of any shape to their rows: […] to […, width].
    public func callAsFunction(_ ids: Tensor) -> Tensor { weight.embedding(indices: ids) }
}

/// Layer normalisation (Ba et al. 2016) over the last axis.
public struct LayerNorm {
    public let weight: Tensor  // [D]
    public let bias: Tensor  // [D]
    public let epsilon: Double

    /// Reads `weight` and `bias`, both [width].
    public init(_ weights: Weights, width: Int, epsilon: Double = 1e-5) {
        weight = weights.tensor("weight", [width], .ones)
        bias = weights.tensor("bias", [width], .zeros)
        self.epsilon = epsilon
    }

    /// Normalises the last dimension: […, width] to the same.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm([weight.size(0)], weight: weight, bias: bias, eps: epsilon)
    }
}

/// Root-mean-square normalisation (Zhang & Sennrich 2019) over the last axis.
public struct RMSNorm {
    public let weight: Tensor  // [D]
    public let epsilon: Double

    /// Reads `weight` [width].
    public init(_ weights: Weights, width: Int, epsilon: Double = 1e-6) {
        weight = weights.tensor("weight", [width], .ones)
        self.epsilon = epsilon
    }

    /// Computed in float32 and given back in the dtype of `x`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        if x.dtype == weight.dtype, x.dtype == .float32 { return x.rmsNorm([weight.size(0)], weight: weight, eps: epsilon) }
        let wide = x.to(.float32)
        let scale = (wide.square().mean([-1], keepdim: true) + epsilon).rsqrt()
        return weight * (wide * scale).to(x.dtype)
    }

    /// The same where nothing is learnt through it: bfloat16 on the CPU then takes one pass.
    public func inferred(_ x: Tensor) -> Tensor {
        guard x.dtype == .bfloat16, weight.dtype == .bfloat16, x.device.isCPU else { return self(x) }
        return x.rmsNormBFloat16(weight: weight, epsilon: epsilon)
    }
}
