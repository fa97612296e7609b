import Foundation
import MynaText
import Testing
import Torch
import TorchNN
import TorchTrain

@testable import MynaLanguage

@Suite("Llama layout", .serialized)
struct LlamaTests {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/llama")

    static func folder(_ name: String) -> ModelFolder { ModelFolder(fixtures.appendingPathComponent(name).path) }

    /// A writable copy of a fixture.
    static func withCopy<R>(_ name: String, _ body: (ModelFolder) throws -> R) throws -> R {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("llama-\(UUID())")
        try FileManager.default.copyItem(at: fixtures.appendingPathComponent(name), to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }  // only litter is at stake
        return try body(ModelFolder(copy.path))
    }

    static func expected(_ name: String) throws -> Safetensors {
        try Safetensors(contentsOf: folder(name).file("expected.safetensors"))
    }

    static func largestDifference(_ a: Tensor, _ b: Tensor) -> Double { (a - b).abs().max().item() }

    @Test("logits equal the reference's", arguments: ["grouped", "tied"])
    func logits(name: String) throws {
        let llama = try LanguageModel(contentsOf: Self.folder(name)).model
        let expected = try Self.expected(name)
        let logits = try withoutGradients { llama.logits(llama.states(try expected.tensor("ids"))) }
        #expect(Self.largestDifference(logits, try expected.tensor("logits")) < 1e-5)
    }

    @Test("greedy generation with a cache gives the reference's tokens", arguments: ["grouped", "tied"])
    func generation(name: String) throws {
        let language = try LanguageModel(contentsOf: Self.folder(name))
        let tokens = try Self.expected(name).tensor("generated").array(Int.self)
        var random = SystemRandomNumberGenerator()
        let generated = try language.generate(after: Array(tokens[..<5]), limit: 20, endTokens: [], using: &random)
        #expect(generated.tokens == Array(tokens[5...]))
    }

    @Test("reading in pieces equals reading whole", arguments: [[1, 22], [7, 1, 1, 14], [23], [5, 9, 9]])
    func pieces(lengths: [Int]) throws {
        let llama = try LanguageModel(contentsOf: Self.folder("grouped")).model
        let ids = try Self.expected("grouped").tensor("ids")
        withoutGradients {
            let whole = llama.states(ids)
            var cache = llama.cache(batch: 2, capacity: 30)
            var parts: [Tensor] = []
            for length in lengths {
                parts.append(llama.states(ids.narrow(1, start: cache.count, length: length), &cache))
            }
            #expect(Self.largestDifference(whole, .concatenated(parts, 1)) < 1e-5)
            // What is cut away leaves no trace, and a copy goes its own way.
            cache.truncate(to: 4)
            var copy = cache.copy()
            _ = llama.states(ids.narrow(1, start: 0, length: 9), &copy)
            let again = llama.states(ids.narrow(1, start: 4, length: 19), &cache)
            #expect(Self.largestDifference(whole.narrow(1, start: 4, length: 19), again) < 1e-5)
            #expect(copy.count == 13)
        }
    }

    @Test("ten steps of training lose what PyTorch's lose", arguments: ["grouped", "tied"])
    func training(name: String) throws {
        let language = try LanguageModel(contentsOf: Self.folder(name))
        let expected = try Self.expected(name)
        let losses = try expected.tensor("losses").array(Float.self)
        let batches = try expected.tensor("batches")
        language.parameters.setTrainable(true)
        let optimizer = AdamW(language.parameters.parameters, betas: (0.9, 0.95), epsilon: 1e-8, weightDecay: 0.1)
        for step in 0..<10 {
            let batch = batches.select(0, index: step)  // [B, T]
            let length = batch.size(1)
            let states = language.model.states(batch).narrow(1, start: 0, length: length - 1)
            let logits = language.model.logits(states).flatten(0, endDim: 1)
            let loss = logits.crossEntropyLoss(target: batch.narrow(1, start: 1, length: length - 1).reshape([-1]))
            #expect(abs(loss.item() - Double(losses[step])) < 1e-5, "step \(step)")
            for parameter in language.parameters.parameters { parameter.tensor.grad = nil }
            loss.backward()
            optimizer.step(learningRate: 3e-3)
        }
    }

    @Test("what is written loads again with the same logits")
    func roundTrip() throws {
        try Self.withCopy("tied") { folder in
            let language = try LanguageModel(contentsOf: folder)
            try FileManager.default.removeItem(atPath: folder.path)
            try language.write(to: folder, card: "# A model\n")
            let again = try LanguageModel(contentsOf: folder)
            #expect(again.model.config == language.model.config)
            let ids = try Self.expected("tied").tensor("ids")
            withoutGradients {
                let (a, b) = (language.model.states(ids), again.model.states(ids))
                #expect(a.isEqual(to: b))
            }
            #expect(FileManager.default.fileExists(atPath: folder.file("README.md")))
        }
    }

    @Test(
        "a wrong field of config.json is refused by name",
        arguments: [
            (#""num_key_value_heads": 2"#, #""num_key_value_heads": 3"#, "num_key_value_heads"),
            (#""hidden_act": "silu""#, #""hidden_act": "gelu""#, "hidden_act"),
            (#""head_dim": 8"#, #""head_dim": 7"#, "head_dim"),
            (#""hidden_size": 32"#, #""hidden_size": "wide""#, "hidden_size"),
            (#""rope_type": "default""#, #""rope_type": "longrope""#, "rope_type"),
            (#""eos_token_id": 1"#, #""eos_token_id": 120"#, "eos_token_id"),
            (#""vocab_size": 120"#, #""vocab_size": 60"#, "vocab_size"),
        ])
    func badConfig(replacing old: String, by new: String, naming field: String) throws {
        try Self.withCopy("grouped") { folder in
            let text = try String(contentsOfFile: folder.file("config.json"), encoding: .utf8)
            #expect(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(
                toFile: folder.file("config.json"), atomically: true, encoding: .utf8)
            let error = #expect(throws: (any Error).self) { try LanguageModel(contentsOf: folder) }
            #expect("\(error as Any)".contains(field))
        }
    }

    @Test("weights of another shape, missing or left over are refused by name")
    func badWeights() throws {
        try Self.withCopy("grouped") { folder in
            let text = try String(contentsOfFile: folder.file("config.json"), encoding: .utf8)
            try text.replacingOccurrences(of: #""intermediate_size": 48"#, with: #""intermediate_size": 40"#).write(
                toFile: folder.file("config.json"), atomically: true, encoding: .utf8)
            let error = #expect(throws: WeightsError.self) { try LanguageModel(contentsOf: folder) }
            #expect(error?.description.contains("model.layers.0.mlp.gate_proj.weight") == true)
            try text.replacingOccurrences(of: #""num_hidden_layers": 2"#, with: #""num_hidden_layers": 1"#).write(
                toFile: folder.file("config.json"), atomically: true, encoding: .utf8)
            let unused = #expect(throws: WeightsError.self) { try LanguageModel(contentsOf: folder) }
            #expect(unused?.description.contains("model.layers.1.") == true)
        }
    }

    @Test(
        "a folder without one of its files is refused by name", arguments: ["config.json", "model.safetensors", "tokenizer.json"])
    func missingFile(name: String) throws {
        try Self.withCopy("grouped") { folder in
            try FileManager.default.removeItem(atPath: folder.file(name))
            let error = #expect(throws: (any Error).self) { try LanguageModel(contentsOf: folder) }
            #expect("\(error as Any)".contains(name))
        }
    }
}
