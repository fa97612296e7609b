public import MynaStages
internal import Torch
public import TorchNN

/// Understands requests by a language model that writes intents, held to what the request and the grammar allow.
///
/// The model lives on a thread of its own; requests are served one after another.
public actor LanguageModelUnderstanding: RequestUnderstanding {
    /// What the model wrote for one request.
    public struct Reading: Sendable, Equatable {
        public var text: String
        public var generation: Generation
    }

    private let thread: TensorThread
    private let constraint: (@Sendable (String, DialogueState) -> any TextConstraint)?
    private let parse: @Sendable (String) throws -> [Intent]
    /// The longest text of intents, in tokens.
    private let limit: Int
    private var loaded: (language: LanguageModel, format: RequestFormat)?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads the model in `folder`.
    ///
    /// - Parameters:
    ///   - constraint: what may be written for a request; nil lets the model write freely.
    ///   - parse: reads what was written.
    ///   - threads: how many cores the model may use; nil leaves libtorch's choice.
    /// - Throws: what ``LanguageModel/init(contentsOf:dtype:device:)`` throws.
    public init(
        contentsOf folder: ModelFolder, constraint: (@Sendable (String, DialogueState) -> any TextConstraint)?,
        parse: @escaping @Sendable (String) throws -> [Intent], limit: Int = 128, threads: Int? = nil
    ) async throws {
        thread = TensorThread(name: "language model", threads: threads)
        self.constraint = constraint
        self.parse = parse
        self.limit = limit
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let language = try LanguageModel(contentsOf: folder)
        let format = try RequestFormat(language.tokenizer, file: folder.file("tokenizer.json"))
        loaded = (language, format)
        _ = try read("turn on the light", after: .fresh)  // the first pass allocates and is slow
    }

    /// - Throws: ``LanguageError/tooLong(tokens:limit:)``, or what parsing throws.
    public func intents(in request: String, after state: DialogueState) throws -> [Intent] {
        guard request.contains(where: { !$0.isWhitespace }) else { return [] }
        let reading = try read(request, after: state)
        return reading.generation.ended ? try parse(reading.text) : []
    }

    /// As ``intents(in:after:)``, before parsing.
    public func read(_ request: String, after state: DialogueState) throws -> Reading {
        guard let (language, format) = loaded else { fatalError("init loads the model or throws") }
        return try language.read(request, after: state, format, constraint: constraint, limit: limit)
    }
}

extension LanguageModel {
    /// Writes the intents of one request; the constraint is made only when the request is short enough to be read.
    func read(
        _ request: String, after state: DialogueState, _ format: RequestFormat,
        constraint: (@Sendable (String, DialogueState) -> any TextConstraint)?, limit: Int
    ) throws(LanguageError) -> LanguageModelUnderstanding.Reading {
        let prompt = format.prompt(request, after: state)
        let longest = model.config.longestText
        guard prompt.count < longest else { throw .tooLong(tokens: prompt.count, limit: longest) }
        let held = constraint.map { spacedQuotes($0(request, state)) }
        var random = SystemRandomNumberGenerator()  // greedy: never drawn from
        let generation = try generate(
            after: prompt, limit: limit, constraint: held,
            trie: format.trie, endTokens: [format.endToken], using: &random)
        return .init(text: format.text(generation.tokens), generation: generation)
    }
}
