import ArgumentParser

/// The root of all commands.
struct MynaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "myna", abstract: "A voice assistant and the speech engine under it.", subcommands: [DataCommand.self])
}

MynaCommand.main()
