internal import ArgumentParser

/// `myna eval …`: measures on held-out data.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure on data that training never saw.", subcommands: [EvalASR.self, EvalHome.self])
}
