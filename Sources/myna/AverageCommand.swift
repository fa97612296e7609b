import ArgumentParser
import Foundation
import TorchNN

/// `myna models average`: one model whose weights are the mean of several models' weights.
struct AverageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "average",
        abstract: "Make one model of several ends of a training: the mean of their weights.",
        discussion: """
            The models have one configuration and began from the same weights. Their mean often hears strangers better than any \
            of them, at no cost when it runs.

            Example: myna models average runs/one/export runs/other/export --out runs/mean
            """)

    @Argument(help: "The models' folders, two or more.") var models: [String]
    @Option(help: "The folder to make.") var out: String

    func validate() throws {
        if models.count < 2 { throw ValidationError("give two models or more") }
    }

    func run() throws {
        for folder in models where !FileManager.default.fileExists(atPath: folder) {
            throw CommandError("\(folder): no such model folder", status: ExitStatus.noInput)
        }
        if FileManager.default.fileExists(atPath: out + "/config.json") {
            throw CommandError("\(out): holds a model already", status: ExitStatus.cannotCreate)
        }
        try ModelFolder.average(models.map { ModelFolder($0) }, into: ModelFolder(out))
        Output.standard.line("\(out): the mean of \(models.count) models")
        try Output.standard.check()
    }
}
