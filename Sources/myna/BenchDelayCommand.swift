import ArgumentParser
import Foundation
import MynaAudio
import MynaEngine
import MynaRecognition
import MynaStages
import MynaText

/// `myna bench delay`: word errors against how late words come.
struct BenchDelay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delay",
        abstract: "Measure word errors against how late words come.",
        discussion: """
            The utterances are spoken by --streams live streams, each at a phase of its own, on a clock that only steps move: a \
            step takes --step-ms and --frame-ms for each of its frames, so that the result is the same on each machine. It is \
            done with fixed chunks and with dynamic lookahead (a step takes all that waits, and nothing waits longer than its \
            budget), each with and without looking again at what waits.

            Example: myna bench delay --manifest ../shared/data/speech/manifests/librispeech-sample.jsonl --split test
            """)

    @Option(help: "A manifest; may be given several times.") var manifest: [String]
    @Option(help: "Only utterances of this split, such as test.") var split: String?
    @Option(help: "At most so many utterances, evenly spread.") var limit: Int?
    @OptionGroup var stages: StageOptions
    @Option(help: "Streams that speak at the same time.") var streams = 32
    @Option(help: "Milliseconds that the smallest step takes.") var stepMs = 4.0
    @Option(help: "Milliseconds for each frame of a step.") var frameMs = 0.2
    @Option(parsing: .upToNextOption, help: "Fixed chunks, in milliseconds: multiples of 80.")
    var chunks = [80, 160, 240, 320, 560, 800, 1120]
    @Option(parsing: .upToNextOption, help: "Budgets of dynamic lookahead, in milliseconds.")
    var budgets = [80, 160, 240, 400, 640, 1040]
    @Flag(help: "Greedy search instead of a beam.") var greedy = false
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        if let chunk = chunks.first(where: { $0 % 80 != 0 || !(80...2240).contains($0) }) {
            throw ValidationError("--chunks \(chunk) is no multiple of 80 within 80 to 2240")
        }
        if let budget = budgets.first(where: { $0 < 1 }) { throw ValidationError("--budgets \(budget) is not positive") }
        if streams < 1 { throw ValidationError("--streams \(streams) is not positive") }
        if stepMs < 0 || frameMs < 0 { throw ValidationError("--step-ms and --frame-ms are not negative") }
    }

    private struct Report: Encodable {
        var streams: Int
        var utterances: Int
        var step_ms: Double
        var frame_ms: Double
        var points: [Point]
    }

    struct Point: Encodable {
        /// `fixed` or `dynamic`.
        var lookahead: String
        /// The chunk or the budget.
        var ms: Int
        var looks: Bool
        var wer: Double
        var wer_interval: [Double]
        /// Means: from the end of a frame until its step was done, and from the end of a word until it was first shown right.
        var frame_delay_ms: Double
        var word_delay_ms: Double
        var final_p50_ms: Double
        var final_p90_ms: Double
    }

    func run() async throws {
        let recognizer = try await Stages(options: stages).streamingRecognizer(greedy: greedy)
        let (speech, texts) = try utterances()
        let cost = StepCost(base: stepMs / 1000, perFrame: frameMs / 1000, full: max(1, Int((4 * stepMs / max(frameMs, 0.01)))))
        var points: [Point] = []
        for (name, values) in [("fixed", chunks), ("dynamic", budgets)] {
            for value in values {
                for looks in [false, true] {
                    let lookahead: Scheduler.Lookahead =
                        name == "fixed" ? .fixed(value / 80) : .dynamic(budget: Double(value) / 1000)
                    let heard = try await recognizer.hear(
                        speech, in: LiveSimulation(cost: cost, lookahead: lookahead, lookShare: looks ? 0.2 : 0))
                    points.append(point(name, value, looks, heard, texts))
                    FileHandle.standardError.write(Data("\(Self.line(points[points.count - 1]))\n".utf8))
                }
            }
        }
        let report = Report(streams: streams, utterances: speech.count, step_ms: stepMs, frame_ms: frameMs, points: points)
        if json { return try Output.standard.json(report) }
        Output.standard.line("lookahead     ms  looks  WER %  frames  words  final p50  p90")
        for point in points { Output.standard.line(Self.line(point)) }
        try Output.standard.check()
    }

    /// Each stream speaks its share of the utterances one after another, a second apart.
    private func utterances() throws -> ([LiveSimulation.Speech], [String]) {
        var all: [(SpeechManifest, Utterance)] = []
        for path in manifest {
            let manifest = try SpeechManifest(path: path)
            all += manifest.utterances.filter { (split == nil || $0.split == split) && $0.text?.isEmpty == false }.map {
                (manifest, $0)
            }
        }
        if let limit, limit < all.count { all = (0..<limit).map { all[$0 * all.count / limit] } }
        guard !all.isEmpty else { throw CommandError("no utterance has a text", status: ExitStatus.badData) }
        var free = (0..<streams).map { 1.3 * (Double($0) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1) }
        let speech = try all.map { manifest, utterance in
            let samples = try manifest.samples(of: utterance, at: StreamLoad.rate)
            let first = free.indices.min { free[$0] < free[$1] } ?? 0
            defer { free[first] += Double(samples.count) / Double(StreamLoad.rate) + 1 }
            return LiveSimulation.Speech(samples: samples, start: free[first])
        }
        return (speech, all.map { $0.1.text ?? "" })
    }

    private func point(_ name: String, _ value: Int, _ looks: Bool, _ heard: [LiveSimulation.Hearing], _ texts: [String]) -> Point
    {
        let rates = ErrorRates(zip(texts, heard).map { TranscriptErrors(said: $0, heard: $1.text) })
        func mean(_ values: [Double]) -> Double { 1000 * values.reduce(0, +) / Double(max(1, values.count)) }
        let finals = StreamLoad.Percentiles(heard.map { 1000 * $0.finalDelay })
        return Point(
            lookahead: name, ms: value, looks: looks, wer: rates.wer, wer_interval: rates.werInterval,
            frame_delay_ms: mean(heard.flatMap(\.frameDelays)), word_delay_ms: mean(heard.flatMap(\.wordDelays)),
            final_p50_ms: finals.p50, final_p90_ms: finals.p90)
    }

    private static func line(_ point: Point) -> String {
        point.lookahead.padding(toLength: 10, withPad: " ", startingAt: 0)
            + String(
                format: "%6d  %@  %5.1f  %6.0f  %5.0f  %9.0f  %3.0f", point.ms, point.looks ? "  yes" : "   no",
                100 * point.wer, point.frame_delay_ms, point.word_delay_ms, point.final_p50_ms, point.final_p90_ms)
    }
}
