/// How a conversation is written for a published model: the text that its own template makes.
///
/// Markers are tokens that only the format writes; whatever stands in messages, device names or tools' answers is encoded as
/// plain text, so that it can never end a message or begin one of another role. Our own small model has a format of its own,
/// `RequestFormat`.
public enum ChatFormat: Sendable, Equatable {
    /// Llama 3; with a date such as "26 Jul 2024" the system message of Llama 3.1 and later, which tools need.
    case llama3(date: String? = nil)
    /// Qwen3 (ChatML); without thinking an empty thought is written for the model.
    case qwen3(thinking: Bool = false)

    /// A stretch of a prompt.
    public enum Part: Sendable, Equatable {
        /// One token, by its text.
        case marker(String)
        case text(String)
    }

    /// The tokens that the model reads before it writes the assistant's next message.
    ///
    /// - Throws: ``TokenizerError/inconsistent(field:reason:)`` when the tokenizer lacks one of the format's markers;
    ///   ``TokenizerError/unsupported(field:value:)`` for what the format cannot write.
    public func prompt(
        _ messages: [ChatMessage], tools: [ToolDescription] = [], _ tokenizer: BytePairTokenizer
    ) throws(TokenizerError) -> [Int] {
        var ids: [Int] = []
        for part in try parts(messages, tools: tools) {
            switch part {
            case .text(let text): ids += tokenizer.encode(text, findingAdded: false)
            case .marker(let text):
                guard let id = tokenizer.id(of: text) else {
                    throw .inconsistent(field: "added_tokens", reason: "there is no \(text), which the chat format needs")
                }
                ids.append(id)
            }
        }
        return ids
    }

    /// The prompt in parts; neighbouring texts are one, as a template's output is encoded.
    public func parts(_ messages: [ChatMessage], tools: [ToolDescription] = []) throws(TokenizerError) -> [Part] {
        var parts: [Part]
        switch self {
        case .llama3(let date): parts = try Self.llama3(messages, tools, date)
        case .qwen3(let thinking): parts = Self.qwen3(messages, tools, thinking)
        }
        var joined: [Part] = []
        for part in parts where part != .text("") {
            if case .text(let more) = part, case .text(let before)? = joined.last {
                joined[joined.count - 1] = .text(before + more)
            } else {
                joined.append(part)
            }
        }
        return joined
    }

    private static func qwen3(_ messages: [ChatMessage], _ tools: [ToolDescription], _ thinking: Bool) -> [Part] {
        var parts: [Part] = []
        var rest = messages[...]
        func begin(_ role: String) { parts += [.marker("<|im_start|>"), .text(role)] }
        func end() { parts += [.marker("<|im_end|>"), .text("\n")] }
        let system = rest.first?.role == .system ? rest.removeFirst().text : nil
        if !tools.isEmpty {
            begin("system\n" + (system.map { $0 + "\n\n" } ?? ""))
            let listed = tools.map { "\n" + $0.json.text }.joined()
            parts.append(
                .text(
                    """
                    # Tools

                    You may call one or more functions to assist with the user query.

                    You are provided with function signatures within <tools></tools> XML tags:
                    <tools>\(listed)
                    </tools>

                    For each function call, return a json object with function name and arguments within\u{20}
                    """))
            parts += [.marker("<tool_call>"), .marker("</tool_call>"), .text(" XML tags:\n"), .marker("<tool_call>")]
            parts += [.text("\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n"), .marker("</tool_call>")]
            end()
        } else if let system {
            begin("system\n" + system)
            end()
        }
        for (index, message) in zip(rest.indices, rest) {
            switch message.role {
            case .tool:
                if index == rest.startIndex || rest[index - 1].role != .tool { begin("user") }
                parts += [
                    .text("\n"), .marker("<tool_response>"), .text("\n" + message.text + "\n"), .marker("</tool_response>"),
                ]
                if index + 1 == rest.endIndex || rest[index + 1].role != .tool { end() }
            case .assistant:
                begin("assistant\n" + message.text)
                for (number, call) in message.calls.enumerated() {
                    if number > 0 || !message.text.isEmpty { parts.append(.text("\n")) }
                    parts += [.marker("<tool_call>"), .text("\n" + written(call, "arguments") + "\n"), .marker("</tool_call>")]
                }
                end()
            case .system, .user:
                begin(message.role.rawValue + "\n" + message.text)
                end()
            }
        }
        begin("assistant\n")
        if !thinking { parts += [.marker("<think>"), .text("\n\n"), .marker("</think>"), .text("\n\n")] }
        return parts
    }

