internal import ArgumentParser
internal import Foundation
internal import MynaLanguage
internal import Torch
internal import TorchTrain

/// `myna train assistant`.
struct TrainAssistant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assistant",
        abstract: "Train the assistant's language model from a recipe; a run that was stopped goes on where it was.",
        discussion: """
            Requests are generated while training goes on; $MYNA_DATA says where the public word lists and sentences are \
            (../shared/data if not set). The output folder keeps tokenizer.json, the checkpoint, metrics.jsonl and \
            loss.svg; the best model so far is in its folder best. A recipe with "start" goes on from a trained model; one with \
            "preferences" too teaches that model by its own mistakes.

            Example: myna train assistant --recipe Recipes/assistant.json --out runs/assistant --minutes 60
            """)

    @Option(help: "The recipe file.") var recipe = "Recipes/assistant.json"
    @Option(help: "The folder of the run.") var out = "runs/assistant"
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
        var recipe = try AssistantRecipe(contentsOf: recipe)
        if let steps { recipe.steps = steps }
        let begin = ContinuousClock.now
        let tell: (String) -> Void = { line in
            let elapsed = Int((ContinuousClock.now - begin).components.seconds)
            FileHandle.standardError.write(Data("[\(elapsed / 60):\(String(format: "%02d", elapsed % 60))] \(line)\n".utf8))
        }
        let source = try RequestSource.generated()
        let budget = minutes.map { Duration.seconds($0 * 60) }
        if recipe.preferences != nil {
            if group != nil {
                throw CommandError("a recipe with preferences is trained by one process", status: ExitStatus.badData)
            }
            let training = try PreferenceTraining(recipe, source, folder: out, report: tell)
            guard try training.run(budget: budget) else {
                print("Stopped in time; the same command goes on.")
                return
            }
            guard training.hasImproved else {
                print("Finished; no step read more held-out requests than \(recipe.start ?? ""), so no model was kept.")
                return
            }
        } else {
            let training = try AssistantTraining(recipe, source, folder: out, group: group, report: tell)
            guard try training.run(budget: budget) else {
                print("Stopped in time; the same command goes on.")
                return
            }
        }
        print("Finished; the best model is in \(out)/best.")
        print("Next: myna eval intents --model \(out)/best")
    }
}
