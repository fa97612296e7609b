public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// How a convolution's weight is kept: as it is, or as length times direction (Salimans & Kingma 2016).
enum ConvolutionWeight {
    case plain(Tensor)
    /// `parametrizations.weight.original0` (length of each first-axis row) and `original1` (direction).
    case normalised(length: Tensor, direction: Tensor)

    init(_ weights: Weights, _ shape: [Int], normalised: Bool, bound: Double) {
        guard normalised else {
            self = .plain(weights.tensor("weight", shape, .uniform(bound)))
            return
        }
        let place = weights / "parametrizations" / "weight"
        let direction = place.tensor("original1", shape, .uniform(bound))
        let lengths = [shape[0]] + shape.dropFirst().map { _ in 1 }
        let length = place.tensor("original0", lengths, .ones)
        if weights.store.isNew { _ = withoutGradients { length.copy_(Self.norm(direction)) } }
        self = .normalised(length: length, direction: direction)
    }

    var value: Tensor {
        switch self {
        case .plain(let weight): weight
        case .normalised(let length, let direction): direction * (length / Self.norm(direction))
        }
    }

    private static func norm(_ direction: Tensor) -> Tensor {
        direction.vectorNorm(2, dim: Array(1..<direction.rank), keepdim: true)
    }
}

/// A convolution over time: `[B, I, T]` to `[B, O, T′]`.
///
/// A causal one is padded on the left by `dilation (K − 1) + 1 − stride` and gives `⌊T / stride⌋` frames; fed in
/// pieces through ``step(_:_:)`` with one state it gives the same as fed whole.
public struct Conv1d {
    /// The inputs that later outputs still need.
    public struct State {
        var pending: Tensor  // [B, I, fewer than span + stride]
    }

    let weight: ConvolutionWeight  // [O, I / groups, K]
    let bias: Tensor?  // [O]
    let (inputs, outputs): (Int, Int)
    let (stride, padding, dilation, groups): (Int, Int, Int, Int)
    let causal: Bool
    private let span: Int

    /// Reads `weight` (or its weight-norm parametrization) and `bias`.
    ///
    /// - Parameter padding: on both sides; a causal convolution has its own.
    public init(
        _ weights: Weights, from inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1, bias: Bool = true, causal: Bool = false, weightNorm: Bool = false
    ) {
        span = dilation * (kernel - 1) + 1
        precondition(inputs % groups == 0 && outputs % groups == 0, "\(groups) groups of \(inputs) and \(outputs) channels")
        precondition(!causal || (padding == 0 && span >= stride), "a causal convolution pads itself and skips no input")
        let bound = 1 / sqrt(Double(inputs / groups * kernel))
        weight = ConvolutionWeight(weights, [outputs, inputs / groups, kernel], normalised: weightNorm, bound: bound)
        self.bias = bias ? weights.tensor("bias", [outputs], .uniform(bound)) : nil
        (self.inputs, self.outputs, self.stride, self.padding) = (inputs, outputs, stride, padding)
        (self.dilation, self.groups, self.causal) = (dilation, groups, causal)
    }

    /// [B, inputs, T] to [B, outputs, T']; the program stops at another shape.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        precondition(x.rank == 3 && x.size(1) == inputs, "expected [B, \(inputs), T], got \(x.shape)")
        return convolved(causal ? x.constantPad([span - stride, 0]) : x, padding: padding)
    }

    /// The state of `batch` streams before their first frame.
    public func initialState(batch: Int) -> State {
        precondition(causal, "only a causal convolution streams")
        return State(pending: .zeros([batch, inputs, span - stride], like: bias ?? weight.value))
    }

    /// The outputs that are complete with these inputs; there may be none.
    public func step(_ x: Tensor, _ state: inout State) -> Tensor {
        let signal = Tensor.concatenated([state.pending, x], 2)
        let length = signal.size(2)
        let count = length < span ? 0 : (length - span) / stride + 1
        state.pending = signal.sliced(2, count * stride)
        guard count > 0 else { return .zeros([x.size(0), outputs, 0], like: x) }
        return convolved(signal.prefix((count - 1) * stride + span, axis: 2), padding: 0)
    }

    private func convolved(_ x: Tensor, padding: Int) -> Tensor {
        x.conv1d(weight: weight.value, bias: bias, stride: [stride], padding: [padding], dilation: [dilation], groups: groups)
    }
}

