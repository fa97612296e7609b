import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio
import MynaRecognition
import MynaStages
import TorchNN

/// `myna data sentences`: sentences of a closed set of commands, to be spoken by the factory.
struct DataSentences: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sentences", abstract: "Draw sentences from the grammar of a closed set of spoken commands.",
        discussion: """
            Example: myna data sentences --grammar coffee.yaml --count 5000 --out coffee.txt
            Then speak them: myna data synthesise --out factory --hours 4 --kinds home --sentences coffee.txt:1000000
            """)

    @Option(help: "The grammar of the commands, a YAML file.") var grammar: String
    @Option(help: "How many sentences.") var count = 1000
    @Option(help: "Chooses what is drawn.") var seed: UInt64 = 1
    @Option(help: "The file to write, a sentence a line; standard output if not given.") var out: String?

    func validate() throws {
        if count < 1 { throw ValidationError("--count \(count) is not positive") }
    }

    func run() throws {
        var random = SeededRandom(seed: seed)
        let sentences = try CommandGrammar(contentsOf: URL(filePath: grammar)).sentences(count, using: &random)
        guard let out else {
            sentences.forEach { Output.standard.line($0) }
            return try Output.standard.check()
        }
        do {
            try (sentences.joined(separator: "\n") + "\n").write(toFile: out, atomically: true, encoding: .utf8)
        } catch {
            throw CommandError("\(out): cannot be written: \(error.localizedDescription)", status: ExitStatus.cannotCreate)
        }
    }
}

/// `myna data label`: words for recordings that have none.
struct DataLabel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Find the words of recordings that have no transcript, to train on them.",
        discussion: """
            With --grammar each row of the manifest has "intent" and "slots": among all sentences of the grammar that mean just \
            this, the recogniser finds the one that the recording most likely says. Without it the words are what the recogniser \
            hears: its own (self-training), or those of a larger one, --asr, from which a smaller one is to learn (distillation by \
            sequences). Rows it is not sure of are left out.

            Example: myna data label --manifest coffee-commands.jsonl --grammar coffee.yaml --split train --out coffee.jsonl
            By a teacher: myna data label --manifest unlabelled.jsonl --asr OWNER/NAME --out taught.jsonl
            """)

    @Option(help: "A manifest; with --grammar its rows have \"intent\" and \"slots\".") var manifest: String
    @Option(help: "The grammar of the commands, a YAML file; nothing where anything may be said.") var grammar: String?
    @Option(help: "Only utterances of this split.") var split = "train"
    @Option(help: "The manifest to write.") var out: String
    @Option(
        help: "With --grammar: a row is kept where its sentence is at least this likely, the natural logarithm for each piece.")
    var sure = -4.0
    @Option(help: "Without --grammar: a row is kept where its words are as sure as this on average, 0 to 1.") var confidence = 0.8
    @OptionGroup var stages: StageOptions

    func validate() throws {
        if !(0...1).contains(confidence) { throw ValidationError("--confidence \(confidence) is not within 0 to 1") }
    }

    private struct Row: Encodable {
        var id: String
        var audio: String?
        var shard: String?
        var member: String?
        var text: String
        var duration: Double?
        var speaker: String?
        var split: String
        /// How sure the recogniser was: by the piece of a sentence of the grammar, or the mean of its words.
        var per_piece: Double?
        var confidence: Double?

        init(_ utterance: Utterance, text: String, split: String) {
            (id, self.text, self.split) = (utterance.id, text, split)
            (duration, speaker) = (utterance.duration, utterance.speaker)
            switch utterance.sound {
            case .file(let path): audio = URL(filePath: path).path
            case .member(let archive, let name): (shard, member) = (URL(filePath: archive).path, name)
            }
        }
    }

    private enum Label {
        case sure(Row)
        case unsure, noSentence
    }

    func run() async throws {
        let source = try SpeechManifest(path: manifest)
        let label = try await labeller(source)
        let utterances = source.utterances.filter { $0.split == split }
        let lines = try LineFile(out)
        var progress = ProgressLine(of: "recordings")
        var (kept, unsure, unknown) = (0, 0, 0)
        for (number, utterance) in utterances.enumerated() {
            progress.show(number + 1, utterances.count)
            switch try await label(utterance) {
            case .sure(let row):
                kept += 1
                try lines.write(row)
            case .unsure: unsure += 1
            case .noSentence: unknown += 1
            }
        }
        progress.end()
        try lines.close()
        let rest = grammar == nil ? "\(unknown) without words" : "\(unknown) as no sentence of the grammar"
        Output.standard.line("\(kept) labelled; \(unsure) left out as unsure, \(rest)")
        try Output.standard.check()
    }

    private func labeller(_ source: SpeechManifest) async throws -> (Utterance) async throws -> Label {
        guard let path = grammar else {
            let recognizer = try await Stages(options: stages).recognizer()
            return { try await heard($0, in: source, by: recognizer) }
        }
        let grammar = try CommandGrammar(contentsOf: URL(filePath: path))
        let scorer = try await WordingScorer(
            contentsOf: ModelFolder(try stages.asr ?? ProjectFiles.path(of: ProjectFiles.recognizer)),
            threads: stages.threads ?? 1)
        return { try await likeliest($0, in: source, of: grammar, by: scorer) }
    }

    /// The words that the recogniser hears.
    private func heard(_ utterance: Utterance, in source: SpeechManifest, by recognizer: any SpeechRecognizer) async throws
        -> Label
    {
        let stream = try await recognizer.listen()
        let sound = AudioFrame(samples: try source.samples(of: utterance, at: 16_000), sampleRate: 16_000)
        var words: [Word] = []
        for event in try await stream.hear(sound) + (try await stream.finish()) {
            if case .wordsFinal(let transcript) = event.kind { words += transcript.words }
        }
        if words.isEmpty { return .noSentence }
        let mean = words.reduce(0) { $0 + $1.confidence } / Double(words.count)
        var row = Row(utterance, text: words.map(\.word).joined(separator: " "), split: split)
        row.confidence = mean
        return mean >= confidence ? .sure(row) : .unsure
    }

    /// The sentence of the grammar that means what the row says and is likeliest in its sound.
    private func likeliest(
        _ utterance: Utterance, in source: SpeechManifest, of grammar: CommandGrammar, by scorer: WordingScorer
    ) async throws -> Label {
        guard let command = CommandGrammar.Command(utterance) else {
            throw CommandError("\(manifest): \"\(utterance.id)\" has no intent and slots")
        }
        let samples = try source.samples(of: utterance, at: 16_000)
        guard let choice = await scorer.likeliest(of: grammar.sentences(meaning: command), in: samples) else {
            return .noSentence
        }
        var row = Row(utterance, text: choice.sentence, split: split)
        row.per_piece = choice.perPiece
        return choice.perPiece >= sure ? .sure(row) : .unsure
    }
}
