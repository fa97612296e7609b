/// The published layouts that one decoder reads and writes.
public enum DecoderLayout: String, Sendable, CaseIterable {
    /// Touvron et al. 2023.
    case llama
    /// As Llama, with a normalisation of each head's queries and keys (Yang et al. 2025).
    case qwen3

    /// The reference class.
    var architecture: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        }
    }
}

/// The `config.json` of a decoder in the Llama or Qwen3 layout; names and meanings are the published ones.
public struct DecoderConfig: Sendable, Equatable {
    public var layout: DecoderLayout
    public var vocabSize: Int
    public var hiddenSize: Int
    public var intermediateSize: Int
    public var numHiddenLayers: Int
    public var numAttentionHeads: Int
    /// Heads of keys and values; each serves `numAttentionHeads / numKeyValueHeads` heads of queries.
    public var numKeyValueHeads: Int
    /// Independent of `hiddenSize / numAttentionHeads`.
    public var headDim: Int
    public var maxPositionEmbeddings: Int
    public var rmsNormEps: Double
    public var rope: RotaryConfig
    public var tieWordEmbeddings: Bool
    /// Whether the four projections of attention have biases.
    public var attentionBias = false
    /// Whether the three projections of the feed-forward part have biases.
    public var mlpBias = false
    /// Standard deviation of new weights.
    public var initializerRange: Double
    public var bosTokenID: Int?
    /// Tokens that end a text.
    public var eosTokenIDs: [Int]
    public var padTokenID: Int?
    /// How the weights are stored; they are read as whatever the caller asks for.
    public var dtype = "float32"

    public init(
        layout: DecoderLayout = .llama, vocabSize: Int, hiddenSize: Int, intermediateSize: Int, numHiddenLayers: Int,
        numAttentionHeads: Int, numKeyValueHeads: Int? = nil, headDim: Int? = nil, maxPositionEmbeddings: Int = 2048,
        rmsNormEps: Double = 1e-6, rope: RotaryConfig = RotaryConfig(), tieWordEmbeddings: Bool = false,
        initializerRange: Double = 0.02, bosTokenID: Int? = nil, eosTokenIDs: [Int] = [], padTokenID: Int? = nil
    ) {
        self.layout = layout
        self.vocabSize = vocabSize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.numHiddenLayers = numHiddenLayers
        self.numAttentionHeads = numAttentionHeads
        self.numKeyValueHeads = numKeyValueHeads ?? numAttentionHeads
        self.headDim = headDim ?? (numAttentionHeads > 0 ? hiddenSize / numAttentionHeads : 0)
        self.maxPositionEmbeddings = maxPositionEmbeddings
        self.rmsNormEps = rmsNormEps
        self.rope = rope
        self.tieWordEmbeddings = tieWordEmbeddings
        self.initializerRange = initializerRange
        self.bosTokenID = bosTokenID
        self.eosTokenIDs = eosTokenIDs
        self.padTokenID = padTokenID
    }

    /// Checks every field, alone and against the others.
    ///
    /// - Throws: ``LanguageError/config(field:value:expected:)``.
    public func validate() throws(LanguageError) {
        func require(_ condition: Bool, _ field: String, _ value: Any, _ expected: String) throws(LanguageError) {
            if !condition { throw .config(field: field, value: "\(value)", expected: expected) }
        }
        for (field, value) in [
            ("vocab_size", vocabSize), ("hidden_size", hiddenSize), ("intermediate_size", intermediateSize),
            ("num_hidden_layers", numHiddenLayers), ("num_attention_heads", numAttentionHeads),
            ("num_key_value_heads", numKeyValueHeads), ("head_dim", headDim), ("max_position_embeddings", maxPositionEmbeddings),
        ] {
            try require(value > 0 && value < 1 << 24, field, value, "a number from 1 to 16777215")
        }
        try require(headDim % 2 == 0, "head_dim", headDim, "an even number")
        try require(
            numAttentionHeads % numKeyValueHeads == 0, "num_key_value_heads", numKeyValueHeads,
            "a divisor of num_attention_heads, \(numAttentionHeads)")
        try require(rmsNormEps > 0 && rmsNormEps < 1, "rms_norm_eps", rmsNormEps, "between 0 and 1")
        try rope.validate(headDim: headDim)
        try require(initializerRange > 0 && initializerRange < 10, "initializer_range", initializerRange, "between 0 and 10")
        for id in eosTokenIDs { try require((0..<vocabSize).contains(id), "eos_token_id", id, "below vocab_size, \(vocabSize)") }
        if let bosTokenID { try require((0..<vocabSize).contains(bosTokenID), "bos_token_id", bosTokenID, "below vocab_size") }
    }

    /// How many numbers the model has.
    public var parameterCount: Int {
        let heads = numAttentionHeads + numKeyValueHeads
        let biases =
            (attentionBias ? headDim * (heads + numKeyValueHeads) + hiddenSize : 0)
            + (mlpBias ? 2 * intermediateSize + hiddenSize : 0)
        let norms = 2 * hiddenSize + (layout == .qwen3 ? 2 * headDim : 0)
        let layer = hiddenSize * headDim * 2 * heads + 3 * hiddenSize * intermediateSize + norms + biases
        return vocabSize * hiddenSize * (tieWordEmbeddings ? 1 : 2) + numHiddenLayers * layer + hiddenSize
    }

