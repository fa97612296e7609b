internal import Foundation
public import MynaText
internal import Torch
public import TorchNN

/// A published model of the Llama or Qwen3 layout that answers conversations here: several at once, on one thread.
///
/// Between two steps of the model new questions come in and cancelled ones leave. What the prompts of several questions
/// begin with is read once (``GenerationBatch``); a long prompt is read in pieces between the others' steps.
public actor LocalChatModel: ChatModel {
    /// What a model of some size takes here.
    public struct Options: Sendable {
        /// Keeps the weights in fewer bits; nil keeps bfloat16.
        public var packing: WeightPacking? = .int8
        /// Questions that are answered at once; further ones wait.
        public var slots = 4
        /// The longest conversation in tokens, answer included; the memory of keys and values grows with it.
        public var capacity = 4096
        /// Tokens of a prompt that are read between two steps of the others.
        public var piece = 128
        /// How many cores the model may use; nil leaves libtorch's choice.
        public var threads: Int?
        public var sampling = Sampling.greedy
        /// Decides what is drawn where `sampling` draws.
        public var seed: UInt64 = 0

        public init() {}
    }

    /// Everything that lives on the model's thread.
    private struct Loaded {
        var language: LanguageModel
        var batch: GenerationBatch
        var trie: TokenTrie
    }

    public nonisolated let name: String
    private let thread: TensorThread
    private let options: Options
    private let format: ChatFormat
    private var loaded: Loaded?
    private var listeners: [GenerationBatch.ID: AsyncThrowingStream<Told, any Error>.Continuation] = [:]
    private var isRunning = false
    /// The masks of the latest schemas: making them anew for each question would forget what was found.
    private var masks: [(schema: JSONTree, masks: SchemaMasks)] = []
    private static let keptSchemas = 8

    private enum Told: Sendable {
        case token(Int)
        case end(isWhole: Bool)
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads the model in `folder`; its layout says which chat format it reads.
    ///
    /// - Throws: what ``LanguageModel/init(contentsOf:dtype:device:packing:)`` throws; ``LanguageError/tokenizer(file:problem:)``
    ///   where the vocabulary lacks the markers of a conversation, as that of a model that was never taught to answer.
    public init(contentsOf folder: ModelFolder, options: Options = Options()) async throws {
        thread = TensorThread(name: "language model", threads: options.threads)
        name = folder.path
        self.options = options
        let config = try folder.config(DecoderConfig.self)
        format = config.layout == .qwen3 ? .qwen3() : .llama3()
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let language = try LanguageModel(contentsOf: folder, dtype: .bfloat16, packing: options.packing)
        try start(language, file: folder.file("tokenizer.json"))
    }

    /// For tests: the model that `make` makes on the model's own thread.
    init(
        named name: String, format: ChatFormat, options: Options = Options(), _ make: @Sendable () throws -> LanguageModel
    ) async throws {
        thread = TensorThread(name: "language model", threads: options.threads)
        (self.name, self.options, self.format) = (name, options, format)
        try start(try make(), file: "tokenizer.json")
    }

    private func start(_ language: LanguageModel, file: String) throws {
        do { _ = try format.prompt([ChatMessage(.system, "a"), ChatMessage(.user, "b")], language.tokenizer) } catch {
            throw LanguageError.tokenizer(file: file, problem: "\(error)")
        }
        guard !language.endTokens.isEmpty else {
            throw LanguageError.config(field: "eos_token_id", value: "missing", expected: "the token that ends an answer")
        }
        loaded = Loaded(
            language: language,
            batch: GenerationBatch(language, slots: options.slots, capacity: options.capacity, piece: options.piece),
            trie: TokenTrie(language.tokenizer))
    }

    private var parts: Loaded {
        guard let loaded else { fatalError("init loads the model or throws") }
        return loaded
    }

    /// How much of the prompts was read and shared so far.
    public var counts: GenerationBatch.Counts { parts.batch.counts }

    /// - Throws: ``LanguageError/tooLong(tokens:limit:)``, ``LanguageError/deadEnd(written:)``, `JSONSchemaError` for a schema
    ///   that cannot be held to, `ChatModelError.unfinished` where the limit came before the end.
    public func answer(to question: ChatQuestion, told: @Sendable (String) async -> Void) async throws -> String {
        try Task.checkCancellation()
        let (events, continuation) = AsyncThrowingStream.makeStream(
            of: Told.self, bufferingPolicy: .bufferingOldest(question.limit + 2))  // holds a whole answer
        let id = try begin(question)
        listeners[id] = continuation
        continuation.onTermination = { [weak self] reason in
            guard case .cancelled = reason else { return }
            Task { await self?.cancel(id) }
        }
        run()
        var characters = TokenStream(parts.language.tokenizer)
        var (answer, isWhole) = ("", false)
        for try await event in events {
            switch event {
            case .token(let token):
                let piece = characters.append(token)
                answer += piece
                if !piece.isEmpty { await told(piece) }
            case .end(let whole): isWhole = whole
            }
        }
        try Task.checkCancellation()
        let rest = characters.finish()
        answer += rest
        if !rest.isEmpty { await told(rest) }
        guard isWhole else { throw ChatModelError.unfinished(model: name, written: answer) }
        return answer
    }

    private func begin(_ question: ChatQuestion) throws -> GenerationBatch.ID {
        let parts = parts
        // A text has at least a token for every so many bytes; one that is far too long is not worth cutting into tokens.
        let bytes = question.messages.reduce(0) { $0 + $1.text.utf8.count }
        let longestPiece = 128
        if bytes > options.capacity * longestPiece {
            throw LanguageError.tooLong(tokens: bytes / longestPiece, limit: options.capacity)
        }
        var request = GenerationBatch.Request(
            try format.prompt(question.messages, parts.language.tokenizer), limit: question.limit)
        request.sampling = options.sampling
        request.seed = options.seed &+ UInt64(parts.batch.counts.steps)
        if let schema = question.schema { request.constraint = SchemaConstraint(try masks(for: schema)) }
        return try parts.batch.add(request)
    }

    private func masks(for schema: JSONTree) throws(JSONSchemaError) -> SchemaMasks {
        if let index = masks.firstIndex(where: { $0.schema == schema }) {
            masks.append(masks.remove(at: index))
        } else {
            let made = SchemaMasks(try JSONSchema(schema), parts.trie, pieces: parts.language.tokenizer.pieces)
            if masks.count == Self.keptSchemas { masks.removeFirst() }
            masks.append((schema, made))
        }
        return masks[masks.count - 1].masks
    }

    private func cancel(_ id: GenerationBatch.ID) {
        parts.batch.cancel(id)
        listeners[id] = nil
    }

    /// Sees to it that steps are taken until nothing is left to write.
    private func run() {
        guard !isRunning else { return }
        isRunning = true
        Task {
            let batch = parts.batch
            while !batch.isIdle {
                for event in batch.step() { tell(event) }
                await Task.yield()  // lets questions in and cancelled ones out
            }
            isRunning = false
        }
    }

    private func tell(_ event: GenerationBatch.Event) {
        switch event {
        case .token(let id, let token): listeners[id]?.yield(.token(token))
        case .finished(let id, let generation):
            let listener = listeners.removeValue(forKey: id)
            listener?.yield(.end(isWhole: generation.ended))
            listener?.finish()
        case .failed(let id, let error): listeners.removeValue(forKey: id)?.finish(throwing: error)
        }
    }
}
