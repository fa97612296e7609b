internal import Foundation
internal import MynaAudio
internal import MynaStages
internal import MynaText
public import Torch
internal import TorchNN
public import TorchTrain

/// What a wake-word model learns from, and how.
public struct WakeWordRecipe: Codable, Sendable {
    /// The model's shape and its phrases.
    public var model: WakeWordConfig
    /// Manifests of speech; utterances whose text is a phrase are its examples, and all that don't hold one are other sound.
    public var manifests: [String]
    /// The manifest of noises; those of its `train` split are mixed in.
    public var noise: String
    /// Examples of each step.
    public var batch = 48
    public var schedule: WarmupStableDecay
    /// Share of the examples that hold a phrase.
    public var phraseShare = 0.45
    public var dropout = 0.1
    public var seed: UInt64 = 1

    /// Reads a recipe; `$NAME` in it stands for a variable's value.
    public static func load(_ path: String, variables: [String: String]) throws -> WakeWordRecipe {
        let recipe = try RecipeFile.read(path, variables: variables) as WakeWordRecipe
        if let wrong = recipe.model.wrongField { throw RecognitionError.configuration(field: wrong.name, problem: wrong.problem) }
        return recipe
    }
}

/// Trains a wake-word model: phrases anywhere among other speech and noise, against all other speech there is.
///
/// A phrase's loss is that of its best output about its end, so that the model chooses where to tell; other sound's is that of its
/// worst outputs, since one false alarm is as bad as many.
public struct WakeWordTraining {
    /// Mel frames of an example, 2.56 s.
    static let frames = 256

    let recipe: WakeWordRecipe
    let folder: String
    let report: @Sendable (String) -> Void

    /// - Parameter folder: where features and checkpoints are kept, looked for and reused.
    public init(_ recipe: WakeWordRecipe, folder: String, report: @escaping @Sendable (String) -> Void) {
        (self.recipe, self.folder, self.report) = (recipe, folder, report)
    }

    /// One example: log-mel frames, and the phrase that ends at a frame.
    struct Example {
        var mels: [Float]
        var phrase: Int?
        var end = 0
    }

    /// Where examples come from.
    struct Material {
        var bins: Int
        var said: [[[Float]]]  // by phrase, trimmed to where it is said
        var others: [(store: FeatureStore, item: FeatureStore.Item)]
        var ends: [Int]  // sums of the others' frames
        var augmentation: Augmentation
    }

    /// Runs until the schedule or the budget ends, then writes the averaged model to `folder/export`.
    public func run(budget: Duration?) throws {
        let material = try material()
        TorchRandom.seed(recipe.seed)
        let store = ParameterStore()
        let model = WakeWordModel(store.root, recipe.model)
        store.setTrainable(true)
        report("\(store.count) parameters, \(material.said.map(\.count)) recordings of \(recipe.model.phrases)")
        var options = TrainerOptions(schedule: recipe.schedule)
        options.budget = budget
        options.seed = recipe.seed
        options.autocast = nil
        options.clip = 2
        let trainer = try Trainer<[Example]>(
            store, optimizers: [AdamW(store.parameters.filter { $0.tensor.requiresGrad })], options: options, folder: folder,
            report: report)
        let (recipe, bins) = (recipe, recipe.model.bins)
        let finished = try trainer.run(
            batches: { step in
                var random = SeededRandom(seed: recipe.seed &+ UInt64(step) &* 7_919)
                let examples = (0..<recipe.batch).map { _ in example(from: material, using: &random) }
                return (examples, "\(step)", Double(recipe.batch * Self.frames) / 100)
            },
            loss: { examples in
                let mels = Tensor(examples.flatMap(\.mels), [examples.count, Self.frames, bins])
                return (loss(model(mels, dropout: recipe.dropout), examples), [:])
            })
        try trainer.withAverages {
            try ModelFolder(folder + "/export").write(
                config: recipe.model, store.parameters.map { ($0.name, $0.tensor.detach()) })
        }
        report(finished ? "finished; the model is in \(folder)/export" : "stopped at step \(trainer.step); run again to go on")
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

    /// Puts one example together: a phrase alone, before, behind or among other speech, or other speech alone; then changed.
    func example(from material: Material, using random: inout SeededRandom) -> Example {
        let bins = material.bins
        let floor = Float.random(in: -15 ... -9, using: &random)
        func quiet(_ frames: Int) -> [Float] {
            (0..<frames * bins).map { _ in floor + Float.random(in: -0.8...0.8, using: &random) }
        }
        func level(_ mels: [Float]) -> [Float] {
            let change = Float.random(in: -3...1, using: &random)
            return mels.map { $0 + change }
        }
        func speech(_ frames: Int) -> [Float] {
            var sound: [Float] = []
            while sound.count < frames * bins {
                let place = Int.random(in: 0..<(material.ends.last ?? 1), using: &random)
                let index = material.ends.partitioningIndex { $0 > place }
                let (store, item) = material.others[index]
                let mels = store.frames(item)
                let most = max(0, item.frames - frames)
                let start = Int.random(in: 0...most, using: &random)
                sound += level(Array(mels[start * bins..<min(item.frames, start + frames) * bins]))
                if Bool.random(using: &random) { sound += quiet(Int.random(in: 1...50, using: &random)) }
            }
            return Array(sound.prefix(frames * bins))
        }
        var strength = Augmentation.Strength()
        strength.noiseShare = 0.65
        strength.snr = 0...25
        strength.frequencyMasks = 1
        strength.frequencyMaskWidth = 10
        strength.timeMasks = 1
        strength.timeMaskShare = 0.03
        // Stretched before it is placed, so that its end stays known.
        let stretch = strength.stretch
        strength.stretch = 1...1
        guard Double.random(in: 0..<1, using: &random) < recipe.phraseShare else {
            let mels = material.augmentation.apply(speech(Self.frames), strength, .init(before: 0, after: 0), using: &random)
            return Example(mels: mels)
        }
        let phrase = Int.random(in: 0..<material.said.count, using: &random)
        var plain = Augmentation.Strength()
        (plain.noiseShare, plain.stretch, plain.warp) = (0, stretch, 1...1)
        (plain.gain, plain.tilt, plain.frequencyMasks, plain.timeMasks) = (-4...1, 0...0, 0, 0)
        let said = material.said[phrase].randomElement(using: &random) ?? []
        var word = material.augmentation.apply(said, plain, .init(before: 0, after: 0), using: &random)
        word = Array(word.prefix((Self.frames - 20) * bins))
        let length = word.count / bins
        let end = Int.random(in: length..<Self.frames - 10, using: &random)
        var mels = quiet(Self.frames)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: mels = speech(Self.frames)
        case 1:
            let pause = Int.random(in: 0...25, using: &random)
            let rest = max(0, Self.frames - end - pause)
            mels.replaceSubrange(((Self.frames - rest) * bins)..., with: speech(rest))
        case 2: mels.replaceSubrange(..<((end - length) * bins), with: speech(end - length))
        default: break
        }
        mels.replaceSubrange((end - length) * bins..<end * bins, with: word)
        mels = material.augmentation.apply(mels, strength, .init(before: 0, after: 0), using: &random)
        return Example(mels: mels, phrase: phrase, end: end)
    }

