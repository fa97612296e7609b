/// The `config.json` of a model in the Llama layout; names and meanings are the published ones.
public struct LlamaConfig: Sendable, Equatable {
    public var vocabSize: Int
    public var hiddenSize: Int
    public var intermediateSize: Int
    public var numHiddenLayers: Int
    public var numAttentionHeads: Int
    /// Heads of keys and values; each serves `numAttentionHeads / numKeyValueHeads` heads of queries.
    public var numKeyValueHeads: Int
    public var headDim: Int
    public var maxPositionEmbeddings: Int
    public var rmsNormEps: Double
    public var rope: RotaryConfig
    public var tieWordEmbeddings: Bool
    /// Standard deviation of new weights.
    public var initializerRange: Double
    public var bosTokenID: Int?
    /// Tokens that end a text.
    public var eosTokenIDs: [Int]
    public var padTokenID: Int?
    /// How the weights are stored; they are read as whatever the caller asks for.
    public var dtype = "float32"

    public init(
        vocabSize: Int, hiddenSize: Int, intermediateSize: Int, numHiddenLayers: Int, numAttentionHeads: Int,
        numKeyValueHeads: Int? = nil, headDim: Int? = nil, maxPositionEmbeddings: Int = 2048, rmsNormEps: Double = 1e-6,
        rope: RotaryConfig = RotaryConfig(), tieWordEmbeddings: Bool = false, initializerRange: Double = 0.02,
        bosTokenID: Int? = nil, eosTokenIDs: [Int] = [], padTokenID: Int? = nil
    ) {
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
        try require(rope.theta > 0 && rope.theta.isFinite, "rope_theta", rope.theta, "a positive number")
        try require(initializerRange > 0 && initializerRange < 10, "initializer_range", initializerRange, "between 0 and 10")
        for id in eosTokenIDs { try require((0..<vocabSize).contains(id), "eos_token_id", id, "below vocab_size, \(vocabSize)") }
        if let bosTokenID { try require((0..<vocabSize).contains(bosTokenID), "bos_token_id", bosTokenID, "below vocab_size") }
    }

    /// How many numbers the model has.
    public var parameterCount: Int {
        let attention = hiddenSize * headDim * 2 * (numAttentionHeads + numKeyValueHeads)
        let layer = attention + 3 * hiddenSize * intermediateSize + 2 * hiddenSize
        return vocabSize * hiddenSize * (tieWordEmbeddings ? 1 : 2) + numHiddenLayers * layer + hiddenSize
    }
}

/// How positions turn queries and keys (Su et al. 2021).
public struct RotaryConfig: Sendable, Equatable {
    /// Llama 3.1's stretching of the slow frequencies to longer texts.
    public struct Stretch: Sendable, Equatable {
        public var factor: Double
        public var lowFreqFactor: Double
        public var highFreqFactor: Double
        public var originalMaxPositionEmbeddings: Int

        public init(factor: Double, lowFreqFactor: Double, highFreqFactor: Double, originalMaxPositionEmbeddings: Int) {
            self.factor = factor
            self.lowFreqFactor = lowFreqFactor
            self.highFreqFactor = highFreqFactor
            self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
        }
    }

    public var theta: Double
    public var stretch: Stretch?

    public init(theta: Double = 10_000, stretch: Stretch? = nil) {
        self.theta = theta
        self.stretch = stretch
    }
}

extension LlamaConfig: Codable {
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
        var rms_norm_eps: Double?
        var rope_theta: Double?
        var rope_scaling: Rope?
        var rope_parameters: Rope?
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

    private struct Rope: Codable {
        var rope_type: String?
        var rope_theta: Double?
        var factor: Double?
        var low_freq_factor: Double?
        var high_freq_factor: Double?
        var original_max_position_embeddings: Int?
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
        for (field, value, expected) in [
            ("model_type", form.model_type ?? "llama", "llama"), ("hidden_act", form.hidden_act ?? "silu", "silu"),
            ("attention_bias", "\(form.attention_bias ?? false)", "false"), ("mlp_bias", "\(form.mlp_bias ?? false)", "false"),
        ] where value != expected {
            throw LanguageError.config(field: field, value: value, expected: expected)
        }
        let rope = form.rope_parameters ?? form.rope_scaling
        var stretch: RotaryConfig.Stretch?
        switch rope?.rope_type ?? "default" {
        case "default": break
        case "llama3":
            stretch = .init(
                factor: rope?.factor ?? 8, lowFreqFactor: rope?.low_freq_factor ?? 1, highFreqFactor: rope?.high_freq_factor ?? 4,
                originalMaxPositionEmbeddings: rope?.original_max_position_embeddings ?? 8192)
        case let type: throw LanguageError.config(field: "rope_type", value: type, expected: "default or llama3")
        }
        self.init(
            vocabSize: form.vocab_size, hiddenSize: form.hidden_size, intermediateSize: form.intermediate_size,
            numHiddenLayers: form.num_hidden_layers, numAttentionHeads: form.num_attention_heads,
            numKeyValueHeads: form.num_key_value_heads, headDim: form.head_dim,
            maxPositionEmbeddings: form.max_position_embeddings ?? 2048, rmsNormEps: form.rms_norm_eps ?? 1e-6,
            rope: RotaryConfig(theta: rope?.rope_theta ?? form.rope_theta ?? 10_000, stretch: stretch),
            tieWordEmbeddings: form.tie_word_embeddings ?? false, initializerRange: form.initializer_range ?? 0.02,
            bosTokenID: form.bos_token_id, eosTokenIDs: form.eos_token_id?.values ?? [], padTokenID: form.pad_token_id)
        dtype = form.dtype ?? form.torch_dtype ?? "float32"
        try validate()
    }

    public func encode(to encoder: any Encoder) throws {
        var parameters = Rope(rope_type: "default", rope_theta: rope.theta)
        if let stretch = rope.stretch {
            parameters.rope_type = "llama3"
            parameters.factor = stretch.factor
            parameters.low_freq_factor = stretch.lowFreqFactor
            parameters.high_freq_factor = stretch.highFreqFactor
            parameters.original_max_position_embeddings = stretch.originalMaxPositionEmbeddings
        }
        let form = Form(
            architectures: ["LlamaForCausalLM"], model_type: "llama", vocab_size: vocabSize, hidden_size: hiddenSize,
            intermediate_size: intermediateSize, num_hidden_layers: numHiddenLayers, num_attention_heads: numAttentionHeads,
            num_key_value_heads: numKeyValueHeads, head_dim: headDim, hidden_act: "silu",
            max_position_embeddings: maxPositionEmbeddings, rms_norm_eps: rmsNormEps, rope_parameters: parameters,
            tie_word_embeddings: tieWordEmbeddings, attention_bias: false, mlp_bias: false, initializer_range: initializerRange,
            bos_token_id: bosTokenID, eos_token_id: eosTokenIDs.isEmpty ? nil : OneOrMany(eosTokenIDs), pad_token_id: padTokenID,
            dtype: dtype)
        try form.encode(to: encoder)
    }
}
