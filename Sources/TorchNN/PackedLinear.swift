public import Torch

/// How many bits the weights of a packed layer take.
public enum WeightPacking: Sendable, Equatable {
    /// Symmetric, one scale for each output.
    case int8
    /// One scale and offset for each run of `group` inputs: 32, 64, 128 or 256.
    case int4(group: Int = 64)
}

/// A linear layer for inference on the CPU whose weight stays in eight or four bits while it is multiplied.
///
/// `y = x Wᵀ + b` over the last axis, `[…, I]` to `[…, O]`, in bfloat16: libtorch's kernels for packed weights are quick
/// for no other type of activations. A few rows of `x` cost the reading of the packed weight; many rows are multiplied by
/// the weight widened to bfloat16, which holds every integer up to 256 exactly, so that both ways differ by rounding alone.
public struct PackedLinear {
    /// From so many rows on, widening the weight is quicker than the kernel for packed ones: measured on two Zen 4 cores.
    static let manyRows = 24

    /// Up to so many rows our own kernel is quicker than libtorch's, which is made for more.
    static let fewRows = 4

    let packed: Tensor  // [O, I] int8, or libtorch's own order of four bits, uint8
    let scales: Tensor  // [O], or [I / group, O, 2]: scale and offset
    let bias: Tensor?  // [O]
    let packing: WeightPacking

    /// Packs the weight of `linear`.
    ///
    /// Four bits need inputs that are a multiple of the group, and a multiple of 16 outputs.
    public init(_ linear: Linear, _ packing: WeightPacking) {
        let weight = linear.weight.detach().to(.float32)
        (packed, scales) = withoutGradients {
            switch packing {
            case .int8: Self.int8(weight)
            case .int4(let group): Self.int4(weight, group)
            }
        }
        bias = linear.bias?.detach().to(.bfloat16)
        self.packing = packing
    }

    /// Whether a weight `[outputs, inputs]` can be packed so.
    public static func takes(inputs: Int, outputs: Int, _ packing: WeightPacking) -> Bool {
        switch packing {
        case .int8: true
        case .int4(let group): [32, 64, 128, 256].contains(group) && inputs % group == 0 && outputs % 16 == 0
        }
    }

    private static func int8(_ weight: Tensor) -> (Tensor, Tensor) {
        // The scale is rounded to bfloat16 first: it is that one which multiplies.
        let scales = (weight.abs().amax([-1], keepdim: true) / 127).clamped(min: 1e-12).to(.bfloat16)  // [O, 1]
        let whole = (weight / scales.to(.float32)).round().clamped(min: -127, max: 127)
        return (whole.to(.int8), scales.squeeze(-1))
    }

    /// As libtorch unpacks it: `(q − 8) · scale + offset` with q from 0 to 15.
    private static func int4(_ weight: Tensor, _ group: Int) -> (Tensor, Tensor) {
        let (outputs, inputs) = (weight.size(0), weight.size(1))
        precondition(
            takes(inputs: inputs, outputs: outputs, .int4(group: group)), "[\(outputs), \(inputs)] in groups of \(group)")
        let rows = weight.view([outputs, inputs / group, group])
        let (low, high) = (rows.amin([-1], keepdim: true), rows.amax([-1], keepdim: true))
        let scales = ((high - low) / 15).clamped(min: 1e-12).to(.bfloat16).to(.float32)  // [O, I / group, 1]
        let offsets = (low + scales * 8).to(.bfloat16).to(.float32)
        let whole = ((rows - offsets) / scales + 8).round().clamped(min: 0, max: 15).to(.int32).view([outputs, inputs])
        let pairs = Tensor.concatenated([scales, offsets], -1).transposed(0, 1).contiguous().to(.bfloat16)  // [I / group, O, 2]
        return (whole.convertWeightToInt4packForCpu(innerKTiles: 2), pairs)
    }

    /// Whether libtorch's kernel for eight bits takes the shape: with 50 inputs and 26 outputs 2.13's reads at a null address.
    private var isRegular: Bool { packed.size(0) % 16 == 0 && packed.size(1) % 32 == 0 }

    /// The gated product of a layer whose weight is two of one size above each other: `silu(gate) · up`, `[…, I]` to `[…, O / 2]`.
    public func gated(_ x: Tensor) -> Tensor {
        let inputs = x.size(x.rank - 1)
        let rows = x.count / inputs
        if packing == .int8, bias == nil, rows <= Self.fewRows {
            return x.reshape([rows, inputs]).int8Gated(weight: packed, scales: scales).view(
                x.shape.dropLast() + [packed.size(0) / 2])
        }
        let halves = self(x).chunk(2, dim: -1)
        return halves[0].silu() * halves[1]
    }

    /// […, inputs] bfloat16 to […, outputs].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        precondition(x.dtype == .bfloat16, "packed weights multiply bfloat16, not \(x.dtype)")
        let inputs = x.size(x.rank - 1)
        let rows = x.count / inputs
        let flat = x.reshape([rows, inputs])
        var y: Tensor  // [rows, O]
        switch packing {
        case .int8 where rows <= Self.fewRows || rows < Self.manyRows && !isRegular:
            return flat.int8Linear(weight: packed, scales: scales, bias: bias).view(x.shape.dropLast() + [packed.size(0)])
        // libtorch's kernel reads a null pointer where sizes leave a rest (26 outputs of 50 inputs; 2.13).
        case .int8 where rows < Self.manyRows && inputs % 32 == 0 && packed.size(0) % 32 == 0:
            y = flat.weightInt8packMm(packed, scales: scales)
        case .int8: y = flat.linear(weight: packed.to(.bfloat16)) * scales
        case .int4(let group): y = flat.weightInt4packMmForCpu(packed, groupSize: group, scalesAndZeros: scales)
        }
        if let bias { y = y + bias }
        return y.view(x.shape.dropLast() + [y.size(1)])
    }
}
