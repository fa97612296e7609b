import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio
import MynaRecognition
import MynaStages
import MynaText

/// `myna eval asr`: the word error rate of a recogniser, ours or another one's hypotheses.
struct EvalASR: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asr",
        abstract: "Measure how well speech is recognised.",
        discussion: """
            A manifest holds JSON lines with "text" and the sound ("audio", or "shard" and "member"). Rates are shares: 0.1 is \
            one error in ten words. Both sides are compared in spoken form: lower case, numbers in words, no punctuation. \
            The interval holds the word error rate with 95 % probability (bootstrap over utterances). Sound that cannot be \
            read is named, left out, and makes the exit code 65.

            Example: myna eval asr --manifest ../shared/data/speech/manifests/spoken-digits.jsonl --split test
            Another recogniser: myna eval asr --manifest M.jsonl --hypotheses heard.jsonl --json
            """)

    @Option(help: "A manifest; may be given several times.") var manifest: [String]
    @Option(help: "Only utterances of this split, such as test.") var split: String?
    @OptionGroup var stages: StageOptions
    @Option(help: "Score these instead: JSON lines with \"id\" and \"text\".") var hypotheses: String?
    @Option(help: "At most so many utterances, evenly spread.") var limit: Int?
    @Option(help: "The field of the rows that by_corpus goes by; the manifest's name where a row has none.") var by = "corpus"
    @Option(help: "Write what was heard, as JSON lines that --hypotheses reads.") var out: String?
    @Option(help: "Look out for the names in this home's file.") var home: String?
    @Option(help: "Frames of 80 ms that are encoded together: more is more accurate and later.") var chunk: Int?
    @Option(help: "List so many texts and tell the errors of the best of each list.") var nbest: Int?
    @Option(help: "Tell how often words of this file are heard when they are said, and when they are not.") var names: String?
    @Flag(help: "Greedy search instead of a beam.") var greedy = false
    @Flag(help: "Measure latency too: one utterance at a time, in pieces of 80 ms.") var latency = false
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        if manifest.isEmpty { throw ValidationError("give at least one --manifest") }
        if let limit, limit < 1 { throw ValidationError("--limit \(limit) is not positive") }
        if let chunk, !(1...400).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 400") }
        if let nbest, !(2...64).contains(nbest) { throw ValidationError("--nbest \(nbest) is not within 2 to 64") }
        if nbest != nil, greedy { throw ValidationError("--nbest lists what a beam holds, and --greedy has none") }
        if hypotheses != nil,
            nbest != nil || latency || stages.asr != nil || chunk != nil || greedy || stages.threads != nil || out != nil
                || home != nil
        {
            throw ValidationError(
                "--hypotheses are scored as they are: --asr, --chunk, --greedy, --home, --latency, --nbest, --threads and --out have no effect"
            )
        }
    }

    func run() async throws {
        var evaluation = RecognitionEvaluation(try manifest.map { try SpeechManifest(path: $0) })
        evaluation.split = split
        evaluation.limit = limit
        evaluation.groupField = by
        evaluation.measuresLatency = latency
        if let names { evaluation.recallWords = [try Self.text(of: names)] }
        let source: RecognitionEvaluation.Source
        if let hypotheses {
            guard FileManager.default.fileExists(atPath: hypotheses) else {
                throw CommandError("\(hypotheses): no such file of hypotheses", status: ExitStatus.noInput)
            }
            source = .hypotheses(try Hypotheses(path: hypotheses))
        } else {
            let stages = Stages(options: stages)
            let recognizer = try await stages.recognizer(chunk: chunk, greedy: greedy) { $0.alternatives = nbest ?? 0 }
            if let home { await recognizer.expect(try await stages.home(home).home().typicalSentences) }
            source = .recognizer(recognizer)
        }
        let lines = try out.map { try LineFile($0) }
        var progress = hypotheses == nil ? ProgressLine(of: "utterances") : nil
        let report = try await evaluation.run(source) { heard, done, total in
            try lines?.write(heard)
            progress?.show(done, total)
        }
        progress?.end()
        try lines?.close()
        let output = Output.standard
        if json {
            try output.json(report)
        } else {
            Self.table(report).forEach { output.line($0) }
        }
        try output.check()
        if !report.badAudio.isEmpty {
            for bad in report.badAudio { FileHandle.standardError.write(Data("myna: \(bad.id): \(bad.error)\n".utf8)) }
            throw ExitCode(ExitStatus.badData)
        }
    }

    private static func text(of path: String) throws -> String {
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw CommandError("\(path): no such text file: \(error.localizedDescription)", status: ExitStatus.noInput)
        }
    }

    private static func table(_ report: RecognitionReport) -> [String] {
        func percent(_ share: Double) -> String { String(format: "%5.1f", 100 * share) }
        func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let width = max(5, report.groups.keys.map(\.count).max() ?? 0) + 2
        func row(_ name: String, _ rates: ErrorRates) -> String {
            let interval = rates.werInterval.map { percent($0).trimmingCharacters(in: .whitespaces) }.joined(separator: "–")
            return
                "\(pad(name, width))\(percent(rates.wer))  \(pad(interval, 13))\(percent(rates.cer))  \(pad("\(rates.utterances)", 12))\(rates.words)"
        }
        var lines = ["\(pad("", width))WER %  95 %         CER %  utterances  words"]
        lines += report.groups.sorted { $0.key < $1.key }.map { row($0.key, $0.value) }
        if report.groups.count > 1 { lines.append(row("all", report.rates)) }
        if let factor = report.realTimeFactor, let seconds = report.audioSeconds {
            lines.append(String(format: "%.1f min of sound, heard in %.3f of its length", seconds / 60, factor))
        }
        if let oracle = report.oracle { lines.append(row("best listed", oracle)) }
        if let recall = report.recall {
            lines.append(
                "of \(recall.said) words of the file that were said, \(recall.heard) were heard"
                    + (recall.recall.map { " (\(percent($0).trimmingCharacters(in: .whitespaces)) %)" } ?? "")
                    + "; \(recall.inserted) were heard that nobody said, among \(recall.words) words")
        }
        if let latency = report.latency {
            func milliseconds(_ value: Double?) -> String { value.map { String(format: "%.0f", $0) } ?? "–" }
            lines.append(
                "latency: first words \(milliseconds(latency.firstPartial)) ms after they begin, final "
                    + "\(milliseconds(latency.final.p50)) ms after the sound ends (p90 \(milliseconds(latency.final.p90)), p99 "
                    + "\(milliseconds(latency.final.p99))), algorithmic delay \(milliseconds(latency.algorithmicDelay)) ms")
        }
        let skipped = report.skipped
        let parts = [
            ("without text", skipped.noText), ("with slots for text", skipped.slots), ("of other splits", skipped.otherSplit),
            ("beyond the limit", skipped.beyondLimit), ("that cannot be read", report.badAudio.count),
        ]
        let told = parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        if !told.isEmpty { lines.append("left out: \(told.joined(separator: ", "))") }
        return lines
    }
}
