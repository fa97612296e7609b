internal import Foundation
internal import TorchNN

/// Everything needed to train a language model on texts again: the form of `Recipes/lm.json`.
public struct TextRecipe: Sendable, Codable, Equatable {
    /// Files of texts.
    public struct Source: Sendable, Codable, Equatable {
        /// Lines of text, or of JSON where they end in `.jsonl`; `.xz` behind that is unpacked. `$MYNA_DATA` stands for the folder of
        /// the shared data.
        public var files: [String]
        /// The field of the JSON objects whose texts are read, lists in it too; nil for lines of text.
        public var field: String?
        /// Only rows that say this `split`; nil takes all.
        public var split: String?
        /// How often its texts are read for each time the others are.
        public var copies: Int?
    }

    /// Trains only low-rank changes of a model (LoRA): the settings of an adapter.
    public struct Adapter: Sendable, Codable, Equatable {
        public var rank: Int
        /// The change counts `alpha / rank`.
        public var alpha: Double
        /// Which linear layers are changed, by the last part of their names; see ``AdapterConfig/modules``.
        public var targetModules: [String]
    }

    /// The folder of a model in the Llama or Qwen3 layout to go on from, with its tokenizer, in place of `vocabulary` and `model`.
    public var start: String?
    /// Trains an adapter of the model at `start` and leaves its weights as they are.
    public var adapter: Adapter?
    /// Tokens of a row for the model at `start`.
    public var positions: Int?
    public var sources: [Source]
    /// Made home requests among the texts.
    public var requests: Int
    /// Whether texts become sentences in words without marks and capitals, as a recogniser writes them, so that the model can judge
    /// what was heard; otherwise they stay as they are.
    public var isSpoken: Bool
    /// Manifests whose `dev` and `test` texts are kept out: a text that shares five words in a row with one is not read.
    public var heldOut: [String]
    /// Tokens in the vocabulary of a new model.
    public var vocabulary: Int?
    /// A new model's shape; its positions are the tokens of a row.
    public var model: AssistantRecipe.Shape?
    /// Rows in a batch, each of texts one behind the other.
    public var batch: Int
    public var steps: Int
    public var peakRate: Double
    public var warmupSteps: Int
    /// Steps at the end over which the rate falls to zero.
    public var decaySteps: Int
    public var weightDecay: Double
    /// Share of the former weights kept in their running average; 0 turns averaging off.
    public var averaging: Double
    /// Whether matrix products run in bfloat16.
    public var bfloat16: Bool
    /// Steps between evaluations on the texts held out for choosing.
    public var evaluateEvery: Int
    public var seed: UInt64
}

extension TextRecipe {
    /// Reads and checks a recipe file; `variables` are put in for `$NAME`.
    ///
    /// - Throws: ``LanguageError``, naming the file and the field.
    public init(contentsOf file: String, variables: [String: String] = [:]) throws(LanguageError) {
        guard let data = FileManager.default.contents(atPath: file) else { throw .recipe(file: file, problem: "cannot be read") }
        let text = variables.reduce(String(decoding: data, as: UTF8.self)) {
            $0.replacingOccurrences(of: "$" + $1.key, with: $1.value)
        }
        do {
            self = try JSONDecoder().decode(TextRecipe.self, from: Data(text.utf8))
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
            ("batch", batch), ("steps", steps), ("warmupSteps", warmupSteps), ("decaySteps", decaySteps),
            ("evaluateEvery", evaluateEvery),
        ] {
            try require(value > 0, field, value, "a positive number")
        }
        if start == nil {
            try require(vocabulary ?? 0 > 0, "vocabulary", vocabulary ?? 0, "a positive number, or a model to start from")
            try require(model?.positions ?? 0 > 1, "model.positions", model?.positions ?? 0, "2 or more")
            try require(adapter == nil, "adapter", "something", "nothing without a model to start from")
            try require(
                positions == nil, "positions", positions ?? 0, "nothing without a model to start from: model.positions says it")
        } else {
            try require(positions ?? 0 > 1, "positions", positions ?? 0, "2 or more")
            try require(vocabulary == nil, "vocabulary", vocabulary ?? 0, "nothing: the model at start has its own")
            try require(model == nil, "model", "a shape", "nothing: the model at start has its own")
        }
        if let adapter {
            try AdapterConfig(rank: adapter.rank, alpha: adapter.alpha, targetModules: adapter.targetModules).validate()
        }
        try require(requests >= 0, "requests", requests, "0 or more")
        try require((0..<1).contains(averaging), "averaging", averaging, "from 0 to below 1")
        try require(peakRate > 0, "peakRate", peakRate, "a positive number")
        for source in sources {
            try require((1...100).contains(source.copies ?? 1), "sources.copies", source.copies ?? 1, "from 1 to 100")
        }
    }

    /// Tokens of a row.
    var rowLength: Int { model?.positions ?? positions ?? 2 }

    /// A new model's configuration.
    func config(of model: AssistantRecipe.Shape, vocabulary: Int, endToken: Int) -> DecoderConfig {
        DecoderConfig(
            vocabSize: vocabulary, hiddenSize: model.hiddenSize, intermediateSize: model.intermediateSize,
            numHiddenLayers: model.layers, numAttentionHeads: model.heads, numKeyValueHeads: model.keyValueHeads,
            maxPositionEmbeddings: model.positions, tieWordEmbeddings: true, eosTokenIDs: [endToken], padTokenID: endToken)
    }
}
