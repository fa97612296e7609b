internal import Foundation
internal import MynaStages
internal import Torch
internal import TorchNN
public import TorchTrain

/// Teaches the assistant's language model by its own mistakes (direct preference optimisation, Rafailov et al. 2023).
///
/// The model that the recipe goes on from draws intents for made requests, held to the grammar. What it got wrong makes a pair with
/// what is right; the loss raises the right text over the wrong one against what that first model gave both:
/// `−log σ(β ((log p(right) − log p₀(right)) − (log p(wrong) − log p₀(wrong))))`. A share of the plain loss on the right text is
/// added, so that its probability doesn't fall along with the wrong one's (Pang et al. 2024).
///
/// The folder holds `pairs.jsonl`, the trainer's checkpoint and metrics, and `best/`: the best model so far, where one reads more
/// held-out requests exactly than the model to begin with.
public final class PreferenceTraining {
    private let recipe: AssistantRecipe
    private let preferences: AssistantRecipe.Preferences
    private let source: RequestSource
    private let folder: String
    private let report: (String) -> Void
    private let language: LanguageModel
    private let format: RequestFormat
    private let pairs: [PreferencePair]
    private var best: KeptBest

    /// Draws the pairs, or reads those that an earlier call drew.
    ///
    /// - Throws: ``LanguageError/config(field:value:expected:)`` where the recipe names no model to go on from, or no preferences.
    public init(
        _ recipe: AssistantRecipe, _ source: RequestSource, folder: String, report: @escaping (String) -> Void
    ) throws {
        try recipe.validate()
        guard let start = recipe.start, let preferences = recipe.preferences else {
            throw LanguageError.config(
                field: "recipe: preferences", value: "nothing", expected: "preferences and a model to start from")
        }
        (self.recipe, self.preferences, self.source) = (recipe, preferences, source)
        (self.folder, self.report) = (folder, report)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        best = try KeptBest(folder: folder)
        let there = ModelFolder(start)
        language = try LanguageModel(contentsOf: there)
        format = try RequestFormat(language.tokenizer, file: there.file("tokenizer.json"))
        let file = URL(filePath: folder + "/pairs.jsonl")
        if let data = FileManager.default.contents(atPath: file.path) {
            pairs = try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(PreferencePair.self, from: $0) }
        } else {
            report("drawing intents for \(preferences.requests) requests")
            let examples = try source.examples(.train, recipe.seed ^ 0x5D39_9A17, preferences.requests)
            pairs = try language.mistakes(
                in: examples, format, constraint: source.constraint, temperature: preferences.temperature, seed: recipe.seed)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try Data(pairs.map { try encoder.encode($0) }.joined(separator: Data("\n".utf8))).write(to: file, options: .atomic)
        }
        guard !pairs.isEmpty else {
            throw LanguageError.recipe(
                file: start, problem: "made no mistake in \(preferences.requests) requests: nothing to learn from")
        }
        report("\(pairs.count) of \(preferences.requests) were wrong")
        language.parameters.setTrainable(true)
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
        let optimizer = AdamW(
            language.parameters.parameters, betas: (recipe.betas[0], recipe.betas[1]), weightDecay: recipe.weightDecay)
        let dev = try source.examples(.dev, recipe.seed, recipe.devRequests)
        func exact() throws -> Double { try language.understood(dev, format, constraint: source.constraint).exact }
        if best.exact == nil {
            try best.begin(with: exact())
            report("to begin with: dev_exact \(best.exact ?? 0)")
        }
        let trainer = try Trainer<PreferenceBatch>(
            language.parameters, optimizers: [optimizer], options: options, folder: folder, report: report)
        return try trainer.run(
            batches: { step in
                let batch = try PreferenceBatch(self.drawn(step), self.format)
                return (batch, "of step \(step)", Double(batch.pairs))
            },
            loss: { self.loss($0) },
            evaluateEvery: recipe.evaluateEvery,
            evaluate: {
                let exact = try exact()
                try self.best.keep(self.language, exact: exact, step: trainer.step, recipe: self.recipe)
                return ["dev_exact": exact]
            })
    }

    /// Whether a model was kept: one that reads more than the model to begin with.
    public var hasImproved: Bool { FileManager.default.fileExists(atPath: folder + "/best/model.safetensors") }

    /// The pairs of one step: a function of the recipe's seed and the step's number.
    private func drawn(_ step: Int) -> [PreferencePair] {
        var random = SeededRandom(seed: recipe.seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(step + 1))
        return (0..<recipe.batch).map { _ in pairs[Int.random(in: 0..<pairs.count, using: &random)] }
    }

    private func loss(_ batch: PreferenceBatch) -> (loss: Tensor, metrics: [String: Double]) {
        let (rows, T) = (2 * batch.pairs, batch.length - 1)
        let ids = Tensor(batch.tokens, [rows, batch.length])  // [2B, T + 1]
        let states = language.model.states(ids, dropout: recipe.dropout).narrow(1, start: 0, length: T)
        let logits = language.model.logits(states).flatten(0, endDim: 1).to(.float32)  // [2B T, V]
        let targets = ids.narrow(1, start: 1, length: T).reshape([-1])
        let isText = Tensor(batch.isText, [rows, batch.length]).narrow(1, start: 1, length: T)  // [2B, T]
        let losses = logits.crossEntropyLoss(target: targets, reduction: 0).reshape([rows, T]) * isText
        let sums = losses.sum([1])  // [2B], −log p of each text
        let (right, wrong) = (
            sums.narrow(0, start: 0, length: batch.pairs), sums.narrow(0, start: batch.pairs, length: batch.pairs)
        )
        let gained = wrong - right - Tensor(batch.before, [batch.pairs])  // [B]
        let preferred = (gained * preferences.beta).logSigmoid().mean()
        let plain = right.sum() / isText.narrow(0, start: 0, length: batch.pairs).sum()
        let won = withoutGradients { gained.detach().gt(0).to(.float32).mean().item() }
        return (plain * preferences.supervised - preferred, ["won": won])
    }
}
