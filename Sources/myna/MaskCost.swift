import Foundation
import MynaLanguage
import MynaText

/// What it costs to hold a model to a JSON Schema: the time to find the allowed tokens, token by token.
enum MaskCost {
    struct Report: Encodable {
        /// Compiling the schema.
        var compile_ms: Double
        /// A token's mask, from the first text on, those that are found for the first time included.
        var mean_us: Double
        /// The same when all texts were written before.
        var warm_us: Double
        var longest_us: Double
        var tokens: Int
    }

    /// Calls for a home of 150 entities, written with a vocabulary as large as Qwen's.
    static func measured() throws -> Report {
        var random = Draws(state: 11)
        let entities = (0..<150).map { "light.room_\($0)_\(word(3, &random))" }
        let listed = entities.map { "\"\($0)\"" }.joined(separator: ",")
        let schema = """
            {"type":"object","properties":{"name":{"enum":["turn_on","turn_off","set","say"]},"arguments":{"type":"object",\
            "properties":{"entities":{"type":"array","items":{"enum":[\(listed)]},"minItems":1,"maxItems":8},\
            "level":{"type":"integer","minimum":0,"maximum":100},"message":{"type":"string"},"flash":{"type":"boolean"}},\
            "required":["entities"],"additionalProperties":false}},"required":["name","arguments"],"additionalProperties":false}
            """
        let tokenizer = try vocabulary(&random)
        let trie = TokenTrie(tokenizer)
        let clock = ContinuousClock()
        var compiled: JSONSchema?
        let compiling = try clock.measure { compiled = try JSONSchema(schema) }
        guard let compiled else { fatalError("the schema was compiled or an error thrown") }
        let masks = SchemaMasks(compiled, trie, pieces: tokenizer.pieces)
        let texts = (0..<60).map { _ in
            let chosen = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                "\"\(entities.randomElement(using: &random) ?? "")\""
            }
            let message = (0..<Int.random(in: 1...12, using: &random)).map { _ in word(3, &random) }.joined(separator: " ")
            return
                #"{"name": "set", "arguments": {"entities": [\#(chosen.joined(separator: ", "))], "level": \#(Int.random(in: 0...100, using: &random)), "message": "\#(message)"}}"#
        }
        let ids = Dictionary(uniqueKeysWithValues: tokenizer.pieces.enumerated().map { ($1, $0) })
        let written = texts.map { longest($0, ids) }
        func pass() -> [Double] { written.flatMap { write($0, masks) } }
        let (first, again) = (pass(), pass())
        func mean(_ times: [Double]) -> Double { times.reduce(0, +) / Double(times.count) }
        return Report(
            compile_ms: compiling / .milliseconds(1), mean_us: mean(first), warm_us: mean(again), longest_us: first.max() ?? 0,
            tokens: first.count)
    }

    /// `text` in the longest tokens from left to right, much as a trained vocabulary would have it.
    private static func longest(_ text: String, _ ids: [[UInt8]: Int]) -> [Int] {
        var rest = Array(text.utf8)[...]
        var tokens: [Int] = []
        while !rest.isEmpty {
            for length in (1...min(16, rest.count)).reversed() {
                guard let id = ids[Array(rest.prefix(length))] else { continue }
                tokens.append(id)
                rest = rest.dropFirst(length)
                break
            }
        }
        return tokens
    }

    /// Microseconds for each token's mask while a text is written.
    private static func write(_ ids: [Int], _ masks: SchemaMasks) -> [Double] {
        let clock = ContinuousClock()
        var state = masks.start
        var times: [Double] = []
        for id in ids {
            var allowed = false
            var next: SchemaMasks.State?
            times.append(
                clock.measure {
                    allowed = masks.mask(state).contains(id)
                    next = masks.advance(state, id)
                } / .microseconds(1))
            guard allowed, let next else { fatalError("the schema refuses token \(id) of a text that satisfies it") }
            state = next
        }
        return times
    }

    private static func word(_ most: Int, _ random: inout Draws) -> String {
        (0..<Int.random(in: 1...most, using: &random)).map { _ in
            "\("bcdfghklmnprstvw".randomElement(using: &random) ?? "b")\("aeiouy".randomElement(using: &random) ?? "a")"
        }.joined()
    }

    /// 151,936 tokens as a trained vocabulary has them: bytes, runs of marks, and words with and without a space before them.
    private static func vocabulary(_ random: inout Draws) throws -> BytePairTokenizer {
        var pieces = (0..<256).map { [UInt8($0)] }
        var known = Set(pieces)
        func add(_ piece: String) { if known.insert(Array(piece.utf8)).inserted { pieces.append(Array(piece.utf8)) } }
        let marks = Array("\"{}[]:,.-_()\\/ ")
        let ends = [""] + marks.map { String($0) }
        for a in marks { for b in marks { for c in ends { add("\(a)\(b)\(c)") } } }
        for number in 0..<1000 { add("\(number)") }
        while pieces.count < 151_936 {
            let word = word(5, &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0...3: add(" " + word)
            case 4: add(word.capitalized)
            case 5: add("\"" + word)
            case 6: add(word + ["\"", "\":", "\",", "_", "."][Int.random(in: 0..<5, using: &random)])
            default: add(word)
            }
        }
        return try BytePairTokenizer(pieces: pieces, merges: [])
    }
}

/// Random draws from a seed (SplitMix64).
private struct Draws: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
