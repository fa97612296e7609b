import ArgumentParser
import Foundation
import MynaAssistant

/// `myna data requests`: the requests that the assistant's language model learns from.
struct DataRequests: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "Make requests to a home with what they mean, as JSON lines.",
        discussion: """
            The same seed gives the same requests. Names, questions and small talk come from the folder MYNA_DATA \
            (../shared/data if not set), read with the program xz; --built-in does without.

            Example: myna data requests --count 1000 --seed 7 --out requests.jsonl
            What was held out: myna data requests --count 200 --split test
            """)

    @Option(help: "How many requests.") var count: Int = 20
    @Option(help: "Chooses everything that is drawn.") var seed: UInt64 = 1
    @Option(help: "Which templates and names: train, dev or test.") var split: String = "train"
    @Option(help: "Begin with this request of the seed's endless list.") var first: Int = 0
    @Option(help: "Write into this file; standard output if not given.") var out: String?
    @Flag(help: "Use only the words that come with the program.") var builtIn = false

    func validate() throws {
        if !(1...100_000_000).contains(count) { throw ValidationError("--count \(count) is not within 1 to 100000000") }
        if first < 0 { throw ValidationError("--first \(first) is negative") }
        if RequestSplit(rawValue: split) == nil { throw ValidationError("--split \(split): one of train, dev, test") }
    }

    func run() throws {
        let vocabulary = builtIn ? RequestVocabulary.builtIn : try RequestVocabulary(contentsOf: RequestGenerator.dataFolder)
        let generator = RequestGenerator(seed: seed, split: RequestSplit(rawValue: split) ?? .train, vocabulary: vocabulary)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let file = try out.map { try PartialFile(path: $0) }
        let handle = file?.handle ?? .standardOutput
        var lines = Data()
        for index in first..<(first + count) {
            lines.append(try encoder.encode(generator.request(index)))
            lines.append(UInt8(ascii: "\n"))
            if lines.count > 1 << 20 || index == first + count - 1 {
                try handle.write(contentsOf: lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        try file?.finish()
    }
}

/// A file that appears under its name only when it is whole.
private struct PartialFile {
    let handle: FileHandle
    private let path: String
    private var partial: String { path + ".partial" }

    init(path: String) throws {
        self.path = path
        guard FileManager.default.createFile(atPath: path + ".partial", contents: nil),
            let handle = FileHandle(forWritingAtPath: path + ".partial")
        else { throw CommandError("\(path): cannot be written", status: ExitStatus.cannotCreate) }
        self.handle = handle
    }

    func finish() throws {
        try handle.close()
        guard rename(partial, path) == 0 else {
            throw CommandError("\(path): cannot be written", status: ExitStatus.cannotCreate)
        }
    }
}
