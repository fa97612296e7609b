import Foundation
import MynaStages
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

/// A language of one sentence form, enough to see copying learned.
enum Toy {
    static let nouns = ["kitchen light", "hall lamp", "lamp by the sofa", "fan", "zorblax", "joel's radio"]

    static let source = RequestSource(
        examples: { _, seed, count in
            var random = SeededRandom(seed: seed)
            return (0..<count).map { _ in
                let noun = nouns[Int.random(in: 0..<nouns.count, using: &random)]
                let on = Bool.random(using: &random)
                return RequestExample(
                    request: "turn \(on ? "on" : "off") the \(noun)", state: .fresh,
                    text: "\(on ? "turn_on" : "turn_off") target=\"\(noun)\"")
            }
        },
        constraint: { request, _ in
            let words = request.split(separator: " ")
            let runs = words.indices.flatMap { start in (start..<words.count).map { words[start...$0].joined(separator: " ") } }
            return OneOf(["turn_on", "turn_off"].flatMap { action in [action] + runs.map { "\(action) target=\"\($0)\"" } })
        }, parts: ["turn_on", "turn_off", " target=\"", "\""])

    static let recipe = AssistantRecipe(
        vocabulary: 330, tokenizerRequests: 200,
        model: .init(hiddenSize: 32, intermediateSize: 64, layers: 2, heads: 2, keyValueHeads: 2, positions: 48), batch: 16,
        window: 3,
        steps: 240, peakRate: 1e-2, warmupSteps: 5, decaySteps: 120, weightDecay: 0.01, betas: [0.9, 0.95], dropout: 0,
        requestWeight: 0.1, averaging: 0, bfloat16: false, evaluateEvery: 240, devRequests: 20, testRequests: 20, seed: 3)
}

@Suite("Training the assistant", .serialized)
struct AssistantTrainingTests {
    static func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("assistant-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // only litter is at stake
        Torch.threads = 1  // tiny operators: a second core only waits
        return try await body(folder)
    }

