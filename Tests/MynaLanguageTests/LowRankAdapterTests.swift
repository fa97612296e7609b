import Foundation
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

/// Adapters beside the `peft` package's, over the tiny models of the decoder's own fixtures.
@Suite("Low-rank adapters", .serialized)
struct LowRankAdapterTests {
    static let fixtures = LlamaTests.fixtures.deletingLastPathComponent()
    static let cases = [("llama", "llama/grouped"), ("qwen3", "decoder/tied")]

    static func folder(_ name: String) -> ModelFolder { ModelFolder(fixtures.appendingPathComponent(name).path) }

    static func withFolder<R>(_ body: (String) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adapter-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // only litter is at stake
        return try body(folder)
    }

    static func logits(_ language: LanguageModel, _ ids: Tensor) -> Tensor {
        withoutGradients { language.model.logits(language.model.states(ids)) }
    }

    @Test("a model with an adapter has the reference's logits, apart and merged", arguments: cases)
    func parity(name: String, base: String) throws {
        let expected = try Safetensors(contentsOf: Self.folder("adapter/\(name)").file("expected.safetensors"))
        let ids = try expected.tensor("ids")
        let adapter = try LowRankAdapter(contentsOf: Self.folder("adapter/\(name)"))
        let language = try LanguageModel(contentsOf: Self.folder(base), adapter: adapter)
        let apart = Self.logits(language, ids)
        #expect(LlamaTests.largestDifference(apart, try expected.tensor("logits")) < 2e-5)
        try Self.withFolder { folder in
            try language.write(to: ModelFolder(folder))
            let merged = Self.logits(try LanguageModel(contentsOf: ModelFolder(folder)), ids)
            #expect(LlamaTests.largestDifference(merged, try expected.tensor("merged")) < 2e-5)
            // Both are off by their own rounding, and processors round differently.
            #expect(LlamaTests.largestDifference(merged, apart) < 4e-5)
        }
        // The base without it is another model.
        let plain = Self.logits(try LanguageModel(contentsOf: Self.folder(base)), ids)
        #expect(LlamaTests.largestDifference(plain, apart) > 0.01)
    }

