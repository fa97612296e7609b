internal import FlyingFox
internal import Foundation
internal import MynaStages

/// `/v1/chat/completions`: one request in words, answered by our assistant or with a call of the client's functions.
extension MynaServer {
    func chat(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fields = try await object(request)
        let (tools, choice) = try tools(fields)
        let messages = (fields["messages"]?.list ?? []).compactMap(\.object)
        // What the functions gave back since the assistant called them.
        let outputs = messages.reversed().prefix { $0["role"] == "tool" }.reversed().compactMap { Self.text($0["content"]) }
        let isStreamed = fields["stream"]?.bool == true
        let told = ToldChat(server: self, isStreamed: isStreamed)
        if !outputs.isEmpty { return told.text(outputs.map(ToolOutput.text).joined(separator: " ")) }
        let said = messages.last { $0["role"] == "user" }
        guard let text = Self.text(said?["content"]), !text.isEmpty else {
            throw Fault(status: .badRequest, problem: "\"messages\" has no text of a user", code: "invalid_value")
        }
        let turn = TurnRecorder(form: "http")
        turn.answering(text)
        turn.change { $0.kind = "function_call" }
        let context = request.headers[HTTPHeader("traceparent")].flatMap { TraceContext($0) }
        defer { if let turn = turn.finished() { note(turn, session: nil, context) } }
        let matcher = ToolMatcher(tools: tools)
        if let call = matcher.call(for: text, choice, isOurs: true) { return told.call(call) }
        let reply: Reply
        let understood = Flag()
        do {
            reply = try await parts.assistant().reply(to: Request(text: text)) { kind in
                if case .understood(let intents) = kind, intents.isEmpty { understood.clear() }
                turn.note(kind)
            }
        } catch {
            turn.change { $0.kind = "failed" }
            throw Fault(status: .badRequest, problem: "\(error)", code: "invalid_value")
        }
        if !understood.isSet, let call = matcher.call(for: text, choice, isOurs: false) { return told.call(call) }
        turn.note(.replyText(text: reply.text, kind: reply.kind))
        turn.change { ($0.kind, $0.reply) = (reply.kind.rawValue, reply.text) }
        return told.text(reply.text)
    }

    private func tools(_ fields: [String: Value]) throws -> ([ClientTool], ToolChoice) {
        let list = fields["tools"]?.list ?? []
        let tools = try list.enumerated().map { index, value in
            guard let fields = value.object, let tool = ClientTool(fields) else {
                throw Fault(
                    status: .badRequest, problem: "tools[\(index)] is no function with a name and a schema of an object",
                    code: "invalid_value")
            }
            return tool
        }
        guard let choice = ToolChoice(fields["tool_choice"] ?? .null) else {
            throw Fault(
                status: .badRequest, problem: "\"tool_choice\" is not auto, none, required or a function", code: "invalid_value")
        }
        if case .function(let name) = choice, !tools.contains(where: { $0.name == name }) {
            throw Fault(
                status: .badRequest, problem: "\"tool_choice\" names \"\(name)\", which is none of the tools",
                code: "invalid_value")
        }
        return (tools, choice)
    }

    /// A message's content: a text, or the texts among its parts.
    private static func text(_ content: Value?) -> String? {
        content?.string ?? content?.list?.compactMap { $0.object?["text"]?.string }.joined(separator: " ")
    }
}

/// An answer to a chat request, whole or in pieces.
private struct ToldChat {
    let server: MynaServer
    let isStreamed: Bool

    func text(_ text: String) -> HTTPResponse {
        if isStreamed {
            // Word by word, as clients show it.
            let words = text.split(separator: " ", omittingEmptySubsequences: false).enumerated()
            let pieces: [Value] = words.map { ["content": .string(($0 == 0 ? "" : " ") + $1)] }
            return stream([["role": "assistant", "content": ""]] + pieces, reason: "stop")
        }
        return whole(["role": "assistant", "content": .string(text)], reason: "stop")
    }

    func call(_ call: ToolCall) -> HTTPResponse {
        let written = (try? JSONEncoder().encode(call.arguments)) ?? Data("{}".utf8)  // such values are always encoded
        let arguments = Value.string(String(decoding: written, as: UTF8.self))
        let id = Value.string("call_\(UUID().uuidString.lowercased())")
        func described(_ arguments: Value) -> [String: Value] {
            ["id": id, "type": "function", "function": ["name": .string(call.name), "arguments": arguments]]
        }
        if isStreamed {
            let first = described("").merging(["index": 0]) { $1 }
            let second: Value = ["index": 0, "function": ["arguments": arguments]]
            return stream(
                [["role": "assistant", "content": .null, "tool_calls": [.object(first)]], ["tool_calls": [second]]],
                reason: "tool_calls")
        }
        return whole(
            ["role": "assistant", "content": .null, "tool_calls": [.object(described(arguments))]], reason: "tool_calls")
    }

    private func body(_ object: String, _ choice: Value) -> [String: Value] {
        [
            "id": "chatcmpl-myna", "object": .string(object), "created": .number(Date().timeIntervalSince1970.rounded()),
            "model": "myna", "choices": [choice],
        ]
    }

    private func stream(_ deltas: [Value], reason: Value) -> HTTPResponse {
        let chunks = deltas.map { body("chat.completion.chunk", ["index": 0, "delta": $0, "finish_reason": .null]) }
        let last = body("chat.completion.chunk", ["index": 0, "delta": [:], "finish_reason": reason])
        return server.stream((chunks + [last]).map { .object($0) }, end: "[DONE]")
    }

    private func whole(_ message: Value, reason: Value) -> HTTPResponse {
        var answer = body("chat.completion", ["index": 0, "message": message, "finish_reason": reason])
        answer["usage"] = ["prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0]
        return server.json(.object(answer))
    }
}
