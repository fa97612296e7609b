internal import ArgumentParser
internal import Foundation
internal import MynaRecognition
internal import Torch
internal import TorchTrain

/// `myna train wake-word`.
struct TrainWakeWord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wake-word",
        abstract: "Train a detector of wake words from recordings of them and of other speech.",
        discussion: """
            The recipe names phrases and manifests: what is said in an utterance whose text is a phrase is an example of it, all \
            other speech is what it must not be heard in. A run that was stopped goes on where it was; the model is in \
            the output folder's `export`. Its thresholds are 0 until `myna eval keyword --detector` has chosen some on other sound.

            Example: myna train wake-word --recipe Recipes/wake-word.json --out runs/wake-word
            """)

    @Option(help: "The recipe file.") var recipe = "Recipes/wake-word.json"
    @Option(help: "The folder of the run.") var out = "runs/wake-word"
    @Option(help: "Stop after this many minutes; the next call goes on.") var minutes: Double?
    @Option(help: "Threads for tensors.") var threads = 1

    func run() throws {
        Torch.cacheMemory()
        Torch.threads = threads
        let data = ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data"
        let loaded = try WakeWordRecipe.load(recipe, variables: ["MYNA_DATA": data])
        let begin = ContinuousClock.now
        try WakeWordTraining(loaded, folder: out) { line in
            let elapsed = Int((ContinuousClock.now - begin).components.seconds)
            FileHandle.standardError.write(Data("[\(elapsed / 60):\(String(format: "%02d", elapsed % 60))] \(line)\n".utf8))
        }.run(budget: minutes.map { .seconds($0 * 60) })
    }
}
