public import Torch
public import TorchNN
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// A decoder in the Llama (Touvron et al. 2023) and Qwen3 (Yang et al. 2025) layouts, equal to transformers'
// LlamaForCausalLM and Qwen3ForCausalLM 5.23.
// B batch, T tokens in this step, S tokens seen in all, E hidden size, H heads, Hkv heads of keys and values,
// D head size, F intermediate size, V vocabulary.

/// Where tokens may look.
enum AttentionMask {
    /// At themselves and what is before them.
    case causal
    /// Where the tensor `[T, S]` is true.
    case allowed(Tensor)
    /// Everywhere, with this `[T, T]` added to the scores: the plain products of training on the CPU.
    ///
    /// The backward pass of libtorch's fused attention takes ten times as long there in bfloat16: 28.7 ms against 2.8 ms
    /// for `[64, 4, 32, 64]` on one core (2026-11-23).
    case added(Tensor)

    /// The causal mask in the form that is quickest for training on texts of T tokens.
    static func training(_ x: Tensor, _ config: DecoderConfig) -> AttentionMask {
        let T = x.size(1)
        guard x.requiresGrad, x.device.isCPU, T <= 256, config.numAttentionHeads == config.numKeyValueHeads else {
            return .causal
        }
        return .added(Tensor.full([T, T], .floating(-.infinity)).triu(1))
    }
}

/// Attention with grouped queries and rotary positions.
struct DecoderAttention {
    /// Queries, keys and values side by side where they are packed.
    let inputs: Projections
    let output: Projections
    /// Of each head alone, in the Qwen3 layout.
    let queryNorm, keyNorm: RMSNorm?
    let heads: Int
    let keyValueHeads: Int
    let headDim: Int
    /// Packed weights are for inference on the CPU with activations of bfloat16.
    var isPacked: Bool { inputs.isPacked }

    init(_ weights: Weights, _ config: DecoderConfig, _ use: WeightUse) {
        (heads, keyValueHeads, headDim) = (config.numAttentionHeads, config.numKeyValueHeads, config.headDim)
        let (wide, narrow) = (heads * headDim, keyValueHeads * headDim)
        let from = Projections.Form(inputs: config.hiddenSize, bias: config.attentionBias, config.initializerRange, use)
        inputs = Projections(weights, [("q_proj", wide), ("k_proj", narrow), ("v_proj", narrow)], from)
        output = Projections(
            weights, [("o_proj", config.hiddenSize)],
            .init(inputs: wide, bias: config.attentionBias, config.initializerRange, use))
        func norm(_ name: String) -> RMSNorm? {
            config.layout == .qwen3 ? RMSNorm(weights / name, width: config.headDim, epsilon: config.rmsNormEps) : nil
        }
        (queryNorm, keyNorm) = (norm("q_norm"), norm("k_norm"))
    }

