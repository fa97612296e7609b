import Foundation
import MynaTestSupport

/// One run of the built `myna`.
struct CommandRun {
    var status: Int32
    var output: String
    var errors: String

    /// Runs `myna` in the package's folder.
    ///
    /// - Parameters:
    ///   - input: what standard input holds; nothing if not given.
    ///   - folder: the current folder of the run.
    init(_ arguments: [String], input: Data = Data(), in folder: String = Fixture.root.path) throws {
        let process = Process()
        process.executableURL = CommandRun.program
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        // Files, not pipes: a pipe that nobody reads fills up.
        let scratch = try Scratch()
        let files = try ["in", "out", "err"].map { name in
            let path = scratch.path(name)
            try (name == "in" ? input : Data()).write(to: URL(filePath: path))
            return path
        }
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        try process.run()
        process.waitUntilExit()
        status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        output = try String(contentsOfFile: files[1], encoding: .utf8)
        errors = try String(contentsOfFile: files[2], encoding: .utf8)
    }

    /// The lines of output as JSON objects.
    var objects: [[String: Any]] {
        get throws {
            try output.split(separator: "\n").map { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            }
        }
    }

    /// `myna`, built beside the tests.
    private static var program: URL {
        URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "myna")
    }
}

/// A folder of its own that goes with its owner.
final class Scratch {
    let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "myna-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    // What can't be removed is left to the system, which empties its temporary folder.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func file(_ name: String, _ bytes: Data) throws -> String {
        try bytes.write(to: URL(filePath: path(name)))
        return path(name)
    }
}
