import Foundation
import MynaStages
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

/// Accepts the given texts.
struct OneOf: TextConstraint {
    var texts: [[UInt8]]
    var position = 0

    init(_ texts: [String]) { self.texts = texts.map { Array($0.utf8) } }

    mutating func advance(_ byte: UInt8) -> Bool {
        let left = texts.filter { position < $0.count && $0[position] == byte }
        if left.isEmpty { return false }
        texts = left
        position += 1
        return true
    }

    var canEnd: Bool { texts.contains { $0.count == position } }
}

@Suite("Generation", .serialized)
struct GenerationTests {
    static func language() throws -> LanguageModel { try LanguageModel(contentsOf: LlamaTests.folder("grouped")) }

    @Test("a constraint lets through its texts and no others")
    func constrained() throws {
        let language = try Self.language()
        let trie = TokenTrie(language.tokenizer)
        let texts = ["set the kitchen", "set the hall", "stop", "stop it now"]
        var random = SystemRandomNumberGenerator()
        var seen: Set<String> = []
        for _ in 0..<60 {
            let generation = try language.generate(
                after: [5, 6], limit: 40, constraint: OneOf(texts), trie: trie, sampling: .temperature(5), using: &random)
            #expect(generation.ended)
            seen.insert(language.tokenizer.decode(generation.tokens))
        }
        #expect(seen.isSubset(of: texts))
        #expect(seen.count > 1)
    }

    @Test("a text without alternative asks the model only where the tokens differ")
    func forced() throws {
        let language = try Self.language()
        var random = SystemRandomNumberGenerator()
        let generation = try language.generate(
            after: [5, 6], limit: 40, constraint: OneOf(["zzz"]), trie: TokenTrie(language.tokenizer), using: &random)
        #expect(language.tokenizer.decode(generation.tokens) == "zzz")
        #expect(generation.steps == 0 && generation.logProbability == 0)
    }

    @Test("a constraint that the vocabulary cannot write is a dead end")
    func deadEnd() throws {
        let language = try Self.language()
        var random = SystemRandomNumberGenerator()
        #expect(throws: LanguageError.deadEnd(written: "a")) {
            try language.generate(
                after: [5], limit: 9, constraint: OneOf(["aé"]), trie: TokenTrie(language.tokenizer), using: &random)
        }
    }

    @Test("the trie allows exactly the tokens that the constraint takes")
    func trie() throws {
        let tokenizer = try Self.language().tokenizer
        let constraint = OneOf(["the light in the hall", "the lights", "their", "on"])
        let expected = tokenizer.pieces.indices.filter { id in
            var walk = constraint
            return !tokenizer.isSpecial(id) && !tokenizer.pieces[id].isEmpty
                && tokenizer.pieces[id].allSatisfy { walk.advance($0) }
        }
        #expect(TokenTrie(tokenizer).allowed(by: constraint).sorted() == expected)
    }

    @Test("completions score what the logits say")
    func scores() throws {
        let language = try Self.language()
        let completions = [[7, 8, 9], [3], [], [9, 9, 9, 9, 1]]
        let scores = try language.logProbabilities(of: completions, after: [4, 5, 6])
        withoutGradients {
            for (completion, score) in zip(completions, scores) {
                let ids = [4, 5, 6] + completion
                let logits = language.model.logits(language.model.states(Tensor(ids, [1, ids.count]))).logSoftmax(-1).array(
                    Float.self)
                let expected = completion.indices.reduce(0.0) { $0 + Double(logits[(2 + $1) * 120 + completion[$1]]) }
                #expect(abs(score - expected) < 1e-4)
            }
        }
    }

    @Test("greedy text is the likeliest at each step, and its probability adds up")
    func greedy() throws {
        let language = try Self.language()
        var random = SystemRandomNumberGenerator()
        let generation = try language.generate(after: [4, 5], limit: 6, endTokens: [], using: &random)
        let score = try language.logProbabilities(of: [generation.tokens], after: [4, 5])[0]
        #expect(abs(score - generation.logProbability) < 1e-4)
        #expect(generation.steps == 6 && !generation.ended)
    }

    @Test("a prompt that is too long is refused")
    func tooLong() throws {
        let language = try Self.language()
        var random = SystemRandomNumberGenerator()
        #expect(throws: LanguageError.tooLong(tokens: 64, limit: 64)) {
            try language.generate(after: Array(repeating: 3, count: 64), limit: 1, using: &random)
        }
    }
}