    @Test("training teaches a language of requests, read freely and within a grammar")
    func learns() async throws {
        try await Self.withFolder { folder in
            #expect(try AssistantTraining(Toy.recipe, Toy.source, folder: folder, report: { _ in }).run())
            for constrained in [true, false] {
                let understanding = try await LanguageModelUnderstanding(
                    contentsOf: ModelFolder(folder + "/best"), constraint: constrained ? Toy.source.constraint : nil,
                    parse: { [Intent($0)] })
                var right = 0
                for example in try Toy.source.examples(.test, 99, 20) {
                    right += try await understanding.intents(in: example.request, after: .fresh) == [Intent(example.text)] ? 1 : 0
                }
                #expect(right >= 16, "constrained: \(constrained)")
                #expect(try await understanding.intents(in: "  ", after: .acted) == [])
                await #expect(throws: LanguageError.self) {  // not a crash, and before the grammar is made
                    try await understanding.intents(in: String(repeating: "turn on the light ", count: 6000), after: .fresh)
                }
            }
        }
    }

    @Test("half a run and the other half are the whole run, bit for bit")
    func resumes() async {
        // In a process of its own: libtorch's generator is the process's, and other tests draw from it.
        await #expect(processExitsWith: .success) {
            var recipe = Toy.recipe
            (recipe.steps, recipe.evaluateEvery, recipe.averaging, recipe.dropout) = (8, 100, 0.99, 0.1)
            func weights(_ folder: String) throws -> [[Float]] {
                let file = try Safetensors(contentsOf: folder + "/checkpoint.safetensors")
                #expect(file.metadata["step"] == "8")
                return try file.names.filter { $0 != "random" }.map { try file.tensor($0).array() }
            }
            try await Self.withFolder { whole in
                _ = try AssistantTraining(recipe, Toy.source, folder: whole, report: { _ in }).run()
                try await Self.withFolder { halves in
                    // A budget that is over at once still gives each call one step.
                    var parts = 0
                    while try !AssistantTraining(recipe, Toy.source, folder: halves, report: { _ in }).run(
                        budget: .milliseconds(15))
                    {
                        parts += 1
                        try #require(parts < 100)
                    }
                    #expect(parts > 0)
                    #expect(try weights(whole) == weights(halves))
                }
            }
        }
    }

    @Test("batches hold every token once, weigh the intents, and follow from the step alone")
    func batches() throws {
        let examples = try Toy.source.examples(.train, 1, 200)
        let tokenizer = try RequestFormat.tokenizer(
            learning: examples.map(\.request), parts: Toy.source.parts, vocabularySize: 330)
        let format = try RequestFormat(tokenizer)
        let a = RequestBatches(Toy.recipe, format) { try Toy.source.examples(.train, $0, $1) }
        let b = RequestBatches(Toy.recipe, format) { try Toy.source.examples(.train, $0, $1) }
        let batches = try (0..<7).map { try a.batch($0) }
        for step in [6, 0, 4] { #expect(try b.batch(step) == batches[step]) }
        #expect(Set(batches.map(\.tokens)).count == 7)
        for batch in batches {
            #expect(
                batch.length % 8 == 0 && batch.tokens.count == batch.rows * batch.length
                    && batch.weights.count == batch.tokens.count)
            for row in 0..<batch.rows {
                let tokens = Array(batch.tokens[row * batch.length..<(row + 1) * batch.length])
                let weights = batch.weights[row * batch.length..<(row + 1) * batch.length]
                let marker = try #require(tokens.firstIndex(of: tokenizer.id(of: "<intents>") ?? -1))
                let end = try #require(tokens.firstIndex(of: format.endToken))
                #expect(format.text(Array(tokens[(marker + 1)..<end])).hasPrefix("turn_"))
                #expect(weights.filter { $0 == 1 }.count == end - marker)
                #expect(weights.dropFirst(end + 1).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("the shipped recipe is sound, and a broken one is refused by file and field")
    func recipe() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Recipes/assistant.json").path
        let recipe = try AssistantRecipe(contentsOf: file)
        #expect(throws: Never.self) { try recipe.config(vocabulary: recipe.vocabulary, endToken: 0).validate() }
        #expect(recipe.config(vocabulary: recipe.vocabulary, endToken: 0).parameterCount <= 15_000_000)
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for (old, new, field) in [("\"batch\": 64", "\"batch\": 0", "batch"), ("\"steps\": ", "\"step\": ", "steps")] {
            let broken = FileManager.default.temporaryDirectory.appendingPathComponent("recipe-\(UUID()).json").path
            defer { try? FileManager.default.removeItem(atPath: broken) }  // only litter is at stake
            #expect(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(toFile: broken, atomically: true, encoding: .utf8)
            let error = #expect(throws: LanguageError.self) { try AssistantRecipe(contentsOf: broken) }
            #expect(error?.description.contains(field) == true)
        }
    }

    @Test("the parts of a text of intents are what its tokens are made of")
    func parts() throws {
        let text = "turn_on target=\"the lamp\" property=brightness value=\"half\"\nundo"
        #expect(
            RequestFormat.parts(text).map(\.text) == [
                "turn_on", " target=\"", "the lamp", "\"", " property=brightness", " value=\"", "half", "\"", "\n", "undo",
            ])
        let parts = Set(RequestFormat.parts(text).filter { !$0.isQuoted }.map(\.text)).sorted()
        let tokenizer = try RequestFormat.tokenizer(learning: ["turn on the lamp half way"], parts: parts, vocabularySize: 400)
        let format = try RequestFormat(tokenizer)
        let tokens = try format.completion(text)
        #expect(format.text(tokens) == text)
        // The copied words are the request's own tokens.
        let prompt = format.prompt("half", after: .acted)
        #expect(tokens.contains(prompt[1]))
        #expect(throws: LanguageError.self) { try format.completion("fly target=\"the lamp\"") }
    }
}