/// A transposed convolution over time: `[B, I, T]` to `[B, O, T′]`.
///
/// A causal one drops the last `K − stride` frames, gives `T · stride`, and streams as ``Conv1d`` does.
public struct ConvTranspose1d {
    /// What earlier inputs add to the frames to come, without bias.
    public struct State {
        var overlap: Tensor  // [B, O, K − stride]
    }

    let weight: ConvolutionWeight  // [I, O / groups, K]
    let bias: Tensor?  // [O]
    let (inputs, outputs): (Int, Int)
    let (kernel, stride, padding, outputPadding, groups): (Int, Int, Int, Int, Int)
    let causal: Bool

    /// Reads `weight` (or its weight-norm parametrization) and `bias`.
    public init(
        _ weights: Weights, from inputs: Int, to outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
        outputPadding: Int = 0, groups: Int = 1, bias: Bool = true, causal: Bool = false, weightNorm: Bool = false
    ) {
        precondition(
            !causal || (padding == 0 && outputPadding == 0 && kernel >= stride), "a causal one trims itself and leaves no gaps")
        let bound = 1 / sqrt(Double(outputs / groups * kernel))
        weight = ConvolutionWeight(weights, [inputs, outputs / groups, kernel], normalised: weightNorm, bound: bound)
        self.bias = bias ? weights.tensor("bias", [outputs], .uniform(bound)) : nil
        (self.inputs, self.outputs, self.kernel, self.stride) = (inputs, outputs, kernel, stride)
        (self.padding, self.outputPadding, self.groups, self.causal) = (padding, outputPadding, groups, causal)
    }

    /// [B, inputs, T] to [B, outputs, T']; the program stops at another shape.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        precondition(x.rank == 3 && x.size(1) == inputs, "expected [B, \(inputs), T], got \(x.shape)")
        let y = x.convTranspose1d(
            weight: weight.value, bias: bias, stride: [stride], padding: [padding], outputPadding: [outputPadding], groups: groups
        )
        return causal ? y.prefix(x.size(2) * stride, axis: 2) : y
    }

    /// The state of `batch` streams before their first frame.
    public func initialState(batch: Int) -> State {
        precondition(causal, "only a causal convolution streams")
        return State(overlap: .zeros([batch, outputs, kernel - stride], like: bias ?? weight.value))
    }

    /// `stride` frames for each frame of `x`.
    public func step(_ x: Tensor, _ state: inout State) -> Tensor {
        let frames = x.size(2)
        guard frames > 0 else { return .zeros([x.size(0), outputs, 0], like: x) }
        let y = x.convTranspose1d(weight: weight.value, stride: [stride], groups: groups)
        let sum = y + state.overlap.constantPad([0, frames * stride])
        state.overlap = sum.sliced(2, frames * stride)
        let ready = sum.prefix(frames * stride, axis: 2)
        return bias.map { ready + $0.unsqueeze(1) } ?? ready
    }
}

/// A convolution over height and width: `[B, I, H, W]` to `[B, O, H′, W′]`.
public struct Conv2d {
    let weight: ConvolutionWeight  // [O, I / groups, K, L]
    let bias: Tensor?  // [O]
    let (stride, padding, dilation, groups): ([Int], [Int], [Int], Int)

    /// Reads `weight` (or its weight-norm parametrization) and `bias`; pairs are height then width.
    public init(
        _ weights: Weights, from inputs: Int, to outputs: Int, kernel: [Int], stride: [Int] = [1, 1], padding: [Int] = [0, 0],
        dilation: [Int] = [1, 1], groups: Int = 1, bias: Bool = true, weightNorm: Bool = false
    ) {
        precondition(kernel.count == 2, "a kernel has height and width, not \(kernel)")
        let bound = 1 / sqrt(Double(inputs / groups * kernel[0] * kernel[1]))
        weight = ConvolutionWeight(weights, [outputs, inputs / groups] + kernel, normalised: weightNorm, bound: bound)
        self.bias = bias ? weights.tensor("bias", [outputs], .uniform(bound)) : nil
        (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    }

    /// [B, inputs, H, W] to [B, outputs, H', W']; the program stops at another shape.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.conv2d(weight: weight.value, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
}