    /// Input and output `[B, T, E]`.
    func callAsFunction(
        _ x: Tensor, _ angles: (cos: Tensor, sin: Tensor), _ mask: AttentionMask, extend: (Tensor, Tensor) -> (Tensor, Tensor)
    ) -> Tensor {
        let (B, T) = (x.size(0), x.size(1))
        func split(_ x: Tensor, _ heads: Int, _ norm: RMSNorm?) -> Tensor {
            let parts = x.reshape([B, T, heads, headDim])
            return (norm.map { $0(parts) } ?? parts).transposed(1, 2)  // [B, H, T, D]
        }
        let projected = inputs(x)
        /// One pass where nothing is to be learnt: a step of one token is otherwise mostly calls.
        func turned(_ part: Tensor, _ heads: Int, _ norm: RMSNorm?) -> Tensor {
            guard isPacked else { return Rotary.turn(split(part, heads, norm), angles) }
            return part.reshape([B, T, heads, headDim]).normRotate(
                weight: norm?.weight, epsilon: norm?.epsilon ?? 0, cos: angles.cos, sin: angles.sin)
        }
        var q = turned(projected[0], heads, queryNorm)
        let (keys, v) = extend(turned(projected[1], keyValueHeads, keyNorm), split(projected[2], keyValueHeads, nil))
        // A cache may be more exact than the model, and what was turned in one pass is, too.
        let k = keys.to(v.dtype)
        q = q.to(v.dtype)
        let attended: Tensor  // [B, H, T, D]
        switch mask {
        case .causal:
            attended = q.scaledDotProductAttention(key: k, value: v, isCausal: T > 1, enableGqa: heads != keyValueHeads)
        case .allowed(let mask):
            attended = q.scaledDotProductAttention(key: k, value: v, attnMask: mask, enableGqa: heads != keyValueHeads)
        case .added(let bias):
            let scores = (q * pow(Double(headDim), -0.5)).matmul(k.transposed(-2, -1))  // [B, H, T, T]
            attended = (scores + bias.to(scores.dtype)).softmax(-1).matmul(v)
        }
        return output(attended.transposed(1, 2).reshape([B, T, heads * headDim]).to(x.dtype))[0]
    }
}

/// The gated feed-forward part (Shazeer 2020): `down(silu(gate(x)) · up(x))`.
struct GatedMLP {
    /// Gate and up side by side where they are packed.
    let inputs: Projections
    let down: Projections

    init(_ weights: Weights, _ config: DecoderConfig, _ use: WeightUse) {
        let (E, F) = (config.hiddenSize, config.intermediateSize)
        inputs = Projections(
            weights, [("gate_proj", F), ("up_proj", F)],
            .init(inputs: E, bias: config.mlpBias, config.initializerRange, use))
        down = Projections(
            weights, [("down_proj", E)], .init(inputs: F, bias: config.mlpBias, config.initializerRange, use))
    }

    func callAsFunction(_ x: Tensor) -> Tensor { down(inputs.gated(x))[0] }
}

/// One layer: attention and feed-forward, each behind a normalisation and beside a residual path.
struct DecoderLayer {
    let attention: DecoderAttention
    let mlp: GatedMLP
    let inputNorm: RMSNorm
    let attentionNorm: RMSNorm

    init(_ weights: Weights, _ config: DecoderConfig, _ use: WeightUse) {
        attention = DecoderAttention(weights / "self_attn", config, use)
        mlp = GatedMLP(weights / "mlp", config, use)
        inputNorm = RMSNorm(weights / "input_layernorm", width: config.hiddenSize, epsilon: config.rmsNormEps)
        attentionNorm = RMSNorm(weights / "post_attention_layernorm", width: config.hiddenSize, epsilon: config.rmsNormEps)
    }

    func callAsFunction(
        _ x: Tensor, _ angles: (cos: Tensor, sin: Tensor), _ mask: AttentionMask, dropout: Double,
        extend: (Tensor, Tensor) -> (Tensor, Tensor)
    ) -> Tensor {
        func normed(_ norm: RMSNorm, _ x: Tensor) -> Tensor { attention.isPacked ? norm.inferred(x) : norm(x) }
        func dropped(_ x: Tensor) -> Tensor { dropout > 0 ? x.dropout(dropout, train: true) : x }
        let attended = x + dropped(attention(normed(inputNorm, x), angles, mask, extend: extend))
        return attended + dropped(mlp(normed(attentionNorm, attended)))
    }
}

/// A causal language model in the Llama or Qwen3 layout.
///
/// Law: reading a text in pieces, with one ``KeyValueCache``, gives the logits of reading it whole.
public struct CausalDecoder {
    public let config: DecoderConfig
    let embedding: Embedding
    let layers: [DecoderLayer]
    let norm: RMSNorm
    /// Scores of the vocabulary; its weight is the embedding's own where they are tied.
    private let head: Projections
    let rotary: Rotary

