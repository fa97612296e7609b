internal import Foundation
public import MynaAudio
internal import MynaText
internal import MynaStages
public import Torch
public import TorchNN
public import TorchTrain

/// Trains a recogniser from a recipe: data, tokenizer, steps, checks, export.
public struct RecognizerTraining {
    let recipe: RecognizerRecipe
    let folder: String
    let start: ModelFolder?
    let device: Device
    let group: ProcessGroup?
    let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - folder: where features, tokenizer and checkpoints are kept, looked for and reused.
    ///   - start: the model whose weights and tokenizer a new run begins with, of the recipe's shape; nil begins with new ones.
    ///   - device: where the model is; data is made and augmented on the CPU.
    ///   - group: the processes that train together.
    public init(
        _ recipe: RecognizerRecipe, folder: String, from start: ModelFolder? = nil, device: Device = .cpu,
        group: ProcessGroup? = nil, report: @escaping @Sendable (String) -> Void
    ) {
        (self.recipe, self.folder, self.start, self.device, self.group) = (recipe, folder, start, device, group)
        let speaks = group?.isFirst ?? true
        self.report = { if speaks { report($0) } }
    }

    /// The words of a transcript as the recogniser writes them, or nil where it holds anything that has no spoken form.
    public static func words(of utterance: Utterance) -> String? {
        guard let text = utterance.text, utterance.extra["text_kind"] == nil else { return nil }
        return SpokenForm.letters(of: text)
    }

    /// Runs until the schedule or the budget ends, then writes the model to `folder/export`.
    public func run(budget: Duration?) throws {
        // Others wait until the first one has made features and tokenizer, and then read them.
        if let group, !group.isFirst { try group.barrier() }
        let bins = recipe.model.num_mel_bins
        let stores = try recipe.sources.map { source in
            SpeechBatches.Source(
                name: source.name, share: source.share,
                stores: try source.manifests.map { try features($0, split: "train", bins: bins) },
                isFinished: source.isFinished ?? false, noise: source.noise ?? (source.isFinished == true ? 0.15 : 0.35))
        }
        let tokenizer = try tokenizer(for: stores)
        let config = config(for: tokenizer)
        let noiseManifest = try SpeechManifest(path: recipe.noise)
        let front = LogMel(bins: bins)
        let noises = try noiseManifest.utterances.filter { $0.split == "train" && $0.extra["kind"]?.string == "noise" }.map {
            front(try noiseManifest.samples(of: $0, at: LogMel.sampleRate)).array(Float.self)
        }
        let checks = try recipe.checks.map { check in
            (check, try features(check.manifest, split: check.split, bins: bins))
        }
        let endOfSpeech = tokenizer.count - 1
        let batches = SpeechBatches(
            stores, noises: noises, bins: bins, batchFrames: Int(recipe.batchSeconds * 100), chunkChoices: recipe.chunks,
            endOfSpeech: endOfSpeech, seed: recipe.seed, encode: { tokenizer.encode($0, findingAdded: false) })
        if let group, group.isFirst { try group.barrier() }
        for source in batches.hours { report("\(source.name): \(String(format: "%.1f", source.hours)) h") }

        TorchRandom.seed(recipe.seed)
        let store = ParameterStore(device: device)
        let model = FastConformerTransducer(store.root, config)
        let modelNames = Set(store.parameters.map(\.name))
        model.encoder.prepareNewWeights()
        if let start { try take(start, for: config, into: store) }
        let sample = withoutGradients { model.encoder.subsampling(batches.batch(0).mels.to(device), lengths: nil) }
        report(
            "what the blocks read has deviation \(sample.variance(nil, correction: 1).sqrt().item()), over time \(sample.variance([1], correction: 1).mean().sqrt().item())"
        )
        let middleHead = Linear(
            store.root / "training" / "middle", from: config.encoder_config.hidden_size, to: config.vocab_size)
        let ctcHead = Linear(store.root / "training" / "ctc", from: config.encoder_config.hidden_size, to: config.vocab_size)
        store.setTrainable(true)
        report("\(store.parameters.filter { modelNames.contains($0.name) }.reduce(0) { $0 + $1.tensor.count }) parameters")
        let matrices = store.parameters.filter {
            $0.name.hasPrefix("encoder.layers.") && $0.tensor.rank == 2 && $0.tensor.size(0) > 8
        }
        let matrixNames = Set(matrices.map(\.name))
        let rest = store.parameters.filter { !matrixNames.contains($0.name) }
        var options = TrainerOptions(schedule: recipe.schedule)
        options.averaging = recipe.averaging
        options.budget = budget
        options.seed = recipe.seed
        options.group = group
        let trainer = try Trainer<SpeechBatch>(
            store, optimizers: [Muon(matrices), AdamW(rest)], options: options, folder: folder, report: report)

        let (rank, processes) = (group?.rank ?? 0, group?.size ?? 1)
        let prefetch = Prefetch(from: trainer.step) { batches.batch($0 * processes + rank) }
        defer { prefetch.stop() }
        let blank = config.blank_token_id
        let (ctcWeight, dropout, fastEmit) = (recipe.ctcWeight, recipe.dropout, recipe.fastEmit)
        var best = Double.infinity
        let finished = try trainer.run(
            batches: { step in
                let batch = prefetch.next()
                return (batch, "\(step)", batch.seconds)
            },
            loss: { batch in
                let (frames, middle) = model.encoder.withMiddle(
                    batch.mels.to(device), lengths: batch.lengths, chunks: batch.chunks, dropout: dropout)
                let counts = batch.lengths.map { FastConformerConfig.frames(forMels: $0) }
                let total = Double(batch.labels.reduce(0) { $0 + $1.count + 1 })
                let flat = Tensor(batch.labels.flatMap { $0 }).to(device)
                func aligned(_ scores: Tensor) -> Tensor {
                    scores.to(.float32).logSoftmax(-1).transposed(0, 1).ctcLoss(  // [T, B, V]
                        targets: flat, inputLengths: counts, targetLengths: batch.labels.map(\.count), blank: blank, reduction: 2,
                        zeroInfinity: true) / total
                }
                let ctc = aligned(ctcHead(frames))
                let auxiliary = ctc + aligned(middleHead(middle)) * 0.3
                guard trainer.step >= recipe.transducerFrom else { return (auxiliary, ["ctc": ctc.item()]) }
                let transducer =
                    model.loss(frames, frameCounts: counts, labels: batch.labels, dropout: dropout, fastEmit: fastEmit).sum()
                    / total
                return (transducer + auxiliary * ctcWeight, ["transducer": transducer.item(), "ctc": ctc.item()])
            },
            evaluateEvery: recipe.evaluateEvery,
            evaluate: {
                var metrics: [String: Double] = [:]
                for (check, features) in checks where trainer.step >= recipe.transducerFrom {
                    metrics["wer.\(check.name)"] = wordErrorRate(
                        model, tokenizer, features, limit: check.limit, endOfSpeech: endOfSpeech)
                }
                let mean = metrics.values.reduce(0, +) / Double(max(1, metrics.count))
                if !metrics.isEmpty, mean < best {
                    best = mean
                    try export(trainer.parameters.filter { modelNames.contains($0.name) }, config, tokenizer)
                }
                return metrics
            })
        guard group?.isFirst ?? true else { return }
        try trainer.withAverages { try export(trainer.parameters.filter { modelNames.contains($0.name) }, config, tokenizer) }
        report(finished ? "finished; the model is in \(folder)/export" : "stopped at step \(trainer.step); run again to go on")
    }

