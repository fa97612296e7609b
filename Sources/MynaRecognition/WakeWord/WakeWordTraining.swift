internal import Foundation
internal import MynaStages
internal import Torch
internal import TorchNN
internal import TorchTrain

/// Trains a wake-word model: phrases anywhere among other speech and noise, against all other speech there is.
///
/// A phrase's loss is that of its best output about its end, so that the model chooses where to tell; other sound's is that of its
/// worst outputs, since one false alarm is as bad as many.
public struct WakeWordTraining: Sendable {
    /// Mel frames of an example, 2.56 s.
    static let frames = 256

    let recipe: WakeWordRecipe
    let folder: String
    /// Where features of sound and speech of synthetic voices are kept.
    let features: String
    let speech: String
    let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - folder: where checkpoints and the model are kept, looked for and reused.
    ///   - material: where features and made speech are kept; other trainings may share it. `folder` if nil.
    public init(
        _ recipe: WakeWordRecipe, folder: String, material: String? = nil, report: @escaping @Sendable (String) -> Void
    ) {
        (self.recipe, self.folder, self.report) = (recipe, folder, report)
        (features, speech) = ((material ?? folder) + "/features", (material ?? folder) + "/made")
    }

    /// Runs until the schedule or the budget ends, then writes the averaged model to `folder/export`.
    ///
    /// - Returns: whether the schedule was finished.
    @discardableResult
    public func run(budget: Duration?) throws -> Bool {
        try recipe.check()
        let base = try recipe.base.map { try WakeWordModel.load(from: ModelFolder($0)) }
        var material = try material()
        if let base, let share = recipe.hardShare, share > 0 { material.hard = hardest(base, in: material, count: 3000) }
        TorchRandom.seed(recipe.seed)
        let store = ParameterStore()
        let model = WakeWordModel(store.root, recipe.model)
        if let folder = recipe.base { try take(ModelFolder(folder), into: store) }
        store.setTrainable(true)
        report("\(store.count) parameters")
        var options = TrainerOptions(schedule: recipe.schedule)
        options.budget = budget
        options.seed = recipe.seed
        options.autocast = nil
        options.clip = 2
        let trainer = try Trainer<[Example]>(
            store, optimizers: [AdamW(store.parameters.filter { $0.tensor.requiresGrad })], options: options, folder: folder,
            report: report)
        let (recipe, bins) = (recipe, recipe.model.bins)
        let prefetch = Prefetch(from: trainer.step) { [self, material] step in
            var random = SeededRandom(seed: recipe.seed &+ UInt64(step) &* 7_919)
            return (0..<recipe.batch).map { _ in example(from: material, using: &random) }
        }
        defer { prefetch.stop() }
        let finished = try trainer.run(
            batches: { step in (prefetch.next(), "\(step)", Double(recipe.batch * Self.frames) / 100) },
            loss: { examples in
                let mels = Tensor(examples.flatMap(\.mels), [examples.count, Self.frames, bins])
                return (loss(model(mels, dropout: recipe.dropout), examples), [:])
            })
        try trainer.withAverages {
            try ModelFolder(folder + "/export").write(
                config: recipe.model, store.parameters.map { ($0.name, $0.tensor.detach()) })
        }
        report(finished ? "finished; the model is in \(folder)/export" : "stopped at step \(trainer.step); run again to go on")
        return finished
    }

    /// Puts the weights of a trained model into a new one; phrases that it doesn't know begin anew.
    ///
    /// - Throws: ``RecognitionError/configuration(field:problem:)`` where the two differ in shape.
    private func take(_ folder: ModelFolder, into store: ParameterStore) throws {
        let known = try folder.config(WakeWordConfig.self)
        var shape = recipe.model
        (shape.phrases, shape.thresholds) = (known.phrases, known.thresholds)
        guard shape == known else {
            throw RecognitionError.configuration(
                field: "base", problem: "\(folder.path) has another shape than the recipe's model")
        }
        let weights = try folder.weights()
        // Asking for its tensors is what reads them.
        _ = WakeWordModel(weights.root, known)
        try weights.finish()
        let trained = Dictionary(uniqueKeysWithValues: weights.parameters.map { ($0.name, $0.tensor) })
        withoutGradients {
            for (name, tensor) in store.parameters {
                guard let source = trained[name] else { continue }
                guard name.hasPrefix("exit.") else {
                    tensor.copy_(source)
                    continue
                }
                for (row, phrase) in recipe.model.phrases.enumerated() {
                    guard let other = known.phrases.firstIndex(of: phrase) else { continue }
                    tensor.select(0, index: row).copy_(source.select(0, index: other))
                }
            }
        }
    }

    /// Scores `[B, T, phrases]` to the loss.
    func loss(_ scores: Tensor, _ examples: [Example]) -> Tensor {
        let (outputs, phrases) = (scores.size(1), recipe.model.phrases.count)
        // Outputs about a phrase's end are its own; the rest should be silent.
        var isSilent = [Float](repeating: 1, count: examples.count * outputs * phrases)
        var best: [Tensor] = []
        for (row, example) in examples.enumerated() {
            guard let phrase = example.phrase else { continue }
            let end = example.end / WakeWordConfig.stride
            let (first, last) = (max(0, end - 5), min(outputs, end + 8))
            best.append(
                scores.select(0, index: row).select(-1, index: phrase).narrow(0, start: first, length: last - first).max())
            for output in max(0, first - 6)..<min(outputs, last + 5) {
                isSilent[(row * outputs + output) * phrases + phrase] = 0
            }
        }
        let silent = scores.softplus() * Tensor(isSilent, [examples.count, outputs, phrases])
        let worst = silent.reshape([examples.count, outputs * phrases]).topk(12).0.mean()
        return best.isEmpty ? worst : worst + (-Tensor.stacked(best, 0)).softplus().mean()
    }
}