    /// Reads or makes its weights; ``ParameterStore/finish()`` then says what did not fit.
    ///
    /// - Parameters:
    ///   - packing: keeps the products' weights in so few bits, for inference on the CPU; the store must be of
    ///     bfloat16 and does not keep what was packed.
    ///   - adapter: changes the products; not together with `packing`.
    public init(_ weights: Weights, _ config: DecoderConfig, packing: WeightPacking? = nil, adapter: LowRankAdapter? = nil) {
        precondition(packing == nil || adapter == nil, "packed weights take no adapter: it is merged first")
        let use = WeightUse(packing: packing, adapter: adapter)
        self.config = config
        let model = weights / "model"
        embedding = Embedding(
            model / "embed_tokens", count: config.vocabSize, width: config.hiddenSize, deviation: config.initializerRange)
        layers = (0..<config.numHiddenLayers).map { DecoderLayer(model / "layers" / $0, config, use) }
        norm = RMSNorm(model / "norm", width: config.hiddenSize, epsilon: config.rmsNormEps)
        head =
            config.tieWordEmbeddings
            ? Projections(tied: embedding.weight, packing)
            : Projections(
                weights, [("lm_head", config.vocabSize)],
                .init(
                    inputs: config.hiddenSize, bias: false, config.initializerRange,
                    WeightUse(packing: packing.map { _ in .int8 })))
        rotary = Rotary(config.rope, headDim: config.headDim, device: embedding.weight.device)
    }

    /// How keys and values are kept: on the CPU never in bfloat16, whose product of one query with the keys is not
    /// vectorised there and took a third as long as the model's own products at 700 tokens (2026-11-23).
    var cacheType: DType {
        let weight = embedding.weight
        return weight.device.isCPU && weight.dtype == .bfloat16 ? .float32 : weight.dtype
    }

    /// A cache for texts of up to `capacity` tokens.
    public func cache(batch: Int = 1, capacity: Int) -> KeyValueCache {
        let shape = [batch, config.numKeyValueHeads, capacity, config.headDim]
        func tensors() -> [Tensor] { layers.map { _ in .zeros(shape, dtype: cacheType, device: embedding.weight.device) } }
        return KeyValueCache(keys: tensors(), values: tensors(), count: 0, capacity: capacity)
    }

    /// The last layer's states of whole texts, `[B, T]` int64 to `[B, T, E]`; `dropout` is for training.
    public func states(_ ids: Tensor, dropout: Double = 0) -> Tensor {
        var x = embedding(ids)  // [B, T, E]
        let angles = rotary.angles(from: 0, count: ids.size(1), dtype: x.dtype)
        let mask = AttentionMask.training(x, config)
        for layer in layers { x = layer(x, angles, mask, dropout: dropout) { ($0, $1) } }
        return norm(x)
    }

    /// As ``states(_:dropout:)`` for tokens that follow those in `cache`.
    public func states(_ ids: Tensor, _ cache: inout KeyValueCache) -> Tensor {
        let (T, start) = (ids.size(1), cache.count)
        precondition(start + T <= cache.capacity, "\(T) tokens behind \(start) in a cache for \(cache.capacity)")
        var x = embedding(ids)  // [B, T, E]
        let angles = rotary.angles(from: start, count: T, dtype: x.dtype)
        // Plain causal attention aligns the first query with the first key, so later pieces need their own mask.
        let mask: AttentionMask =
            start > 0 && T > 1 ? .allowed(Tensor.ones([T, start + T], dtype: .bool, device: x.device).tril(start)) : .causal
        for (index, layer) in layers.enumerated() {
            x = layer(x, angles, mask, dropout: 0) { cache.extend(layer: index, key: $0, value: $1) }
        }
        cache.count += T
        return norm(x)
    }

    /// Scores of the next token for each state: `[…, E]` to `[…, V]`.
    public func logits(_ states: Tensor) -> Tensor { head(states)[0] }
}
