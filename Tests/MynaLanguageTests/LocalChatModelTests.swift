import MynaAssistant
import MynaStages
import MynaTestSupport
import MynaText
import Synchronization
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

@Suite("A large language model that runs here", .serialized)
struct LocalChatModelTests {
    /// All bytes, some longer pieces and the markers of Qwen3's conversations.
    static let tokenizer: BytePairTokenizer = {
        let longer = ["\": \"", "\", \"", "\"}", "\"}]}", "{\"", "kitchen", "turn_", " light"]
        let markers = [
            "<|im_start|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>",
            "<|im_end|>",
        ]
        let pieces = (0..<256).map { [UInt8($0)] } + (longer + markers).map { Array($0.utf8) }
        let first = pieces.count - markers.count
        do {
            return try BytePairTokenizer(
                pieces: pieces, merges: [], added: markers.enumerated().map { .init(id: first + $0, text: $1) })
        } catch { fatalError("\(error)") }
    }()

    /// Weights at random, in the Qwen3 layout.
    static func language() throws -> LanguageModel {
        let config = DecoderConfig(
            layout: .qwen3, vocabSize: tokenizer.count, hiddenSize: 16, intermediateSize: 24, numHiddenLayers: 1,
            numAttentionHeads: 2, maxPositionEmbeddings: 4096, initializerRange: 0.6, eosTokenIDs: [tokenizer.count - 1])
        return try LanguageModel(config: config, tokenizer: tokenizer)
    }

    static func model(_ change: (inout LocalChatModel.Options) -> Void = { _ in }) async throws -> LocalChatModel {
        var options = LocalChatModel.Options()
        (options.packing, options.threads, options.capacity) = (nil, 1, 1500)
        change(&options)
        return try await LocalChatModel(named: "tiny", format: .qwen3(), options: options) { try language() }
    }

    static let schema = JSONTree.object([
        .init("enum", .list((0..<20).map { .string("the answer number \($0)") }))
    ])

    static func question(_ text: String, _ schema: JSONTree? = schema, limit: Int = 200) -> ChatQuestion {
        ChatQuestion(
            [ChatMessage(.system, String(repeating: "the home ", count: 40)), ChatMessage(.user, text)], schema: schema,
            limit: limit)
    }

    @Test("questions asked together are answered each by itself, in pieces, and share what they begin with")
    func together() async throws {
        let model = try await Self.model { $0.slots = 3 }
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<7 {
                group.addTask {
                    let told = Mutex("")
                    let answer = try await model.answer(to: Self.question("question \(index)")) { piece in
                        told.withLock { $0 += piece }
                    }
                    #expect(told.withLock { $0 } == answer)
                    return answer
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 7 && answers.allSatisfy { $0.hasPrefix("\"the answer number ") && $0.hasSuffix("\"") })
        #expect(await model.counts.shared > 1400)  // the home is 360 tokens; four waited, and found it in a slot
    }

    @Test("a cancelled question ends at once, and its slot answers the next")
    func cancelled() async throws {
        let model = try await Self.model { ($0.slots, $0.capacity) = (1, 4000) }
        let begun = Mutex(false)
        let long = Task {
            let talk = JSONTree.object([.init("type", .string("string")), .init("minLength", .number("3000"))])
            _ = try await model.answer(to: Self.question("talk", talk, limit: 3500)) { _ in
                begun.withLock { $0 = true }
            }
        }
        try await until { begun.withLock { $0 } }
        long.cancel()
        await #expect(throws: CancellationError.self) { try await long.value }
        let steps = await model.counts.steps
        #expect(steps < 2900)
        _ = try await model.answer(to: Self.question("next")) { _ in }
    }

    @Test("what cannot be answered is told by name")
    func badInput() async throws {
        let model = try await Self.model()
        await #expect(throws: LanguageError.self) {
            _ = try await model.answer(to: Self.question(String(repeating: "lamp ", count: 20_000))) { _ in }  // 100 kB
        }
        await #expect(throws: LanguageError.tooLong(tokens: 78_125, limit: 1500)) {
            _ = try await model.answer(
                to: ChatQuestion([ChatMessage(.user, String(repeating: "a", count: 10_000_000))])
            ) { _ in }
        }
        await #expect(throws: JSONSchemaError.unsatisfiable(path: "$.properties.a")) {
            _ = try await model.answer(
                to: Self.question(
                    "a", try JSONTree(#"{"type": "object", "properties": {"a": {"enum": []}}, "required": ["a"]}"#))
            ) { _ in }
        }
        await #expect(throws: JSONSchemaError.unsupported(path: "$.pattern")) {
            _ = try await model.answer(to: Self.question("a", try JSONTree(#"{"type": "string", "pattern": "a"}"#))) { _ in }
        }
        let error = try await #require(throws: ChatModelError.self) {
            _ = try await model.answer(to: Self.question("a", limit: 3)) { _ in }
        }
        guard case .unfinished("tiny", let written) = error else { throw error }
        #expect(written.hasPrefix("\""))
        await #expect(throws: LanguageError.self) {
            _ = try await LocalChatModel(named: "bare", format: .qwen3()) { try JSONSchemaTests.language() }
        }
    }

