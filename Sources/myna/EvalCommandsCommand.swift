import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio
import MynaRecognition
import MynaStages
import TorchNN

/// `myna eval commands`: how many spoken commands of a closed set have every slot right.
struct EvalCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commands",
        abstract: "Count the spoken commands of a closed set that are understood with every slot right.",
        discussion: """
            The grammar is a speech-to-intent context in YAML (context.expressions, context.slots); the recogniser looks out \
            for its sentences, and what it hears is taken for the nearest of them. The manifest's rows have "intent" and \
            "slots". With --noise each is also heard with that recording added, at each ratio of --snr.

            Example: myna eval commands --manifest ../shared/data/speech/manifests/coffee-commands.jsonl --split test \
            --grammar ../shared/data/speech/coffee-commands-grammar.yaml
            """)

    @Option(help: "A manifest whose rows have \"intent\" and \"slots\".") var manifest: String
    @Option(help: "The grammar of the commands, a YAML file.") var grammar: String
    @Option(help: "Only utterances of this split, such as test.") var split: String?
    @Option(help: "A recording of noise to add: a file, or MANIFEST#ID.") var noise: String?
    @Option(help: "Decibels of the speech above the noise, with commas.") var snr = "6,9,12,15,18,21,24"
    @OptionGroup var stages: StageOptions
    @Option(help: "How to search for words: a file in the form of a model folder's decoding.json.") var decoding: String?
    @Flag(help: "Let the recogniser hear anything, with a leaning towards the grammar, in place of its sentences alone.")
    var open = false
    @Option(help: "At most so many utterances, evenly spread.") var limit: Int?
    @Flag(help: "One JSON object instead of a table.") var json = false

    private static let sampleRate = 16_000

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit \(limit) is not positive") }
        if ratios.isEmpty || ratios.contains(where: { $0 == nil }) {
            throw ValidationError("--snr \(snr): numbers of decibels with commas")
        }
    }

    private var ratios: [Float?] { snr.split(separator: ",").map { Float($0) } }

    private struct Heard: Encodable {
        var id: String
        var snr: Float?
        var heard: String
        var expected: CommandGrammar.Command
        var understood: CommandGrammar.Command?
        var accepted: Bool
    }

    private struct Count: Encodable {
        var accepted = 0
        var total = 0
        var rate: Double { Double(accepted) / Double(max(1, total)) }

        enum CodingKeys: CodingKey { case accepted, total, rate }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(accepted, forKey: .accepted)
            try fields.encode(total, forKey: .total)
            try fields.encode(rate, forKey: .rate)
        }
    }

    private struct Report: Encodable {
        var clean: Count
        var noisy: Count?
        var by_snr: [String: Count]
        var failures: [Heard]
    }

    func run() async throws {
        let grammar = try CommandGrammar(contentsOf: URL(filePath: grammar))
        let source = try SpeechManifest(path: manifest)
        let utterances = try chosen(source)
        let recording = try noise.map { try Self.recording($0) }
        let recognizer = try await Stages(options: stages).streamingRecognizer(decoding: decoding)
        try await grammar.prepare(recognizer, isClosed: !open)
        var random = SeededRandom(seed: 1)

        let conditions: [Float?] = [nil] + (recording == nil ? [] : ratios)
        var counts = [Count](repeating: Count(), count: conditions.count)
        var failures: [Heard] = []
        var progress = ProgressLine(of: "commands")
        for (number, (utterance, expected)) in utterances.enumerated() {
            let samples = try source.samples(of: utterance, at: Self.sampleRate)
            let sounds = conditions.map { ratio in
                guard let ratio, let recording else { return samples }
                let start = Int.random(in: 0..<max(1, recording.count), using: &random)
                return mixed(samples, with: recording, from: start, snr: ratio)
            }
            // All conditions are heard together.
            let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (place, sound) in sounds.enumerated() {
                    group.addTask { (place, try await words(in: sound, recognizer)) }
                }
                return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
            }
            for (place, ratio) in conditions.enumerated() {
                let text = texts[place] ?? ""
                let understood = grammar.nearest(to: text)?.command
                let accepted = understood == expected
                counts[place].total += 1
                counts[place].accepted += accepted ? 1 : 0
                if !accepted {
                    failures.append(
                        Heard(
                            id: utterance.id, snr: ratio, heard: text, expected: expected, understood: understood,
                            accepted: false))
                }
            }
            progress.show(number + 1, utterances.count)
        }
        progress.end()
        try tell(conditions, counts, failures)
    }

    static func recording(_ place: String) throws -> [Float] {
        let fields = place.split(separator: "#", maxSplits: 1).map(String.init)
        guard fields.count == 2 else { return try AudioReader.samples(path: place, at: sampleRate) }
        let manifest = try SpeechManifest(path: fields[0])
        guard let utterance = manifest.utterances.first(where: { $0.id == fields[1] }) else {
            throw CommandError("\(fields[0]): has no \"\(fields[1])\"", status: ExitStatus.noInput)
        }
        return try manifest.samples(of: utterance, at: sampleRate)
    }

    private func words(in samples: [Float], _ recognizer: any SpeechRecognizer) async throws -> String {
        let stream = try await recognizer.listen()
        let events =
            try await stream.hear(AudioFrame(samples: samples, sampleRate: Self.sampleRate)) + stream.finish()
        return events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript.text } else { nil } }.joined(
            separator: " ")
    }

    private func chosen(_ manifest: SpeechManifest) throws -> [(Utterance, CommandGrammar.Command)] {
        var chosen: [(Utterance, CommandGrammar.Command)] = []
        for utterance in manifest.utterances where split == nil || utterance.split == split {
            guard let command = CommandGrammar.Command(utterance) else {
                throw CommandError("\(manifest.path): \"\(utterance.id)\" has no intent and slots", status: ExitStatus.badData)
            }
            chosen.append((utterance, command))
        }
        if chosen.isEmpty { throw CommandError("\(manifest.path): no such utterances", status: ExitStatus.noInput) }
        if let limit, limit < chosen.count { chosen = (0..<limit).map { chosen[$0 * chosen.count / limit] } }
        return chosen
    }

    private func tell(_ conditions: [Float?], _ counts: [Count], _ failures: [Heard]) throws {
        let noisy = zip(conditions, counts).filter { $0.0 != nil }
        let output = Output.standard
        if json {
            var sum = Count()
            for (_, count) in noisy { (sum.accepted, sum.total) = (sum.accepted + count.accepted, sum.total + count.total) }
            try output.json(
                Report(
                    clean: counts[0], noisy: noisy.isEmpty ? nil : sum,
                    by_snr: Dictionary(noisy.map { (String(format: "%g", $0.0 ?? 0), $0.1) }) { first, _ in first },
                    failures: failures))
        } else {
            for failure in failures where failure.snr == nil { output.line("\(failure.id): heard \"\(failure.heard)\"") }
            for (ratio, count) in zip(conditions, counts) {
                let name = ratio.map { String(format: "%g dB", $0) } ?? "clean"
                output.line("\(name): \(count.accepted) of \(count.total), \(String(format: "%.1f", 100 * count.rate)) %")
            }
        }
        try output.check()
    }
}

extension CommandGrammar {
    /// Lets a recogniser hear nothing but these commands, or, where the set is not closed, anything with a leaning towards them.
    func prepare(_ recognizer: StreamingRecognizer, isClosed: Bool = true) async throws {
        if isClosed { return try await recognizer.hear(only: allSentences) }
        var random = SeededRandom(seed: 1)
        await recognizer.expect(sentences(4000, using: &random))
    }
}

extension CommandGrammar.Command {
    /// What a manifest's row says was meant; nil where it has no "intent" and "slots".
    init?(_ utterance: Utterance) {
        guard let intent = utterance.extra["intent"]?.string, case .object(let slots)? = utterance.extra["slots"] else {
            return nil
        }
        self.init(intent: intent, slots: slots.compactMapValues(\.string))
    }
}
