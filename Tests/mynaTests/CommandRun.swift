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
        // Files, not pipes: a pipe that nobody reads fills up.
        let scratch = try Scratch()
        let files = try ["in", "out", "err"].map { name in
            let path = scratch.path(name)
            try (name == "in" ? input : Data()).write(to: URL(filePath: path))
            return path
        }
        status = try CommandRun.wait(for: CommandRun.spawn(arguments, files: files, in: folder))
        output = try String(contentsOfFile: files[1], encoding: .utf8)
        errors = try String(contentsOfFile: files[2], encoding: .utf8)
    }

    /// Not through `Process`: where several start at once, it may miss the end of one and wait for ever.
    ///
    /// - Parameters:
    ///   - program: the built `myna` if not given.
    ///   - files: for standard input, output and errors.
    static func spawn(_ arguments: [String], program: String? = nil, files: [String], in folder: String) throws -> pid_t {
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
        #else
            var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, file) in files.enumerated() {
            posix_spawn_file_actions_addopen(&actions, Int32(descriptor), file, descriptor == 0 ? O_RDONLY : O_WRONLY, 0)
        }
        let words = ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program ?? Self.program.path] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var pid = pid_t()
        let status = posix_spawnp(&pid, "sh", &actions, nil, argv, environ)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
        return pid
    }

    /// The exit status, or 128 and the number of the signal that ended it, as a shell has it.
    static func wait(for pid: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ECHILD) }
        }
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
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