    @Test("a folder whose weights or vocabulary do not fit is told by tensor and file")
    func badFolder() async throws {
        // A model that was never taught to answer has no markers.
        let error = try await #require(throws: LanguageError.self) {
            _ = try await LocalChatModel(contentsOf: DecoderTests.folder("sharded"))
        }
        guard case .tokenizer(let file, let problem) = error else { throw error }
        #expect(file.hasSuffix("tokenizer.json") && problem.contains("chat format"))
    }

    /// A home with some things of drawn kinds and names, such as people and bad luck give.
    static func home(_ random: inout SplitMix) -> Home {
        let words = ["Lamp", "Küche", "\"Quote\"", "灯", "Left [2]", "Front Door", "a\\b", "{}", "Heizung", "", "Café №5", "TV"]
        func name() -> String {
            (0..<Int.random(in: 1...3, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }.joined(
                separator: " ")
        }
        let domains = ["light", "cover", "todo", "media_player", "lock", "sensor", "climate"]
        let areas = (0..<Int.random(in: 0...4, using: &random)).map { Home.Area(id: "area\($0)", name: name()) }
        let entities = (0..<Int.random(in: 0...12, using: &random)).map { index in
            let domain = domains.randomElement(using: &random) ?? "light"
            return Home.Entity(
                id: "\(domain).thing\(index)", name: name(), aliases: [name()], area: areas.randomElement(using: &random)?.id,
                domain: domain, state: EntityState(state: "off"))
        }
        return Home(id: "h", name: name(), areas: areas, entities: entities)
    }

    @Test("what a random model answers to random homes parses, and names only what is there")
    func property() async throws {
        let model = try await Self.model { ($0.sampling, $0.slots) = (.temperature(1), 8) }
        var random = SplitMix(state: 11)
        var (ended, calls) = (0, 0)
        for round in 0..<12 {
            let prompt = HomePrompt(Self.home(&random))
            // Half of the questions leave only calls.
            guard case .list(let options)? = prompt.schema["anyOf"], let definitions = prompt.schema["$defs"] else { return }
            let calling = JSONTree.object([.init("anyOf", .list([options[0]])), .init("$defs", definitions)])
            let answers = await withTaskGroup(of: String?.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        // An answer may find no end: strings have no bound.
                        let schema = index % 2 == 0 ? calling : prompt.schema
                        return try? await model.answer(to: Self.question("\(round) \(index)", schema, limit: 700)) { _ in }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for answer in answers.compactMap(\.self) {
                ended += 1
                do {
                    calls += try HomeAnswer.intents(answer, prompt).filter { $0.action != "chat" }.count
                } catch {
                    // A schema cannot say that words are more than signs and spaces.
                    let isEmpty = error.problem.hasPrefix("says nothing") || error.problem.hasPrefix("has no ")
                    #expect(isEmpty, "\(error) in \(answer)")
                }
            }
        }
        #expect(ended > 30 && calls > 10, "\(ended) ended, \(calls) calls")
    }
}
