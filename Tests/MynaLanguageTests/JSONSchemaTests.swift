import Foundation
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

/// Draws schemas, and says whether a value satisfies one by reading the schema itself.
struct RandomSchema {
    var random: SplitMix
    private var definitions = 0

    init(seed: UInt64) { random = SplitMix(state: seed) }

    /// A whole schema, sometimes with a definition that calls itself.
    mutating func document() -> JSONTree {
        let recursive = chance(0.3)
        definitions = recursive ? 1 : 0
        guard case .object(var members) = schema(depth: 3) else { return .bool(true) }
        if recursive {
            let again = JSONTree.object([.init("$ref", .string("#/$defs/node"))])
            let leaf = schema(depth: 0)
            let node = JSONTree.object([
                .init("type", .string("object")),
                .init(
                    "properties",
                    .object([
                        .init("value", leaf),
                        .init("next", .object([.init("anyOf", .list([.object([.init("type", .string("null"))]), again]))])),
                    ])),
                .init("required", .list([.string("next")])),
            ])
            members.append(.init("$defs", .object([.init("node", node)])))
        }
        return .object(members)
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func word() -> String {
        ["kitchen", "a\"b", "größe", "", "back\\slash", "灯", "two words", "line\nend", "👍"].randomElement(using: &random) ?? ""
    }

    private mutating func schema(depth: Int) -> JSONTree {
        func typed(_ type: String, _ more: [JSONTree.Member] = []) -> JSONTree { .object([.init("type", .string(type))] + more) }
        func count(_ name: String, _ value: Int) -> JSONTree.Member { .init(name, .number("\(value)")) }
        if definitions > 0, chance(0.15) { return .object([.init("$ref", .string("#/$defs/node"))]) }
        switch number(0...(depth > 0 ? 10 : 6)) {
        case 0: return typed("boolean")
        case 1: return typed("number")
        case 2:
            let low = number(-1200...1200)
            return chance(0.4)
                ? typed("integer") : typed("integer", [count("minimum", low), count("maximum", low + number(0...700))])
        case 3: return typed("null")
        case 4:
            let least = number(0...3)
            return chance(0.5)
                ? typed("string") : typed("string", [count("minLength", least), count("maxLength", least + number(0...4))])
        case 5:
            return .object([
                .init(
                    "enum", .list((0..<number(1...4)).map { _ in chance(0.3) ? .number("\(number(-5...5))") : .string(word()) }))
            ])
        case 6: return .object([.init("const", .string(word()))])
        case 7:
            let least = number(0...2)
            return typed(
                "array",
                [.init("items", schema(depth: depth - 1)), count("minItems", least), count("maxItems", least + number(0...3))])
        case 8: return .object([.init("anyOf", .list((0..<number(1...3)).map { _ in schema(depth: depth - 1) }))])
        default:
            let names = ["room", "level", "on", "größe", "a b"].shuffled(using: &random).prefix(number(0...4))
            let members = names.map { JSONTree.Member($0, schema(depth: depth - 1)) }
            let required = names.filter { _ in chance(0.5) }.map { JSONTree.string($0) }
            return typed(
                "object",
                [
                    .init("properties", .object(members)), .init("required", .list(required)),
                    .init("additionalProperties", .bool(false)),
                ])
        }
    }

    /// Whether `value` satisfies `schema`, a part of `root`.
    static func accepts(_ value: JSONTree, _ schema: JSONTree, _ root: JSONTree) -> Bool {
        func count(_ name: String) -> Int? { if case .number(let digits)? = schema[name] { Int(digits) } else { nil } }
        func within(_ size: Int, _ least: String, _ most: String) -> Bool {
            size >= count(least) ?? 0 && size <= count(most) ?? .max
        }
        if schema["$ref"] != nil, let target = root["$defs"]?["node"] { return accepts(value, target, root) }
        if case .list(let options)? = schema["anyOf"] { return options.contains { accepts(value, $0, root) } }
        if case .list(let values)? = schema["enum"] { return values.contains(value) }
        if let only = schema["const"] { return value == only }
        guard case .string(let type)? = schema["type"] else { return true }
        guard value.has(type: type) else { return false }
        switch value {
        case .number(let digits):
            guard type == "integer" else { return true }
            guard let number = Int(digits) else { return false }
            return number >= count("minimum") ?? .min && number <= count("maximum") ?? .max
        case .string(let text): return within(text.unicodeScalars.count, "minLength", "maxLength")
        case .list(let values):
            return within(values.count, "minItems", "maxItems")
                && values.allSatisfy { accepts($0, schema["items"] ?? .bool(true), root) }
        case .object(let members):
            guard case .object(let properties)? = schema["properties"], case .list(let required)? = schema["required"] else {
                return true
            }
            return required.allSatisfy { name in members.contains { .string($0.name) == name } }
                && members.allSatisfy { member in
                    properties.first { $0.name == member.name }.map { accepts(member.value, $0.value, root) } ?? false
                }
        default: return true
        }
    }
}

@Suite("JSON Schema constraints", .serialized)
struct JSONSchemaTests {
    /// All bytes and some longer pieces, several of them across borders of strings and members.
    static let tokenizer: BytePairTokenizer = {
        let longer = [
            "\": ", "\", \"", "\"}", "\"]}", "true", "fal", "kit", "chen", "{\"", "12", "0.", "ß\"", "\\\"", "\\n", "null}", "]]",
            "aa",
        ]
        var pieces: [[UInt8]] = (0..<256).map { [UInt8($0)] }
        for text in longer + ["<end>"] { pieces.append(Array(text.utf8)) }
        do {
            return try BytePairTokenizer(pieces: pieces, merges: [], added: [.init(id: pieces.count - 1, text: "<end>")])
        } catch { fatalError("\(error)") }
    }()

