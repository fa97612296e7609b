public import Foundation

extension BytePairTokenizer {
    /// Reads a published `tokenizer.json`.
    ///
    /// - Throws: ``TokenizerError``, naming the file or the field that asks for something else than byte-level pairs.
    public init(contentsOf file: URL) throws(TokenizerError) {
        let form: TokenizerForm
        do {
            form = try JSONDecoder().decode(TokenizerForm.self, from: Data(contentsOf: file))
        } catch {
            throw .cannotRead(file: file.path, reason: "\(error)")
        }
        try self.init(form)
    }

    /// Writes the published `tokenizer.json` form; an existing file is replaced whole.
    public func write(to file: URL) throws(TokenizerError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do {
            try encoder.encode(form).write(to: file, options: .atomic)
        } catch {
            throw .cannotWrite(file: file.path, reason: "\(error)")
        }
    }

    /// Unicode's composed form.
    ///
    /// The leading consonants of old Korean, U+1113 to U+115F, compose with nothing, but Foundation on Linux composes the first
    /// of them; so they are kept out of its sight, which changes nothing for what stands around them.
    static func composed(_ text: String) -> String {
        var composed = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let place = rest.firstIndex(where: { (0x1113...0x115F).contains($0.value) }) {
            composed += String(rest[..<place]).precomposedStringWithCanonicalMapping.unicodeScalars
            composed.append(rest[place])
            rest = rest[rest.index(after: place)...]
        }
        guard !composed.isEmpty else { return text.precomposedStringWithCanonicalMapping }
        composed += String(rest).precomposedStringWithCanonicalMapping.unicodeScalars
        return String(composed)
    }

    private init(_ form: TokenizerForm) throws(TokenizerError) {
        let model = form.model
        try Self.check("model.type", model.type ?? "BPE", is: "BPE")
        try Self.check("decoder.type", form.decoder?.type ?? "none", is: "ByteLevel")
        for (field, value) in [
            ("continuing_subword_prefix", model.continuing_subword_prefix), ("end_of_word_suffix", model.end_of_word_suffix),
        ] {
            if let value, !value.isEmpty { throw .unsupported(field: "model.\(field)", value: "\"\(value)\"") }
        }
        if model.byte_fallback == true { throw .unsupported(field: "model.byte_fallback", value: "true") }
        if let normalizer = form.normalizer { try Self.check("normalizer.type", normalizer.type, is: "NFC") }
        let added = (form.added_tokens ?? []).map { AddedToken(id: $0.id, text: $0.content, isSpecial: $0.special ?? false) }
        for token in form.added_tokens ?? [] where token.lstrip == true || token.rstrip == true || token.single_word == true {
            throw .unsupported(field: "added_tokens", value: "stripping or whole words only (\"\(token.content)\")")
        }
        let size = max((model.vocab.values.max() ?? -1), (added.map(\.id).max() ?? -1)) + 1
        guard size <= 4 * (model.vocab.count + added.count) else {
            throw .inconsistent(field: "model.vocab", reason: "the highest id is \(size - 1) of \(model.vocab.count) tokens")
        }
        if let id = model.vocab.values.first(where: { $0 < 0 }) {
            throw .inconsistent(field: "model.vocab", reason: "a token has the id \(id)")
        }
        if let token = added.first(where: { $0.id < 0 }) {
            throw .inconsistent(field: "added_tokens", reason: "\"\(token.text)\" has the id \(token.id)")
        }
        let addedIDs = Set(added.map(\.id))
        var pieces = [[UInt8]](repeating: [], count: size)
        for (text, id) in model.vocab where !addedIDs.contains(id) {
            guard let piece = ByteAlphabet.piece(of: text) else {
                throw .inconsistent(field: "model.vocab", reason: "\"\(text)\" is not in the byte alphabet")
            }
            guard pieces[id].isEmpty else { throw .inconsistent(field: "model.vocab", reason: "two tokens have the id \(id)") }
            pieces[id] = piece
        }
        for token in added { pieces[token.id] = Array(token.text.utf8) }
        var merges: [(Int, Int)] = []
        merges.reserveCapacity(model.merges.count)
        for (rank, pair) in model.merges.enumerated() {
            guard let left = model.vocab[pair.left], let right = model.vocab[pair.right] else {
                throw .inconsistent(
                    field: "model.merges[\(rank)]", reason: "\"\(pair.left) \(pair.right)\" is not of the vocabulary")
            }
            merges.append((left, right))
        }
        let (splitting, addsPrefixSpace) = try Self.splitting(of: form.pre_tokenizer)
        try self.init(
            pieces: pieces, merges: merges, added: added, splitting: splitting, addsPrefixSpace: addsPrefixSpace,
            ignoresMerges: model.ignore_merges ?? false, composes: form.normalizer != nil,
            frame: try Self.frame(of: form.post_processor, added: added))
    }

