internal import Foundation
internal import TorchNN

/// Everything needed to train the assistant's language model again: the form of `Recipes/assistant.json`.
public struct AssistantRecipe: Sendable, Codable, Equatable {
    /// The model's shape; its vocabulary is the tokenizer's.
    public struct Shape: Sendable, Codable, Equatable {
        public var hiddenSize: Int
        public var intermediateSize: Int
        public var layers: Int
        public var heads: Int
        public var keyValueHeads: Int
        /// The longest request with its intents, in tokens.
        public var positions: Int
    }

    /// How a model learns from its own mistakes.
    public struct Preferences: Sendable, Codable, Equatable {
        /// Made requests for which the model to begin with draws intents; what it gets wrong is learnt from.
        public var requests: Int
        /// Of drawing: 0 takes the likeliest, 1 the model's own probabilities.
        public var temperature: Double
        /// How much a right text is to gain over the wrong one before little is left to learn from the pair: less for larger values.
        public var beta: Double
        /// What the plain loss on the right text counts for beside the preference.
        public var supervised: Double

        public init(requests: Int, temperature: Double, beta: Double, supervised: Double) {
            (self.requests, self.temperature, self.beta, self.supervised) = (requests, temperature, beta, supervised)
        }
    }

    /// Learn from the mistakes of the model at `start`, in place of made requests; a batch is then of so many pairs.
    public var preferences: Preferences?
    /// The folder of a trained model to go on from, with its tokenizer; nil begins anew. Its shape must be the recipe's.
    public var start: String?
    /// Tokens in the vocabulary, learned from `tokenizerRequests` generated requests.
    public var vocabulary: Int
    public var tokenizerRequests: Int
    public var model: Shape
    /// Requests in a batch.
    public var batch: Int
    /// Batches that are generated together and sorted by length, so that little is padding.
    public var window: Int
    public var steps: Int
    public var peakRate: Double
    public var warmupSteps: Int
    /// Steps at the end over which the rate falls to zero.
    public var decaySteps: Int
    public var weightDecay: Double
    public var betas: [Double]
    public var dropout: Double
    /// What a token of the request counts for in the loss, where one of the intents counts 1.
    public var requestWeight: Double
    /// Share of the former weights kept in their running average; 0 turns averaging off.
    public var averaging: Double
    /// Whether matrix products run in bfloat16.
    public var bfloat16: Bool
    /// Steps between evaluations on `devRequests` held-out requests.
    public var evaluateEvery: Int
    public var devRequests: Int
    public var testRequests: Int
    public var seed: UInt64
}

extension AssistantRecipe {
    /// Reads and checks a recipe file.
    ///
    /// - Throws: ``LanguageError``, naming the file and the field.
    public init(contentsOf file: String) throws(LanguageError) {
        guard let data = FileManager.default.contents(atPath: file) else { throw .recipe(file: file, problem: "cannot be read") }
        do {
            self = try JSONDecoder().decode(AssistantRecipe.self, from: data)
        } catch let error as DecodingError {
            throw .recipe(file: file, problem: error.named)
        } catch {
            throw .recipe(file: file, problem: "\(error)")
        }
        try validate()
    }

    /// Checks what the model's own configuration does not.
    ///
    /// - Throws: ``LanguageError/config(field:value:expected:)``.
    public func validate() throws(LanguageError) {
        func require(_ condition: Bool, _ field: String, _ value: some Any, _ expected: String) throws(LanguageError) {
            if !condition { throw .config(field: "recipe: \(field)", value: "\(value)", expected: expected) }
        }
        for (field, value) in [
            ("tokenizerRequests", tokenizerRequests), ("batch", batch), ("window", window), ("steps", steps),
            ("evaluateEvery", evaluateEvery),
            ("devRequests", devRequests), ("testRequests", testRequests), ("warmupSteps", warmupSteps),
            ("decaySteps", decaySteps),
        ] {
            try require(value > 0, field, value, "a positive number")
        }
        try require(
            betas.count == 2 && betas.allSatisfy { (0..<1).contains($0) }, "betas", betas, "two numbers from 0 to below 1")
        try require((0..<1).contains(dropout), "dropout", dropout, "from 0 to below 1")
        try require((0..<1).contains(averaging), "averaging", averaging, "from 0 to below 1")
        try require(requestWeight >= 0, "requestWeight", requestWeight, "0 or more")
        try require(peakRate > 0, "peakRate", peakRate, "a positive number")
        guard let preferences else { return }
        try require(start != nil, "start", "nothing", "the folder of the model whose mistakes are learnt from")
        try require(preferences.requests > 0, "preferences.requests", preferences.requests, "a positive number")
        try require((0...5).contains(preferences.temperature), "preferences.temperature", preferences.temperature, "from 0 to 5")
        try require(preferences.beta > 0, "preferences.beta", preferences.beta, "a positive number")
        try require(preferences.supervised >= 0, "preferences.supervised", preferences.supervised, "0 or more")
    }

    /// The model's configuration for a vocabulary.
    func config(vocabulary: Int, endToken: Int) -> DecoderConfig {
        DecoderConfig(
            vocabSize: vocabulary, hiddenSize: model.hiddenSize, intermediateSize: model.intermediateSize,
            numHiddenLayers: model.layers, numAttentionHeads: model.heads, numKeyValueHeads: model.keyValueHeads,
            maxPositionEmbeddings: model.positions, tieWordEmbeddings: true, eosTokenIDs: [endToken], padTokenID: endToken)
    }
}
