public import Torch

/// A linear layer and a trainable change of low rank (Hu et al. 2021): `W x + (alpha / rank) B A x`.
public struct LowRankLinear {
    public let base: Linear
    let down: Tensor  // [rank, I]
    let up: Tensor  // [O, rank]
    let scale: Double

    /// Reads `lora_A.weight` and `lora_B.weight`; new ones change nothing yet.
    public init(_ weights: Weights, around base: Linear, rank: Int, alpha: Double) {
        self.base = base
        let (outputs, inputs) = (base.weight.size(0), base.weight.size(1))
        down = (weights / "lora_A").tensor("weight", [rank, inputs], .normal(1 / Double(rank)))
        up = (weights / "lora_B").tensor("weight", [outputs, rank], .zeros)
        scale = alpha / Double(rank)
    }

    /// The base layer's output plus the low-rank change: […, inputs] to […, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        base(x) + x.linear(weight: down).linear(weight: up) * scale
    }

    /// One plain layer that gives the same.
    public func merged() -> Linear {
        withoutGradients { Linear(weight: base.weight + up.matmul(down) * scale, bias: base.bias) }
    }
}

/// A linear layer whose weight is kept in eight or four bits and widened at each use.
///
/// Symmetric around zero, a scale for each run of `group` inputs: no weight is off by more than half its scale.
public struct QuantizedLinear {
    /// How many bits a weight takes.
    public enum Width: Int, Sendable { case int8 = 8, int4 = 4 }

    let packed: Tensor  // [O, I] int8, or [O, I / 2] uint8 with the earlier weight in the low half
    let scales: Tensor  // [O, I / group, 1]
    let bias: Tensor?  // [O]
    let width: Width

    /// - Parameter group: divides the inputs; all of them where left out.
    public init(_ linear: Linear, _ width: Width, group: Int? = nil) {
        let (outputs, inputs) = (linear.weight.size(0), linear.weight.size(1))
        let group = group ?? inputs
        precondition(inputs % group == 0 && (width == .int8 || inputs % 2 == 0), "groups of \(group) in \(inputs) inputs")
        let limit = width == .int8 ? 127.0 : 7
        (packed, scales) = withoutGradients {
            let rows = linear.weight.detach().view([outputs, inputs / group, group])
            let scales = (rows.abs().amax([-1], keepdim: true) / limit).clamped(min: 1e-12)
            let whole = (rows / scales).round().view([outputs, inputs])
            guard width == .int4 else { return (whole.to(.int8), scales) }
            let pairs = (whole + 8).view([outputs, inputs / 2, 2])
            return ((pairs.select(2, index: 0) + pairs.select(2, index: 1) * 16).to(.uint8), scales)
        }
        (bias, self.width) = (linear.bias, width)
    }

    /// The weight as it is used: `[O, I]`.
    public var weight: Tensor {
        var whole = packed.to(scales.dtype)
        if width == .int4 {
            let high = (whole / 16).floor()
            whole = Tensor.stacked([whole - high * 16, high], 2).flatten(1) - 8
        }
        let (outputs, groups) = (scales.size(0), scales.size(1))
        return (whole.view([outputs, groups, -1]) * scales).view([outputs, -1])
    }

    /// The most by which a weight can differ from what it was.
    public var errorBound: Double { scales.amax().item() / 2 }

    /// […, inputs] to […, outputs], in the input's type.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight, bias: bias) }
}
