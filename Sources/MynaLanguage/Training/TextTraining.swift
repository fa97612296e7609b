internal import Foundation
internal import MynaText
internal import Torch
internal import TorchNN
public import TorchTrain

/// Trains a language model on texts in a folder; what is there already is taken up again.
///
/// The folder holds the tokenizer, the texts as tokens, the trainer's checkpoint and metrics, and `best/`: the model that
/// was least surprised by the texts held out for choosing, or its adapter where only that is trained. Texts stand one behind the
/// other, each with the end token behind it.
public final class TextTraining {
    private static let end = "<end>"

    private let recipe: TextRecipe
    private let folder: String
    private let group: ProcessGroup?
    private let report: (String) -> Void
    private let language: LanguageModel
    private let train: [Int32]
    private let dev: [Int32]
    /// Words of the held-out texts, their ends included.
    private let devWords: Int
    private var best = Best(perplexity: .infinity, step: 0)

    private struct Best: Codable {
        /// For a word, its end of text included.
        var perplexity: Double
        var step: Int
    }

    /// Reads the texts, or the tokens that an earlier call made of them, and makes new weights.
    public init(
        _ recipe: TextRecipe, folder: String, group: ProcessGroup? = nil, corpus: () throws -> TextCorpus,
        report: @escaping (String) -> Void
    ) throws {
        try recipe.validate()
        self.group = group
        let speaks = group?.isFirst ?? true
        let report: (String) -> Void = { if speaks { report($0) } }
        (self.recipe, self.folder, self.report) = (recipe, folder, report)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let tokenizerFile = URL(filePath: folder + "/tokenizer.json")
        let textFile = folder + "/texts.safetensors"
        // Others wait until the first one has made the tokens, and then read them.
        if let group, !group.isFirst { try group.barrier() }
        if !FileManager.default.fileExists(atPath: textFile) {
            let corpus = try corpus()
            guard !corpus.train.isEmpty, !corpus.dev.isEmpty else {
                throw LanguageError.recipe(
                    file: folder, problem: "\(corpus.train.count) texts to train on, \(corpus.dev.count) to choose by: too few")
            }
            report("\(corpus.train.count) texts, \(corpus.dev.count) to choose by, \(corpus.leftOut) left out as held out")
            if let start = recipe.start {
                let there = try BytePairTokenizer(contentsOf: URL(filePath: ModelFolder(start).file("tokenizer.json")))
                try there.write(to: tokenizerFile)
                let config = try ModelFolder(start).config(DecoderConfig.self)
                try Self.write(corpus, tokenizerFile, textFile, endToken: Self.endToken(of: config, start))
            } else {
                try Self.writeTokenizer(learning: corpus.train, tokenizerFile, vocabulary: recipe.vocabulary ?? 0)
                try Self.write(corpus, tokenizerFile, textFile, endToken: nil)
            }
        }
        if let group, group.isFirst { try group.barrier() }
        let tokenizer = try BytePairTokenizer(contentsOf: tokenizerFile)
        let texts = try Safetensors(contentsOf: textFile)
        train = try texts.tensor("train").array(Int32.self)
        dev = try texts.tensor("dev").array(Int32.self)
        devWords = texts.metadata["devWords"].flatMap { Int($0) } ?? 0
        TorchRandom.seed(recipe.seed)
        language = try Self.language(recipe, tokenizer, tokenizerFile)
        let trained = Self.trained(language)
        trained.setTrainable(true)
        let part = language.adapter == nil ? "" : " of \(language.parameters.count)"
        report("\(trained.count)\(part) parameters, \(tokenizer.count) kinds of token, \(train.count) tokens of text")
    }

