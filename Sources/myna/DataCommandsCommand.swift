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
            Then speak them: myna data synthesise --out factory --hours 4 --kinds file --sentences coffee.txt
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

/// `myna data label`: the words of recordings of which only the meaning is known.
struct DataLabel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label", abstract: "Find the words of recorded commands of which only the meaning is known.",
        discussion: """
            Each row of the manifest has "intent" and "slots". Among all sentences of the grammar that mean just this, the \
            recogniser finds the one that the recording most likely says. Rows it is not sure of are left out.

            Example: myna data label --manifest coffee-commands.jsonl --grammar coffee.yaml --split train --out coffee.jsonl
            """)

    @Option(help: "A manifest whose rows have \"intent\" and \"slots\".") var manifest: String
    @Option(help: "The grammar of the commands, a YAML file.") var grammar: String
    @Option(help: "Only utterances of this split.") var split = "train"
    @Option(help: "The manifest to write.") var out: String
    @Option(help: "A row is kept where its sentence is at least this likely: the natural logarithm for each piece.") var sure =
        -4.0
    @OptionGroup var stages: StageOptions

    private struct Row: Encodable {
        var id: String
        var audio: String?
        var shard: String?
        var member: String?
        var text: String
        var duration: Double?
        var speaker: String?
        var split: String
        var per_piece: Double
    }

    func run() async throws {
        let grammar = try CommandGrammar(contentsOf: URL(filePath: grammar))
        let source = try SpeechManifest(path: manifest)
        let scorer = try await WordingScorer(
            contentsOf: ModelFolder(try stages.asr ?? ProjectFiles.path(of: ProjectFiles.recognizer)),
            threads: stages.threads ?? 1)
        let utterances = source.utterances.filter { $0.split == split }
        let lines = try LineFile(out)
        var progress = ProgressLine(of: "commands")
        var (kept, unsure, unknown) = (0, 0, 0)
        for (number, utterance) in utterances.enumerated() {
            progress.show(number + 1, utterances.count)
            guard let command = CommandGrammar.Command(utterance) else {
                throw CommandError("\(manifest): \"\(utterance.id)\" has no intent and slots")
            }
            let sentences = grammar.sentences(meaning: command)
            let samples = try source.samples(of: utterance, at: 16_000)
            guard let choice = await scorer.likeliest(of: sentences, in: samples) else {
                unknown += 1
                continue
            }
            guard choice.perPiece >= sure else {
                unsure += 1
                continue
            }
            kept += 1
            var row = Row(
                id: utterance.id, text: choice.sentence, duration: utterance.duration, speaker: utterance.speaker, split: split,
                per_piece: choice.perPiece)
            switch utterance.sound {
            case .file(let path): row.audio = URL(filePath: path).path
            case .member(let archive, let name): (row.shard, row.member) = (URL(filePath: archive).path, name)
            }
            try lines.write(row)
        }
        progress.end()
        try lines.close()
        Output.standard.line("\(kept) labelled; \(unsure) left out as unsure, \(unknown) as no sentence of the grammar")
        try Output.standard.check()
    }
}