    private static func check(_ field: String, _ value: String, is expected: String) throws(TokenizerError) {
        if value != expected { throw .unsupported(field: field, value: value) }
    }

    private static func splitting(of step: TokenizerForm.Step?) throws(TokenizerError) -> (WordSplitting, Bool) {
        guard let step else { throw .unsupported(field: "pre_tokenizer", value: "null") }
        switch step.type {
        case "ByteLevel" where step.use_regex ?? true: return (.gpt2, step.add_prefix_space ?? true)
        case "Sequence":
            let steps = step.pretokenizers ?? []
            guard steps.count == 2, steps[0].type == "Split", steps[1].type == "ByteLevel", steps[1].use_regex == false else {
                throw .unsupported(field: "pre_tokenizer", value: "a sequence of \(steps.map(\.type))")
            }
            let pattern = steps[0].pattern?.Regex ?? ""
            guard let splitting = WordSplitting(pattern: pattern), steps[0].behavior == "Isolated", steps[0].invert != true else {
                throw .unsupported(field: "pre_tokenizer.pattern", value: pattern)
            }
            return (splitting, steps[1].add_prefix_space ?? true)
        default: throw .unsupported(field: "pre_tokenizer.type", value: step.type)
        }
    }

    private static func frame(
        of step: TokenizerForm.Step?, added: [AddedToken]
    ) throws(TokenizerError) -> (before: [Int], after: [Int]) {
        guard let step else { return ([], []) }
        switch step.type {
        case "ByteLevel": return ([], [])
        case "Sequence":
            var frame: (before: [Int], after: [Int]) = ([], [])
            for inner in step.processors ?? [] {
                let (before, after) = try Self.frame(of: inner, added: added)
                frame = (before + frame.before, frame.after + after)
            }
            return frame
        case "TemplateProcessing":
            var frame: (before: [Int], after: [Int]) = ([], [])
            var seenText = false
            for part in step.single ?? [] {
                guard let special = part.SpecialToken else {
                    seenText = true
                    continue
                }
                guard let token = added.first(where: { $0.text == special.id }) else {
                    throw .inconsistent(field: "post_processor", reason: "\"\(special.id)\" is no added token")
                }
                if seenText { frame.after.append(token.id) } else { frame.before.append(token.id) }
            }
            return frame
        default: throw .unsupported(field: "post_processor.type", value: step.type)
        }
    }

    private var form: TokenizerForm {
        let addedIDs = Set(added.map(\.id))
        var vocab: [String: Int] = [:]
        for (id, piece) in pieces.enumerated() where !piece.isEmpty && !addedIDs.contains(id) {
            vocab[ByteAlphabet.text(of: piece)] = id
        }
        for token in added { vocab[token.text] = token.id }
        var splitStep = TokenizerForm.Step(type: "ByteLevel")
        splitStep.add_prefix_space = addsPrefixSpace
        splitStep.trim_offsets = true
        splitStep.use_regex = splitting == .gpt2
        if splitting != .gpt2 {
            var pattern = TokenizerForm.Step(type: "Split")
            pattern.pattern = .init(Regex: splitting.pattern)
            pattern.behavior = "Isolated"
            pattern.invert = false
            var sequence = TokenizerForm.Step(type: "Sequence")
            sequence.pretokenizers = [pattern, splitStep]
            splitStep = sequence
        }
        var decoder = TokenizerForm.Step(type: "ByteLevel")
        decoder.add_prefix_space = true  // required by the form; says nothing when decoding
        decoder.trim_offsets = true
        decoder.use_regex = true
        return TokenizerForm(
            version: "1.0",
            added_tokens: added.map {
                .init(
                    id: $0.id, content: $0.text, special: $0.isSpecial, lstrip: false, rstrip: false, single_word: false,
                    normalized: false)
            },
            normalizer: composes ? .init(type: "NFC") : nil, pre_tokenizer: splitStep, post_processor: frameStep,
            decoder: decoder,
            model: .init(
                type: "BPE", vocab: vocab,
                merges: merges.map {
                    .init(left: ByteAlphabet.text(of: pieces[$0.0]), right: ByteAlphabet.text(of: pieces[$0.1]))
                },
                ignore_merges: ignoresMerges, byte_fallback: false))
    }