    /// A new model, or the one that the recipe goes on from, with a new adapter where one is to be trained.
    private static func language(
        _ recipe: TextRecipe, _ tokenizer: BytePairTokenizer, _ tokenizerFile: URL
    ) throws -> LanguageModel {
        guard let start = recipe.start else {
            guard let shape = recipe.model, let endToken = tokenizer.id(of: end) else {
                throw LanguageError.tokenizer(file: tokenizerFile.path, problem: "has no token \(end)")
            }
            return try LanguageModel(
                config: recipe.config(of: shape, vocabulary: tokenizer.count, endToken: endToken), tokenizer: tokenizer)
        }
        let adapter = try recipe.adapter.map {
            try LowRankAdapter(
                AdapterConfig(rank: $0.rank, alpha: $0.alpha, targetModules: $0.targetModules.sorted(), base: start))
        }
        let language = try LanguageModel(contentsOf: ModelFolder(start), adapter: adapter)
        guard recipe.rowLength <= language.model.config.longestText else {
            throw LanguageError.tooLong(tokens: recipe.rowLength, limit: language.model.config.longestText)
        }
        return language
    }

    /// What is trained: the adapter where there is one, else all weights.
    private static func trained(_ language: LanguageModel) -> ParameterStore {
        language.adapter?.parameters ?? language.parameters
    }

    private static func endToken(of config: DecoderConfig, _ start: String) throws(LanguageError) -> Int32 {
        guard let end = config.eosTokenIDs.first else {
            throw .config(field: "eos_token_id (\(start))", value: "nothing", expected: "the token that ends a text")
        }
        return Int32(end)
    }

    private static func writeTokenizer(learning texts: [String], _ file: URL, vocabulary: Int) throws {
        var counts: [Substring: Int] = [:]
        for text in texts {
            for word in text.split(separator: " ") { counts[word, default: 0] += 1 }
        }
        var trainer = BytePairTrainer(specials: [end], addsPrefixSpace: true)
        for (word, count) in counts { trainer.add(word, count: count) }
        try trainer.tokenizer(vocabularySize: vocabulary).write(to: file)
    }

    /// - Parameter endToken: of a tokenizer that is not our own; such texts are cut whole.
    private static func write(
        _ corpus: TextCorpus, _ tokenizerFile: URL, _ textFile: String, endToken given: Int32?
    ) throws {
        let tokenizer = try BytePairTokenizer(contentsOf: tokenizerFile)
        let endToken = given ?? Int32(tokenizer.id(of: end) ?? 0)
        // Words come again and again: each is cut once.
        var pieces: [Substring: [Int32]] = [:]
        func tokens(_ texts: [String]) -> [Int32] {
            var all: [Int32] = []
            for text in texts {
                if given != nil { all += tokenizer.encode(text, findingAdded: false).map { Int32($0) } }
                for word in text.split(separator: " ") where given == nil {
                    if let known = pieces[word] {
                        all += known
                    } else {
                        let cut = tokenizer.encode(String(word), findingAdded: false).map { Int32($0) }
                        pieces[word] = cut
                        all += cut
                    }
                }
                all.append(endToken)
            }
            return all
        }
        let devWords = corpus.dev.reduce(0) { $0 + $1.split(separator: " ").count + 1 }
        try Safetensors.write(
            [("train", Tensor(tokens(corpus.train))), ("dev", Tensor(tokens(corpus.dev)))],
            metadata: ["devWords": "\(devWords)"], to: textFile)
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
        let trained = Self.trained(language)
        let optimizer = AdamW(trained.parameters, betas: (0.9, 0.95), weightDecay: recipe.weightDecay)
        let trainer = try Trainer<Tensor>(
            trained, optimizers: [optimizer], options: options, folder: folder, report: report)
        best = try readBest()
        return try trainer.run(
            batches: { step in (self.batch(step), "of step \(step)", Double(self.recipe.batch * self.recipe.rowLength)) },
            loss: { (self.loss($0), [:]) },
            evaluateEvery: recipe.evaluateEvery,
            evaluate: {
                let perplexity = self.perplexity()
                if perplexity < self.best.perplexity { try self.keep(Best(perplexity: perplexity, step: trainer.step)) }
                return ["dev_perplexity": perplexity]
            })
    }

    /// Tokens of a row: what it predicts and one before.
    private var width: Int { recipe.rowLength + 1 }

