import ArgumentParser
import Foundation

/// `myna`, the root of all commands.
@main
struct MynaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "myna",
        abstract: "A voice assistant and the speech engine under it.",
        discussion: """
            Exit codes: 0 done; 1 done in part or not as asked; 64 wrong usage; 65 input that is broken; 66 input that is \
            missing; 69 something this machine lacks; 73 output that cannot be written; 130 interrupted.

            Example: myna ask --text "turn on the kitchen light"
            """,
        version: "0.1.0",
        subcommands: [
            DemoCommand.self,
            AskCommand.self,
            TranscribeCommand.self,
            EvalCommand.self,
            TrainCommand.self,
            DataCommand.self,
            EvalCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard let status = exitStatus(of: error) else { exit(withError: error) }
            writeError(error)
            Foundation.exit(status)
        }
    }
}

/// `myna train …`: makes models.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model from a recipe.", subcommands: [TrainASR.self, TrainAssistant.self])
}

/// `myna eval …`: measures models.
struct EvalCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure models on what their training never saw.", subcommands: [EvalHome.self])
}
