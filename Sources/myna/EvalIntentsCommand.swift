internal import ArgumentParser
internal import Foundation
internal import MynaLanguage
internal import MynaStages
internal import Torch
internal import TorchNN

/// `myna eval intents`.
struct EvalIntents: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intents",
        abstract: "Count how many held-out requests a language model understands exactly.",
        discussion: """
            The requests are generated from templates and nouns that training never saw. Each is read twice: held to the \
            grammar of intents, and freely.

            Example: myna eval intents --model Models/myna-lm --count 1000 --json
            """)

    @Option(help: "The model folder.") var model = "Models/myna-lm"
    @Option(help: "dev or test.") var split = "test"
    @Option(help: "How many requests.") var count = 1000
    @Option(help: "Chooses the requests.") var seed: UInt64 = 1
    @Option(help: "Threads for tensors.") var threads = 2
    @Flag(help: "A line of JSON for each request and a last one with the figures.") var json = false

    func validate() throws {
        guard let split = RequestSource.Split(rawValue: split), split != .train else {
            throw ValidationError("--split \(split): dev or test")
        }
        if !(1...1_000_000).contains(count) { throw ValidationError("--count \(count) is not within 1 to 1000000") }
    }

    func run() throws {
        Torch.threads = threads
        let language = try LanguageModel(contentsOf: ModelFolder(model))
        let format = try RequestFormat(language.tokenizer, file: model + "/tokenizer.json")
        let source = try RequestSource.generated()
        let examples = try source.examples(RequestSource.Split(rawValue: split) ?? .test, seed, count)
        let held = try language.understood(examples, format, constraint: source.constraint)
        let free = try language.understood(examples, format, constraint: nil)
        let mask = try LanguageModel.maskTime(Array(examples.prefix(200)), format, constraint: source.constraint)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func line(_ value: some Encodable) throws { print(String(decoding: try encoder.encode(value), as: UTF8.self)) }
        if json {
            for (row, freely) in zip(held.rows, free.rows) {
                try line(
                    Row(
                        request: row.example.request, state: row.example.state, expected: row.example.text, written: row.written,
                        freely: freely.written, pass: row.isExact))
            }
        } else {
            for row in held.rows.filter({ !$0.isExact }).prefix(20) {
                print(
                    "<\(row.example.state.rawValue)> \(row.example.request)\n  expected \(row.example.text)\n  written  \(row.written)"
                )
            }
        }
        try line(
            Summary(
                requests: count, exact: held.exact, exact_freely: free.exact, p50_ms: milliseconds(held.duration(quantile: 0.5)),
                p95_ms: milliseconds(held.duration(quantile: 0.95)), p50_ms_freely: milliseconds(free.duration(quantile: 0.5)),
                mask_us: milliseconds(mask) * 1000))
    }

    private func milliseconds(_ duration: Duration) -> Double { (duration / .microseconds(1)).rounded() / 1000 }

    private struct Row: Encodable {
        var request: String
        var state: DialogueState
        var expected: String
        var written: String
        var freely: String
        var pass: Bool
    }

    private struct Summary: Encodable {
        var requests: Int
        var exact: Double
        var exact_freely: Double
        var p50_ms: Double
        var p95_ms: Double
        var p50_ms_freely: Double
        var mask_us: Double
    }
}
