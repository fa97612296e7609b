public import Torch
public import TorchNN
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

// A decoder in the Llama layout (Touvron et al. 2023), equal to transformers' LlamaForCausalLM.
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
    static func training(_ x: Tensor, _ config: LlamaConfig) -> AttentionMask {
        let T = x.size(1)
        guard x.requiresGrad, x.device.isCPU, T <= 256, config.numAttentionHeads == config.numKeyValueHeads else {
            return .causal
        }
        return .added(Tensor.full([T, T], .floating(-.infinity)).triu(1))
    }
}

/// Attention with grouped queries and rotary positions.
struct LlamaAttention {
    let queries, keys, values, output: Linear
    let heads: Int
    let keyValueHeads: Int
    let headDim: Int

    init(_ weights: Weights, _ config: LlamaConfig) {
        (heads, keyValueHeads, headDim) = (config.numAttentionHeads, config.numKeyValueHeads, config.headDim)
        queries = .init(weights / "q_proj", config.hiddenSize, heads * headDim, config)
        keys = .init(weights / "k_proj", config.hiddenSize, keyValueHeads * headDim, config)
        values = .init(weights / "v_proj", config.hiddenSize, keyValueHeads * headDim, config)
        output = .init(weights / "o_proj", heads * headDim, config.hiddenSize, config)
    }

    /// Input and output `[B, T, E]`.
    func callAsFunction(
        _ x: Tensor, _ angles: (cos: Tensor, sin: Tensor), _ mask: AttentionMask, extend: (Tensor, Tensor) -> (Tensor, Tensor)
    ) -> Tensor {
        let (B, T) = (x.size(0), x.size(1))
        func split(_ x: Tensor, _ heads: Int) -> Tensor { x.view([B, T, heads, headDim]).transposed(1, 2) }  // [B, H, T, D]
        let q = Rotary.turn(split(queries(x), heads), angles)
        let (k, v) = extend(Rotary.turn(split(keys(x), keyValueHeads), angles), split(values(x), keyValueHeads))
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
        return output(attended.transposed(1, 2).reshape([B, T, heads * headDim]))
    }
}

/// The gated feed-forward part (Shazeer 2020): `down(silu(gate(x)) · up(x))`.
struct LlamaMLP {
    let gate, up, down: Linear

    init(_ weights: Weights, _ config: LlamaConfig) {
        gate = .init(weights / "gate_proj", config.hiddenSize, config.intermediateSize, config)
        up = .init(weights / "up_proj", config.hiddenSize, config.intermediateSize, config)
        down = .init(weights / "down_proj", config.intermediateSize, config.hiddenSize, config)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { down(gate(x).silu() * up(x)) }
}

/// One layer: attention and feed-forward, each behind a normalisation and beside a residual path.
struct LlamaLayer {
    let attention: LlamaAttention
    let mlp: LlamaMLP
    let inputNorm: RMSNorm
    let attentionNorm: RMSNorm

    init(_ weights: Weights, _ config: LlamaConfig) {
        attention = LlamaAttention(weights / "self_attn", config)
        mlp = LlamaMLP(weights / "mlp", config)
        inputNorm = RMSNorm(weights / "input_layernorm", width: config.hiddenSize, epsilon: config.rmsNormEps)
        attentionNorm = RMSNorm(weights / "post_attention_layernorm", width: config.hiddenSize, epsilon: config.rmsNormEps)
    }

    func callAsFunction(
        _ x: Tensor, _ angles: (cos: Tensor, sin: Tensor), _ mask: AttentionMask, dropout: Double,
        extend: (Tensor, Tensor) -> (Tensor, Tensor)
    ) -> Tensor {
        let attended = x + attention(inputNorm(x), angles, mask, extend: extend).dropout(dropout, train: dropout > 0)
        return attended + mlp(attentionNorm(attended)).dropout(dropout, train: dropout > 0)
    }
}

/// A causal language model in the Llama layout.
///
/// Law: reading a text in pieces, with one ``KeyValueCache``, gives the logits of reading it whole.
public struct LlamaForCausalLM {
    public let config: LlamaConfig
    let embedding: Embedding
    let layers: [LlamaLayer]
    let norm: RMSNorm
    /// `[V, E]`, the embedding's own where they are tied.
    let head: Tensor
    let rotary: Rotary

    /// Reads or makes its weights; ``ParameterStore/finish()`` then says what did not fit.
    public init(_ weights: Weights, _ config: LlamaConfig) {
        self.config = config
        let model = weights / "model"
        embedding = Embedding(
            model / "embed_tokens", count: config.vocabSize, width: config.hiddenSize, deviation: config.initializerRange)
        layers = (0..<config.numHiddenLayers).map { LlamaLayer(model / "layers" / $0, config) }
        norm = RMSNorm(model / "norm", width: config.hiddenSize, epsilon: config.rmsNormEps)
        head =
            config.tieWordEmbeddings
            ? embedding.weight
            : (weights / "lm_head").tensor("weight", [config.vocabSize, config.hiddenSize], .normal(config.initializerRange))
        rotary = Rotary(config.rope, headDim: config.headDim, device: embedding.weight.device)
    }

    /// A cache for texts of up to `capacity` tokens.
    public func cache(batch: Int = 1, capacity: Int) -> KeyValueCache {
        let shape = [batch, config.numKeyValueHeads, capacity, config.headDim]
        func tensors() -> [Tensor] { layers.map { _ in .zeros(shape, like: embedding.weight) } }
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
    public func logits(_ states: Tensor) -> Tensor { states.linear(weight: head) }
}

extension Linear {
    /// As the reference makes it: normal weights, no bias.
    fileprivate init(_ weights: Weights, _ inputs: Int, _ outputs: Int, _ config: LlamaConfig) {
        self.init(weights, from: inputs, to: outputs, bias: false, initial: .normal(config.initializerRange))
    }
}