    @Test("a new adapter changes nothing, and what is written has the reference's names and reads back", arguments: cases)
    func written(name: String, base: String) throws {
        let there = try LowRankAdapter(contentsOf: Self.folder("adapter/\(name)"))
        let adapter = try LowRankAdapter(there.config)
        let language = try LanguageModel(contentsOf: Self.folder(base), adapter: adapter)
        let ids = Tensor([3, 14, 15, 9, 26], [1, 5])
        #expect(
            LlamaTests.largestDifference(
                Self.logits(language, ids), Self.logits(try LanguageModel(contentsOf: Self.folder(base)), ids)) == 0)
        withoutGradients { for part in adapter.parameters.parameters { part.tensor.copy_(Tensor.randn(part.tensor.shape)) } }
        try Self.withFolder { folder in
            try adapter.write(to: ModelFolder(folder))
            let names = try Safetensors(contentsOf: folder + "/adapter_model.safetensors").names
            let reference = try Safetensors(contentsOf: Self.folder("adapter/\(name)").file("adapter_model.safetensors")).names
            #expect(Set(names) == Set(reference))
            let again = try LowRankAdapter(contentsOf: ModelFolder(folder))
            #expect(again.config == adapter.config)
            let read = try LanguageModel(contentsOf: Self.folder(base), adapter: again)
            #expect(LlamaTests.largestDifference(Self.logits(read, ids), Self.logits(language, ids)) == 0)
        }
    }

    @Test("training an adapter lowers the surprise, leaves the base as it is, and goes on where it stopped")
    func training() throws {
        try Self.withFolder { folder in
            let base = Self.folder("llama/tied")
            let before = try Data(contentsOf: URL(filePath: base.file("model.safetensors")))
            let recipe = TextRecipe(
                start: base.path, adapter: .init(rank: 4, alpha: 8, targetModules: AdapterConfig.modules), positions: 16,
                sources: [], requests: 0, isSpoken: false, heldOut: [], batch: 4, steps: 60, peakRate: 0.02, warmupSteps: 2,
                decaySteps: 10, weightDecay: 0, averaging: 0, bfloat16: false, evaluateEvery: 20, seed: 1)
            let texts = (0..<3000).map { "turn on the lamp \($0 % 7) and close the door \($0)" }
            func train(_ budget: Duration?) throws -> Bool {
                try TextTraining(
                    recipe, folder: folder, corpus: { try TextCorpus(recipe, requests: texts) }, report: { _ in }
                ).run(budget: budget)
            }
            while try !train(.milliseconds(200)) {}
            let log = try String(contentsOfFile: folder + "/metrics.jsonl", encoding: .utf8)
            let losses = log.split(separator: "\n").compactMap { line in
                (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["dev_perplexity"] as? Double
            }
            let (first, last) = (try #require(losses.first), try #require(losses.last))
            #expect(last < first)
            #expect(try Data(contentsOf: URL(filePath: base.file("model.safetensors"))) == before)
            let adapter = try LowRankAdapter(contentsOf: ModelFolder(folder + "/best"))
            #expect(adapter.config.rank == 4 && adapter.config.base == base.path)
            _ = try LanguageModel(contentsOf: base, adapter: adapter)
            // Nothing but the adapter was kept for going on.
            let kept = try Safetensors(contentsOf: folder + "/checkpoint.safetensors").names
            #expect(kept.filter { $0.hasPrefix("model.") }.allSatisfy { $0.contains("lora_") })
        }
    }

    @Test(
        "an adapter that does not fit, or does what is not done here, is refused by field or tensor",
        arguments: [
            ("\"r\": 4", "\"r\": 5", "lora_A.weight\" is [4, 32], expected [5, 32]"), ("\"r\": 4", "\"r\": 0", "r is 0"),
            ("\"use_dora\": false", "\"use_dora\": true", "use_dora is true, expected false"),
            ("\"bias\": \"none\"", "\"bias\": \"all\"", "bias is all"),
            ("\"peft_type\": \"LORA\"", "\"peft_type\": \"IA3\"", "IA3"),
            ("\"q_proj\",", "\"lm_head\",", "target_modules"), ("\"q_proj\",", "\"q_proj\", \"k_proj\",", "k_proj.lora_A.weight"),
            ("\"q_proj\",", "", "q_proj.lora_A.weight\" is not part of this model"),
            ("\"r\": 4", "\"rank\": 4", "the field r is missing"),
        ])
    func refused(old: String, new: String, naming: String) throws {
        try Self.withFolder { folder in
            try FileManager.default.copyItem(atPath: Self.folder("adapter/llama").path, toPath: folder)
            let file = folder + "/adapter_config.json"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains(old))
            try text.replacingOccurrences(of: old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
            let error = #expect(throws: (any Error).self) {
                _ = try LanguageModel(
                    contentsOf: Self.folder("llama/grouped"), adapter: LowRankAdapter(contentsOf: ModelFolder(folder)))
            }
            #expect("\(error.map { "\($0)" } ?? "")".contains(naming), "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test("packed weights take no adapter, and a folder that holds none says so")
    func packed() throws {
        let adapter = try LowRankAdapter(contentsOf: Self.folder("adapter/llama"))
        #expect(throws: LanguageError.self) {
            _ = try LanguageModel(contentsOf: Self.folder("llama/grouped"), packing: .int8, adapter: adapter)
        }
        let error = #expect(throws: ModelFolderError.self) { _ = try LowRankAdapter(contentsOf: Self.folder("llama/grouped")) }
        #expect(error?.file.hasSuffix("adapter_config.json") == true)
    }
}
