import Foundation
import MynaTestSupport
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

@Suite("Training on texts", .serialized)
struct TextTrainingTests {
    static let nouns = ["lamp", "fan", "blind", "radio"]

    /// Sentences of one form; half the nouns are never switched off.
    static func sentences(_ count: Int) -> [String] {
        (0..<count).map { "Turn \($0 % 3 == 0 ? "off" : "on") the \(nouns[$0 % ($0 % 3 == 0 ? 2 : 4)]) number \($0 % 40)." }
    }

    static func recipe(_ folder: String) throws -> TextRecipe {
        var recipe = try TextRecipe(
            contentsOf: Fixture.root.appending(path: "Recipes/lm.json").path, variables: ["MYNA_DATA": folder])
        recipe.sources = [.init(files: [folder + "/lines.txt"], field: nil, split: nil, copies: nil)]
        (recipe.heldOut, recipe.requests, recipe.vocabulary, recipe.batch) = ([], 0, 300, 4)
        recipe.model = .init(hiddenSize: 32, intermediateSize: 64, layers: 2, heads: 2, keyValueHeads: 2, positions: 16)
        (recipe.steps, recipe.warmupSteps, recipe.decaySteps, recipe.evaluateEvery) = (120, 5, 60, 60)
        (recipe.peakRate, recipe.averaging, recipe.bfloat16) = (0.01, 0.5, false)
        return recipe
    }

    @Test("a trained model is less surprised by what is said, and the search's scorer tells so whatever stands beside a text")
    func learns() async throws {
        try await AssistantTrainingTests.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Self.sentences(3000).joined(separator: "\n").write(
                toFile: folder + "/lines.txt", atomically: true, encoding: .utf8)
            let recipe = try Self.recipe(folder)
            #expect(
                try TextTraining(recipe, folder: folder, corpus: { try TextCorpus(recipe, requests: []) }, report: { _ in }).run()
            )
            let scorer = try await LanguageModelScorer(contentsOf: ModelFolder(folder + "/best"), threads: 1)
            let said = "turn on the radio number nine"
            let others = ["turn on the the number nine", "radio the on turn nine number", "turn on the radio nine number"]
            let together = await scorer.logProbabilities(of: [said] + others)
            #expect(together.dropFirst().allSatisfy { $0 < together[0] - 1 }, "\(together)")
            for (text, score) in zip([said] + others, together) {
                let alone = await scorer.logProbabilities(of: [text])
                #expect(abs(alone[0] - score) < 1e-3, "\(text): \(alone[0]) alone, \(score) beside others")
            }
            // Longer than the model's 16 positions: more words are less likely, and nothing traps.
            let long = await scorer.logProbabilities(of: [String(repeating: said + " ", count: 8), ""])
            #expect(long[0] < together[0] * 3 && long[1] < 0)
        }
    }

    @Test("texts that share five words with a held-out one are not learnt from, and none is both learnt from and chosen by")
    func corpus() async throws {
        try await AssistantTrainingTests.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let lines = Self.sentences(2500) + (0..<400).map { "Sentence \($0) is here so that some are to choose by." }
            try (lines + ["Please open the big red door now. Close it."]).joined(separator: "\n").write(
                toFile: folder + "/lines.txt", atomically: true, encoding: .utf8)
            let rows = [
                #"{"id":"1","text":"OPEN THE BIG RED DOOR","split":"test"}"#,
                #"{"id":"2","text":"the lamp number one","split":"dev"}"#,
                #"{"id":"3","text":"close it","split":"train"}"#,
            ]
            try rows.joined(separator: "\n").write(toFile: folder + "/held.jsonl", atomically: true, encoding: .utf8)
            var recipe = try Self.recipe(folder)
            recipe.heldOut = [folder + "/held.jsonl"]
            let corpus = try TextCorpus(recipe, requests: ["switch on the hall light"])
            #expect(corpus.leftOut == 1)
            #expect(corpus.train.contains("switch on the hall light") && corpus.train.contains("close it"))
            #expect(!corpus.train.contains { $0.contains("red door") })
            #expect(!corpus.dev.isEmpty && Set(corpus.dev).isDisjoint(with: corpus.train))
            recipe.sources[0].files = [folder + "/none.txt"]
            #expect(throws: TextFileError.self) { try TextCorpus(recipe, requests: []) }
        }
    }

    @Test("the shipped recipe is sound, and a broken one is refused by its field")
    func recipe() throws {
        let file = Fixture.root.appending(path: "Recipes/lm.json").path
        let recipe = try TextRecipe(contentsOf: file)
        let shape = try #require(recipe.model)
        #expect(recipe.config(of: shape, vocabulary: try #require(recipe.vocabulary), endToken: 0).parameterCount <= 40_000_000)
        var broken = recipe
        broken.batch = 0
        let error = #expect(throws: LanguageError.self) { try broken.validate() }
        #expect(error?.description.contains("batch") == true)
        #expect(throws: LanguageError.self) { try TextRecipe(contentsOf: file + ".none") }
    }
}
