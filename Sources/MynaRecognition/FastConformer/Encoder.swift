// Cache-aware FastConformer (Rekesh et al. 2023; Noroozi et al. 2023, arXiv 2312.17279).
// Reference: transformers 5.23 `NemotronAsrStreamingEncoder`. B batch, T frames of 80 ms, M mel frames of 10 ms,
// D hidden size, H heads, K keys (cached and own). What differs: the subsampling runs channels last through a kernel
// of our own; left context is counted in frames before the chunk, which is the same wherever the chunk divides it,
// and also defined where chunk lengths change from step to step.
public import Torch
internal import TorchNN
internal import Foundation

/// Three strided stages that turn eight mel frames into one frame: `[B, M, bins]` to `[B, T, D]`.
struct Subsampling {
    let stemWeight: Tensor, stemBias: Tensor
    let stages: [(weight: Tensor, bias: Tensor, mix: Tensor, mixBias: Tensor)]
    let linear: Linear

    init(_ weights: Weights, _ config: FastConformerConfig) {
        let channels = config.encoder_config.subsampling_conv_channels
        stemWeight = (weights / "conv_in").tensor("weight", [channels, 1, 3, 3], .uniform(1.0 / 3))
        stemBias = (weights / "conv_in").tensor("bias", [channels], .uniform(1.0 / 3))
        stages = (0..<2).map { index in
            let stage = weights / "layers" / index
            return (
                (stage / "depthwise_conv").tensor("weight", [channels, 1, 3, 3], .uniform(1.0 / 3)),
                (stage / "depthwise_conv").tensor("bias", [channels], .uniform(1.0 / 3)),
                (stage / "pointwise_conv").tensor("weight", [channels, channels, 1, 1], .uniform(1 / sqrt(Double(channels)))),
                (stage / "pointwise_conv").tensor("bias", [channels], .uniform(1 / sqrt(Double(channels))))
            )
        }
        linear = Linear(weights / "linear", from: channels * config.subsampledBins, to: config.encoder_config.hidden_size)
    }

    /// Draws new weights so that what the blocks read is as large as what they add (He et al. 2015).
    ///
    /// Without it the signal, which no normalisation lifts on its way through the stages, ends as a hundredth of the
    /// biases, and training stays for thousands of steps where it guesses text without hearing. Log-mels lie around
    /// −7 ± 4: the first stage takes that off.
    func drawWeights() {
        func draw(_ weight: Tensor, variance: Double) { _ = weight.copy_(.randn(weight.shape) * sqrt(variance)) }
        withoutGradients {
            draw(stemWeight, variance: 2.0 / 9 / 16)
            _ = stemBias.copy_(stemWeight.sum([1, 2, 3]) * 7)
            for stage in stages {
                draw(stage.weight, variance: 1.0 / 9)
                draw(stage.mix, variance: 2 / Double(stage.mix.size(1)))
                _ = stage.bias.zero_()
                _ = stage.mixBias.zero_()
            }
            draw(linear.weight, variance: 2 / Double(linear.weight.size(1)))
            _ = linear.bias?.zero_()
        }
    }

    /// `lengths` are valid mel frames; beyond them every stage sees zeros.
    func callAsFunction(_ mels: Tensor, lengths: [Int]?) -> Tensor {
        var valid = lengths
        // [B, M/2, F, C]
        var x = mels.conv2dFirst(weight: stemWeight, bias: stemBias, stride: 2, paddingLeft: 2, paddingRight: 1)
        x = masked(x, &valid).relu()
        for stage in stages {
            x = x.depthwiseConv2d(weight: stage.weight, bias: stage.bias, stride: 2, paddingLeft: 2, paddingRight: 1)
            // The kernel adds up and answers in float32.
            x = x.to(stage.mix.dtype).linear(weight: stage.mix.flatten(1), bias: stage.mixBias)
            x = masked(x, &valid).relu()
        }
        // The published layout flattens channel by channel.
        return linear(x.transposed(2, 3).flatten(2))  // [B, T, D]
    }

