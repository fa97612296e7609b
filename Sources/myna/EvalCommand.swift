import ArgumentParser

/// `myna eval …`: measures on data that training never saw.
struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure on data that training never saw.",
        subcommands: [EvalASR.self, EvalCommands.self, EvalHome.self, EvalIntents.self, EvalKeyword.self, EvalEcho.self])
}
