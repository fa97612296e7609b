import ArgumentParser
import Foundation
import MynaAudio
import MynaDevices
import MynaRecognition
import MynaSession
import MynaStages

/// `myna eval echo`: full duplex in a simulated room.
struct EvalEcho: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "echo",
        abstract: "Measure how well a reply's own echo is told from speech over it.",
        discussion: """
            Plays replies through impulse responses into a microphone, by samples: half are left alone, where every hold of the voice is a \
            false start; over the others a sentence is spoken, which should hold the voice at once and stop it. What is left of the \
            echo is told as its reduction in decibels (ERLE) over the replies that nobody spoke over.

            Example: myna eval echo --near ../shared/data/speech/manifests/speechocean762.jsonl --split test
            """)

    @Option(help: "A manifest of sentences that are spoken over replies.") var near: String
    @Option(help: "Only utterances of this split.") var split: String?
    @Option(help: "A manifest with impulse responses of kind \"rir\".") var rooms: String?
    @Option(help: "Milliseconds by which the echo comes later still; may be given several times.") var delay: [Int] = [
        20, 100, 250,
    ]
    @Option(help: "Decibels of the echo at the microphone over the voice at the loudspeaker.") var echo: Float = -6
    @Option(help: "Replies in each room at each delay.") var replies = 6
    @Flag(help: "Leave the echo in, to see what it would do.") var uncancelled = false
    @OptionGroup var options: StageOptions
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        for delay in delay where !(0...400).contains(delay) { throw ValidationError("--delay \(delay) is not within 0 to 400") }
        if !(2...1000).contains(replies) { throw ValidationError("--replies \(replies) is not within 2 to 1000") }
    }

    struct Report: Encodable {
        var replies_alone = 0
        var seconds_alone = 0.0
        var false_holds = 0
        var false_interruptions = 0
        var replies_spoken_over = 0
        var held = 0
        var stopped = 0
        /// From the first sound over the reply to silence.
        var hold_p50_ms = 0.0
        var hold_p95_ms = 0.0
        var within_200_ms = 0
        /// By room: over the first two seconds of a session's voice, and over the rest.
        var erle: [String: [Double]] = [:]
    }

    private static let texts = [
        "The kitchen light is on, the window lamp is off, and the piano lamp is at forty percent.",
        "It is nine point four degrees in the garden. The heating keeps twenty one degrees in the lounge.",
        "I have put oat milk, butter and two lemons on the shopping list. It has five items now.",
        "The front door is locked, the shed door is unlocked, and the kitchen window is open.",
    ]

    func run() async throws {
        let data = ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data"
        let places = try SpeechManifest(path: rooms ?? "\(data)/speech/manifests/noise-rir.jsonl")
        let responses = try places.utterances.filter { $0.extra["kind"]?.string == "rir" }.map {
            ($0.id, try places.samples(of: $0, at: SimulatedRoom.sampleRate))
        }
        guard !responses.isEmpty else {
            throw CommandError("\(places.path): has no impulse response", status: ExitStatus.badData)
        }
        let manifest = try SpeechManifest(path: near)
        let sentences = manifest.utterances.filter { (split == nil || $0.split == split) && ($0.duration ?? 0) < 6 }
        guard !sentences.isEmpty else { throw CommandError("\(near): has no sentence", status: ExitStatus.badData) }
        let request = try ProjectFiles.path(of: ProjectFiles.demo + "/2-question.wav")
        let stages = Stages(options: options)
        let recognizer = try await stages.recognizer()
        var report = Report()
        var holds: [Double] = []
        var number = 0
        for (name, response) in responses {
            for delay in delay {
                let spoken = try (0..<replies).map { index -> [Float]? in
                    guard index % 2 == 1 else { return nil }
                    number += 1
                    return try onset(
                        of: manifest.samples(of: sentences[number * 37 % sentences.count], at: SimulatedRoom.sampleRate))
                }
                let room = SimulatedRoom(
                    response: response, delay: delay * SimulatedRoom.sampleRate / 1000, gain: powf(10, echo / 20))
                let run = try DuplexScript(
                    room, over: spoken, request: AudioReader.samples(path: request, at: SimulatedRoom.sampleRate),
                    canceller: uncancelled ? nil : EchoCanceller())
                let conversation = Conversation(
                    recognizer: nil, assistant: Reader(texts: Self.texts), synthesizer: try stages.synthesizer())
                try await AttentiveSession(recognizer: recognizer, conversation: conversation).converse(
                    hearing: run, gate: AlwaysOpenGate(), player: room)
                report.add(run.replies, room.log, room: "\(name), \(delay) ms", holds: &holds)
                FileHandle.standardError.write(Data("\(name), \(delay) ms: \(report.false_holds) false holds so far\n".utf8))
            }
        }
        holds.sort()
        func quantile(_ share: Double) -> Double {
            holds.isEmpty ? 0 : holds[min(holds.count - 1, Int(share * Double(holds.count)))]
        }
        (report.hold_p50_ms, report.hold_p95_ms) = (quantile(0.5), quantile(0.95))
        report.within_200_ms = holds.count { $0 <= 200 }
        try tell(report)
    }

    /// Speech from its first sound on, as loud as somebody in the room speaks.
    private func onset(of samples: [Float]) -> [Float] {
        let peak = samples.reduce(0) { max($0, abs($1)) }
        let first = samples.firstIndex { abs($0) > 0.05 * peak } ?? 0
        return samples[first...].map { $0 * 0.35 / max(peak, 1e-6) }
    }

    private func tell(_ report: Report) throws {
        if json { return try Output.standard.json(report) }
        let lines =
            [
                String(
                    format: "%d replies alone (%.0f s): held %d times, stopped %d times", report.replies_alone,
                    report.seconds_alone,
                    report.false_holds, report.false_interruptions),
                String(
                    format:
                        "%d replies spoken over: held %d, stopped %d; from the first sound to silence %.0f ms (p95 %.0f), %d within 200 ms",
                    report.replies_spoken_over, report.held, report.stopped, report.hold_p50_ms, report.hold_p95_ms,
                    report.within_200_ms),
            ]
            + report.erle.sorted { $0.key < $1.key }.map {
                "echo taken away, \($0.key): "
                    + String(format: "%.0f dB in the first two seconds, %.0f dB after", $0.value[0], $0.value[1])
            }
        for line in lines { Output.standard.line(line) }
        try Output.standard.check()
    }
}

/// An assistant that reads one text after another, whatever it is asked.
private actor Reader: Assistant {
    private let texts: [String]
    private var next = 0

    init(texts: [String]) { self.texts = texts }

    func reply(to request: Request, report: @escaping @Sendable (Event.Kind) async -> Void) async throws -> Reply {
        next += 1
        return Reply(text: texts[next % texts.count], kind: .answer)
    }
}
