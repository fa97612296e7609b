internal import ArgumentParser
internal import Foundation
internal import MynaAssistant
internal import MynaLanguage
internal import Torch
internal import TorchTrain

/// `myna train lm`.
struct TrainLM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Train a language model on texts from a recipe; a run that was stopped goes on where it was.",
        discussion: """
            The recipe names files of texts: lines, or a field of JSON lines, plain or packed by xz; $MYNA_DATA in it stands for \
            the folder of the shared data (../shared/data if not set). The output folder keeps tokenizer.json, the texts as \
            tokens, the checkpoint, metrics.jsonl and loss.svg; the best model so far is in its folder best, in the published \
            Llama layout. A recipe with "start" goes on from a model in the Llama or Qwen3 layout; one with "adapter" too trains \
            low-rank changes of it only (LoRA), which best then holds as the peft package writes them (myna models merge).

            Example: myna train lm --recipe Recipes/lm.json --out runs/lm --minutes 60
            """)

    @Option(help: "The recipe file.") var recipe = "Recipes/lm.json"
    @Option(help: "The folder of the run.") var out = "runs/lm"
    @Option(help: "Stop after this many minutes; the next call goes on.") var minutes: Double?
    @Option(help: "Instead of the recipe's number of steps: the learning rate falls towards this one.") var steps: Int?
    @Option(help: "Threads for tensors.") var threads = 2

    func validate() throws {
        if let minutes, !(minutes > 0) { throw ValidationError("--minutes \(minutes) is not positive") }
        if let steps, steps < 1 { throw ValidationError("--steps \(steps) is not positive") }
        if !(1...256).contains(threads) { throw ValidationError("--threads \(threads) is not within 1 to 256") }
    }

    func run() throws {
        Torch.cacheMemory()
        Torch.threads = threads
        let group = try ProcessGroup.fromEnvironment()
        let data = RequestGenerator.dataFolder
        var recipe = try TextRecipe(contentsOf: recipe, variables: ["MYNA_DATA": data.path])
        if let steps { recipe.steps = steps }
        let begin = ContinuousClock.now
        let corpus = { [recipe] in
            let vocabulary = try recipe.requests > 0 ? RequestVocabulary(contentsOf: data) : .builtIn
            let generator = RequestGenerator(seed: recipe.seed, split: .train, vocabulary: vocabulary, isMisheard: false)
            return try TextCorpus(recipe, requests: (0..<recipe.requests).map { generator.request($0).text })
        }
        let training = try TextTraining(recipe, folder: out, group: group, corpus: corpus) { line in
            let elapsed = Int((ContinuousClock.now - begin).components.seconds)
            FileHandle.standardError.write(Data("[\(elapsed / 60):\(String(format: "%02d", elapsed % 60))] \(line)\n".utf8))
        }
        let finished = try training.run(budget: minutes.map { .seconds($0 * 60) })
        print(finished ? "Finished; the best model is in \(out)/best." : "Stopped in time; the same command goes on.")
    }
}
