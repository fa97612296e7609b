public import MynaText

/// A JSON Schema compiled to the texts that satisfy it.
///
/// Supported: `type` (one or several), `properties`, `required`, `additionalProperties`, `items`, `minItems`, `maxItems`,
/// `minLength`, `maxLength`, `minimum` and `maximum` and their exclusive forms for integers, `enum`, `const`, `anyOf`,
/// `$ref` within the document (recursion too), `true` and `false`; annotations say nothing, and any other keyword is
/// refused. Of the texts that satisfy a schema those with its properties in its order are written, without spaces but one
/// behind a comma or colon, and with no properties beside the named ones where some are named.
public struct JSONSchema: Sendable {
    let grammar: PushdownGrammar

    /// - Throws: ``JSONSchemaError``, naming the place in the schema.
    public init(_ text: String) throws(JSONSchemaError) {
        let tree: JSONTree
        do { tree = try JSONTree(text) } catch { throw .unreadable(problem: error.description) }
        try self.init(tree)
    }

    /// - Throws: ``JSONSchemaError``, naming the place in the schema.
    public init(_ schema: JSONTree) throws(JSONSchemaError) {
        var compiler = SchemaCompiler(root: schema)
        grammar = try compiler.compiled()
    }
}

/// Builds the grammar of a schema, part by part.
struct SchemaCompiler {
    typealias Node = PushdownGrammar.Node

    /// More repetitions than these make a schema unsupported: each is a node of the grammar.
    static let repetitionLimit = 4096
    private static let annotations: Set = [
        "title", "description", "default", "examples", "$schema", "$id", "$comment", "deprecated", "readOnly", "writeOnly",
        "$defs", "definitions", "format",
    ]

    let root: JSONTree
    var grammar = PushdownGrammar()
    private var shared: [String: Node] = [:]
    /// Where each part of the schema begins in the grammar, for naming the one that nothing satisfies.
    private var parts: [(path: String, node: Node)] = []

    init(root: JSONTree) { self.root = root }

    mutating func compiled() throws(JSONSchemaError) -> PushdownGrammar {
        let (start, end) = (grammar.node(), grammar.node(isEnd: true))
        grammar.start = start
        try schema(root, "$", from: start, to: end)
        let reaches = grammar.finish()
        guard reaches[Int(start)] else {
            // The innermost part that fails is the most telling; a part that only fails with the whole comes first.
            let failing = parts.filter { !reaches[Int($0.node)] }
            let depth = { (path: String) in path.count { $0 == "." || $0 == "[" } }
            throw .unsatisfiable(path: failing.max { depth($0.path) < depth($1.path) }?.path ?? "$")
        }
        return grammar
    }

    /// A rule of its own that is made once.
    mutating func rule(_ name: String, _ build: (inout SchemaCompiler, Node, Node) throws(JSONSchemaError) -> Void)
        throws(JSONSchemaError) -> Node
    {
        if let made = shared[name] { return made }
        let (start, end) = (grammar.node(), grammar.node(isEnd: true))
        shared[name] = start  // before it is built: it may call itself
        try build(&self, start, end)
        return start
    }

    /// The texts of `schema` between two nodes.
    private mutating func schema(_ schema: JSONTree, _ path: String, from outer: Node, to: Node) throws(JSONSchemaError) {
        let from = grammar.node()
        grammar.skip(from: outer, to: from)
        parts.append((path, from))
        switch schema {
        case .bool(true): try anything(from: from, to: to)
        case .bool(false): break
        case .object(let members): try object(schema, members, path, from: from, to: to)
        default: throw .invalid(path: path, expected: "an object, true or false")
        }
    }

