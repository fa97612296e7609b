import ArgumentParser
import Foundation
import MynaStages
import MynaText

/// `myna train punctuation`: the model that writes marks and capitals.
struct TrainPunctuation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "punctuation",
        abstract: "Learn marks and capitals from written lines.",
        discussion: """
            Of the lines one in fifty is held out, chosen by its words, and counted at the end: F1 of commas, full stops, question marks \
            and of capitals inside sentences. A line with digits or other letters than English ones is left out.

            Example: Tools/punctuation_text.py ../shared/data/text > lines.txt && myna train punctuation --text lines.txt
            """)

    @Option(help: "A file of written lines.") var text: String
    @Option(help: "Where the model goes.") var out = "Models/myna-punctuation/punctuation.bin"
    @Option(help: "How often the lines are gone through.") var passes = 2
    @Option(help: "The weights have 2 to this power rows.") var exponent = 18
    @Flag(help: "Only count with the model that is there already.") var evaluate = false
    @Flag(help: "Tell the counts as JSON.") var json = false

    func validate() throws {
        if !(1...20).contains(passes) { throw ValidationError("--passes \(passes) is not within 1 to 20") }
        if !(4...24).contains(exponent) { throw ValidationError("--exponent \(exponent) is not within 4 to 24") }
    }

    func run() throws {
        guard let content = try? String(contentsOfFile: text, encoding: .utf8) else {  // the reason adds nothing to the name
            throw CommandError("\(text): cannot be read as text", status: ExitStatus.noInput)
        }
        var (train, held) = ([PunctuatorTraining.Line](), [PunctuatorTraining.Line]())
        for line in content.split(separator: "\n") {
            guard let line = PunctuatorTraining.Line(String(line)) else { continue }
            // By the words alone, so that the same words are never on both sides.
            let hash = line.words.joined(separator: " ").utf8.reduce(UInt64(5381)) { $0 &* 33 &+ UInt64($1) }
            if (hash >> 7) % 50 == 0 { held.append(line) } else { train.append(line) }
        }
        guard !held.isEmpty, !train.isEmpty else {
            throw CommandError("\(text): has too few lines that can be learnt from", status: ExitStatus.badData)
        }
        let file = URL(filePath: out)
        if !evaluate {
            var training = PunctuatorTraining(exponent: exponent)
            var random = SeededRandom(seed: 1)
            for _ in 0..<passes {
                for line in train.shuffled(using: &random) { training.learn(line) }
            }
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try training.punctuator.write(to: file)
        }
        let punctuator = try Punctuator(contentsOf: file)
        var report = PunctuationReport()
        for line in held { report.add(line, by: punctuator) }
        let output = Output.standard
        if json {
            try output.json(report)
        } else {
            output.line("learnt from \(train.count) lines; \(report.lines) others of \(report.words) words:")
            for (name, count) in [
                ("commas", report.commas), ("full stops", report.periods), ("question marks", report.questions),
                ("capitals inside sentences", report.capitals),
            ] {
                output.line(
                    "\(name): F1 \(String(format: "%.1f", 100 * count.f1)) % (\(count.right) right, \(count.missed) missed, \(count.invented) invented)"
                )
            }
        }
        try output.check()
    }
}
