/// What a language model is to answer.
public struct ChatQuestion: Sendable, Equatable {
    public var messages: [ChatMessage]
    /// The JSON Schema that the answer is held to; nil leaves the model free.
    public var schema: JSONTree?
    /// The most tokens of an answer.
    public var limit: Int

    public init(_ messages: [ChatMessage], schema: JSONTree? = nil, limit: Int = 400) {
        (self.messages, self.schema, self.limit) = (messages, schema, limit)
    }
}

/// A language model that answers conversations: one that runs here, or one behind a server.
///
/// Laws: the pieces told, joined, are the answer; the answer is whole or an error is thrown; a cancelled task ends with
/// `CancellationError`, and the model stops writing within a step. A schema is held to as far as the model can: who depends
/// on it checks the answer.
public protocol ChatModel: Sendable {
    /// What errors call it: a folder or an address.
    var name: String { get }

    /// Writes the answer; `told` hears each piece as it is written.
    ///
    /// - Throws: ``ChatModelError``, or what the model itself throws.
    func answer(to question: ChatQuestion, told: @Sendable (String) async -> Void) async throws -> String
}

/// Why a language model gave no answer that can be used; each names the model.
public enum ChatModelError: Error, Equatable, CustomStringConvertible {
    /// Not an http or https address.
    case badAddress(String)
    case unreachable(model: String, reason: String)
    /// The server answered with a fault of its own, in its words.
    case refused(model: String, status: Int, said: String)
    /// The server's answer is not what its protocol says.
    case nonsense(model: String, problem: String, said: String)
    /// The answer reached the limit of tokens before its end.
    case unfinished(model: String, written: String)
    /// The answer does not keep to what was asked for.
    case badAnswer(model: String, problem: String, said: String)

    public var description: String {
        switch self {
        case .badAddress(let address): "\(address): is not an http or https address of a model's server"
        case .unreachable(let model, let reason): "\(model): cannot be reached: \(reason)"
        case .refused(let model, let status, let said): "\(model): answered \(status): \(Self.shortened(said))"
        case .nonsense(let model, let problem, let said): "\(model): \(problem): \(Self.shortened(said))"
        case .unfinished(let model, let written): "\(model): the answer has no end: \(Self.shortened(written))"
        case .badAnswer(let model, let problem, let said): "\(model): \(problem), in the answer \(Self.shortened(said))"
        }
    }

    /// What a model or server said, on one line, without control characters.
    private static func shortened(_ text: String) -> String {
        let limit = 300
        let plain = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return plain.count <= limit ? plain : plain.prefix(limit) + "…"
    }
}
