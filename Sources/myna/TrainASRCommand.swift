internal import ArgumentParser
internal import Foundation
internal import MynaRecognition
internal import Torch
internal import TorchNN
internal import TorchTrain

/// `myna train asr`.
struct TrainASR: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asr",
        abstract: "Train a recogniser from a recipe; a run that was stopped goes on where it was.",
        discussion: """
            Features, tokenizer, checkpoints, metrics.jsonl and loss.svg are kept in the output folder and reused.
            The best model so far is in its folder `export`.

            Example: myna train asr --recipe Recipes/asr.json --out runs/asr --minutes 60
            Further training of the shipped one: myna train asr --recipe mine.json --from Models/myna-asr --out runs/mine
            """)

    @Option(help: "The recipe file.") var recipe = "Recipes/asr.json"
    @Option(help: "The folder of the run.") var out = "runs/asr"
    @Option(
        help:
            "Begin with the weights and the tokenizer of this model, of the recipe's shape or with fewer blocks; a run that has begun goes on with its own."
    )
    var from: String?
    @Option(help: "Stop after this many minutes; the next call goes on.") var minutes: Double?
    @Option(help: "Threads for tensors.") var threads = 2
    @Option(
        help:
            "Where the model is trained: cpu, cuda, cuda:N or mps; of several processes each takes the GPU of its LOCAL_RANK where cuda is asked for."
    )
    var compute = "cpu"

    func run() throws {
        Torch.cacheMemory()
        Torch.threads = threads
        let group = try ProcessGroup.fromEnvironment()
        let data = ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data"
        let loaded = try RecognizerRecipe.load(recipe, variables: ["MYNA_DATA": data])
        let begin = ContinuousClock.now
        let device = try Device(named: compute == "cuda" ? "cuda:\(group?.localRank ?? 0)" : compute)
        if let from, !FileManager.default.fileExists(atPath: from) {
            throw CommandError("\(from): no such model folder", status: ExitStatus.noInput)
        }
        let start = from.map { ModelFolder($0) }
        try RecognizerTraining(loaded, folder: out, from: start, device: device, group: group) { line in
            let elapsed = Int((ContinuousClock.now - begin).components.seconds)
            FileHandle.standardError.write(Data("[\(elapsed / 60):\(String(format: "%02d", elapsed % 60))] \(line)\n".utf8))
        }.run(budget: minutes.map { .seconds($0 * 60) })
    }
}
