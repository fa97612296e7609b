/// JSON with the order of its members and the digits of its numbers kept: what schemas and templates need.
public enum JSONTree: Sendable, Equatable {
    case null
    case bool(Bool)
    /// As it is written.
    case number(String)
    case string(String)
    case list([JSONTree])
    case object([Member])

    /// A name and its value.
    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: JSONTree

        public init(_ name: String, _ value: JSONTree) { (self.name, self.value) = (name, value) }
    }

    /// Why a text is no JSON, and at which byte.
    public struct Fault: Error, Equatable, CustomStringConvertible {
        public var problem: String
        public var offset: Int

        public var description: String { "JSON: \(problem) at byte \(offset)" }
    }

    /// Reads exactly one value; a name that stands twice in one object is refused.
    public init(_ text: String) throws(Fault) {
        var parser = Parser(bytes: Array(text.utf8))
        let value = try parser.value(depth: 0)
        parser.skipSpaces()
        guard parser.next == nil else { throw parser.fault("something follows the value") }
        self = value
    }

    /// The member called `name`; nil where this is no object or has none.
    public subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The text, with one space behind each comma and colon, as Python's `json.dumps` writes it without escaping characters.
    public var text: String { written(comma: ", ", colon: ": ") }

    /// The text without spaces.
    public var compactText: String { written(comma: ",", colon: ":") }

    /// The text on many lines, four spaces deeper at each level, as Python's `json.dumps(indent=4)` writes it.
    public var indentedText: String { indented("") }

    private func indented(_ margin: String) -> String {
        let deeper = margin + "    "
        switch self {
        case .list(let values) where !values.isEmpty:
            return "[\n" + values.map { deeper + $0.indented(deeper) }.joined(separator: ",\n") + "\n\(margin)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { deeper + Self.quoted($0.name) + ": " + $0.value.indented(deeper) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
        default: return text
        }
    }

    private func written(comma: String, colon: String) -> String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let value): Self.quoted(value)
        case .list(let values): "[" + values.map { $0.written(comma: comma, colon: colon) }.joined(separator: comma) + "]"
        case .object(let members):
            "{"
                + members.map { Self.quoted($0.name) + colon + $0.value.written(comma: comma, colon: colon) }.joined(
                    separator: comma) + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{8}": quoted += "\\b"
            case "\u{C}": quoted += "\\f"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Reads JSON (RFC 8259) from UTF-8.
private struct Parser {
    let bytes: [UInt8]
    var at = 0

    /// Deeper nesting than any schema has, and far from the end of a thread's stack.
    static let depthLimit = 128

    var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    func fault(_ problem: String) -> JSONTree.Fault { .init(problem: problem, offset: at) }

    mutating func skipSpaces() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpaces()
        guard next == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONTree.Fault) -> JSONTree {
        guard depth < Self.depthLimit else { throw fault("nested more than \(Self.depthLimit) deep") }
        skipSpaces()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["):
            at += 1
            var values: [JSONTree] = []
            if take("]") { return .list(values) }
            repeat { values.append(try value(depth: depth + 1)) } while take(",")
            guard take("]") else { throw fault("a list is not closed") }
            return .list(values)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("a value is missing")
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONTree) throws(JSONTree.Fault) -> JSONTree {
        guard bytes[at...].starts(with: word.utf8) else { throw fault("no value begins so") }
        at += word.utf8.count
        return value
    }

    private mutating func members(depth: Int) throws(JSONTree.Fault) -> [JSONTree.Member] {
        at += 1
        var members: [JSONTree.Member] = []
        var names: Set<String> = []
        if take("}") { return members }
        repeat {
            skipSpaces()
            guard next == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
            let name = try string()
            guard names.insert(name).inserted else { throw fault("the name \"\(name)\" stands twice in one object") }
            guard take(":") else { throw fault("a colon is missing") }
            members.append(.init(name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw fault("an object is not closed") }
        return members
    }

    private mutating func number() throws(JSONTree.Fault) -> String {
        let start = at
        func digits(_ parser: inout Parser) throws(JSONTree.Fault) {
            let first = parser.at
            while let byte = parser.next, (0x30...0x39).contains(byte) { parser.at += 1 }
            if parser.at == first { throw parser.fault("no value begins so") }
        }
        if next == UInt8(ascii: "-") { at += 1 }
        let first = next
        try digits(&self)
        if first == UInt8(ascii: "0"), at - start > (bytes[start] == UInt8(ascii: "-") ? 2 : 1) {
            throw fault("a number begins with 0")
        }
        if next == UInt8(ascii: ".") {
            at += 1
            try digits(&self)
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            try digits(&self)
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    private mutating func string() throws(JSONTree.Fault) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case 0..<0x20: throw fault("a control character stands in a string")
            case UInt8(ascii: "\\"): text += try escaped()
            default: text.append(byte)
            }
        }
        throw fault("a string is not closed")
    }

    private mutating func escaped() throws(JSONTree.Fault) -> [UInt8] {
        guard let byte = next else { throw fault("a string is not closed") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "u"):
            var code = try unit()
            if (0xD800..<0xDC00).contains(code), bytes[at...].starts(with: "\\u".utf8) {
                at += 2
                let low = try unit()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair stands alone") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair stands alone") }
            return Array(String(scalar).utf8)
        default: throw fault("no escape is written so")
        }
    }

    private mutating func unit() throws(JSONTree.Fault) -> UInt32 {
        let digits = bytes[at...].prefix(4)
        guard digits.count == 4, let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), digits.first != 0x2B
        else {
            throw fault("an escape needs four hexadecimal digits")
        }
        at += 4
        return code
    }
}
