internal import ArgumentParser

/// The root of all commands.
struct MynaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "myna", abstract: "A voice assistant and the speech engine under it.",
        subcommands: [TrainCommand.self, DataCommand.self])
}

/// `myna train`.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model from its recipe.", subcommands: [TrainASR.self])
}

MynaCommand.main()
