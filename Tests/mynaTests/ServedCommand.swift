import Foundation
import MynaTestSupport
import Testing

/// The built `myna serve`, serving on free ports until its owner goes.
final class ServedCommand {
    let port: Int
    let wyoming: Int
    private let pid: pid_t
    private let scratch: Scratch
    private var status: Int32?

    /// Starts it and waits until it says where it serves.
    init(_ arguments: [String] = []) async throws {
        scratch = try Scratch()
        let files = try ["in", "out", "err"].map { [scratch] in try scratch.file($0, Data()) }
        let pid = try CommandRun.spawn(
            ["serve", "--port", "0", "--wyoming", "0", "--threads", "1"] + arguments, files: files, in: Fixture.root.path)
        self.pid = pid
        var ports: [Int] = []
        while ports.count < 2 {
            if let status = Self.status(of: pid) {
                let problem = try String(contentsOfFile: files[2], encoding: .utf8)
                throw ServedProblem(text: "myna serve ended with \(status): \(problem)")
            }
            try await Task.sleep(for: .milliseconds(50))
            let output = try String(contentsOfFile: files[1], encoding: .utf8)
            ports = output.split(separator: "\n").compactMap { line in
                line.split(separator: " ").first { $0.contains("://") }.flatMap { $0.split(separator: ":").last }
                    .flatMap { Int($0.filter(\.isNumber)) }
            }
        }
        (port, wyoming) = (ports[0], ports[1])
    }

    struct ServedProblem: Error { var text: String }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        var word: Int32 = 0
        waitpid(pid, &word, 0)
    }

    /// What it has written to standard error.
    var log: String { get throws { try String(contentsOfFile: scratch.path("err"), encoding: .utf8) } }

    func signal(_ number: Int32) { kill(pid, number) }

    /// The exit status, once it has ended.
    func ended() async throws -> Int32 {
        while status == nil {
            status = Self.status(of: pid)
            if status == nil { try await Task.sleep(for: .milliseconds(20)) }
        }
        return status ?? -1
    }

    /// The exit status of a process that has ended, or 128 and the number of the signal that ended it.
    private static func status(of pid: pid_t) -> Int32? {
        var word: Int32 = 0
        guard waitpid(pid, &word, WNOHANG) == pid else { return nil }
        let signal = word & 0x7f
        return signal == 0 ? word >> 8 & 0xff : 128 + signal
    }
}

/// One run of a client in Python from its own environment under `.native/clients`.
struct ClientRun {
    var status: Int32
    var output: String

    /// Whether the environment is there; `make clients` makes it.
    static func isInstalled(_ environment: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: python(environment))
    }

    static func python(_ environment: String) -> String {
        Fixture.root.appending(path: ".native/clients/\(environment)/bin/python").path
    }

    /// - Parameter environment: further variables.
    init(_ client: String, _ arguments: [String], environment: [String: String] = [:]) async throws {
        let scratch = try Scratch()
        let files = try ["in", "out", "err"].map { try scratch.file($0, Data()) }
        let variables = environment.map { "\($0)=\($1)" }
        let pid = try CommandRun.spawn(
            variables + [Self.python(client)] + arguments, program: "env", files: files, in: Fixture.root.path)
        var word: Int32 = 0
        while waitpid(pid, &word, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        status = word & 0x7f == 0 ? word >> 8 & 0xff : 128 + (word & 0x7f)
        output = try files[1...].map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
    }
}
