import MynaStages
import Yams

/// A YAML mapping being read field by field; what is asked for and not there, or there and not asked for, is an error.
struct FieldReader {
    let file: String
    let path: String
    let line: Int?
    private let mapping: Node.Mapping

    init(_ node: Node, file: String, path: String) throws(HomeError) {
        guard case .mapping(let mapping) = node else {
            throw HomeError(
                file: file, line: node.mark?.line, field: path.isEmpty ? "the file" : path,
                problem: .wrongType(expected: "a mapping", value: FieldReader.describe(node)))
        }
        self.file = file
        self.path = path
        self.line = node.mark?.line
        self.mapping = mapping
        var seen: Set<String> = []
        for key in mapping.keys {
            guard let name = key.scalar?.string else {
                throw HomeError(
                    file: file, line: key.mark?.line, field: path,
                    problem: .wrongType(expected: "a mapping with words as keys", value: FieldReader.describe(key)))
            }
            if !seen.insert(name).inserted {
                throw HomeError(file: file, line: key.mark?.line, field: path, problem: .duplicate(value: name))
            }
        }
    }

    /// Parses `text` as one mapping.
    static func read(_ text: String, file: String) throws(HomeError) -> FieldReader {
        if let bad = text.unicodeScalars.first(where: { $0.value < 32 && !"\n\r\t".unicodeScalars.contains($0) }) {
            throw HomeError(
                file: file, line: nil, field: "", problem: .notYAML(reason: "it holds the control character \(bad.value)"))
        }
        let node: Node?
        do { node = try compose(yaml: text) } catch {
            throw HomeError(file: file, line: nil, field: "", problem: .notYAML(reason: "\(error)"))
        }
        guard let node else {
            throw HomeError(file: file, line: nil, field: "", problem: .notYAML(reason: "it is empty"))
        }
        return try FieldReader(node, file: file, path: "")
    }

    func error(_ field: String, _ problem: HomeError.Problem) -> HomeError {
        HomeError(file: file, line: node(field)?.mark?.line ?? line, field: child(field), problem: problem)
    }

    private func child(_ field: String) -> String { path.isEmpty ? field : "\(path).\(field)" }

    /// The node called `field`; nil where it is missing or written `null`.
    func node(_ field: String) -> Node? {
        guard let node = mapping[field] else { return nil }
        if let scalar = node.scalar, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return nil }
        return node
    }

    func has(_ field: String) -> Bool { mapping[field] != nil }

    var keys: [String] { mapping.keys.compactMap { $0.scalar?.string } }

    /// Refuses a field that is not one of `known`.
    func only(_ known: Set<String>) throws(HomeError) {
        for key in keys where !known.contains(key) {
            throw HomeError(
                file: file, line: mapping[key]?.mark?.line ?? line, field: child(key), problem: .unknownField)
        }
    }

    func string(_ field: String) throws(HomeError) -> String {
        guard let text = try stringIfPresent(field) else { throw error(field, .missing) }
        return text
    }

    func stringIfPresent(_ field: String) throws(HomeError) -> String? {
        guard let node = node(field) else { return nil }
        guard let scalar = node.scalar else {
            throw error(field, .wrongType(expected: "a word or text", value: Self.describe(node)))
        }
        return scalar.string
    }

    func strings(_ field: String) throws(HomeError) -> [String] {
        guard let node = node(field) else { return [] }
        guard case .sequence(let sequence) = node else {
            throw error(field, .wrongType(expected: "a list of texts", value: Self.describe(node)))
        }
        var texts: [String] = []
        for (index, element) in sequence.enumerated() {
            guard let scalar = element.scalar else {
                throw error("\(field)[\(index)]", .wrongType(expected: "a text", value: Self.describe(element)))
            }
            texts.append(scalar.string)
        }
        return texts
    }

    func mappingIfPresent(_ field: String) throws(HomeError) -> FieldReader? {
        guard let node = node(field) else { return nil }
        return try FieldReader(node, file: file, path: child(field))
    }

    /// The mappings in the list called `field`; none where it is missing.
    func mappings(_ field: String) throws(HomeError) -> [FieldReader] {
        guard let node = node(field) else { return [] }
        guard case .sequence(let sequence) = node else {
            throw error(field, .wrongType(expected: "a list", value: Self.describe(node)))
        }
        var readers: [FieldReader] = []
        for (index, element) in sequence.enumerated() {
            readers.append(try FieldReader(element, file: file, path: "\(child(field))[\(index)]"))
        }
        return readers
    }

    /// A mapping of free words to typed values; empty where it is missing.
    func values(_ field: String) throws(HomeError) -> [String: Value] {
        guard let reader = try mappingIfPresent(field) else { return [:] }
        var values: [String: Value] = [:]
        for key in reader.keys { values[key] = reader.mapping[key].map(Self.value) ?? .null }
        return values
    }

    /// The typed value of the field called `field`; nil where it is missing.
    func valueIfPresent(_ field: String) -> Value? { mapping[field].map(Self.value) }

    /// A node as the value it would be in JSON.
    static func value(_ node: Node) -> Value {
        switch node {
        case .sequence(let sequence): return .list(sequence.map(value))
        case .mapping(let mapping):
            var fields: [String: Value] = [:]
            for (key, element) in mapping { fields[key.scalar?.string ?? describe(key)] = value(element) }
            return .object(fields)
        case .scalar(let scalar):
            guard scalar.style == .plain else { return .string(scalar.string) }
            switch scalar.string {
            case "", "~", "null": return .null
            case "true", "True", "yes": return .bool(true)
            case "false", "False", "no": return .bool(false)
            default:
                // A number as YAML writes one; `Double` alone would also take "inf", "nan" and "0x1p3".
                let isNumber = scalar.string.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
                if isNumber, let number = Double(scalar.string) { return .number(number) }
                return .string(scalar.string)
            }
        case .alias: return .null
        }
    }

    static func describe(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : "\"\(scalar.string.prefix(40))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .alias: "an alias"
        }
    }
}
