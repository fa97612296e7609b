import ArgumentParser
import Foundation
import MynaAudio
import MynaEngine
import MynaRecognition
import MynaStages
import TorchNN

/// `myna eval keyword`: how well a phrase is spotted, and how often it is where nobody said it.
struct EvalKeyword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyword",
        abstract: "Measure how well a wake word is spotted.",
        discussion: """
            Recordings of the manifests whose text is the phrase should be spotted; in all others, and in all sound of --others, \
            each detection is a false alarm. Misses are told at the thresholds that give 0.1 and 0.5 false alarms an hour of that \
            other sound, as far as its hours can tell.

            Example: myna eval keyword --phrase computer --manifest ../shared/data/speech/manifests/wake-words.jsonl --split test
            """)

    @Option(help: "The phrase.") var phrase: String
    @Option(help: "A manifest; may be given several times.") var manifest: [String]
    @Option(help: "Only utterances of this split, such as test.") var split: String?
    @Option(help: "A manifest of other sound; may be given several times.") var others: [String] = []
    @Option(help: "The split of the other sound; all of it if not given.") var othersSplit: String?
    @Option(help: "A recording of noise to mix in at --snr: a sound file, or a manifest's FILE#ID.") var noise: String?
    @Option(help: "Decibels of speech over noise.") var snr: Float = 10
    @Option(help: "A folder that `myna train wake-word` wrote: it spots the phrase in place of the recogniser's own frames.")
    var detector: String?
    @OptionGroup var stages: StageOptions
    @Option(help: "Frames of 80 ms that are encoded together.") var chunk = 4
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        if !(1...28).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 28") }
    }

    struct Report: Encodable {
        struct Point: Encodable {
            var false_alarms_per_hour: Double
            var threshold: Double
            var misses: Int
            var miss_rate: Double
        }
        var phrase: String
        var said: Int
        var other_hours: Double
        var points: [Point]
        var seconds_per_hour: Double
    }

    /// Lower scores are no detections at any threshold of interest.
    private static let floor = -12.0
    private static let together = 16

    private struct Clip: Sendable {
        var manifest: SpeechManifest
        var utterance: Utterance
        var isSaid: Bool
    }

    func run() async throws {
        let spotter = try await spotter()
        let clips = try clips()
        // Training hears the first half of long noises.
        let recording = try noise.map { try EvalCommands.recording($0) }.map { Array($0.suffix($0.count / 2)) }
        var (said, alarms, hours) = ([Double](), [Double](), 0.0)
        let begin = ContinuousClock.now
        for start in stride(from: 0, to: clips.count, by: Self.together) {
            let part = clips[start..<min(clips.count, start + Self.together)]
            let heard = try await withThrowingTaskGroup(of: (Bool, [Double], Double).self) { group in
                for (offset, clip) in part.enumerated() {
                    group.addTask { [snr] in
                        var samples = try clip.manifest.samples(of: clip.utterance, at: StreamLoad.rate)
                        if let recording {
                            var random = SeededRandom(seed: UInt64(start + offset))
                            let place = Int.random(in: 0..<max(1, recording.count), using: &random)
                            samples = mixed(samples, with: recording, from: place, snr: snr)
                        }
                        // Silence around, as a microphone that is always open has.
                        let quiet = [Float](repeating: 0, count: StreamLoad.rate / 2)
                        let scores = try await spotter(quiet + samples + quiet)
                        return (clip.isSaid, scores, Double(samples.count) / Double(StreamLoad.rate) / 3600)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (isSaid, scores, length) in heard {
                if isSaid {
                    said.append(scores.max() ?? -.infinity)
                } else {
                    alarms += scores
                    hours += length
                }
            }
        }
        let spent = begin.duration(to: .now) / .seconds(1)
        let all = clips.reduce(0) { $0 + ($1.utterance.duration ?? 0) } / 3600
        try tell(said, alarms.sorted(by: >), hours: hours, secondsPerHour: spent / all)
    }

    /// Scores of the phrase in sound at 16 kHz: the recogniser's of each place, a detector's highest.
    private func spotter() async throws -> @Sendable ([Float]) async throws -> [Double] {
        if let detector {
            let model = try await WakeWordDetector(contentsOf: ModelFolder(detector))
            guard let index = model.config.phrases.firstIndex(of: phrase.lowercased()) else {
                throw CommandError(
                    "\(detector): knows \(model.config.phrases.joined(separator: ", ")), not \"\(phrase)\"",
                    status: ExitStatus.badData)
            }
            return { [await model.highestScores(in: $0)[index]] }
        }
        let recognizer = try await Stages(options: stages).streamingRecognizer { [chunk] in $0.lookahead = .fixed(chunk) }
        return { [phrase] samples in
            let stream = try await recognizer.listen(for: phrase, threshold: Self.floor)
            let found =
                try await stream.hear(AudioFrame(samples: samples, sampleRate: StreamLoad.rate)) + (try await stream.finish())
            return found.map(\.score)
        }
    }

    private func tell(_ said: [Double], _ alarms: [Double], hours: Double, secondsPerHour: Double) throws {
        let points = [0.1, 0.5].map { rate -> Report.Point in
            let allowed = Int(rate * hours)
            let threshold = allowed < alarms.count ? alarms[allowed] : Self.floor
            let misses = said.count { $0 <= threshold }
            return .init(
                false_alarms_per_hour: rate, threshold: threshold, misses: misses,
                miss_rate: Double(misses) / Double(max(1, said.count)))
        }
        let report = Report(
            phrase: phrase, said: said.count, other_hours: hours, points: points, seconds_per_hour: secondsPerHour)
        if json { return try Output.standard.json(report) }
        Output.standard.line(
            "\"\(phrase)\": said \(said.count) times; " + String(format: "%.2f hours of other sound", hours))
        for point in points {
            Output.standard.line(
                String(
                    format: "at %.1f false alarms an hour (threshold %.2f): %d missed (%.1f %%)", point.false_alarms_per_hour,
                    point.threshold, point.misses, 100 * point.miss_rate))
        }
        try Output.standard.check()
    }

    private func clips() throws -> [Clip] {
        let wanted = phrase.lowercased()
        var clips: [Clip] = []
        for (paths, split) in [(manifest, split), (others, othersSplit)] {
            for path in paths {
                let manifest = try SpeechManifest(path: path)
                for utterance in manifest.utterances where split == nil || utterance.split == split {
                    let text = utterance.text?.lowercased() ?? ""
                    // A sentence in which the phrase is said tells neither of misses nor of false alarms.
                    if text != wanted, " \(text) ".contains(" \(wanted) ") { continue }
                    clips.append(Clip(manifest: manifest, utterance: utterance, isSaid: text == wanted))
                }
            }
        }
        guard clips.contains(where: \.isSaid) else {
            throw CommandError("no utterance's text is \"\(phrase)\"", status: ExitStatus.badData)
        }
        return clips
    }
}
