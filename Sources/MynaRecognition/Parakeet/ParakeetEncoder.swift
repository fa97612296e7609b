// The offline FastConformer (Rekesh et al. 2023, arXiv 2305.05084): every frame sees the whole signal.
// Reference: transformers 5.23 `ParakeetEncoder`. B batch, T frames of 80 ms, M mel frames of 10 ms, D hidden size.
// Attention, feed-forward layers and names are the streaming encoder's; paddings are symmetric here, and the
// convolution module normalises by statistics of training.
internal import Foundation
public import Torch
internal import TorchNN

/// Three strided stages that turn eight mel frames into one frame: `[B, M, bins]` to `[B, T, D]`.
struct OfflineSubsampling {
    let stemWeight: Tensor, stemBias: Tensor
    let stages: [(weight: Tensor, bias: Tensor, mix: Tensor, mixBias: Tensor)]
    let linear: Linear

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        let channels = config.subsampling_conv_channels
        // One flat list in which activations have numbers too: 0, then 2 and 3, then 5 and 6.
        let layers = weights / "layers"
        stemWeight = (layers / 0).tensor("weight", [channels, 1, 3, 3], .uniform(1.0 / 3))
        stemBias = (layers / 0).tensor("bias", [channels], .uniform(1.0 / 3))
        let bound = 1 / sqrt(Double(channels))
        func stage(_ index: Int) -> (weight: Tensor, bias: Tensor, mix: Tensor, mixBias: Tensor) {
            let (depthwise, pointwise) = (layers / index, layers / (index + 1))
            return (
                depthwise.tensor("weight", [channels, 1, 3, 3], .uniform(1.0 / 3)),
                depthwise.tensor("bias", [channels], .uniform(1.0 / 3)),
                pointwise.tensor("weight", [channels, channels, 1, 1], .uniform(bound)),
                pointwise.tensor("bias", [channels], .uniform(bound))
            )
        }
        stages = [stage(2), stage(5)]
        let bins = ParakeetConfig.frames(forMels: config.num_mel_bins)
        linear = Linear(weights / "linear", from: channels * bins, to: config.hidden_size)
    }

    /// `lengths` are valid mel frames; beyond them every stage sees zeros.
    func callAsFunction(_ mels: Tensor, lengths: [Int]) -> Tensor {
        var valid = lengths
        // [B, M/2, F, C]
        var x = mels.conv2dFirst(weight: stemWeight, bias: stemBias, stride: 2, paddingLeft: 1, paddingRight: 1)
        x = masked(x, &valid).relu()
        for stage in stages {
            x = x.depthwiseConv2d(weight: stage.weight, bias: stage.bias, stride: 2, paddingLeft: 1, paddingRight: 1)
            // The kernel adds up and answers in float32.
            x = x.to(stage.mix.dtype).linear(weight: stage.mix.flatten(1), bias: stage.mixBias)
            x = masked(x, &valid).relu()
        }
        // The published layout flattens channel by channel.
        return linear(x.transposed(2, 3).flatten(2))  // [B, T, D]
    }

    private func masked(_ x: Tensor, _ lengths: inout [Int]) -> Tensor {
        lengths = lengths.map { $0 == 0 ? 0 : ($0 - 1) / 2 + 1 }
        guard lengths.contains(where: { $0 < x.size(1) }) else { return x }
        return x.maskedFill(beyond(lengths, of: x.size(1)).to(x.device).unsqueeze(-1).unsqueeze(-1), value: 0)
    }
}

/// Where rows of so many valid frames have ended: `[B, T]`.
private func beyond(_ lengths: [Int], of frames: Int) -> Tensor {
    Tensor.arange(0, .init(frames)).unsqueeze(0).ge(Tensor(lengths).unsqueeze(1))
}

