internal import Foundation
public import MynaText
#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// A language model behind a server that speaks OpenAI's chat completions: vLLM, llama.cpp's server, Ollama and others.
///
/// Answers come as they are written (server-sent events). A schema is sent as `response_format`; where a server refuses the
/// published form, once in the form of llama-cpp-python, and its refusal is the error where that fails too.
public actor ChatServer: ChatModel {
    /// How a schema is sent.
    private enum SchemaForm { case published, plainObject }

    /// The address and the model's name there.
    public nonisolated let name: String
    private let base: URL
    private let model: String
    private let key: String?
    private let timeout: Double
    private var form = SchemaForm.published

    /// - Parameters:
    ///   - address: `http://HOST:PORT`, with or without `/v1`.
    ///   - model: the model's name at the server; the first that it offers if nil.
    ///   - key: sent as bearer token.
    ///   - timeout: seconds without a word from the server after which it is given up.
    /// - Throws: `ChatModelError`.
    public init(_ address: String, model: String? = nil, key: String? = nil, timeout: Double = 120) async throws {
        guard var url = URL(string: address), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host != nil
        else { throw ChatModelError.badAddress(address) }
        if url.lastPathComponent != "v1" { url.append(path: "v1") }
        (base, self.key, self.timeout) = (url, key, timeout)
        if let model {
            self.model = model
        } else {
            self.model = try await Self.firstModel(url, key, timeout)
        }
        name = "\(address) (\(self.model))"
    }

    private static func firstModel(_ base: URL, _ key: String?, _ timeout: Double) async throws -> String {
        struct Models: Decodable {
            struct Model: Decodable { var id: String }
            var data: [Model]
        }
        let exchange = Exchange(request(base.appending(path: "models"), key, timeout), server: "\(base)", timeout: timeout)
        var body = Data()
        for try await bytes in exchange.bytes { body += bytes }
        guard let first = (try? JSONDecoder().decode(Models.self, from: body))?.data.first else {  // what it is not is told here
            throw ChatModelError.nonsense(
                model: "\(base)", problem: "offers no model", said: String(decoding: body, as: UTF8.self))
        }
        return first.id
    }

    private static func request(_ url: URL, _ key: String?, _ timeout: Double) -> URLRequest {
        var request = URLRequest(url: url, timeoutInterval: timeout)
        if let key, !key.isEmpty { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
        return request
    }

    public func answer(to question: ChatQuestion, told: @Sendable (String) async -> Void) async throws -> String {
        guard question.schema != nil else { return try await ask(question, form, told) }
        let form = form
        do { return try await ask(question, form, told) } catch ChatModelError.refused(let model, let status, let said)
            where form == .published && [400, 422].contains(status)
        {
            // llama-cpp-python knows "json_object" with a schema instead; if that is not it, the first refusal tells more.
            do {
                let answer = try await ask(question, .plainObject, told)
                self.form = .plainObject
                return answer
            } catch ChatModelError.refused { throw ChatModelError.refused(model: model, status: status, said: said) }
        }
    }

    private func ask(
        _ question: ChatQuestion, _ form: SchemaForm, _ told: @Sendable (String) async -> Void
    ) async throws -> String {
        var request = Self.request(base.appending(path: "chat/completions"), key, timeout)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("text/event-stream", forHTTPHeaderField: "Accept")
        request.httpBody = Data(body(question, form).compactText.utf8)
        let exchange = Exchange(request, server: name, timeout: timeout)
        var reader = ChatEvents(server: name)
        for try await bytes in exchange.bytes {
            for piece in try reader.take(bytes) where !piece.isEmpty { await told(piece) }
        }
        try Task.checkCancellation()
        for piece in try reader.finish() where !piece.isEmpty { await told(piece) }
        guard !reader.reachedLimit else { throw ChatModelError.unfinished(model: name, written: reader.answer) }
        return reader.answer
    }

    private func body(_ question: ChatQuestion, _ form: SchemaForm) -> JSONTree {
        let messages = question.messages.map { message in
            JSONTree.object([.init("role", .string(message.role.rawValue)), .init("content", .string(message.text))])
        }
        var members: [JSONTree.Member] = [
            .init("model", .string(model)), .init("messages", .list(messages)), .init("stream", .bool(true)),
            .init("temperature", .number("0")), .init("max_tokens", .number("\(question.limit)")),
        ]
        if let schema = question.schema {
            let format: [JSONTree.Member] =
                switch form {
                case .published:
                    [
                        .init("type", .string("json_schema")),
                        .init("json_schema", .object([.init("name", .string("answer")), .init("schema", schema)])),
                    ]
                case .plainObject: [.init("type", .string("json_object")), .init("schema", schema)]
                }
            members.append(.init("response_format", .object(format)))
        }
        return .object(members)
    }
}

/// Reads the server-sent events of a chat completion, or one whole completion from a server that does not stream.
struct ChatEvents {
    private struct Form: Decodable {
        struct Choice: Decodable {
            struct Message: Decodable { var content: String? }
            var delta: Message?
            var message: Message?
            var finish_reason: String?
        }
        struct Fault: Decodable { var message: String? }
        var choices: [Choice]?
        var error: Fault?
    }

    private let server: String
    private var unread = Data()
    private var isDone = false
    private var hasEvents = false
    private(set) var answer = ""
    private(set) var reachedLimit = false

    init(server: String) { self.server = server }

    /// The pieces of text in what came, which may end anywhere.
    mutating func take(_ bytes: Data) throws(ChatModelError) -> [String] {
        unread += bytes
        var pieces: [String] = []
        while let end = unread.firstIndex(of: 0x0A) {
            let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
            let trimmed = line.hasSuffix("\r") ? String(line.dropLast()) : line
            if !hasEvents, !trimmed.isEmpty, !trimmed.hasPrefix(":"), !trimmed.hasPrefix("data:"), !trimmed.hasPrefix("event:"),
                !trimmed.hasPrefix("id:"), !trimmed.hasPrefix("retry:")
            {
                break  // a whole completion on many lines
            }
            unread = Data(unread[(end + 1)...])
            if let piece = try event(trimmed) { pieces.append(piece) }
        }
        return pieces
    }

    /// What is left when the server has ended.
    mutating func finish() throws(ChatModelError) -> [String] {
        let rest = String(decoding: unread, as: UTF8.self)
        unread = Data()
        var pieces: [String] = []
        if !hasEvents {
            if let piece = try completion(rest) { pieces.append(piece) }
            isDone = true
        } else if let piece = try event(rest) {
            pieces.append(piece)
        }
        guard isDone else { throw .nonsense(model: server, problem: "the answer broke off", said: answer) }
        return pieces
    }

    private mutating func event(_ line: String) throws(ChatModelError) -> String? {
        guard line.hasPrefix("data:") else { return nil }
        hasEvents = true
        let text = line.dropFirst("data:".count).drop { $0 == " " }
        if text == "[DONE]" {
            isDone = true
            return nil
        }
        return try completion(String(text))
    }

    private mutating func completion(_ text: String) throws(ChatModelError) -> String? {
        let form: Form
        do { form = try JSONDecoder().decode(Form.self, from: Data(text.utf8)) } catch {
            throw .nonsense(model: server, problem: "does not answer as chat completions do", said: text)
        }
        if let fault = form.error { throw .refused(model: server, status: 200, said: fault.message ?? text) }
        guard let choices = form.choices else {
            throw .nonsense(model: server, problem: "does not answer as chat completions do", said: text)
        }
        guard let choice = choices.first else { return nil }  // only counts, at the end of some servers' streams
        if let reason = choice.finish_reason {
            isDone = true  // some close without [DONE]
            reachedLimit = reason == "length"
        }
        guard let piece = choice.delta?.content ?? choice.message?.content else { return nil }
        answer += piece
        return piece
    }
}
