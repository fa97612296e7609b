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
    }

    /// The model's configuration for a vocabulary.
    func config(vocabulary: Int, endToken: Int) -> DecoderConfig {
        DecoderConfig(
            vocabSize: vocabulary, hiddenSize: model.hiddenSize, intermediateSize: model.intermediateSize,
            numHiddenLayers: model.layers, numAttentionHeads: model.heads, numKeyValueHeads: model.keyValueHeads,
            maxPositionEmbeddings: model.positions, tieWordEmbeddings: true, eosTokenIDs: [endToken], padTokenID: endToken)
    }
}