/// Gated pointwise, centred depthwise and pointwise convolutions: `[B, T, D]` to `[B, T, D]`.
struct OfflineConvolutionModule {
    let gate: Conv1d, depthwise: Conv1d, norm: BatchNorm, out: Conv1d

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        let (width, kernel, bias) = (config.hidden_size, config.conv_kernel_size, config.convolution_bias)
        gate = Conv1d(weights / "pointwise_conv1", from: width, to: 2 * width, kernel: 1, bias: bias)
        depthwise = Conv1d(
            weights / "depthwise_conv", from: width, to: width, kernel: kernel, padding: (kernel - 1) / 2, groups: width,
            bias: bias)
        norm = BatchNorm(weights / "norm", channels: width)
        out = Conv1d(weights / "pointwise_conv2", from: width, to: width, kernel: 1, bias: bias)
    }

    /// - Parameter beyond: `[B, 1, T]`, where a row has ended.
    func callAsFunction(_ input: Tensor, beyond: Tensor?) -> Tensor {
        let gated = gate(input.transposed(1, 2))  // [B, 2 D, T]
        let width = gated.size(1) / 2
        var x = gated.prefix(width, axis: 1) * gated.suffix(width, axis: 1).sigmoid()
        if let beyond { x = x.maskedFill(beyond, value: 0) }
        return out(norm(depthwise(x)).silu()).transposed(1, 2)
    }
}

/// One block: half a feed-forward, attention, convolution, half a feed-forward.
struct OfflineConformerBlock {
    let feedForward1: FeedForward, feedForward2: FeedForward
    let attention: RelativeAttention
    let convolution: OfflineConvolutionModule
    let norms: [LayerNorm]

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        feedForward1 = FeedForward(weights / "feed_forward1", config)
        attention = RelativeAttention(weights / "self_attn", config)
        convolution = OfflineConvolutionModule(weights / "conv", config)
        feedForward2 = FeedForward(weights / "feed_forward2", config)
        norms = ["norm_feed_forward1", "norm_self_att", "norm_conv", "norm_feed_forward2", "norm_out"].map {
            LayerNorm(weights / $0, width: config.hidden_size)
        }
    }

    func callAsFunction(_ input: Tensor, positions: Tensor, mask: Tensor?, beyond: Tensor?) -> Tensor {
        var x = input
        x = x + feedForward1(norms[0](x), dropout: 0) * 0.5
        x = x + attention(norms[1](x), positions: positions, mask: mask, dropout: 0)
        x = x + convolution(norms[2](x), beyond: beyond)
        x = x + feedForward2(norms[3](x), dropout: 0) * 0.5
        return norms[4](x)
    }
}

/// The offline encoder: normalised mel frames to frames of 80 ms. For inference.
public struct ParakeetEncoder {
    public let config: FastConformerConfig.Encoder
    let subsampling: OfflineSubsampling
    let blocks: [OfflineConformerBlock]

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        self.config = config
        subsampling = OfflineSubsampling(weights / "subsampling", config)
        blocks = (0..<config.num_hidden_layers).map { OfflineConformerBlock(weights / "layers" / $0, config) }
    }

    /// Whole signals `[B, M, bins]` to `[B, T, D]`; frames beyond a row's end mean nothing.
    ///
    /// - Parameter lengths: valid mel frames of each row.
    public func callAsFunction(_ mels: Tensor, lengths: [Int]) -> Tensor {
        var x = subsampling(mels, lengths: lengths)
        if config.scale_input { x = x * sqrt(Double(config.hidden_size)) }
        let frames = x.size(1)
        let valid = lengths.map { ParakeetConfig.frames(forMels: $0) }
        var (mask, ended): (Tensor?, Tensor?)
        if valid.contains(where: { $0 < frames }) {
            let past = beyond(valid, of: frames).to(x.device).unsqueeze(1)  // [B, 1, T]
            ended = past
            mask = Tensor.zeros([valid.count, 1, 1, frames], like: x).maskedFill(past.unsqueeze(1), value: -1e9)
        }
        let positions = RelativePositions.table(length: frames, width: config.hidden_size).to(x.device).to(x.dtype)
        for block in blocks { x = block(x, positions: positions, mask: mask, beyond: ended) }
        return x
    }
}

/// Per-feature normalisation of the published offline checkpoints.
public enum MelNormalization {
    /// Each bin of `[M, bins]` to mean 0 and deviation 1 over the signal (unbiased; one frame keeps deviation 0).
    public static func perFeature(_ mels: Tensor) -> Tensor {
        let count = mels.size(0)
        guard count > 0 else { return mels }
        let centred = mels - mels.mean([0], keepdim: true)
        let variance = centred.square().sum([0], keepdim: true) * (1 / Double(max(1, count - 1)))
        return centred / (variance.sqrt() + 1e-5)
    }
}