    /// The rows of one step, `[B, T + 1]`: another drawn order of all rows each time they have been read, cut at another place.
    private func batch(_ step: Int) -> Tensor {
        let T = recipe.rowLength
        let rows = max(1, (train.count - T) / T)
        var tokens: [Int] = []
        tokens.reserveCapacity(recipe.batch * width)
        for index in 0..<recipe.batch {
            let (epoch, place) = (step * recipe.batch + index).quotientAndRemainder(dividingBy: rows)
            let row = Self.permuted(place, of: rows, seed: recipe.seed &+ UInt64(epoch))
            let shift = Int(truncatingIfNeeded: (recipe.seed &+ UInt64(epoch)) &* 0x9E37_79B9_7F4A_7C15 >> 33) % T
            for offset in 0..<width { tokens.append(Int(train[(row * T + shift + offset) % train.count])) }
        }
        return Tensor(tokens, [recipe.batch, width])
    }

    /// Where `index` comes in a drawn order of `0..<count`: steps of a length that shares no divisor with `count`, from a drawn start.
    private static func permuted(_ index: Int, of count: Int, seed: UInt64) -> Int {
        var random = seed &* 0xD134_2543_DE82_EF95 &+ 0x2545_F491_4F6C_DD1D
        func next() -> Int {
            random ^= random >> 29
            random = random &* 0xBF58_476D_1CE4_E5B9
            return Int(truncatingIfNeeded: random >> 33)
        }
        func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
        let start = next() % count
        var stride = max(1, next() % count)
        while divisor(stride, count) != 1 { stride = stride % count + 1 }
        return (start + index * stride) % count
    }

    private func loss(_ rows: Tensor) -> Tensor {
        let T = recipe.rowLength
        let states = language.model.states(rows.narrow(1, start: 0, length: T))
        let logits = language.model.logits(states).flatten(0, endDim: 1).to(.float32)  // [B T, V]
        return logits.crossEntropyLoss(target: rows.narrow(1, start: 1, length: T).reshape([-1]))
    }

    /// Of a word of the held-out texts, its ends of text included.
    private func perplexity() -> Double {
        var sum = 0.0
        let T = recipe.rowLength
        var start = 0
        while start + 1 < dev.count {
            let length = min(T, dev.count - 1 - start)
            let rows = max(1, min(32, (dev.count - 1 - start) / T))
            let taken = rows * length
            let ids = Tensor(dev[start..<start + taken].map { Int($0) }, [rows, length])
            let targets = Tensor(dev[start + 1..<start + taken + 1].map { Int($0) }, [taken])
            let logits = language.model.logits(language.model.states(ids)).flatten(0, endDim: 1).to(.float32)
            sum += logits.crossEntropyLoss(target: targets, reduction: 2).item()
            start += taken
        }
        return exp(sum / Double(max(1, devWords)))
    }

    // MARK: The best so far

    private var bestFile: String { folder + "/best.json" }

    private func readBest() throws -> Best {
        guard let data = FileManager.default.contents(atPath: bestFile) else { return Best(perplexity: .infinity, step: 0) }
        return try JSONDecoder().decode(Best.self, from: data)
    }

    /// Writes the weights as they are now to `best/`.
    private func keep(_ best: Best) throws {
        let there = ModelFolder(folder + "/best")
        if let adapter = language.adapter {
            try adapter.write(
                to: there, card: AdapterCard(config: adapter.config, perplexity: best.perplexity, step: best.step).text)
        } else {
            try language.write(to: there, dtype: .bfloat16)
        }
        try JSONEncoder().encode(best).write(to: URL(filePath: bestFile), options: .atomic)
        self.best = best
    }
}

/// The card of a trained adapter.
private struct AdapterCard {
    var config: AdapterConfig
    var perplexity: Double
    var step: Int

    var text: String {
        """
        # A low-rank adapter

        - **Changes**: `\(config.base ?? "")`, in \(config.targetModules.map { "`\($0)`" }.joined(separator: ", ")), with rank \(config.rank) \
        and alpha \(config.alpha).
        - **Trained** by `myna train lm` for \(step) steps: perplexity of a word of the held-out texts \(String(format: "%.2f", perplexity)).
        - **Use**: `myna models merge BASE ADAPTER --out DIR`, or the `peft` package.

        """
    }
}