    private func features(_ manifest: String, split: String?, bins: Int) throws -> FeatureStore {
        try FeatureStore(
            manifest: manifest, split: split, bins: bins, folder: folder + "/features", report: report, text: Self.words)
    }

    /// Pieces learnt from the training texts, then end of speech; kept with the run.
    private func tokenizer(for sources: [SpeechBatches.Source]) throws -> BytePairTokenizer {
        let path = folder + "/tokenizer.json"
        if FileManager.default.fileExists(atPath: path) { return try BytePairTokenizer(contentsOf: URL(filePath: path)) }
        if let start {
            let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: start.file("tokenizer.json")))
            try tokenizer.write(to: URL(filePath: path))
            return tokenizer
        }
        var trainer = BytePairTrainer(alphabet: .seen, addsPrefixSpace: true)
        for source in sources { for store in source.stores { for item in store.items { trainer.add(item.text) } } }
        let plain = try trainer.tokenizer(vocabularySize: recipe.pieces)
        let whole = try BytePairTokenizer(
            pieces: plain.pieces + [Array("<|endofspeech|>".utf8)], merges: plain.merges,
            added: [.init(id: plain.count, text: "<|endofspeech|>")],
            splitting: plain.splitting, addsPrefixSpace: true)
        try whole.write(to: URL(filePath: path))
        return whole
    }

    private func config(for tokenizer: BytePairTokenizer) -> FastConformerConfig {
        var config = FastConformerConfig()
        config.encoder_config = recipe.model
        config.vocab_size = tokenizer.count + 1
        config.blank_token_id = tokenizer.count
        config.end_of_speech_token_id = tokenizer.count - 1
        config.decoder_hidden_size = recipe.predictionWidth
        config.num_decoder_layers = recipe.predictionLayers
        return config
    }

    private func export(_ parameters: [NamedTensor], _ config: FastConformerConfig, _ tokenizer: BytePairTokenizer) throws {
        let folder = ModelFolder(folder + "/export")
        try folder.write(config: config, parameters.map { ($0.name, $0.tensor.detach().to(.bfloat16)) })
        try tokenizer.write(to: URL(filePath: folder.file("tokenizer.json")))
    }

    /// Greedy word error rate over the first utterances of `features`, each whole in chunks of 1,120 ms.
    private func wordErrorRate(
        _ model: FastConformerTransducer, _ tokenizer: BytePairTokenizer, _ features: FeatureStore, limit: Int, endOfSpeech: Int
    ) -> Double {
        var (errors, words) = (0, 0)
        for item in features.items.prefix(limit) {
            let mels = Tensor(features.frames(item), [1, item.frames, features.bins]).to(device)
            var decoder = GreedyDecoder(model)
            decoder.accept(model.encoder(mels, lengths: [item.frames], chunks: [14]))
            let heard = tokenizer.decode(decoder.tokens.map(\.id).filter { $0 != endOfSpeech }).split(separator: " ").map(
                String.init)
            let said = item.text.split(separator: " ").map(String.init)
            errors += editDistance(said, heard)
            words += said.count
        }
        return Double(errors) / Double(max(1, words)) * 100
    }
}
