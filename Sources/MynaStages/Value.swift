/// A typed value of an attribute or an argument, written in JSON and YAML as itself.
public enum Value: Sendable, Equatable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([Value])
    case object([String: Value])
}

extension Value: Codable {
    public init(from decoder: any Decoder) throws {
        let field = try decoder.singleValueContainer()
        if field.decodeNil() {
            self = .null
        } else if let value = try? field.decode(Bool.self) {  // each miss only means: some other type
            self = .bool(value)
        } else if let value = try? field.decode(Double.self) {
            self = .number(value)
        } else if let value = try? field.decode(String.self) {
            self = .string(value)
        } else if let value = try? field.decode([Value].self) {
            self = .list(value)
        } else {
            self = .object(try field.decode([String: Value].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var field = encoder.singleValueContainer()
        switch self {
        case .null: try field.encodeNil()
        case .bool(let value): try field.encode(value)
        case .number(let value):
            if let whole = Int(exactly: value) { try field.encode(whole) } else { try field.encode(value) }
        case .string(let value): try field.encode(value)
        case .list(let value): try field.encode(value)
        case .object(let value): try field.encode(value)
        }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension Value: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(arrayLiteral elements: Value...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, Value)...) { self = .object(Dictionary(elements) { $1 }) }
}

extension Value {
    /// The text, where the value is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The number, where the value is one.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }
    /// The truth, where the value is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, where the value is a list.
    public var list: [Value]? { if case .list(let value) = self { value } else { nil } }
    /// The fields, where the value is an object.
    public var object: [String: Value]? { if case .object(let value) = self { value } else { nil } }
}
