import ArgumentParser
import Foundation
import MynaHub
import MynaRecognition
import Synchronization
import Torch
import TorchNN

/// `myna models …`: fetches and makes model folders.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Fetch and make model folders.",
        subcommands: [PullCommand.self, NewModelCommand.self, MergeCommand.self, AverageCommand.self])
}

/// `myna models pull`: a published model, over the hub's HTTP interface.
struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a published model.",
        discussion: """
            A transfer that was cut goes on where it stopped; each file is checked by size and SHA-256 before it takes its place. \
            Models are kept in MYNA_MODELS, or ~/.cache/myna/models, and are then found by name without a network. \
            MYNA_HUB is another hub or a mirror; MYNA_HUB_TOKEN is sent to it where a model needs one.

            Example: myna models pull nvidia/parakeet-ctc-0.6b
            Then: myna transcribe --asr nvidia/parakeet-ctc-0.6b talk.flac
            """)

    @Argument(help: "OWNER/NAME.") var model: String
    @Option(help: "A branch, a tag or a commit.") var revision = "main"
    @Option(help: "The hub or a mirror; MYNA_HUB or \(HubClient.standardHub) if not given.") var hub: String?
    @Option(help: "Where models are kept.") var into: String?
    @Flag(help: "Do not ask the hub: only say where the model is kept.") var offline = false

    func run() async throws {
        let name = try ModelName(model, revision: revision)
        let store = ModelStore(into.map { URL(filePath: $0) })
        if offline {
            Output.standard.line(try store.kept(name).path)
            return try Output.standard.check()
        }
        let shown = Mutex(ProgressLine(of: "MB"))
        let folder = try await HubClient(hub: hub).pull(name, into: store) { progress in
            guard let total = progress.total, progress.done >= 1_000_000 else { return }
            shown.withLock { $0.show(Int(progress.done / 1_000_000), Int(total / 1_000_000)) }
        }
        shown.withLock { $0.end() }
        Output.standard.line(folder.path)
        try Output.standard.check()
    }
}

/// `myna models new`: a folder with the shape of a `config.json` and random weights, to measure size and speed with.
struct NewModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a recogniser with random weights, to measure memory and speed.",
        discussion: """
            What it hears means nothing. The tokenizer names its pieces by number.

            Example: myna models new --config Recipes/models/streaming-0.6b.json --out runs/random-0.6b --bfloat16
            """)

    @Option(help: "The config.json of a recogniser.") var config: String
    @Option(help: "The folder to make.") var out: String
    @Flag(help: "Weights in bfloat16 instead of float32.") var bfloat16 = false
    @Option(help: "Chooses the weights.") var seed: UInt64 = 1

    func run() throws {
        guard FileManager.default.fileExists(atPath: config) else {
            throw CommandError("\(config): no such file", status: ExitStatus.noInput)
        }
        let parameters = try RandomRecognizer.write(
            configuration: config, to: ModelFolder(out), dtype: bfloat16 ? .bfloat16 : .float32, seed: seed)
        Output.standard.line("\(out): \(parameters) parameters")
        try Output.standard.check()
    }
}
