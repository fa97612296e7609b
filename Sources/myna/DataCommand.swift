import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio

/// `myna data …`: makes and inspects training data.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Make training data.",
        subcommands: [SynthesiseCommand.self, DataRequests.self, DataSentences.self, DataLabel.self, DataImport.self])
}

/// `myna data synthesise`: the speech factory.
struct SynthesiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesise",
        abstract: "Speak sentences through many synthetic voices, then through rooms, noise and telephones.",
        discussion: """
            The same options give the same sound, whatever --jobs is; a run that was stopped goes on where it was.
            Needs the programs espeak-ng, flite, festival and xz.

            Example: myna data synthesise --out factory --hours 10 --jobs 2
            Unheard voices: myna data synthesise --out factory --split test --voices unheard --engine espeak,flite --utterances 300
            """)

    @Option(help: "The folder that gets manifests/ and shards/.") var out: String
    @Option(help: "Stop when there are so many hours of sound.") var hours: Double?
    @Option(help: "Stop when there are so many utterances.") var utterances: Int?
    @Option(help: "What the manifest and its shards are called; the split if not given.") var name: String?
    @Option(help: "Which sentences may be said: train, dev or test.") var split: String = "train"
    @Option(help: "Chooses everything that is drawn.") var seed: UInt64 = 1
    @Option(help: "How many utterances are made at a time.") var jobs: Int = 2
    @Option(help: "Engines, with commas: espeak, flite, festival; festival-hts is for tests.")
    var engine: String = "espeak,flite,festival"
    @Option(help: "Which voices speak: heard (in training) or unheard.") var voices: String = "heard"
    @Option(help: "Kinds of sentence with their shares, such as home:2,sentence:1; all kinds if not given.") var kinds: String?
    @Option(help: "A file of home requests to say (lines, or JSON lines with \"text\"), with its weight: FILE or FILE:WEIGHT.")
    var sentences: [String] = []
    @Option(help: "drawn: rooms, noise, cuts and pauses; clean: none of these.") var conditions: String = "drawn"
    @Option(help: "Utterances in each shard.") var shard: Int = 240

    func validate() throws {
        if (hours == nil) == (utterances == nil) { throw ValidationError("give either --hours or --utterances") }
        if let hours, !(hours > 0 && hours <= 100_000) { throw ValidationError("--hours \(hours) is not within 0 to 100000") }
        if let utterances, utterances < 1 { throw ValidationError("--utterances \(utterances) is not positive") }
        if !(1...64).contains(jobs) { throw ValidationError("--jobs \(jobs) is not within 1 to 64") }
        if !(1...2000).contains(shard) { throw ValidationError("--shard \(shard) is not within 1 to 2000") }
    }

    func run() throws {
        let options = try options()
        let began = Date()
        let amount = hours.map { "\($0) h" } ?? "\(utterances ?? 0) utterances"
        print("Speaking \(amount) (\(options.split.rawValue)) into \(out) with \(jobs) jobs.")
        let factory = try SpeechFactory(options)
        for (corpus, count) in factory.sentenceCounts { print("  \(count) sentences from \(corpus)") }
        let goal = hours
        try factory.run { progress in
            let wall = Date().timeIntervalSince(began) / 3600
            var line = String(
                format: "%d utterances, %.2f h, %.0f h an hour", progress.utterances, progress.hours, progress.hours / wall)
            if let goal, progress.hours > 0 {
                line += String(format: ", about %.0f min left", max(0, goal - progress.hours) / progress.hours * wall * 60)
            }
            print(line)
            fflush(nil)
        }
    }

    private func options() throws -> SpeechFactory.Options {
        func choice<T: RawRepresentable & CaseIterable>(_ value: String, _ option: String) throws -> T
        where T.RawValue == String {
            guard let choice = T(rawValue: value) else {
                throw ValidationError("--\(option) \(value): one of \(T.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return choice
        }
        let data = ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data"
        let amount: SpeechFactory.Amount = hours.map { .hours($0) } ?? .utterances(utterances ?? 0)
        var options = SpeechFactory.Options(output: out, data: data, name: name ?? split, amount: amount)
        options.split = try choice(split, "split")
        options.voices = try choice(voices, "voices")
        options.conditions = try choice(conditions, "conditions")
        options.engines = try engine.split(separator: ",").map { try choice(String($0), "engine") }
        if options.engines.isEmpty { throw ValidationError("--engine names none") }
        if options.split != .test, options.voices == .unheard || options.engines.contains(.festivalHTS) {
            throw ValidationError("unheard voices and festival-hts speak only the test split")
        }
        if let kinds {
            options.kinds = [:]
            for part in kinds.split(separator: ",") {
                let fields = part.split(separator: ":")
                let kind: SentenceKind = try choice(String(fields[0]), "kinds")
                guard let share = fields.count == 1 ? 1 : Double(fields[1]), share > 0, share.isFinite else {
                    throw ValidationError("--kinds \(part): the share is not a positive number")
                }
                options.kinds[kind] = share
            }
        }
        for entry in sentences {
            let colon = entry.lastIndex(of: ":")
            let weight = colon.flatMap { Double(entry[entry.index(after: $0)...]) }
            let path = weight == nil ? entry : String(entry[..<(colon ?? entry.endIndex)])
            options.sentences.append((path, weight ?? 1))
        }
        // The same requests that the language model learns to understand, with names and things from the corpora.
        let vocabulary = try RequestVocabulary(contentsOf: URL(filePath: data))
        let requestSplit: RequestSplit = try choice(split, "split")
        let generator = RequestGenerator(seed: seed, split: requestSplit, vocabulary: vocabulary, isMisheard: false)
        options.requests = { generator.request($0).text }
        options.seed = seed
        options.jobs = jobs
        options.shardLength = shard
        return options
    }
}
