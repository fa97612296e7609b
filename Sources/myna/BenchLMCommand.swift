import ArgumentParser
import Foundation
import MynaAssistant
import MynaLanguage
import MynaStages
import Torch
import TorchNN

/// `myna bench lm`: how fast a language model reads and writes here.
struct BenchLM: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lm",
        abstract: "Measure how fast a language model of half a billion parameters reads and writes on this processor.",
        discussion: """
            The shape is that of Qwen's 0.5B models in the Qwen3 layout, with weights at random: a prompt of --prompt tokens is \
            read, then --tokens are written one by one, --rounds times; the best round counts. --peer names a Python that has \
            llama-cpp-python, gguf and numpy: llama.cpp does the same by turns with it, on weights of the same shape and bits. \
            Also measured: what it costs to hold a token to a JSON Schema, with a vocabulary of 151,936 tokens.

            Example: myna bench lm --threads 2 --peer ~/venv-llama/bin/python
            """)

    @Option(help: "Bits of a weight: 16, 8 or 4.") var bits = 8
    @Option(help: "Tokens of the prompt.") var prompt = 512
    @Option(help: "Tokens that are written.") var tokens = 64
    @Option(help: "How often both are measured.") var rounds = 5
    @Option(help: "Texts that are written at once, to measure batches; 1 leaves them out.") var batch = 8
    @Flag(help: "Also the time to the first token of a request to a home of 150 entities, with its description read and unread.")
    var firstToken = false
    @Option(help: "Processor cores that may be used.") var threads = 2
    @Option(help: "A Python that has llama-cpp-python and gguf.") var peer: String?
    @Flag(help: "One JSON object instead of lines.") var json = false

    func validate() throws {
        if ![4, 8, 16].contains(bits) { throw ValidationError("--bits \(bits) is none of 4, 8 and 16") }
        if prompt < 2 || prompt > 4096 || tokens < 1 || tokens > 1024 {
            throw ValidationError("--prompt is 2 to 4096 and --tokens 1 to 1024")
        }
        if rounds < 1 || batch < 1 || threads < 1 { throw ValidationError("--rounds, --batch and --threads are at least 1") }
    }

    static let shape = DecoderConfig(
        layout: .qwen3, vocabSize: 151_936, hiddenSize: 896, intermediateSize: 4864, numHiddenLayers: 24, numAttentionHeads: 14,
        numKeyValueHeads: 2, headDim: 64, maxPositionEmbeddings: 8192, rope: RotaryConfig(theta: 1_000_000),
        tieWordEmbeddings: true, eosTokenIDs: [0])

    /// Tokens a second.
    private struct Speed: Codable {
        var prompt: Double
        var decode: Double
    }

    private struct Report: Encodable {
        var parameters: Int
        var bits: Int
        var threads: Int
        var ours: Speed
        var peer: Speed?
        /// Tokens a second of all texts together, and the number of texts.
        var batched_decode: Double?
        var batch: Int
        var masks: MaskCost.Report
        var first_token: FirstToken?
    }

    /// A request to a home of 150 entities, in milliseconds.
    private struct FirstToken: Encodable {
        /// Of the home's description and the actions, at four bytes a token, and of the request.
        var prefix_tokens: Int
        var request_tokens: Int
        var unread_ms: Double
        /// With the description in a slot already.
        var shared_ms: Double
    }

    func run() throws {
        Torch.threads = threads
        let packing: WeightPacking? = bits == 16 ? nil : bits == 8 ? .int8 : .int4()
        let other = try peer.map {
            try PeerProcess(
                $0,
                [
                    "Tools/bench/llama_peer.py", "--bits", "\(bits)", "--prompt", "\(prompt)", "--tokens", "\(tokens)",
                    "--threads",
                    "\(threads)",
                ])
        }
        let store = ParameterStore(dtype: .bfloat16)
        let model = CausalDecoder(store.root, Self.shape, packing: packing)
        var (ours, theirs) = (Speed(prompt: 0, decode: 0), Speed(prompt: 0, decode: 0))
        for _ in 0..<rounds {
            let round = measured(model)
            ours = Speed(prompt: max(ours.prompt, round.prompt), decode: max(ours.decode, round.decode))
            guard let other else { continue }
            let answer = try other.ask("round", as: Speed.self)
            theirs = Speed(prompt: max(theirs.prompt, answer.prompt), decode: max(theirs.decode, answer.decode))
        }
        let report = Report(
            parameters: Self.shape.parameterCount, bits: bits, threads: threads, ours: ours, peer: other == nil ? nil : theirs,
            batched_decode: batch > 1 ? batched(model) : nil, batch: batch, masks: try MaskCost.measured(),
            first_token: firstToken ? timeToFirstToken(model) : nil)
        if json { return try Output.standard.json(report) }
        Output.standard.line(String(format: "prompt %.0f tokens/s, decode %.1f tokens/s", ours.prompt, ours.decode))
        if other != nil {
            Output.standard.line(
                String(
                    format: "llama.cpp: prompt %.0f tokens/s, decode %.1f tokens/s: %.2f × and %.2f ×", theirs.prompt,
                    theirs.decode,
                    ours.prompt / theirs.prompt, ours.decode / theirs.decode))
        }
        if let together = report.batched_decode {
            Output.standard.line(String(format: "%d texts at once: decode %.1f tokens/s", batch, together))
        }
        let masks = report.masks
        Output.standard.line(
            String(
                format:
                    "JSON Schema: compiled in %.1f ms; mask %.1f µs a token from the first on, %.1f µs once seen, %.0f µs at most",
                masks.compile_ms, masks.mean_us, masks.warm_us, masks.longest_us))
        if let first = report.first_token {
            Output.standard.line(
                String(
                    format: "150 entities, %d tokens: first token after %.0f ms, %.0f ms once the home was read",
                    first.prefix_tokens,
                    first.unread_ms, first.shared_ms))
        }
        try Output.standard.check()
    }

    /// 15 rooms with ten things each.
    private static var home: Home {
        let kinds = [
            ("light", "Ceiling Light"), ("light", "Reading Lamp"), ("light", "Window Lamp"), ("cover", "Left Blind"),
            ("cover", "Right Blind"), ("climate", "Thermostat"), ("switch", "Wall Plug"), ("media_player", "Speaker"),
            ("sensor", "Temperature"), ("binary_sensor", "Motion Sensor"),
        ]
        let rooms = [
            "Kitchen", "Living Room", "Dining Room", "Hall", "Bathroom", "Guest Bathroom", "Main Bedroom", "Guest Bedroom",
            "Nursery",
            "Office", "Library", "Cellar", "Laundry", "Garage", "Terrace",
        ]
        let entities = rooms.enumerated().flatMap { index, room in
            kinds.enumerated().map { number, kind in
                Home.Entity(
                    id: "\(kind.0).r\(index)_\(number)", name: "\(room) \(kind.1)", area: "r\(index)", domain: kind.0,
                    state: EntityState(state: "off"))
            }
        }
        return Home(
            id: "bench", name: "Bench", areas: rooms.enumerated().map { Home.Area(id: "r\($0)", name: $1) }, entities: entities)
    }

    private func timeToFirstToken(_ model: CausalDecoder) -> FirstToken {
        let (prefix, request) = (HomePrompt(Self.home).system.utf8.count / 4, 24)
        func ids(_ range: Range<Int>) -> Tensor { Tensor(range.map { $0 * 7919 % Self.shape.vocabSize }, [1, range.count]) }
        return withoutGradients {
            var cache = model.cache(capacity: prefix + request + 1)
            func first(from start: Int) -> Double {
                seconds {
                    // In pieces, as a batch reads a long prompt.
                    for begin in stride(from: start, to: prefix + request, by: 256) {
                        let states = model.states(ids(begin..<min(begin + 256, prefix + request)), &cache)
                        if begin + 256 >= prefix + request {
                            _ = model.logits(states.suffix(1, axis: 1)).flatten().argmax().itemInt()
                        }
                    }
                }
            }
            let unread = first(from: 0)
            var shared = Double.infinity
            for _ in 0..<rounds {
                cache.truncate(to: prefix)
                shared = min(shared, first(from: prefix))
            }
            return FirstToken(
                prefix_tokens: prefix, request_tokens: request, unread_ms: unread * 1000, shared_ms: shared * 1000)
        }
    }

    private func seconds(_ body: () -> Void) -> Double { ContinuousClock().measure(body) / .seconds(1) }

    private func measured(_ model: CausalDecoder) -> Speed {
        withoutGradients {
            var cache = model.cache(capacity: prompt + tokens)
            var next = 0
            let ids = Tensor((0..<prompt).map { $0 * 7919 % Self.shape.vocabSize }, [1, prompt])
            let reading = seconds {
                next = model.logits(model.states(ids, &cache).suffix(1, axis: 1)).flatten().argmax().itemInt()
            }
            let writing = seconds {
                for _ in 0..<tokens {
                    next = model.logits(model.states(Tensor([next], [1, 1]), &cache)).flatten().argmax().itemInt()
                }
            }
            return Speed(prompt: Double(prompt) / reading, decode: Double(tokens) / writing)
        }
    }

    /// Several texts of one length in one batch.
    private func batched(_ model: CausalDecoder) -> Double {
        withoutGradients {
            var cache = model.cache(batch: batch, capacity: 32 + tokens)
            _ = model.states(Tensor((0..<32 * batch).map { $0 * 7919 % Self.shape.vocabSize }, [batch, 32]), &cache)
            var next = Tensor(Array(repeating: 1, count: batch), [batch, 1])
            let writing = seconds {
                for _ in 0..<tokens { next = model.logits(model.states(next, &cache)).argmax(-1) }
                _ = next.sum().itemInt()
            }
            return Double(batch * tokens) / writing
        }
    }
}

/// A program that answers lines with lines of JSON.
private final class PeerProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let name: String
    private var unread = Data()

    /// Starts it and waits until it says that it is ready.
    init(_ python: String, _ arguments: [String]) throws {
        name = "\(python) \(arguments[0])"
        process.executableURL = URL(filePath: python)
        process.arguments = [try ProjectFiles.path(of: arguments[0])] + arguments.dropFirst()
        (process.standardInput, process.standardOutput) = (input, output)
        do { try process.run() } catch {
            throw CommandError("\(python): cannot be started: \(error.localizedDescription)", status: ExitStatus.unavailable)
        }
        _ = try line()
    }

    deinit {
        input.fileHandleForWriting.closeFile()  // which ends it
        process.waitUntilExit()
    }

    private func line() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                defer { unread = Data(unread[(end + 1)...]) }
                return Data(unread[..<end])
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw CommandError("\(name): ended without an answer", status: ExitStatus.unavailable) }
            unread += more
        }
    }

    func ask<Answer: Decodable>(_ question: String, as type: Answer.Type) throws -> Answer {
        try input.fileHandleForWriting.write(contentsOf: Data((question + "\n").utf8))
        return try JSONDecoder().decode(type, from: line())
    }
}