    private func material() throws -> Material {
        let bins = recipe.model.bins
        var said = recipe.model.phrases.map { _ in [[Float]]() }
        var others: [(store: FeatureStore, item: FeatureStore.Item)] = []
        var ends: [Int] = []
        for path in recipe.manifests {
            let store = try FeatureStore(
                manifest: path, split: "train", bins: bins, folder: folder + "/features", report: report
            ) { SpokenForm.letters(of: $0.text ?? "") ?? "?" }
            for item in store.items {
                if let phrase = recipe.model.phrases.firstIndex(of: item.text) {
                    said[phrase].append(Self.trimmed(store.frames(item), bins: bins))
                } else if !recipe.model.phrases.contains(where: { " \(item.text) ".contains(" \($0) ") }), item.frames > 0 {
                    others.append((store, item))
                    ends.append((ends.last ?? 0) + item.frames)
                }
            }
        }
        for (phrase, recordings) in zip(recipe.model.phrases, said) where recordings.isEmpty {
            throw RecognitionError.data("no utterance of the manifests' train splits is \"\(phrase)\"")
        }
        guard !others.isEmpty else { throw RecognitionError.data("the manifests hold nothing but the phrases") }
        let noiseManifest = try SpeechManifest(path: recipe.noise)
        let front = LogMel(bins: bins)
        let noises = try noiseManifest.utterances.filter { $0.split == "train" && $0.extra["kind"]?.string == "noise" }.map {
            let samples = try noiseManifest.samples(of: $0, at: LogMel.sampleRate)
            // Of long noises the second half is kept for tests.
            return front(samples.count > 100 * LogMel.sampleRate ? Array(samples.prefix(samples.count / 2)) : samples)
                .array(Float.self)
        }
        report("\(ends.last.map { $0 / 360_000 } ?? 0) hours of other sound, \(noises.count) noises")
        return Material(
            bins: bins, said: said, others: others, ends: ends, augmentation: Augmentation(bins: bins, noises: noises))
    }

    /// The part of a recording that is louder than its silence.
    static func trimmed(_ mels: [Float], bins: Int) -> [Float] {
        let count = mels.count / bins
        let levels = (0..<count).map { frame in
            mels[frame * bins..<(frame + 1) * bins].reduce(0) { $0 + exp($1) }
        }
        let threshold = (levels.max() ?? 0) * 0.0064
        guard let first = levels.firstIndex(where: { $0 > threshold }), let last = levels.lastIndex(where: { $0 > threshold })
        else { return mels }
        return Array(mels[max(0, first - 5) * bins..<min(count, last + 8) * bins])
    }
}

extension [Int] {
    /// The first index whose element is so, of a list in which all behind it are too.
    fileprivate func partitioningIndex(where isSo: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isSo(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
