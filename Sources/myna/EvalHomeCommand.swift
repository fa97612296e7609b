import ArgumentParser
import Foundation
import MynaAssistant
import MynaHomeAssistant
import MynaLanguage
import MynaRecognition
import MynaStages
import MynaText

/// `myna eval home`: home tests through the whole assistant.
struct EvalHome: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "home",
        abstract: "Run home tests: each sentence on a fresh home, each conversation turn by turn.",
        discussion: """
            Prints a line for each sentence or conversation and a last one with the counts; with --json both are JSON. Sentences \
            whose outcome their file does not know are skipped and counted. Failed tests are figures, not errors: the command \
            ends with 0. With --spoken each sentence is said by one of six espeak voices that training never hears, recognised, \
            answered and the reply spoken, and the time that takes is told too.

            Example: myna eval home --home house.home.yaml --tests house.tests.yaml --json
            All homes of a folder: myna eval home --folder ../shared/data/text/homes --failures
            A real home: myna eval home --backend home-assistant --home-assistant http://HOST:8123 --tests demo.tests.yaml. Before \
            each sentence whatever can be set there is brought back to where it stood at first and to the task's own setup; tasks \
            for which that can't be done are left out, and told of.
            """)

    /// Where the tasks run.
    enum Backend: String, ExpressibleByArgument, CaseIterable { case virtual, homeAssistant = "home-assistant" }

    @Option(help: "Where the tasks run: a virtual home for each, or one Home Assistant for all.") var backend = Backend.virtual
    @Option(help: "The home's file; a Home Assistant describes itself.") var home: String?
    @Option(parsing: .upToNextOption, help: "Files of tests for that home.") var tests: [String] = []
    @Option(help: "A folder: every X.home.yaml in it with its X.tests.yaml.") var folder: String?
    @Option(help: "Only tasks of this category.") var category: String?
    @Option(help: "Only tasks with this label.") var label: String?
    @Flag(help: "Say each sentence and recognise it, in place of reading it.") var spoken = false
    @Flag(help: "Let the small language model write freely, in place of holding it to the grammar of intents.") var free = false
    @Flag(help: "Only the lines of what failed.") var failures = false
    @Flag(help: "Lines of JSON.") var json = false
    @OptionGroup var real: RealHomeOptions
    @OptionGroup var options: StageOptions

    func validate() throws {
        if backend == .homeAssistant {
            guard real.homeAssistant != nil, !tests.isEmpty, folder == nil, home == nil else {
                throw ValidationError("--backend home-assistant takes --home-assistant and --tests, and no file of a home")
            }
            return try validateModel()
        }
        if real.homeAssistant != nil { throw ValidationError("--home-assistant goes with --backend home-assistant") }
        if folder != nil, home != nil || !tests.isEmpty { throw ValidationError("--folder goes without --home and --tests") }
        if folder == nil, home == nil || tests.isEmpty { throw ValidationError("give --home and --tests, or --folder") }
        try validateModel()
    }

    private func validateModel() throws {
        if free, options.large.model != nil { throw ValidationError("--free is of the small model, and goes without --model") }
    }

    /// A home and its tests, read before any model is loaded so that a broken file is told at once.
    private func sets(of real: Home?) throws -> [(home: Home, tests: HomeTests)] {
        var sets: [(Home, HomeTests)] = []
        let files = try real.map { [($0, tests)] } ?? paths().map { (try HomeFile.read(at: $0), $1) }
        for (home, testPaths) in files {
            for path in testPaths {
                var tests = try HomeTests.read(at: path, for: home)
                tests.tasks.removeAll { task in
                    (category.map { $0 != task.category } ?? false) || (label.map { $0 != task.label } ?? false)
                }
                sets.append((home, tests))
            }
        }
        return sets
    }

    private func paths() throws -> [(String, [String])] {
        guard let folder else { return home.map { [($0, tests)] } ?? [] }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw CommandError("\(folder): no such folder", status: ExitStatus.noInput)
        }
        let homes = names.filter { $0.hasSuffix(".home.yaml") }.sorted()
        let pairs = homes.map { ("\(folder)/\($0)", ["\(folder)/\($0.dropLast(".home.yaml".count)).tests.yaml"]) }
        if pairs.isEmpty { throw CommandError("\(folder): has no files *.home.yaml", status: ExitStatus.noInput) }
        return pairs
    }

    func run() async throws {
        for path in (home.map { [$0] } ?? []) + tests where !FileManager.default.fileExists(atPath: path) {
            throw CommandError("\(path): no such file", status: ExitStatus.noInput)
        }
        let stages = Stages(options: options)
        let realHome = try await stages.realHome(real, staysRunning: true)
        let sets = try sets(of: await realHome?.home())
        let bed: any HomeTestBed = realHome.map { RealTestBed($0) } ?? VirtualTestBed()
        let understanding = try await stages.understanding(isHeld: !free)
        var requests =
            spoken
            ? SpokenTurns(
                recognizer: try await stages.recognizer { $0.alternatives = Stages.alternatives },
                synthesizer: try stages.synthesizer()) : nil
        let output = Output.standard
        var summary = HomeSummary()
        var texts: [Duration] = []
        for (position, set) in sets.enumerated() {
            await requests?.recognizer.expect(set.home.typicalSentences)
            let ask: HomeEvaluation.Ask = { request, assistant, report in
                if let answer = try await requests?.ask(request, assistant, report) { return answer }
                let began = ContinuousClock.now
                let reply = try await assistant.reply(to: request, report: report)
                texts.append(.now - began)
                return (request.text, reply)
            }
            summary = try await HomeEvaluation.run(
                home: set.home, tests: set.tests, understanding: understanding, on: bed, ask: ask,
                isOneAnswers: Self.isOneAnswers, into: summary
            ) { result in
                if failures, result.pass { return }
                if json { try output.json(result) } else { output.line(Self.line(result)) }
            }
            if sets.count > 1 {
                progress("\(set.home.id): \(summary.passed) of \(summary.total) so far, \(position + 1) of \(sets.count) homes")
            }
        }
        let latency = (requests?.turns).map { SpokenLatency($0) } ?? SpokenLatency(texts: texts)
        if json {
            try output.json(Report(summary: summary, latency: latency))
        } else {
            (Self.table(summary) + latency.lines).forEach { output.line($0) }
        }
        try output.check()
    }

    /// Whether an error is about what a model answered, rather than about the model or the machine.
    private static func isOneAnswers(_ error: any Error) -> Bool {
        switch error {
        case is IntentTextError, LanguageError.tooLong, LanguageError.deadEnd: true
        case let error as ChatModelError:
            switch error {
            case .badAnswer, .unfinished, .nonsense: true
            case .badAddress, .unreachable, .refused: false
            }
        default: false
        }
    }

    /// The last line of JSON: the counts, and what spoken requests cost in time.
    private struct Report: Encodable {
        var summary: HomeSummary
        var latency: SpokenLatency

        private enum CodingKeys: String, CodingKey { case latency = "timings_ms" }

        func encode(to encoder: any Encoder) throws {
            try summary.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(latency, forKey: .latency)
        }
    }

    private func progress(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    private static func line(_ result: HomeTaskResult) -> String {
        let heard = result.heard == result.sentence ? "" : "\n     heard: \(result.heard)"
        let start = "\(result.pass ? "pass" : "FAIL") \(result.id): \(result.sentence)\(heard)"
        return result.pass
            ? start : "\(start)\n     \(result.replyKind.rawValue): \(result.reply)\n     \(result.why.joined(separator: "; "))"
    }

    private static func table(_ summary: HomeSummary) -> [String] {
        func share(_ passed: Int, _ total: Int) -> String {
            "\(passed) of \(total)" + (total == 0 ? "" : String(format: " (%.1f %%)", 100 * Double(passed) / Double(total)))
        }
        var lines = [
            "passed \(share(summary.passed, summary.total)), skipped \(summary.skipped), touched wrong \(summary.touchedWrong)"
        ]
        for (name, count) in summary.byCategory.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(name): \(share(count.passed, count.total))")
        }
        for (task, reason) in summary.impossible.sorted(by: { $0.key < $1.key }) { lines.append("  left out \(task): \(reason)") }
        for (name, count) in summary.byLabel.sorted(by: { $0.key < $1.key }) {
            lines.append("  label \(name): \(share(count.passed, count.total))")
        }
        return lines
    }
}
