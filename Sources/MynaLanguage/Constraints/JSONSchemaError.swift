/// Why a JSON Schema cannot constrain what a model writes; paths are those of the schema, such as `$.properties.room`.
public enum JSONSchemaError: Error, Equatable, CustomStringConvertible {
    /// The text is no JSON.
    case unreadable(problem: String)
    /// A keyword has a value that it cannot have.
    case invalid(path: String, expected: String)
    /// A keyword that this subset does not hold to; to leave it out silently would let wrong texts through.
    case unsupported(path: String)
    /// No text satisfies the schema; the path is the part that nothing satisfies.
    case unsatisfiable(path: String)

    public var description: String {
        switch self {
        case .unreadable(let problem): "JSON Schema: \(problem)"
        case .invalid(let path, let expected): "JSON Schema: \(path) should be \(expected)"
        case .unsupported(let path): "JSON Schema: \(path) is not supported"
        case .unsatisfiable(let path): "JSON Schema: no text satisfies \(path)"
        }
    }
}