    /// How many tokens a text may have: scalings that stretch positions as they come reach beyond the trained ones.
    public var longestText: Int {
        if case .dynamic(let factor, _) = rope.scaling { return Int(Double(maxPositionEmbeddings) * factor) }
        return maxPositionEmbeddings
    }
}

extension DecoderConfig: Codable {
    private struct Form: Codable {
        var architectures: [String]?
        var model_type: String?
        var vocab_size: Int
        var hidden_size: Int
        var intermediate_size: Int
        var num_hidden_layers: Int
        var num_attention_heads: Int
        var num_key_value_heads: Int?
        var head_dim: Int?
        var hidden_act: String?
        var max_position_embeddings: Int?
        var original_max_position_embeddings: Int?
        var rms_norm_eps: Double?
        var rope_theta: Double?
        var partial_rotary_factor: Double?
        var rope_scaling: RotaryConfig.Form?
        var rope_parameters: RotaryConfig.Form?
        var use_sliding_window: Bool?
        var tie_word_embeddings: Bool?
        var attention_bias: Bool?
        var mlp_bias: Bool?
        var initializer_range: Double?
        var bos_token_id: Int?
        var eos_token_id: OneOrMany?
        var pad_token_id: Int?
        var dtype: String?
        var torch_dtype: String?
    }

    /// A number, or a list of them.
    struct OneOrMany: Codable {
        var values: [Int]

        init(_ values: [Int]) { self.values = values }

        init(from decoder: any Decoder) throws {
            let field = try decoder.singleValueContainer()
            if let value = try? field.decode(Int.self) {  // a miss only means: a list
                values = [value]
            } else {
                values = try field.decode([Int].self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var field = encoder.singleValueContainer()
            if values.count == 1 { try field.encode(values[0]) } else { try field.encode(values) }
        }
    }

    public init(from decoder: any Decoder) throws {
        let form = try Form(from: decoder)
        let layout = try Self.layout(form)
        for (field, value, expected) in [
            ("hidden_act", form.hidden_act ?? "silu", "silu"),
            ("partial_rotary_factor", "\(form.partial_rotary_factor ?? 1)", "1.0"),
            ("use_sliding_window", "\(form.use_sliding_window ?? false)", "false"),
            ("mlp_bias", "\(layout == .qwen3 && form.mlp_bias == true)", "false"),  // that class has none
        ] where value != expected {
            throw LanguageError.config(field: field, value: value, expected: expected)
        }
        let positions = form.max_position_embeddings ?? (layout == .qwen3 ? 32_768 : 2048)
        let isQwen = layout == .qwen3  // what is absent is as in that class
        self.init(
            layout: layout, vocabSize: form.vocab_size, hiddenSize: form.hidden_size, intermediateSize: form.intermediate_size,
            numHiddenLayers: form.num_hidden_layers, numAttentionHeads: form.num_attention_heads,
            numKeyValueHeads: form.num_key_value_heads, headDim: form.head_dim ?? (isQwen ? 128 : nil),
            maxPositionEmbeddings: positions, rmsNormEps: form.rms_norm_eps ?? 1e-6,
            rope: try RotaryConfig(
                form.rope_parameters ?? form.rope_scaling, theta: form.rope_theta, positions: positions,
                originalPositions: form.original_max_position_embeddings),
            tieWordEmbeddings: form.tie_word_embeddings ?? false, initializerRange: form.initializer_range ?? 0.02,
            bosTokenID: form.bos_token_id, eosTokenIDs: form.eos_token_id?.values ?? [], padTokenID: form.pad_token_id)
        attentionBias = form.attention_bias ?? false
        mlpBias = form.mlp_bias ?? false
        dtype = form.dtype ?? form.torch_dtype ?? "float32"
        try validate()
    }

    /// The layout that `model_type`, or else `architectures`, names; Llama where neither stands.
    private static func layout(_ form: Form) throws(LanguageError) -> DecoderLayout {
        let known = DecoderLayout.allCases
        if let type = form.model_type {
            guard let layout = DecoderLayout(rawValue: type) else {
                throw .config(field: "model_type", value: type, expected: known.map(\.rawValue).joined(separator: " or "))
            }
            if let named = form.architectures?.first, named != layout.architecture {
                throw .config(field: "architectures", value: named, expected: "\(layout.architecture) (model_type is \(type))")
            }
            return layout
        }
        guard let named = form.architectures?.first else { return .llama }
        guard let layout = known.first(where: { $0.architecture == named }) else {
            throw .config(
                field: "architectures", value: named, expected: known.map(\.architecture).joined(separator: " or "))
        }
        return layout
    }

    public func encode(to encoder: any Encoder) throws {
        let form = Form(
            architectures: [layout.architecture], model_type: layout.rawValue, vocab_size: vocabSize, hidden_size: hiddenSize,
            intermediate_size: intermediateSize, num_hidden_layers: numHiddenLayers, num_attention_heads: numAttentionHeads,
            num_key_value_heads: numKeyValueHeads, head_dim: headDim, hidden_act: "silu",
            max_position_embeddings: maxPositionEmbeddings, rms_norm_eps: rmsNormEps, rope_parameters: rope.form,
            tie_word_embeddings: tieWordEmbeddings, attention_bias: attentionBias,
            mlp_bias: layout == .llama ? mlpBias : nil, initializer_range: initializerRange,
            bos_token_id: bosTokenID, eos_token_id: eosTokenIDs.isEmpty ? nil : OneOrMany(eosTokenIDs), pad_token_id: padTokenID,
            dtype: dtype)
        try form.encode(to: encoder)
    }
}
