/// One message of a conversation with a language model.
public struct ChatMessage: Sendable, Equatable {
    public enum Role: String, Sendable {
        case system, user, assistant
        /// What a tool answered.
        case tool
    }

    public var role: Role
    public var text: String
    /// The tools that an assistant calls.
    public var calls: [ToolCall]

    public init(_ role: Role, _ text: String, calls: [ToolCall] = []) {
        (self.role, self.text, self.calls) = (role, text, calls)
    }
}

/// A model's request to run a tool.
public struct ToolCall: Sendable, Equatable {
    public var name: String
    /// An object of arguments by their names.
    public var arguments: JSONTree

    public init(_ name: String, _ arguments: JSONTree) { (self.name, self.arguments) = (name, arguments) }
}

/// A tool as a model is told of it.
public struct ToolDescription: Sendable, Equatable {
    public var name: String
    public var description: String
    /// The JSON Schema of the arguments.
    public var parameters: JSONTree

    public init(_ name: String, description: String, parameters: JSONTree) {
        (self.name, self.description, self.parameters) = (name, description, parameters)
    }

    /// The form that all chat templates write.
    var json: JSONTree {
        .object([
            .init("type", .string("function")),
            .init(
                "function",
                .object([
                    .init("name", .string(name)), .init("description", .string(description)), .init("parameters", parameters),
                ])),
        ])
    }
}