    private var frameStep: TokenizerForm.Step? {
        guard !frame.before.isEmpty || !frame.after.isEmpty else { return nil }
        func parts(_ ids: [Int]) -> [TokenizerForm.Part] {
            ids.map { .init(SpecialToken: .init(id: String(decoding: pieces[$0], as: UTF8.self), type_id: 0)) }
        }
        var step = TokenizerForm.Step(type: "TemplateProcessing")
        step.single = parts(frame.before) + [.init(Sequence: .init(id: "A", type_id: 0))] + parts(frame.after)
        step.pair = (step.single ?? []) + [.init(Sequence: .init(id: "B", type_id: 1))]
        step.special_tokens = [:]
        for id in frame.before + frame.after {
            let text = String(decoding: pieces[id], as: UTF8.self)
            step.special_tokens?[text] = .init(id: text, ids: [id], tokens: [text])
        }
        return step
    }
}

/// The file's own shape; its names are the published ones.
private struct TokenizerForm: Codable {
    struct Added: Codable {
        var id: Int
        var content: String
        var special: Bool?
        var lstrip: Bool?
        var rstrip: Bool?
        var single_word: Bool?
        var normalized: Bool?
    }

    struct Pattern: Codable {
        var Regex: String?
    }

    struct Special: Codable {
        var id: String
        var type_id: Int
    }

    struct Part: Codable {
        var SpecialToken: Special?
        var Sequence: Special?
    }

    struct SpecialIDs: Codable {
        var id: String
        var ids: [Int]
        var tokens: [String]
    }

    struct Step: Codable {
        var type: String
        var add_prefix_space: Bool?
        var trim_offsets: Bool?
        var use_regex: Bool?
        var pretokenizers: [Step]?
        var processors: [Step]?
        var pattern: Pattern?
        var behavior: String?
        var invert: Bool?
        var single: [Part]?
        var pair: [Part]?
        var special_tokens: [String: SpecialIDs]?

        init(type: String) { self.type = type }
    }

    /// Written as a pair; older files write "left right" in one string.
    struct Merge: Codable {
        var left: String
        var right: String

        init(left: String, right: String) {
            self.left = left
            self.right = right
        }

        init(from decoder: any Decoder) throws {
            let field = try decoder.singleValueContainer()
            let parts: [String]
            if let text = try? field.decode(String.self) {  // a miss only means the newer form
                parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            } else {
                parts = try field.decode([String].self)
            }
            guard parts.count == 2 else {
                throw DecodingError.dataCorruptedError(in: field, debugDescription: "a merge has \(parts.count) parts, not 2")
            }
            (left, right) = (parts[0], parts[1])
        }

        func encode(to encoder: any Encoder) throws {
            var field = encoder.unkeyedContainer()
            try field.encode(left)
            try field.encode(right)
        }
    }

    struct Model: Codable {
        var type: String?
        var vocab: [String: Int]
        var merges: [Merge]
        var continuing_subword_prefix: String?
        var end_of_word_suffix: String?
        var ignore_merges: Bool?
        var byte_fallback: Bool?
    }

    var version: String?
    var added_tokens: [Added]?
    var normalizer: Step?
    var pre_tokenizer: Step?
    var post_processor: Step?
    var decoder: Step?
    var model: Model
}