    private mutating func object(
        _ schema: JSONTree, _ members: [JSONTree.Member], _ path: String, from: Node, to: Node
    ) throws(JSONSchemaError) {
        let asserted = members.filter { !Self.annotations.contains($0.name) }
        // These say all by themselves; what stands beside them would have to hold too.
        for keyword in ["$ref", "anyOf"] {
            guard let value = schema[keyword] else { continue }
            if let other = asserted.first(where: { $0.name != keyword && !($0.name == "type" && keyword == "anyOf") }) {
                throw .unsupported(path: "\(path).\(other.name) beside \(keyword)")
            }
            if keyword == "$ref" { return try reference(value, path, from: from, to: to) }
            guard case .list(let options) = value else { throw .invalid(path: "\(path).anyOf", expected: "a list") }
            let types = try types(schema, path)
            for (index, option) in options.enumerated() {
                let place = "\(path).anyOf[\(index)]"
                guard let types else {
                    try self.schema(option, place, from: from, to: to)
                    continue
                }
                guard let own = option["type"] else { throw .unsupported(path: "\(path).type beside \(place) without one") }
                guard case .string(let name) = own else { throw .unsupported(path: "\(place).type beside \(path).type") }
                if types.contains(name) { try self.schema(option, place, from: from, to: to) }
            }
            return
        }
        let types = try types(schema, path)
        if schema["enum"] != nil || schema["const"] != nil {
            try values(schema, types, asserted, path, from: from, to: to)
            return
        }
        var known: Set = ["type"]
        // Tools' schemas often leave out that what has properties is an object.
        let isObject = schema["properties"] != nil || schema["required"] != nil
        for type in types ?? [isObject ? "object" : "any"] {
            switch type {
            case "any": try anything(from: from, to: to)
            case "null": grammar.skip(from: grammar.read("null".utf8, from: from), to: to)
            case "boolean":
                grammar.skip(from: grammar.read("true".utf8, from: from), to: to)
                grammar.skip(from: grammar.read("false".utf8, from: from), to: to)
            case "integer":
                known.formUnion(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
                try integer(schema, path, from: from, to: to)
            case "number": grammar.call(try rule("number") { (c, a, b) in c.number(from: a, to: b) }, from: from, to: to)
            case "string":
                known.formUnion(["minLength", "maxLength"])
                try string(schema, path, from: from, to: to)
            case "array":
                known.formUnion(["items", "minItems", "maxItems"])
                try array(schema, path, from: from, to: to)
            case "object":
                known.formUnion(["properties", "required", "additionalProperties"])
                try properties(schema, path, from: from, to: to)
            default: throw .invalid(path: "\(path).type", expected: "a type's name, not \"\(type)\"")
            }
        }
        if let other = asserted.first(where: { !known.contains($0.name) }) { throw .unsupported(path: "\(path).\(other.name)") }
    }

    private func types(_ schema: JSONTree, _ path: String) throws(JSONSchemaError) -> [String]? {
        switch schema["type"] {
        case nil: return nil
        case .string(let name): return [name]
        case .list(let values):
            var names: [String] = []
            for value in values {
                guard case .string(let name) = value else { throw .invalid(path: "\(path).type", expected: "names of types") }
                names.append(name)
            }
            return names
        default: throw .invalid(path: "\(path).type", expected: "the name of a type or a list of them")
        }
    }

    private mutating func reference(_ value: JSONTree, _ path: String, from: Node, to: Node) throws(JSONSchemaError) {
        guard case .string(let pointer) = value, pointer.hasPrefix("#") else {
            throw .unsupported(path: "\(path).$ref outside the document")
        }
        var target: JSONTree? = root
        for step in pointer.dropFirst().split(separator: "/") {
            let name = step.replacing("~1", with: "/").replacing("~0", with: "~")
            if case .list(let values)? = target {
                target = Int(name).flatMap { values.indices.contains($0) ? values[$0] : nil }
            } else {
                target = target?[String(name)]
            }
        }
        guard let target else { throw .invalid(path: "\(path).$ref", expected: "a place in the document, not \"\(pointer)\"") }
        let rule = try rule("ref \(pointer)") { (c, a, b) throws(JSONSchemaError) in try c.schema(target, pointer, from: a, to: b)
        }
        grammar.call(rule, from: from, to: to)
    }

    /// `enum` and `const`, of the types that are allowed.
    private mutating func values(
        _ schema: JSONTree, _ types: [String]?, _ asserted: [JSONTree.Member], _ path: String, from: Node, to: Node
    ) throws(JSONSchemaError) {
        if let other = asserted.first(where: { !["type", "enum", "const"].contains($0.name) }) {
            throw .unsupported(path: "\(path).\(other.name) beside enum or const")
        }
        var allowed: [JSONTree]
        if let list = schema["enum"] {
            guard case .list(let values) = list else { throw .invalid(path: "\(path).enum", expected: "a list") }
            allowed = values
            if let only = schema["const"] { allowed = allowed.filter { $0 == only } }
        } else {
            allowed = schema["const"].map { [$0] } ?? []
        }
        for value in allowed where types?.contains(where: { value.has(type: $0) }) ?? true {
            grammar.skip(from: grammar.read(value.compactText.utf8, from: from), to: to)
        }
    }

    private mutating func anything(from: Node, to: Node) throws(JSONSchemaError) {
        let rule = try rule("any") { (c, a, b) throws(JSONSchemaError) in
            for type in ["null", "boolean", "number", "string", "array", "object"] {
                try c.schema(.object([.init("type", .string(type))]), "any", from: a, to: b)
            }
        }
        grammar.call(rule, from: from, to: to)
    }

    /// A count that a keyword gives.
    func count(_ schema: JSONTree, _ keyword: String, _ path: String) throws(JSONSchemaError) -> Int? {
        guard let value = schema[keyword] else { return nil }
        guard case .number(let digits) = value, let count = Int(digits), count >= 0 else {
            throw .invalid(path: "\(path).\(keyword)", expected: "a whole number, 0 or more")
        }
        return count
    }

    private mutating func array(_ schema: JSONTree, _ path: String, from: Node, to: Node) throws(JSONSchemaError) {
        let (least, most) = (try count(schema, "minItems", path) ?? 0, try count(schema, "maxItems", path))
        let item = grammar.node()
        try self.schema(schema["items"] ?? .bool(true), "\(path).items", from: item, to: grammar.node(isEnd: true))
        let open = grammar.node()
        grammar.read("[", from: from, to: open)
        try repeated(least, most, path, open: open, close: "]", to: to) { c, from, to in c.grammar.call(item, from: from, to: to)
        }
    }

    /// `least` to `most` of what `one` reads with commas between, then `close`.
    private mutating func repeated(
        _ least: Int, _ most: Int?, _ path: String, open: Node, close: Unicode.Scalar, to: Node,
        one: (inout SchemaCompiler, Node, Node) -> Void
    ) throws(JSONSchemaError) {
        let unrolled = most ?? max(least, 1)
        guard unrolled <= Self.repetitionLimit else {
            throw .unsupported(path: "\(path) with more than \(Self.repetitionLimit) items")
        }
        if least == 0 { grammar.read(close, from: open, to: to) }
        var (last, before) = (open, open)
        for index in 0..<unrolled {
            before = index == 0 ? open : separated(",", from: last)
            last = grammar.node()
            one(&self, before, last)
            if index + 1 >= least { grammar.read(close, from: last, to: to) }
        }
        guard most == nil else { return }
        let again = separated(",", from: last)
        one(&self, again, last)
    }

    /// A comma or colon and at most one space.
    private mutating func separated(_ mark: Unicode.Scalar, from: Node) -> Node {
        let (marked, after) = (grammar.node(), grammar.node())
        grammar.read(mark, from: from, to: marked)
        grammar.read(" ", from: marked, to: after)
        grammar.skip(from: marked, to: after)
        return after
    }

    private mutating func properties(_ schema: JSONTree, _ path: String, from: Node, to: Node) throws(JSONSchemaError) {
        var named: [JSONTree.Member] = []
        if let value = schema["properties"] {
            guard case .object(let members) = value else { throw .invalid(path: "\(path).properties", expected: "an object") }
            named = members
        }
        var required: [String] = []
        if let value = schema["required"] {
            guard case .list(let names) = value else { throw .invalid(path: "\(path).required", expected: "a list of names") }
            for name in names {
                guard case .string(let name) = name else { throw .invalid(path: "\(path).required", expected: "a list of names") }
                required.append(name)
            }
        }
        let others = schema["additionalProperties"] ?? .bool(true)
        for name in required where !named.contains(where: { $0.name == name }) { named.append(.init(name, others)) }
        let open = grammar.node()
        grammar.read("{", from: from, to: open)
        guard !named.isEmpty else {
            if others == .bool(false) {
                grammar.read("}", from: open, to: to)
                return
            }
            let value = grammar.node()
            try self.schema(others, "\(path).additionalProperties", from: value, to: grammar.node(isEnd: true))
            let name = try rule("string") { (c, a, b) throws(JSONSchemaError) in c.string(from: a, to: b) }
            try repeated(0, nil, path, open: open, close: "}", to: to) { c, from, to in
                let named = c.grammar.node()
                c.grammar.call(name, from: from, to: named)
                c.grammar.call(value, from: c.separated(":", from: named), to: to)
            }
            return
        }
        var (first, later): (Node, Node?) = (open, nil)  // before any member was written, and after
        for member in named {
            let name = grammar.node()
            grammar.skip(from: first, to: name)
            if let later { grammar.skip(from: separated(",", from: later), to: name) }
            let written = separated(":", from: grammar.read(JSONTree.string(member.name).compactText.utf8, from: name))
            let after = grammar.node()
            try self.schema(member.value, "\(path).properties.\(member.name)", from: written, to: after)
            if required.contains(member.name) {
                first = grammar.node()  // no way leads here any more
            } else if let later {
                grammar.skip(from: later, to: after)
            }
            later = after
        }
        grammar.read("}", from: first, to: to)
        if let later { grammar.read("}", from: later, to: to) }
    }
}

extension JSONTree {
    /// Whether this value is of a JSON Schema type.
    func has(type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let digits): type == "number" || type == "integer" && Double(digits).map { $0 == $0.rounded() } == true
        case .string: type == "string"
        case .list: type == "array"
        case .object: type == "object"
        }
    }
}
