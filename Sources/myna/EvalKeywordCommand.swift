import ArgumentParser
import Foundation
import MynaAudio
import MynaEngine
import MynaRecognition
import MynaStages
import TorchNN

/// `myna eval keyword`: how well phrases are spotted, and how often they are where nobody said them.
struct EvalKeyword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyword",
        abstract: "Measure how well wake words are spotted.",
        discussion: """
            Recordings of the manifests whose text is a phrase should be spotted; in all others, and in all sound of --others and --made, \
            each detection is a false alarm. Misses are told at the thresholds that give 0.1 and 0.5 false alarms an hour of that \
            very sound, as far as its hours can tell, and for a detector at its own thresholds too.

            Example: myna eval keyword --phrase computer --detector Models/myna-wake \
            --manifest ../shared/data/speech/manifests/wake-words.jsonl --split test
            A peer: myna eval keyword --phrase computer --from peer.jsonl
            """)

    @Option(help: "A phrase; may be given several times.") var phrase: [String]
    @Option(help: "A manifest; may be given several times.") var manifest: [String] = []
    @Option(help: "Only utterances of this split, such as test.") var split: String?
    @Option(help: "A manifest of other sound that was recorded; may be given several times.") var others: [String] = []
    @Option(help: "A manifest of other sound that synthetic voices made; may be given several times.") var made: [String] = []
    @Option(help: "The split of the other sound; all of it if not given.") var othersSplit: String?
    @Option(help: "A recording of noise to mix in at --snr: a sound file, or a manifest's FILE#ID.") var noise: String?
    @Option(help: "Decibels of speech over noise.") var snr: Float = 10
    @Option(help: "A folder that `myna train wake-word` wrote: it spots the phrases in place of the recogniser's own frames.")
    var detector: String?
    @OptionGroup var stages: StageOptions
    @Option(help: "Frames of 80 ms that are encoded together.") var chunk = 4
    @Option(help: "A file for the scores of each sound, a JSON object a line.") var scores: String?
    @Option(help: "A folder for all sound as it was heard, wav files that --scores names, to try a peer on.") var sound: String?
    @Option(help: "Report on such scores, of a peer or of an earlier run, in place of listening.") var from: String?
    @Option(help: "Write thresholds that give so many false alarms an hour of this sound into the detector's folder.")
    var choose: Double?
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        if !(1...28).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 28") }
        if phrase.isEmpty { throw ValidationError("give at least one --phrase") }
        if (from == nil) == manifest.isEmpty { throw ValidationError("give either --manifest or --from") }
        if from != nil, detector != nil || scores != nil || sound != nil || noise != nil || choose != nil {
            throw ValidationError("--from goes with --phrase and --json alone")
        }
        if sound != nil, scores == nil { throw ValidationError("--sound needs --scores, which names its files") }
        if let choose, detector == nil || !(choose >= 0 && choose.isFinite) {
            throw ValidationError("--choose \(choose) needs --detector and a rate of 0 or more")
        }
    }

    private static let together = 16

    private struct Clip: Sendable {
        var manifest: SpeechManifest
        var utterance: Utterance
        var kind: KeywordScores.Kind
        var text: String
    }

    private typealias Spotter = @Sendable ([Float]) async throws -> [String: [Double]]

    func run() async throws {
        let phrases = phrase.map { $0.lowercased() }
        if let from {
            return try tell(KeywordReport(try LineFile.rows(of: from, as: KeywordScores.self), phrases: phrases, thresholds: [:]))
        }
        let model: WakeWordDetector? =
            if let detector { try await WakeWordDetector(contentsOf: ModelFolder(detector)) } else { nil }
        let spotter = try await spotter(model, phrases)
        let clips = try clips(phrases)
        // Training hears the first half of long noises.
        let recording = try noise.map { try EvalCommands.recording($0) }.map { Array($0.suffix($0.count / 2)) }
        if let sound { try FileManager.default.createDirectory(atPath: sound, withIntermediateDirectories: true) }
        let listener = Listener(spotter: spotter, noise: recording, snr: snr, folder: sound)
        var rows: [KeywordScores] = []
        let begin = ContinuousClock.now
        for start in stride(from: 0, to: clips.count, by: Self.together) {
            let part = clips[start..<min(clips.count, start + Self.together)]
            rows += try await withThrowingTaskGroup(of: (Int, KeywordScores).self) { group in
                for (offset, clip) in part.enumerated() {
                    group.addTask { (offset, try await listener.heard(clip, number: start + offset)) }
                }
                var heard: [(number: Int, row: KeywordScores)] = []
                for try await (number, row) in group { heard.append((number, row)) }
                return heard.sorted { $0.number < $1.number }.map(\.row)
            }
        }
        let spent = begin.duration(to: .now) / .seconds(1)
        if let scores {
            let file = try LineFile(scores)
            for row in rows { try file.write(row) }
            try file.close()
        }
        let thresholds = Dictionary(
            uniqueKeysWithValues: zip(model?.config.phrases ?? [], model?.config.thresholds ?? []))
        var report = KeywordReport(rows, phrases: phrases, thresholds: thresholds)
        report.seconds_per_hour = spent * 3600 / max(1, rows.reduce(0) { $0 + $1.seconds })
        if let model { report.live_percent_of_a_core = try await liveCost(of: model, clips) }
        if let detector, let choose {
            try WakeWordConfig.write(
                thresholds: KeywordReport.thresholds(rows, phrases: phrases, at: choose), in: ModelFolder(detector))
        }
        try tell(report)
    }

    /// What is done with one sound, on any thread.
    private struct Listener: Sendable {
        let spotter: Spotter
        let noise: [Float]?
        let snr: Float
        let folder: String?

        func heard(_ clip: Clip, number: Int) async throws -> KeywordScores {
            var samples = try clip.manifest.samples(of: clip.utterance, at: StreamLoad.rate)
            let seconds = Double(samples.count) / Double(StreamLoad.rate)
            if let noise {
                var random = SeededRandom(seed: UInt64(number))
                let place = Int.random(in: 0..<max(1, noise.count), using: &random)
                samples = mixed(samples, with: noise, from: place, snr: snr)
            }
            // Silence around, as a microphone that is always open has.
            let quiet = [Float](repeating: 0, count: StreamLoad.rate / 2)
            samples = quiet + samples + quiet
            var row = KeywordScores(
                id: clip.utterance.id, kind: clip.kind, text: clip.text, seconds: seconds, scores: try await spotter(samples))
            if let folder {
                let path = "\(folder)/\(number).wav"
                let writer = try WaveWriter(path: path, sampleRate: StreamLoad.rate)
                try writer.write(samples)
                try writer.finish()
                row.sound = path
            }
            return row
        }
    }

    /// The scores of each phrase in sound at 16 kHz.
    private func spotter(_ model: WakeWordDetector?, _ phrases: [String]) async throws -> Spotter {
        if let model {
            let known = model.config.phrases
            for phrase in phrases where !known.contains(phrase) {
                throw CommandError(
                    "\(detector ?? ""): knows \(known.joined(separator: ", ")), not \"\(phrase)\"", status: ExitStatus.badData)
            }
            return { samples in
                let peaks = Dictionary(
                    uniqueKeysWithValues: zip(known, await model.peaks(in: samples, above: KeywordReport.floor)))
                return peaks.filter { phrases.contains($0.key) }
            }
        }
        let recognizer = try await Stages(options: stages).streamingRecognizer { [chunk] in $0.lookahead = .fixed(chunk) }
        return { samples in
            var scores: [String: [Double]] = [:]
            for phrase in phrases {
                let stream = try await recognizer.listen(for: phrase, threshold: KeywordReport.floor)
                let found =
                    try await stream.hear(AudioFrame(samples: samples, sampleRate: StreamLoad.rate)) + (try await stream.finish())
                scores[phrase] = found.map(\.score).sorted(by: >)
            }
            return scores
        }
    }

    /// The share of a core, in percent, that a stream of about a minute takes in frames of 80 ms.
    private func liveCost(of model: WakeWordDetector, _ clips: [Clip]) async throws -> Double {
        var samples: [Float] = []
        for clip in clips where samples.count < 60 * StreamLoad.rate {
            samples += try clip.manifest.samples(of: clip.utterance, at: StreamLoad.rate)
        }
        let stream = await model.listen()
        let frame = StreamLoad.rate * 80 / 1000
        let begin = Self.processorSeconds()
        for start in stride(from: 0, to: samples.count, by: frame) {
            let piece = Array(samples[start..<min(samples.count, start + frame)])
            _ = try await stream.hear(AudioFrame(samples: piece, sampleRate: StreamLoad.rate))
        }
        return 100 * (Self.processorSeconds() - begin) / (Double(samples.count) / Double(StreamLoad.rate))
    }

    /// The processor's time that this process has taken.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private func tell(_ report: KeywordReport) throws {
        if json { return try Output.standard.json(report) }
        for line in report.lines { Output.standard.line(line) }
        try Output.standard.check()
    }

    private func clips(_ phrases: [String]) throws -> [Clip] {
        var clips: [Clip] = []
        let sources: [([String], String?, KeywordScores.Kind)] = [
            (manifest, split, .real), (others, othersSplit, .real), (made, othersSplit, .made),
        ]
        for (paths, split, kind) in sources {
            for path in paths {
                let manifest = try SpeechManifest(path: path)
                for utterance in manifest.utterances where split == nil || utterance.split == split {
                    let text = utterance.text?.lowercased() ?? ""
                    let isSaid = kind == .real && phrases.contains(text)
                    clips.append(Clip(manifest: manifest, utterance: utterance, kind: isSaid ? .said : kind, text: text))
                }
            }
        }
        for phrase in phrases where !clips.contains(where: { $0.kind == .said && $0.text == phrase }) {
            throw CommandError("no utterance's text is \"\(phrase)\"", status: ExitStatus.badData)
        }
        return clips
    }
}
