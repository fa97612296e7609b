import ArgumentParser
import Foundation
import Synchronization

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
            ChatCommand.self, TalkCommand.self,
            ServeCommand.self,
            TranscribeCommand.self,
            EvalCommand.self,
            BenchCommand.self,
            TrainCommand.self,
            DataCommand.self,
            ModelsCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if let command = command as? any AsyncParsableCommand {
                try await runInterruptibly(command)
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

/// A command that has something to bring to an end when it is interrupted.
protocol GracefulCommand {
    /// How long it may take to, in seconds.
    var grace: Double { get }
}

/// Ends the program while models may still be at work: `exit` would take libtorch's tables from under them.
private func leave() -> Never {
    fflush(nil)
    _exit(ExitStatus.interrupted)
}

/// Runs `command`; an interrupt cancels it, so that it can put away what it has begun, and ends the program if it doesn't or
/// if a second one comes.
private func runInterruptibly(_ command: any AsyncParsableCommand) async throws {
    let grace = (command as? any GracefulCommand)?.grace ?? 2
    // The task is the only one to touch it from here on.
    nonisolated(unsafe) var command = command
    let task = Task { try await command.run() }
    let isEnding = Mutex(false)
    let signals = [SIGINT, SIGTERM].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler {
            let isSecond = isEnding.withLock { isEnding in
                defer { isEnding = true }
                return isEnding
            }
            if isSecond { leave() }
            task.cancel()
            DispatchQueue.global().asyncAfter(deadline: .now() + grace) { leave() }
        }
        source.resume()
        return source
    }
    defer { for source in signals { source.cancel() } }
    try await task.value
}

/// `myna train …`: makes models.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model from a recipe.",
        subcommands: [
            TrainASR.self, TrainAssistant.self, TrainLM.self, TrainNGram.self, TrainPunctuation.self, TrainWakeWord.self,
        ])
}