    /// Weights at random, anew each time.
    static func language() throws -> LanguageModel {
        let config = DecoderConfig(
            vocabSize: tokenizer.count, hiddenSize: 16, intermediateSize: 24, numHiddenLayers: 1, numAttentionHeads: 2,
            maxPositionEmbeddings: 1500, initializerRange: 0.6, eosTokenIDs: [tokenizer.count - 1])
        return try LanguageModel(config: config, tokenizer: tokenizer)
    }

    @Test("what a random model writes under a random schema parses and satisfies it")
    func property() throws {
        let language = try Self.language()
        var ended = 0
        for seed in 0..<100 as Range<UInt64> {
            var drawn = RandomSchema(seed: seed)
            let schema = drawn.document()
            let masks = SchemaMasks(try JSONSchema(schema.text), TokenTrie(Self.tokenizer), pieces: Self.tokenizer.pieces)
            for _ in 0..<2 {
                let generation = try language.generate(
                    after: [65], limit: 300, holdingTo: SchemaConstraint(masks), sampling: .temperature(1.5), using: &drawn.random
                )
                guard generation.ended else { continue }  // a string or number without bounds may go on and on
                ended += 1
                let text = Self.tokenizer.decode(generation.tokens)
                let value = try JSONTree(text)
                #expect(RandomSchema.accepts(value, schema, schema), "seed \(seed): \(text) under \(schema.text)")
                _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            }
        }
        #expect(ended > 120)
    }

    @Test("masks allow exactly the tokens that go on with an allowed text")
    func masks() throws {
        let trie = TokenTrie(Self.tokenizer)
        for seed in 0..<40 as Range<UInt64> {
            var drawn = RandomSchema(seed: 1000 + seed)
            let schema = try JSONSchema(drawn.document())
            let masks = SchemaMasks(schema, trie, pieces: Self.tokenizer.pieces)
            var state = masks.start
            var text = SchemaText(schema)
            for _ in 0..<30 {
                let mask = masks.mask(state)
                #expect(mask.tokens == trie.allowed(by: text).sorted(), "seed \(seed)")
                #expect(masks.canEnd(state) == text.canEnd)
                guard let token = mask.tokens.randomElement(using: &drawn.random), let next = masks.advance(state, token) else {
                    break
                }
                state = next
                for byte in Self.tokenizer.pieces[token] {
                    let isTaken = text.advance(byte)
                    #expect(isTaken)
                }
            }
        }
    }

