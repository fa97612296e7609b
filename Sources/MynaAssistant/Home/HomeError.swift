/// What is wrong with a home file or a file of home tests.
public struct HomeError: Error, Equatable, CustomStringConvertible {
    public var file: String
    /// From 1; nil where the text has no single place.
    public var line: Int?
    /// The path of the field, such as `entities[3].area`.
    public var field: String
    public var problem: Problem

    /// What sort of fault a field has.
    public enum Problem: Sendable, Equatable {
        case unreadable(reason: String)
        case notYAML(reason: String)
        case missing
        case unknownField
        case wrongType(expected: String, value: String)
        case notAllowed(value: String, allowed: [String])
        case duplicate(value: String)
        case unknownReference(value: String, kind: String)
    }

    public init(file: String, line: Int?, field: String, problem: Problem) {
        self.file = file
        self.line = line
        self.field = field
        self.problem = problem
    }

    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        let subject = field.isEmpty ? place : "\(place): \(field)"
        switch problem {
        case .unreadable(let reason): return "\(subject) cannot be read: \(reason)"
        case .notYAML(let reason): return "\(subject) is not YAML: \(reason)"
        case .missing: return "\(subject) is missing"
        case .unknownField: return "\(subject) is not a field of this form"
        case .wrongType(let expected, let value): return "\(subject) must be \(expected), not \(value)"
        case .notAllowed(let value, let allowed):
            return
                "\(subject) is \(value), but must be \(allowed.count == 1 ? allowed[0] : "one of " + allowed.joined(separator: ", "))"
        case .duplicate(let value): return "\(subject) is \(value), which is taken already"
        case .unknownReference(let value, let kind): return "\(subject) is \(value), but there is no \(kind) of that id"
        }
    }
}
