internal import ArgumentParser

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Train a model.", subcommands: [TrainASR.self])
}

struct Myna: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "myna", abstract: "A voice assistant.", subcommands: [Train.self])
}

Myna.main()
