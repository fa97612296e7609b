import Foundation
import MynaStages
import MynaStore
import Testing

@Suite struct StoreKillTests {
    /// The program that puts one thing after another on a kept list, built beside the tests.
    private static let keep = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "keep").path

    private func acknowledged(_ file: String) throws -> [Int] {
        // A line that the kill cut off was not yet said.
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast().compactMap { Int($0) }
    }

    @Test(.timeLimit(.minutes(5))) func `what was acknowledged is there after a kill at any moment, fifty times`() async throws {
        let scratch = try Scratch()
        var random = SeededRandom(seed: 11)
        var (items, timers) = (0, 0)  // that were there after the run before
        for run in 0..<50 {
            let files = try ["in", "out", "err"].map { try scratch.file($0, Data()) }
            let pid = try CommandRun.spawn([scratch.path("state")], program: Self.keep, files: files, in: scratch.folder)
            while try acknowledged(files[1]).isEmpty {
                let error = try String(contentsOfFile: files[2], encoding: .utf8)
                try #require(error.isEmpty, "\(error)")
                try await Task.sleep(for: .milliseconds(1))
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0..<20_000, using: &random)))
            kill(pid, SIGKILL)
            #expect(try CommandRun.wait(for: pid) == 128 + SIGKILL)
            let said = try acknowledged(files[1])
            let state = try StateStore(folder: scratch.path("state")).state(of: "kept")
            let list = try #require(state.entities["todo.list"]?.attributes["items"]?.list)
            // One more may be kept whose acknowledgement the kill came before.
            let extra = list.count - items - said.count
            #expect(said.first == items + 1 && (0...1).contains(extra), "run \(run)")
            #expect(list == (0..<list.count).map { .string("\($0 + 1)") })
            let started = said.count { $0 % 5 == 0 }
            #expect((started...started + 1).contains(state.timers.count - timers), "run \(run)")
            (items, timers) = (list.count, state.timers.count)
        }
    }
}
