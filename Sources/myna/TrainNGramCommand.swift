import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio
import MynaRecognition
import MynaText

/// `myna train ngram`: the small language model that a recogniser's beam search listens to.
struct TrainNGram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ngram",
        abstract: "Count texts into the n-gram model of a recogniser's beam search.",
        discussion: """
            Counts made requests and the train split of manifests over the recogniser's pieces, and writes ngram.bin into its \
            folder. Perplexity is per piece, on requests from templates that were held out, and on manifests' dev split.

            Example: myna train ngram --model Models/myna-asr --manifest data/factory/manifests/train.jsonl
            """)

    @Option(help: "The recogniser's model folder.") var model: String
    @Option(help: "Also count this manifest's train split; may be given several times.") var manifest: [String] = []
    @Option(help: "How many made requests are counted.") var requests = 100_000
    @Option(help: "The longest n-gram, 1 to 5 pieces.") var order = 5
    @Option(help: "Leave out an n-gram that improves perplexity by less than this share.") var prune = 3e-7
    @Option(help: "Chooses the requests.") var seed: UInt64 = 1
    @Option(help: "Write here instead of ngram.bin in the model folder.") var out: String?

    func validate() throws {
        if !(1...5).contains(order) { throw ValidationError("--order \(order) is not within 1 to 5") }
        if !(0...10_000_000).contains(requests) { throw ValidationError("--requests \(requests) is not within 0 to 10000000") }
        if !(0..<1).contains(prune) { throw ValidationError("--prune \(prune) is not within 0 to 1") }
        if requests == 0, manifest.isEmpty { throw ValidationError("nothing to count: give --requests or --manifest") }
    }

    func run() throws {
        let folder = URL(filePath: model)
        guard FileManager.default.fileExists(atPath: model) else {
            throw CommandError("\(model): no such model folder", status: ExitStatus.noInput)
        }
        let tokenizer = try BytePairTokenizer(contentsOf: folder.appending(path: "tokenizer.json"))
        let vocabulary = try RequestVocabulary(contentsOf: RequestGenerator.dataFolder)
        func texts(_ split: RequestSplit, _ count: Int) -> [String] {
            let generator = RequestGenerator(seed: seed, split: split, vocabulary: vocabulary, isMisheard: false)
            return (0..<count).map { generator.request($0).text }
        }
        let manifests = try manifest.map { try SpeechManifest(path: $0) }
        func texts(ofManifestsIn split: String) -> [String] {
            manifests.flatMap { manifest in
                manifest.utterances.filter { $0.split == split && $0.complete && $0.extra["text_kind"] == nil }.compactMap(\.text)
            }
        }
        let began = ContinuousClock.now
        var counts = NGramCounts(order: order, for: tokenizer)
        for text in texts(.train, requests) + texts(ofManifestsIn: "train") { counts.add(text, in: tokenizer) }
        let ngrams = counts.model(pruningBelow: prune)
        let file = out.map { URL(filePath: $0) } ?? folder.appending(path: "ngram.bin")
        do {
            try ngrams.write(to: file)
        } catch {
            throw CommandError("\(file.path): cannot be written: \(error.localizedDescription)", status: ExitStatus.cannotCreate)
        }
        let output = Output.standard
        output.line(
            "\(file.path): \(ngrams.count) n-grams of up to \(order) pieces from \(counts.sentences) sentences, in \(began.duration(to: .now).formatted(.units(allowed: [.seconds])))"
        )
        func report(_ name: String, _ texts: [String]) {
            let sentences = texts.map { tokenizer.encode(SpokenForm.text(of: $0), findingAdded: false) }
            guard !sentences.isEmpty else { return }
            let pieces = sentences.reduce(0) { $0 + $1.count + 1 }
            let perplexity = exp(-sentences.reduce(0) { $0 + ngrams.logProbability(of: $1) } / Double(pieces))
            output.line(
                "perplexity of \(name): \(String(format: "%.2f", perplexity)) (\(sentences.count) sentences, \(pieces) pieces)")
        }
        report("held-out requests", texts(.dev, 2000))
        report("the manifests' dev split", texts(ofManifestsIn: "dev"))
        try output.check()
    }
}