    @Test(
        "texts are taken or refused as the schema says",
        arguments: [
            (
                #"{"type":"integer","minimum":-5,"maximum":120}"#, ["-5", "0", "7", "99", "120"],
                ["-6", "121", "007", "1.0", "-"]
            ),
            (#"{"type":"integer","exclusiveMinimum":9.5,"exclusiveMaximum":100}"#, ["10", "99"], ["9", "100", "1000"]),
            (#"{"type":"number"}"#, ["0", "-0.5", "12e3", "1E-7"], [".5", "1.", "01", "1e", "NaN"]),
            (
                #"{"type":"string","maxLength":2}"#, [#""""#, #""ab""#, #""👍é""#, #""\n\u00e9""#],
                [#""abc""#, "\"\n\"", #""\x""#, #""\ud800""#]
            ),
            (#"{"type":["null","boolean"]}"#, ["null", "true"], ["0", "nul"]),
            (
                #"{"type":"object","properties":{"a":{"const":1},"b":{"enum":["x"]}},"required":["b"]}"#,
                [#"{"b":"x"}"#, #"{"a":1,"b":"x"}"#, #"{"a": 1, "b": "x"}"#],
                [#"{"a":1}"#, "{}", #"{"b":"x","a":1}"#, #"{,"b":"x"}"#]
            ),
            (
                #"{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}"#, ["[true]", "[true, false]"],
                ["[]", "[true,true,true]", "[true,]"]
            ),
            (#"{"type":"array"}"#, ["[]", #"[1,"a",{"b":[null]}]"#], ["[", "[1 2]"]),
            (##"{"anyOf":[{"$ref":"#"},{"const":"leaf"}]}"##, [#""leaf""#], ["[]"]),
            (
                ##"{"$defs":{"l":{"anyOf":[{"type":"null"},{"type":"array","items":{"$ref":"#/$defs/l"}}]}},"$ref":"#/$defs/l"}"##,
                ["null", "[[null],[]]"], ["[1]"]
            ),
        ])
    func examples(schema: String, taken: [String], refused: [String]) throws {
        let schema = try JSONSchema(schema)
        for text in taken { #expect(SchemaText.accepts(text, schema), "\(text)") }
        for text in refused { #expect(!SchemaText.accepts(text, schema), "\(text)") }
    }

    @Test(
        "a schema that no text can satisfy, or that says what is not supported, is refused by place",
        arguments: [
            ("false", JSONSchemaError.unsatisfiable(path: "$")),
            (#"{"enum":[]}"#, .unsatisfiable(path: "$")),
            (#"{"type":"object","properties":{"a":{"anyOf":[]}},"required":["a"]}"#, .unsatisfiable(path: "$.properties.a")),
            (#"{"type":"array","items":false,"minItems":1}"#, .unsatisfiable(path: "$.items")),
            (#"{"type":"array","minItems":3,"maxItems":2}"#, .unsatisfiable(path: "$")),
            (#"{"type":"string","enum":[1,2]}"#, .unsatisfiable(path: "$")),
            (#"{"type":"integer","minimum":3,"maximum":2}"#, .unsatisfiable(path: "$")),
            (
                ##"{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}"##,
                .unsatisfiable(path: "$.properties.next")
            ),
            (##"{"$ref":"#"}"##, .unsatisfiable(path: "$")),
            (#"{"type":"object","required":["a"],"additionalProperties":false}"#, .unsatisfiable(path: "$.properties.a")),
            (#"{"type":"string","pattern":"a+"}"#, .unsupported(path: "$.pattern")),
            (#"{"type":"number","minimum":1}"#, .unsupported(path: "$.minimum")),
            (#"{"$ref":"other.json"}"#, .unsupported(path: "$.$ref outside the document")),
            (#"{"type":"text"}"#, .invalid(path: "$.type", expected: "a type's name, not \"text\"")),
            (#"{"type":"array","minItems":-1}"#, .invalid(path: "$.minItems", expected: "a whole number, 0 or more")),
            (#"{"type":"#, .unreadable(problem: "JSON: a value is missing at byte 8")),
        ])
    func refused(schema: String, error: JSONSchemaError) {
        #expect(throws: error) { try JSONSchema(schema) }
    }

    @Test("an optional member that nothing satisfies is left out")
    func optional() throws {
        let schema = try JSONSchema(#"{"type":"object","properties":{"a":false,"b":{"const":2}}}"#)
        #expect(SchemaText.accepts("{}", schema) && SchemaText.accepts(#"{"b":2}"#, schema))
        #expect(!SchemaText.accepts(#"{"a":1}"#, schema))
    }
}