    private func masked(_ x: Tensor, _ lengths: inout [Int]?) -> Tensor {
        guard let before = lengths else { return x }
        let after = before.map { $0 / 2 + 1 }
        lengths = after
        guard after.contains(where: { $0 < x.size(1) }) else { return x }
        let beyond = Tensor.arange(0, .init(x.size(1))).unsqueeze(0).ge(Tensor(after).unsqueeze(1))  // [B, T]
        return x.maskedFill(beyond.unsqueeze(-1).unsqueeze(-1), value: 0)
    }
}

/// Two linear layers with SiLU between.
struct FeedForward {
    let linear1: Linear, linear2: Linear

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        linear1 = Linear(weights / "linear1", from: config.hidden_size, to: config.intermediate_size, bias: config.attention_bias)
        linear2 = Linear(weights / "linear2", from: config.intermediate_size, to: config.hidden_size, bias: config.attention_bias)
    }

    func callAsFunction(_ x: Tensor, dropout: Double) -> Tensor {
        linear2(linear1(x).silu().dropout(dropout, train: dropout > 0))
    }
}

/// Attention with relative positions (Dai et al. 2019): `[B, T, D]` to `[B, T, D]`.
struct RelativeAttention {
    let query: Linear, key: Linear, value: Linear, output: Linear, position: Linear
    let biasU: Tensor, biasV: Tensor  // [H, D/H]
    let heads: Int, headWidth: Int

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        let width = config.hidden_size
        heads = config.num_attention_heads
        headWidth = width / heads
        query = Linear(weights / "q_proj", from: width, to: width, bias: config.attention_bias)
        key = Linear(weights / "k_proj", from: width, to: width, bias: config.attention_bias)
        value = Linear(weights / "v_proj", from: width, to: width, bias: config.attention_bias)
        output = Linear(weights / "o_proj", from: width, to: width, bias: config.attention_bias)
        position = Linear(weights / "relative_k_proj", from: width, to: width, bias: false)
        biasU = weights.tensor("bias_u", [heads, headWidth], .normal(0.02))
        biasV = weights.tensor("bias_v", [heads, headWidth], .normal(0.02))
    }

    /// - Parameters:
    ///   - positions: `[2 T − 1, D]`, from the farthest past to the farthest future.
    ///   - mask: additive, broadcast to `[B, H, T, T]`.
    func callAsFunction(_ x: Tensor, positions: Tensor, mask: Tensor?, dropout: Double) -> Tensor {
        let (batch, frames) = (x.size(0), x.size(1))
        func split(_ y: Tensor) -> Tensor { y.view([batch, -1, heads, headWidth]).transposed(1, 2) }  // [B, H, T, D/H]
        let q = query(x).view([batch, frames, heads, headWidth])
        let (k, v) = (split(key(x)), split(value(x)))
        let r = projectedPositions(positions)
        let content = (q + biasU).transposed(1, 2).matmul(k.transposed(-2, -1))  // [B, H, T, T]
        let relative = shifted((q + biasV).transposed(1, 2).matmul(r), keys: frames)  // [B, H, T, T]
        var scores = (content + relative) * (1 / sqrt(Double(headWidth)))
        if let mask { scores = scores + mask }
        let weights = scores.softmax(-1, dtype: .float32).to(v.dtype).dropout(dropout, train: dropout > 0)
        return output(weights.matmul(v).transposed(1, 2).flatten(2))  // [B, T, D]
    }

    /// Aligns scores over relative positions `[B, H, T, K + T − 1]` with keys: `[B, H, T, K]`.
    ///
    /// Query t of T sits at key K − T + t; the entry for key j is at position T − 1 − t + j, so each row
    /// starts one earlier than the row before: one strided view.
    func shifted(_ scores: Tensor, keys: Int) -> Tensor {
        let (batch, frames, span) = (scores.size(0), scores.size(2), scores.size(3))
        let flat = scores.contiguous()
        return flat.asStrided(
            [batch, heads, frames, keys], stride: [heads * frames * span, frames * span, span - 1, 1], storageOffset: frames - 1)
    }
}