extension AssistantTrainingTests {
    @Test("training goes on from a trained model, and one of another shape is refused by field")
    func goesOn() async throws {
        try await Self.withFolder { folder in
            var recipe = Toy.recipe
            (recipe.steps, recipe.evaluateEvery) = (30, 30)
            #expect(try AssistantTraining(recipe, Toy.source, folder: folder, report: { _ in }).run())
            try await Self.withFolder { further in
                recipe.start = folder + "/best"
                (recipe.steps, recipe.evaluateEvery, recipe.peakRate) = (1, 1, 1e-9)
                #expect(try AssistantTraining(recipe, Toy.source, folder: further, report: { _ in }).run())
                let ids = Tensor([3, 9, 14, 2], [1, 4])
                let logits = try [folder, further].map { folder in
                    let model = try LanguageModel(contentsOf: ModelFolder(folder + "/best")).model
                    return withoutGradients { model.logits(model.states(ids)) }
                }
                #expect(LlamaTests.largestDifference(logits[0], logits[1]) < 1e-2)
            }
            recipe.model.hiddenSize = 64
            let error = #expect(throws: LanguageError.self) {
                try Self.inFreshFolder { _ = try AssistantTraining(recipe, Toy.source, folder: $0, report: { _ in }) }
            }
            #expect(error?.description.contains("hidden_size is 32, expected the recipe's 64") == true)
        }
    }

    private static func inFreshFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("assistant-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // only litter is at stake
        try body(folder)
    }

    @Test("learning from its own mistakes raises what is right over what was wrong, and keeps only a better model")
    func preferences() async throws {
        try await Self.withFolder { folder in
            var recipe = Toy.recipe
            (recipe.steps, recipe.evaluateEvery, recipe.decaySteps) = (100, 100, 20)
            #expect(try AssistantTraining(recipe, Toy.source, folder: folder, report: { _ in }).run())
            try await Self.withFolder { further in
                recipe.start = folder + "/best"
                recipe.preferences = .init(requests: 120, temperature: 1, beta: 0.3, supervised: 0.5)
                (recipe.steps, recipe.evaluateEvery, recipe.peakRate, recipe.batch) = (60, 20, 2e-3, 8)
                let training = try PreferenceTraining(recipe, Toy.source, folder: further, report: { _ in })
                #expect(try training.run())
                let pairs = try String(contentsOfFile: further + "/pairs.jsonl", encoding: .utf8).split(separator: "\n").map {
                    try JSONDecoder().decode(PreferencePair.self, from: Data($0.utf8))
                }
                #expect(!pairs.isEmpty)
                for pair in pairs {
                    #expect(pair.right != pair.wrong && pair.wrong.hasPrefix("turn_"))
                    #expect(pair.rightBefore < 0 && pair.wrongBefore < 0)
                }
                // The share of pairs whose right text gained on the wrong one.
                let won = try String(contentsOfFile: further + "/metrics.jsonl", encoding: .utf8).split(separator: "\n")
                    .compactMap {
                        try JSONDecoder().decode([String: Double].self, from: Data($0.utf8))["won"]
                    }
                #expect((won.last ?? 0) > 0.8, "\(won)")
                let dev = try Toy.source.examples(.dev, recipe.seed, recipe.devRequests)
                func exact(_ folder: String) throws -> Double {
                    let language = try LanguageModel(contentsOf: ModelFolder(folder))
                    let format = try RequestFormat(language.tokenizer)
                    return try language.understood(dev, format, constraint: Toy.source.constraint).exact
                }
                if training.hasImproved {
                    #expect(try exact(further + "/best") > exact(folder + "/best"))
                } else {
                    #expect(!FileManager.default.fileExists(atPath: further + "/best"))
                }
                // A second call reads the pairs that the first one drew.
                let again = Seen()
                _ = try PreferenceTraining(recipe, Toy.source, folder: further) { again.lines.append($0) }
                #expect(!again.lines.contains { $0.hasPrefix("drawing") })
            }
        }
    }

    private final class Seen { var lines: [String] = [] }

    @Test("preferences without a model to start from are refused by field")
    func lonelyPreferences() throws {
        var recipe = Toy.recipe
        recipe.preferences = .init(requests: 10, temperature: 1, beta: 0.1, supervised: 0)
        let error = #expect(throws: LanguageError.self) { try recipe.validate() }
        #expect(error?.description.contains("start") == true)
    }
}
