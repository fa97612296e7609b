internal import MynaStages

/// A function that a client offers to have called, with what its JSON schema says of its parameters.
struct ClientTool: Sendable, Equatable {
    /// What one parameter may be.
    enum Form: Sendable, Equatable {
        case text
        case choice([String])
        case number(isWhole: Bool)
        case truth
        /// A list or an object, which no words of a request are turned into.
        case other
    }

    struct Parameter: Sendable, Equatable {
        var name: String
        var form: Form
        var description: String
        var isRequired: Bool
    }

    var name: String
    var description: String
    /// In the order of their names.
    var parameters: [Parameter]

    /// - Parameter fields: `name`, `description`, `parameters`, as realtime sessions have them; chat nests them in `function`.
    /// - Returns: nil where there is no name of letters, digits, `_`, `-` and `.`, or the schema is no object.
    init?(_ fields: [String: Value]) {
        let fields = fields["function"]?.object ?? fields
        guard let name = fields["name"]?.string, (1...64).contains(name.utf8.count),
            name.unicodeScalars.allSatisfy({
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-.".unicodeScalars.contains($0))
            })
        else { return nil }
        self.name = name
        description = fields["description"]?.string ?? ""
        guard let schema = fields["parameters"], schema != .null else {
            parameters = []
            return
        }
        guard let schema = schema.object else { return nil }
        let required = Set((schema["required"]?.list ?? []).compactMap(\.string))
        parameters = (schema["properties"]?.object ?? [:]).sorted { $0.key < $1.key }.map { name, property in
            let property = property.object ?? [:]
            return Parameter(
                name: name, form: Self.form(property), description: property["description"]?.string ?? "",
                isRequired: required.contains(name))
        }
    }

    private static func form(_ property: [String: Value]) -> Form {
        let choices = (property["enum"]?.list ?? []).compactMap(\.string)
        if !choices.isEmpty { return .choice(choices) }
        // A type may be a list with "null" among its names.
        let types = property["type"]?.list?.compactMap(\.string) ?? [property["type"]?.string ?? "string"]
        switch types.first(where: { $0 != "null" }) {
        case "string": return .text
        case "integer": return .number(isWhole: true)
        case "number": return .number(isWhole: false)
        case "boolean": return .truth
        default: return .other
        }
    }
}

/// Whether and which of a client's functions is to be called.
enum ToolChoice: Sendable, Equatable {
    case auto, none, required
    case function(String)

    /// - Returns: nil for what is none of these; a function is `{"type": "function", "name": …}` or, in chat, nested once more.
    init?(_ value: Value) {
        switch value {
        case .null, "auto": self = .auto
        case "none": self = .none
        case "required": self = .required
        default:
            guard let fields = value.object, fields["type"] == "function",
                let name = fields["name"]?.string ?? fields["function"]?.object?["name"]?.string
            else { return nil }
            self = .function(name)
        }
    }
}

/// One call of a client's function.
struct ToolCall: Sendable, Equatable {
    var name: String
    var arguments: [String: Value]
}