/// Gated pointwise, causal depthwise and pointwise convolutions: `[B, T, D]` to `[B, T, D]`.
struct ConvolutionModule {
    let gateWeight: Tensor, gateBias: Tensor?
    let depthwiseWeight: Tensor, depthwiseBias: Tensor?
    let norm: LayerNorm
    let outWeight: Tensor, outBias: Tensor?
    let kernel: Int

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        let width = config.hidden_size
        kernel = config.conv_kernel_size
        let bound = 1 / sqrt(Double(width))
        func bias(_ name: String, _ count: Int, _ bound: Double) -> Tensor? {
            config.convolution_bias ? (weights / name).tensor("bias", [count], .uniform(bound)) : nil
        }
        gateWeight = (weights / "pointwise_conv1").tensor("weight", [2 * width, width, 1], .uniform(bound))
        gateBias = bias("pointwise_conv1", 2 * width, bound)
        depthwiseWeight = (weights / "depthwise_conv").tensor("weight", [width, 1, kernel], .uniform(1 / sqrt(Double(kernel))))
        depthwiseBias = bias("depthwise_conv", width, 1 / sqrt(Double(kernel)))
        norm = LayerNorm(weights / "norm", width: width)
        outWeight = (weights / "pointwise_conv2").tensor("weight", [width, width, 1], .uniform(bound))
        outBias = bias("pointwise_conv2", width, bound)
    }

    /// `beyond` marks padding, `[B, T, 1]`.
    func callAsFunction(_ x: Tensor, beyond: Tensor?) -> Tensor {
        var y = x.linear(weight: gateWeight.squeeze(-1), bias: gateBias).glu(-1)  // [B, T, D]
        if let beyond { y = y.maskedFill(beyond, value: 0) }
        return finished(y.transposed(1, 2).constantPad([kernel - 1, 0]))
    }

    /// What comes after the past is joined to the new: `[B, D, K − 1 + T]` to `[B, T, D]`.
    func finished(_ joined: Tensor) -> Tensor {
        let y = joined.conv1d(weight: depthwiseWeight, bias: depthwiseBias, groups: depthwiseWeight.size(0)).transposed(1, 2)
        return norm(y).silu().linear(weight: outWeight.squeeze(-1), bias: outBias)
    }
}

/// One Conformer block (Gulati et al. 2020).
struct ConformerBlock {
    let feedForward1: FeedForward, feedForward2: FeedForward
    let attention: RelativeAttention
    let convolution: ConvolutionModule
    let norms: [LayerNorm]

    init(_ weights: Weights, _ config: FastConformerConfig.Encoder) {
        feedForward1 = FeedForward(weights / "feed_forward1", config)
        attention = RelativeAttention(weights / "self_attn", config)
        convolution = ConvolutionModule(weights / "conv", config)
        feedForward2 = FeedForward(weights / "feed_forward2", config)
        norms = ["norm_feed_forward1", "norm_self_att", "norm_conv", "norm_feed_forward2", "norm_out"].map {
            LayerNorm(weights / $0, width: config.hidden_size)
        }
    }

    func callAsFunction(
        _ input: Tensor, positions: Tensor, mask: Tensor?, beyond: Tensor?, dropout p: Double
    ) -> Tensor {
        func drop(_ x: Tensor) -> Tensor { x.dropout(p, train: p > 0) }
        var x = input
        x = x + drop(feedForward1(norms[0](x), dropout: p)) * 0.5
        x = x + drop(attention(norms[1](x), positions: positions, mask: mask, dropout: p))
        x = x + drop(convolution(norms[2](x), beyond: beyond))
        x = x + drop(feedForward2(norms[3](x), dropout: p)) * 0.5
        return norms[4](x)
    }
}

/// The encoder: mel frames to frames of 80 ms.
public struct FastConformerEncoder {
    public let config: FastConformerConfig.Encoder
    let subsampling: Subsampling
    let blocks: [ConformerBlock]

    init(_ weights: Weights, _ config: FastConformerConfig) {
        self.config = config.encoder_config
        subsampling = Subsampling(weights / "subsampling", config)
        blocks = (0..<config.encoder_config.num_hidden_layers).map {
            ConformerBlock(weights / "layers" / $0, config.encoder_config)
        }
    }

