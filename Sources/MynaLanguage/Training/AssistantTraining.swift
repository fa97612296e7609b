public import MynaStages
internal import TorchNN
public import TorchTrain
internal import Foundation
internal import MynaText
internal import Torch

/// Where training and evaluation get requests, and what may be written for them.
public struct RequestSource: Sendable {
    /// What is trained on, what chooses among checkpoints, and what is reported: never the same request.
    public enum Split: String, Sendable, CaseIterable { case train, dev, test }

    /// The same requests for the same split, seed and count.
    public var examples: @Sendable (_ split: Split, _ seed: UInt64, _ count: Int) throws -> [RequestExample]
    public var constraint: @Sendable (_ request: String, _ state: DialogueState) -> any TextConstraint
    /// All that can stand outside quotes in a text of intents: see ``RequestFormat/tokenizer(learning:parts:vocabularySize:)``.
    public var parts: [String]

    public init(
        examples: @escaping @Sendable (_ split: Split, _ seed: UInt64, _ count: Int) throws -> [RequestExample],
        constraint: @escaping @Sendable (_ request: String, _ state: DialogueState) -> any TextConstraint, parts: [String]
    ) {
        self.examples = examples
        self.constraint = constraint
        self.parts = parts
    }
}

/// Trains the assistant's language model in a folder; what is there already is taken up again.
///
/// The folder holds the tokenizer, the trainer's checkpoint and metrics, and `best/`: the model that read most of the
/// held-out requests exactly.
public final class AssistantTraining {
    private let recipe: AssistantRecipe
    private let source: RequestSource
    private let folder: String
    private let group: ProcessGroup?
    private let report: (String) -> Void
    private let language: LanguageModel
    private let format: RequestFormat
    private var best: KeptBest

    /// Learns or reads the tokenizer and makes new weights.
    ///
    /// - Parameter group: the processes that train together.
    public init(
        _ recipe: AssistantRecipe, _ source: RequestSource, folder: String, group: ProcessGroup? = nil,
        report: @escaping (String) -> Void
    ) throws {
        try recipe.validate()
        self.group = group
        let speaks = group?.isFirst ?? true
        let report: (String) -> Void = { if speaks { report($0) } }
        self.recipe = recipe
        self.source = source
        self.folder = folder
        self.report = report
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        best = try KeptBest(folder: folder)
        let file = URL(filePath: folder + "/tokenizer.json")
        // Others wait until the first one has made the tokenizer, and then read it.
        if let group, !group.isFirst { try group.barrier() }
        if let start = recipe.start, !FileManager.default.fileExists(atPath: file.path) {
            try BytePairTokenizer(contentsOf: URL(filePath: ModelFolder(start).file("tokenizer.json"))).write(to: file)
        } else if !FileManager.default.fileExists(atPath: file.path) {
            report("learning \(recipe.vocabulary) tokens from \(recipe.tokenizerRequests) requests")
            let examples = try source.examples(.train, recipe.seed ^ 0x70C3_4E5A, recipe.tokenizerRequests)
            try RequestFormat.tokenizer(
                learning: examples.lazy.map(\.request), parts: source.parts, vocabularySize: recipe.vocabulary
            ).write(to: file)
        }
        if let group, group.isFirst { try group.barrier() }
        let tokenizer = try BytePairTokenizer(contentsOf: file)
        format = try RequestFormat(tokenizer, file: file.path)
        TorchRandom.seed(recipe.seed)
        language = try Self.language(recipe, tokenizer, endToken: format.endToken)
        language.parameters.setTrainable(true)
        report("\(language.parameters.count) parameters, \(tokenizer.count) tokens")
    }

    /// The weights to begin with: new ones, or those of the model that the recipe goes on from.
    ///
    /// - Throws: ``LanguageError/config(field:value:expected:)`` where that model has another shape or vocabulary.
    private static func language(
        _ recipe: AssistantRecipe, _ tokenizer: BytePairTokenizer, endToken: Int
    ) throws -> LanguageModel {
        let config = recipe.config(vocabulary: tokenizer.count, endToken: endToken)
        guard let start = recipe.start else { return try LanguageModel(config: config, tokenizer: tokenizer) }
        let language = try LanguageModel(contentsOf: ModelFolder(start))
        let there = language.model.config
        for (field, value, expected) in [
            ("vocab_size", there.vocabSize, config.vocabSize), ("hidden_size", there.hiddenSize, config.hiddenSize),
            ("intermediate_size", there.intermediateSize, config.intermediateSize),
            ("num_hidden_layers", there.numHiddenLayers, config.numHiddenLayers),
            ("num_attention_heads", there.numAttentionHeads, config.numAttentionHeads),
            ("num_key_value_heads", there.numKeyValueHeads, config.numKeyValueHeads),
        ] where value != expected {
            throw LanguageError.config(
                field: "\(start)/config.json: \(field)", value: "\(value)", expected: "the recipe's \(expected)")
        }
        return language
    }

    /// Trains to the end of the recipe, or until the budget is used up.
    ///
    /// - Returns: whether the recipe was finished.
    public func run(budget: Duration? = nil) throws -> Bool {
        var options = TrainerOptions(
            schedule: WarmupStableDecay(
                peak: recipe.peakRate, warmupSteps: recipe.warmupSteps, decaySteps: recipe.decaySteps, steps: recipe.steps))
        options.averaging = recipe.averaging
        options.autocast = recipe.bfloat16 ? .bfloat16 : nil
        options.budget = budget
        options.seed = recipe.seed
        options.group = group
        let optimizer = AdamW(
            language.parameters.parameters, betas: (recipe.betas[0], recipe.betas[1]), weightDecay: recipe.weightDecay)
        let trainer = try Trainer<RequestBatch>(
            language.parameters, optimizers: [optimizer], options: options, folder: folder, report: report)
        let batches = RequestBatches(recipe, format) { [source] in try source.examples(.train, $0, $1) }
        let dev = try source.examples(.dev, recipe.seed, recipe.devRequests)
        return try trainer.run(
            batches: { step in
                let batch = try batches.batch(step)
                return (batch, "of step \(step)", Double(batch.tokenCount))
            },
            loss: { self.loss($0) },
            evaluateEvery: recipe.evaluateEvery,
            evaluate: {
                let exact = try self.language.understood(dev, self.format, constraint: self.source.constraint).exact
                try self.best.keep(self.language, exact: exact, step: trainer.step, recipe: self.recipe)
                return ["dev_exact": exact]
            })
    }

    private func loss(_ batch: RequestBatch) -> (loss: Tensor, metrics: [String: Double]) {
        let ids = Tensor(batch.tokens, [batch.rows, batch.length])  // [B, T]
        let states = language.model.states(ids, dropout: recipe.dropout).narrow(1, start: 0, length: batch.length - 1)
        let targets = ids.narrow(1, start: 1, length: batch.length - 1).reshape([-1])
        let weights = Tensor(batch.weights, [batch.rows, batch.length]).narrow(1, start: 1, length: batch.length - 1).reshape([-1]
        )
        let logits = language.model.logits(states).flatten(0, endDim: 1).to(.float32)  // [B (T − 1), V]
        let losses = logits.crossEntropyLoss(target: targets, reduction: 0)
        return ((losses * weights).sum() / weights.sum(), [:])
    }
}
