import Foundation

/// Where the files that ship with the program are: in `MYNA_ROOT`, in the current folder, or above the program itself.
enum ProjectFiles {
    /// The models, the home and the recordings that come with the program.
    static let recognizer = "Models/myna-asr"
    static let languageModel = "Models/myna-lm"
    static let rescorer = "Models/myna-rescorer"
    static let punctuation = "Models/myna-punctuation/punctuation.bin"
    static let wakeWord = "Models/myna-wake"
    static let home = "Fixtures/homes/demo.home.yaml"
    static let demo = "Fixtures/demo"

    /// The path of `name`, below the first of the places that has it.
    static func path(of name: String) throws(CommandError) -> String {
        if let found = places.lazy.map({ $0 + "/" + name }).first(where: FileManager.default.fileExists(atPath:)) {
            return found.hasPrefix("./") ? String(found.dropFirst(2)) : found
        }
        throw CommandError(
            "\(name): not found here or above the program; run in the project's folder, or set MYNA_ROOT to it",
            status: ExitStatus.noInput)
    }

    private static var places: [String] {
        if let root = ProcessInfo.processInfo.environment["MYNA_ROOT"], !root.isEmpty { return [root] }
        var places = ["."]
        // .build/release/myna is a link into .build/<triple>/release.
        var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", places.count < 8 {
            places.append(folder.path)
            folder.deleteLastPathComponent()
        }
        return places
    }
}