    private static func llama3(
        _ messages: [ChatMessage], _ tools: [ToolDescription], _ date: String?
    ) throws(TokenizerError) -> [Part] {
        var parts: [Part] = [.marker("<|begin_of_text|>")]
        func begin(_ role: String) {
            parts += [.marker("<|start_header_id|>"), .text(role), .marker("<|end_header_id|>"), .text("\n\n")]
        }
        func add(_ role: String, _ text: String) {
            begin(role)
            parts += [.text(text), .marker("<|eot_id|>")]
        }
        var rest = messages[...]
        if let date {
            let system = rest.first?.role == .system ? trimmed(rest.removeFirst().text) : ""
            let environment = tools.isEmpty ? "" : "Environment: ipython\n"
            add("system", "\(environment)Cutting Knowledge Date: December 2023\nToday Date: \(date)\n\n\(system)")
        } else if !tools.isEmpty {
            throw .unsupported(field: "tools", value: "not empty for Llama 3 without a date: its template has none")
        }
        if !tools.isEmpty {
            guard let first = rest.first, first.role == .user else {
                throw .unsupported(field: "tools", value: "not empty while the first message is not the user's")
            }
            rest.removeFirst()
            let listed = tools.map { $0.json.indentedText + "\n\n" }.joined()
            add(
                "user",
                """
                Given the following functions, please respond with a JSON for a function call with its proper arguments that \
                best answers the given prompt.

                Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}.\
                Do not use variables.

                \(listed)\(trimmed(first.text))
                """)
        }
        for message in rest {
            switch message.role {
            case .tool: add("ipython", message.text)
            case .assistant where !message.calls.isEmpty:
                guard message.calls.count == 1 else {
                    throw .unsupported(field: "calls", value: "\(message.calls.count) in one message, where Llama 3 writes one")
                }
                add("assistant", written(message.calls[0], "parameters"))
            default: add(message.role.rawValue, trimmed(message.text))
            }
        }
        begin("assistant")
        return parts
    }

    private static func written(_ call: ToolCall, _ arguments: String) -> String {
        "{\"name\": \(JSONTree.string(call.name).text), \"\(arguments)\": \(call.arguments.text)}"
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.prefix(start.count - start.reversed().prefix { $0.isWhitespace }.count))
    }

    /// What an assistant's message says, and the tools that it calls.
    ///
    /// - Throws: `JSONTree.Fault` where a call is no JSON, ``TokenizerError/inconsistent(field:reason:)`` where it is no call.
    public func message(_ text: String) throws -> ChatMessage {
        switch self {
        case .llama3:
            guard trimmed(text).hasPrefix("{\"name\"") else { return ChatMessage(.assistant, text) }
            return ChatMessage(.assistant, "", calls: [try Self.call(trimmed(text), "parameters")])
        case .qwen3:
            var (said, calls) = ("", [ToolCall]())
            var rest = text[...]
            while let start = rest.firstRange(of: "<tool_call>") {
                said += rest[..<start.lowerBound]
                rest = rest[start.upperBound...]
                guard let end = rest.firstRange(of: "</tool_call>") else {
                    throw TokenizerError.inconsistent(field: "message", reason: "a <tool_call> is not closed")
                }
                calls.append(try Self.call(String(rest[..<end.lowerBound]), "arguments"))
                rest = rest[end.upperBound...]
            }
            said += rest
            return ChatMessage(.assistant, Self.trimmed(said), calls: calls)
        }
    }

    private func trimmed(_ text: String) -> String { Self.trimmed(text) }

    private static func call(_ text: String, _ arguments: String) throws -> ToolCall {
        let tree = try JSONTree(text)
        guard case .string(let name)? = tree["name"], case .object(let members)? = tree[arguments] else {
            throw TokenizerError.inconsistent(field: "message", reason: "a call has no name or no \(arguments): \(text)")
        }
        return ToolCall(name, .object(members))
    }
}