    /// Prepares new weights for training.
    func prepareNewWeights() { subsampling.drawWeights() }

    /// Where its weights are.
    var device: Device { subsampling.stemBias.device }
    var dtype: DType { subsampling.stemBias.dtype }

    /// Frames a chunk may look back on.
    public var leftContext: Int { config.sliding_window - 1 }

    /// Sinusoids for distances from K − 1 down to −(K − 1): `[2 K − 1, D]`.
    func positions(keys: Int, like x: Tensor) -> Tensor {
        let width = config.hidden_size
        let inverse = (Tensor.arange(0, .init(width), step: 2, dtype: .float32) * (-log(10_000.0) / Double(width))).exp()
        // [2 K − 1, D/2]
        let angles = Tensor.arange(.init(keys - 1), .init(-keys), step: -1, dtype: .float32).unsqueeze(1) * inverse
        return Tensor.stacked([angles.sin(), angles.cos()], -1).flatten(1).to(x.device).to(x.dtype)
    }

    /// Whole signals, as if streamed in the chunks that `chunks` names: `[B, M, bins]` to `[B, T, D]`.
    ///
    /// - Parameters:
    ///   - lengths: valid mel frames of each row.
    ///   - chunks: lengths of successive chunks in frames; the last is repeated as needed.
    public func callAsFunction(_ mels: Tensor, lengths: [Int], chunks: [Int], dropout: Double = 0) -> Tensor {
        withMiddle(mels, lengths: lengths, chunks: chunks, dropout: dropout).frames
    }

    /// As ``callAsFunction(_:lengths:chunks:dropout:)``, with the output of the middle block, which training also reads.
    func withMiddle(_ mels: Tensor, lengths: [Int], chunks: [Int], dropout: Double) -> (frames: Tensor, middle: Tensor) {
        var x = subsampling(mels, lengths: lengths)
        if config.scale_input { x = x * sqrt(Double(config.hidden_size)) }
        x = x.dropout(dropout, train: dropout > 0)
        let frames = x.size(1)
        let valid = lengths.map { FastConformerConfig.frames(forMels: $0) }
        let mask = chunkMask(frames: frames, chunks: chunks, valid: valid, like: x)
        let beyond: Tensor? =
            valid.allSatisfy { $0 >= frames }
            ? nil : Tensor.arange(0, .init(frames)).unsqueeze(0).ge(Tensor(valid).unsqueeze(1)).unsqueeze(-1).to(x.device)
        let positions = positions(keys: frames, like: x)
        var middle = x
        for (index, block) in blocks.enumerated() {
            x = block(x, positions: positions, mask: mask, beyond: beyond, dropout: dropout)
            if index == blocks.count / 2 { middle = x }
        }
        return (x, middle)
    }

    /// Zero where a frame sees another, very low elsewhere: `[B or 1, 1, T, T]`.
    private func chunkMask(frames: Int, chunks: [Int], valid: [Int], like x: Tensor) -> Tensor? {
        precondition(!chunks.isEmpty && chunks.allSatisfy { $0 > 0 }, "chunks of \(chunks) frames")
        var values = [Float](repeating: -1e9, count: frames * frames)
        var (start, index) = (0, 0)
        while start < frames {
            let end = min(frames, start + chunks[min(index, chunks.count - 1)])
            let from = max(0, start - leftContext)
            for t in start..<end {
                for j in from..<end { values[t * frames + j] = 0 }
            }
            (start, index) = (end, index + 1)
        }
        var mask = Tensor(values, [1, 1, frames, frames])
        if valid.contains(where: { $0 < frames }) {
            let padded = Tensor.arange(0, .init(frames)).unsqueeze(0).ge(Tensor(valid).unsqueeze(1))  // [B, T]
            mask = mask.maskedFill(padded.unsqueeze(1).unsqueeze(1), value: -1e9)  // [B, 1, T, T]
        }
        return mask.to(x.device)
    }
}
