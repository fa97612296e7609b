public import ArgumentParser
import Foundation
public import MynaAudio

extension CorpusImport.Form: ExpressibleByArgument {}

/// `myna data import`: corpora of other forms.
struct DataImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "List a corpus of another form as a manifest.",
        discussion: """
            The sound stays where it is. Every row is looked at; one whose sound is missing, broken or too short, or that has no \
            text, is named with its file and line, left out and counted, and then the exit code is 1.

            librispeech    the folder LibriSpeech or one of its parts
            common-voice   a language's folder (train, dev and test.tsv), or one of its tables
            kaldi          a folder with wav.scp (plain paths), text, and perhaps segments, utt2spk, spk2gender
            lhotse         cuts, or recordings and supervisions, as .jsonl or .jsonl.gz: a file or their folder
            hugging-face   a folder with metadata.csv or metadata.jsonl

            Example: myna data import --form librispeech ~/LibriSpeech --out data/librispeech.jsonl
            Then: myna eval asr --manifest data/librispeech.jsonl --split test
            """)

    @Argument(help: "The corpus: a folder or a file.") var source: String
    @Option(help: "What form it comes in: \(CorpusImport.Form.allCases.map(\.rawValue).joined(separator: ", ")).")
    var form: CorpusImport.Form
    @Option(help: "The manifest to write.") var out: String
    @Option(help: "What its rows say in \"corpus\"; the manifest's name if not given.") var corpus: String?
    @Option(help: "The split of rows whose place tells none.") var split: String?
    @Option(help: "Where relative paths of sound start.") var audio: String?
    @Option(help: "How many bad rows are named.") var show = 20
    @Flag(help: "The counts as one JSON object.") var json = false

    private struct Summary: Encodable {
        var manifest: String
        var utterances: Int
        var seconds: Double
        var left_out: Int
    }

    func run() throws {
        let name = URL(filePath: out).deletingPathExtension().lastPathComponent
        let source = source.count > 1 && source.hasSuffix("/") ? String(source.dropLast()) : source
        let report = try CorpusImport(form: form, source: source, corpus: corpus ?? name, split: split, audioRoot: audio)
            .run(into: out)
        for problem in report.problems.prefix(max(0, show)) { writeProblem("\(problem)") }
        if report.problemCount > max(0, show) {
            writeProblem("\(report.problemCount - max(0, show)) more rows were left out")
        }
        guard report.utterances > 0 else {
            throw CommandError("\(source): none of \(report.problemCount) rows could be taken; \(out) was not written")
        }
        if json {
            try Output.standard.json(
                Summary(
                    manifest: out, utterances: report.utterances, seconds: report.seconds, left_out: report.problemCount))
        } else {
            let hours = String(format: "%.2f", report.seconds / 3600)
            Output.standard.line(
                "\(out): \(report.utterances) utterances, \(hours) h; \(report.problemCount) rows left out")
        }
        try Output.standard.check()
        if report.problemCount > 0 { throw ExitCode(ExitStatus.partly) }
    }
}
