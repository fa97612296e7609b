import ArgumentParser
import Foundation
import MynaAudio
import MynaEngine
import MynaRecognition
import MynaStages
import Synchronization

/// `myna bench …`: how fast, on this machine.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure how fast this machine is.",
        subcommands: [BenchASR.self, BenchDelay.self, BenchLM.self])
}

/// `myna bench asr`: how many live streams the recogniser holds.
struct BenchASR: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "asr",
        abstract: "Measure how many live streams the recogniser holds.",
        discussion: """
            Streams of speech come in real time, 80 ms at a time, each at a phase of its own. As many are held as get the words \
            of each chunk within --limit milliseconds in 99 of 100 cases, counted from when the chunk's last sound came. It is \
            measured twice: all streams together, and each served alone as a recogniser without batches would.

            --hours H instead sends H hours of sound through --streams streams as fast as they are heard, and tells \
            whether memory stayed flat and the words of repeated sound stayed the same.

            Example: myna bench asr --json
            A long run: myna bench asr --hours 6 --streams 32
            """)

    @OptionGroup var stages: StageOptions
    @Option(help: "Sound files that the streams speak, in turn.") var audio: [String] = []
    @Option(help: "Frames of 80 ms that are encoded together.") var chunk = RecognizerOptions.standardChunk
    @Flag(help: "Greedy search instead of a beam.") var greedy = false
    @Option(help: "Milliseconds that the 99th percentile may take.") var limit = 100.0
    @Option(help: "Seconds that each number of streams is held.") var seconds = 10.0
    @Option(help: "Hold this many streams, or send the hours through this many.") var streams: Int?
    @Option(help: "Hours of sound to send through.") var hours: Double?
    @Flag(help: "Leave out the measurement without batches.") var batchedOnly = false
    @Option(help: "A Python that has transformers: the published class streams the same weights there, and is reported too.")
    var peer: String?
    @Flag(help: "One JSON object instead of a table.") var json = false

    func validate() throws {
        if !(1...28).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 28") }
        if let streams, !(1...1024).contains(streams) { throw ValidationError("--streams \(streams) is not within 1 to 1024") }
        if seconds < 1 || limit <= 0 { throw ValidationError("--seconds is at least 1 and --limit positive") }
        if let hours, hours <= 0 { throw ValidationError("--hours \(hours) is not positive") }
    }

    private struct Held: Encodable {
        var held: Int
        var at_limit: StreamLoad.Report?
        var runs: [StreamLoad.Report]
    }

    private struct Report: Encodable {
        var chunk: Int
        var search: String
        var limit_ms: Double
        var threads: Int
        var batched: Held
        var unbatched: Held?
        var peer: Peer?
    }

    /// What Tools/bench/streams.py prints.
    private struct Peer: Codable {
        struct Times: Codable {
            var p50: Double, p90: Double, max: Double
        }
        var held: Int
        var chunks: Int
        var chunk_ms: Times
    }

    func run() async throws {
        let sounds = try files.map { try AudioReader.samples(path: $0, at: StreamLoad.rate) }
        if let hours { return try await soak(sounds, hours: hours) }
        let batched = try await held(sounds, batches: true)
        let unbatched = batchedOnly ? nil : try await held(sounds, batches: false)
        let report = Report(
            chunk: chunk, search: greedy ? "greedy" : "beam", limit_ms: limit, threads: stages.threads ?? 1, batched: batched,
            unbatched: unbatched, peer: try peer.map { try published($0) })
        if json { return try Output.standard.json(report) }
        for (name, held) in [("together", batched), ("each alone", unbatched)] {
            guard let held, let run = held.at_limit else { continue }
            Output.standard.line(
                "\(name): \(held.held) live streams, chunks of \(chunk * 80) ms, \(report.search): "
                    + String(
                        format: "p50 %.0f ms, p90 %.0f ms, p99 %.0f ms, busy %.0f %%",
                        run.latency_ms.p50, run.latency_ms.p90, run.latency_ms.p99, 100 * run.busy))
        }
        if let peer = report.peer {
            Output.standard.line(
                "published class: \(peer.held) live streams; "
                    + String(format: "a chunk takes p50 %.0f ms, p90 %.0f ms", peer.chunk_ms.p50, peer.chunk_ms.p90))
        }
        try Output.standard.check()
    }

    private var files: [String] {
        get throws {
            guard audio.isEmpty else { return audio }
            return try ["1-action", "2-question", "3-clarify"].map { try ProjectFiles.path(of: "\(ProjectFiles.demo)/\($0).wav") }
        }
    }

    /// The same weights in the published class, one stream after another.
    private func published(_ python: String) throws -> Peer {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments =
            [try ProjectFiles.path(of: "Tools/bench/streams.py")] + (try files)
            + ["--asr", try stages.asr ?? ProjectFiles.path(of: ProjectFiles.recognizer), "--chunk", "\(chunk)"]
            + ["--limit", "\(limit)"] + ["--threads", "\(stages.threads ?? 1)"]
        let output = Pipe()
        process.standardOutput = output
        do { try process.run() } catch {
            throw CommandError("\(python): cannot be started: \(error.localizedDescription)", status: ExitStatus.unavailable)
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandError("\(python): the peer ended with \(process.terminationStatus)", status: ExitStatus.unavailable)
        }
        return try JSONDecoder().decode(Peer.self, from: data)
    }

    /// The most streams whose 99th percentile stays within the limit: doubling, then halving the gap to a sixteenth.
    private func held(_ sounds: [[Float]], batches: Bool) async throws -> Held {
        let recognizer = try await Stages(options: stages).streamingRecognizer(greedy: greedy) {
            $0.lookahead = .fixed(chunk)
            $0.batches = batches
        }
        let load = StreamLoad(recognizer: recognizer, sounds: sounds, chunk: chunk)
        var runs: [StreamLoad.Report] = []
        func isHeld(_ count: Int) async throws -> Bool {
            let run = try await load.run(count, seconds: seconds)
            runs.append(run)
            FileHandle.standardError.write(
                Data(String(format: "%d streams: p99 %.0f ms, busy %.0f %%\n", count, run.latency_ms.p99, 100 * run.busy).utf8))
            return run.latency_ms.p99 <= limit
        }
        if let streams {
            let isIt = try await isHeld(streams)
            return Held(held: isIt ? streams : 0, at_limit: runs.last, runs: runs)
        }
        var (good, bad) = (0, 8)
        while bad < 1024, try await isHeld(bad) { (good, bad) = (bad, 2 * bad) }
        while bad - good > max(1, good / 16) {
            let middle = (good + bad) / 2
            if try await isHeld(middle) { good = middle } else { bad = middle }
        }
        return Held(held: good, at_limit: runs.last { $0.streams == good }, runs: runs)
    }

    private struct Soak: Encodable {
        var hours: Double
        var streams: Int
        var seconds: Double
        /// Hours of sound heard in an hour.
        var speed: Double
        /// Resident memory in MiB when a tenth, two tenths, … were heard.
        var memory_mib: [Double]
        /// From the second tenth to the ninth, in per cent.
        var memory_growth_percent: Double
        /// Repetitions of a stream's sound whose words differ from its second repetition.
        var drifted: Int
        var repetitions: Int
    }

    /// Each stream repeats a minute of speech that is a whole number of chunks, so that every repetition but the first meets
    /// the same past and must give the same words.
    private func soak(_ sounds: [[Float]], hours: Double) async throws {
        let count = streams ?? 32
        let recognizer = try await Stages(options: stages).streamingRecognizer(greedy: greedy) { $0.lookahead = .fixed(chunk) }
        let samplesPerChunk = chunk * StreamLoad.piece
        let length = (60 * StreamLoad.rate / samplesPerChunk) * samplesPerChunk
        let repetitions = max(3, Int((hours * 3600 * Double(StreamLoad.rate) / Double(count * length)).rounded(.up)))
        let progress = SoakProgress(total: count * repetitions)
        let start = ContinuousClock.now
        let drifted = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<count {
                group.addTask {
                    var sound: [Float] = []
                    var next = index
                    while sound.count < length {
                        sound += sounds[next % sounds.count] + Array(repeating: 0, count: 8000 + 977 * index)
                        next += 1
                    }
                    let stream = try await recognizer.listen()
                    for _ in 0..<repetitions {
                        for start in Swift.stride(from: 0, to: length, by: samplesPerChunk) {
                            _ = try await stream.hear(
                                AudioFrame(samples: Array(sound[start..<start + samplesPerChunk]), sampleRate: StreamLoad.rate))
                        }
                        try progress.step()
                    }
                    let words = try await stream.finish().compactMap {
                        if case .wordsFinal(let transcript) = $0.kind { transcript.words } else { nil }
                    }.joined()
                    let seconds = Double(length) / Double(StreamLoad.rate)
                    let told = (0..<repetitions).map { repetition in
                        words.filter { $0.start >= Double(repetition) * seconds && $0.start < Double(repetition + 1) * seconds }
                            .map(\.word)
                    }
                    // The last one ends the stream, the first begins it.
                    return told[2..<(repetitions - 1)].count { $0 != told[1] }
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let heard = Double(count * repetitions * length) / Double(StreamLoad.rate) / 3600
        let report = Soak(
            hours: heard, streams: count, seconds: elapsed, speed: heard * 3600 / elapsed, memory_mib: progress.memory,
            memory_growth_percent: progress.memory.count > 8 ? 100 * (progress.memory[8] / progress.memory[1] - 1) : 0,
            drifted: drifted, repetitions: count * repetitions)
        if json { return try Output.standard.json(report) }
        Output.standard.line(
            String(format: "%.1f hours through %d streams in %.0f s: %.0f × real time; ", heard, count, elapsed, report.speed)
                + "memory " + progress.memory.map { String(format: "%.0f", $0) }.joined(separator: ", ") + " MiB; "
                + "\(drifted) of \(count * repetitions) repetitions gave other words")
        try Output.standard.check()
    }
}

/// Memory by tenths of the way.
private final class SoakProgress: Sendable {
    private let total: Int
    private let state = Mutex((done: 0, memory: [Double]()))

    init(total: Int) { self.total = total }

    var memory: [Double] { state.withLock(\.memory) }

    func step() throws {
        try state.withLock { state in
            state.done += 1
            guard state.done * 10 / total > state.memory.count else { return }
            state.memory.append(try ResidentMemory.mebibytes())
        }
    }
}
