import Foundation
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

@Suite("Decoder: Qwen3 layout, scalings, packed weights", .serialized)
struct DecoderTests {
    static let fixtures = LlamaTests.fixtures.deletingLastPathComponent().appendingPathComponent("decoder")
    static func folder(_ name: String) -> ModelFolder { ModelFolder(fixtures.appendingPathComponent(name).path) }
    static func expected(_ name: String) throws -> Safetensors {
        try Safetensors(contentsOf: folder(name).file("expected.safetensors"))
    }

    @Test("logits equal the reference's", arguments: ["sharded", "tied", "biased"])
    func logits(name: String) throws {
        let model = try LanguageModel(contentsOf: Self.folder(name)).model
        let expected = try Self.expected(name)
        #expect(model.config.layout == .qwen3)
        let logits = try withoutGradients { model.logits(model.states(try expected.tensor("ids"))) }
        #expect(LlamaTests.largestDifference(logits, try expected.tensor("logits")) < 2e-5)
    }

    @Test("cached generation gives the reference's tokens", arguments: ["sharded", "tied", "biased"])
    func generation(name: String) throws {
        let language = try LanguageModel(contentsOf: Self.folder(name))
        let tokens = try Self.expected(name).tensor("generated").array(Int.self)
        var random = SystemRandomNumberGenerator()
        let generated = try language.generate(after: Array(tokens[..<5]), limit: 30, endTokens: [], using: &random)
        #expect(generated.tokens == Array(tokens[5...]))
    }

    @Test("every scaling of positions turns by the reference's angles, in the newer and the older spelling")
    func angles() throws {
        let data = try Data(contentsOf: Self.fixtures.appendingPathComponent("angles.json"))
        let configs = try JSONDecoder().decode([String: DecoderConfig].self, from: data)
        let expected = try Safetensors(contentsOf: Self.fixtures.appendingPathComponent("angles.safetensors").path)
        #expect(configs.count == 7)
        for (name, config) in configs {
            let rotary = Rotary(config.rope, headDim: config.headDim, device: .cpu)
            let (cos, sin) = rotary.angles(from: 0, count: 100, dtype: .float32)
            #expect(LlamaTests.largestDifference(cos, try expected.tensor("\(name).cos")) < 1e-5, "\(name)")
            #expect(LlamaTests.largestDifference(sin, try expected.tensor("\(name).sin")) < 1e-5, "\(name)")
            // Rows at positions of their own turn as texts of these lengths do.
            let rows = rotary.angles(at: [3, 71], dtype: .float32)
            for (row, position) in [3, 71].enumerated() {
                let alone = rotary.angles(from: position, count: 1, dtype: .float32)
                #expect(LlamaTests.largestDifference(rows.cos.select(0, index: row).view([1, -1]), alone.cos) < 1e-6, "\(name)")
            }
            // What is written says the same again.
            let again = try JSONDecoder().decode(DecoderConfig.self, from: JSONEncoder().encode(config))
            #expect(again == config, "\(name)")
        }
    }

    @Test(
        "a wrong field is refused by name",
        arguments: [
            (#""model_type": "qwen3""#, #""model_type": "gemma3""#, "model_type"),
            (#""model_type": "qwen3""#, #""model_type": "llama""#, "architectures"),
            (#""rope_type": "yarn""#, #""rope_type": "longrope""#, "rope_type"),
            (#""factor": 4.0"#, #""factor": 0.5"#, "factor"),
            (#""use_sliding_window": false"#, #""use_sliding_window": true"#, "use_sliding_window"),
        ])
    func badConfig(replacing old: String, by new: String, naming field: String) throws {
        let text = try String(contentsOfFile: Self.folder("sharded").file("config.json"), encoding: .utf8)
        #expect(text.contains(old))
        let error = #expect(throws: LanguageError.self) {
            try JSONDecoder().decode(DecoderConfig.self, from: Data(text.replacingOccurrences(of: old, with: new).utf8))
        }
        guard case .config(let named, _, _)? = error else { return #expect(Bool(false), "\(error as Any)") }
        #expect(named.hasSuffix(field))
    }

    @Test("a head size or vocabulary that the weights do not have is told with both shapes")
    func badShapes() throws {
        for (old, new, said) in [
            (#""head_dim": 16"#, #""head_dim": 8"#, "\"model.layers.0.self_attn.q_proj.weight\" is [64, 32], expected [32, 32]"),
            (#""vocab_size": 120"#, #""vocab_size": 140"#, "\"model.embed_tokens.weight\" is [120, 32], expected [140, 32]"),
        ] {
            let copy = FileManager.default.temporaryDirectory.appendingPathComponent("decoder-\(UUID())")
            try FileManager.default.copyItem(at: Self.fixtures.appendingPathComponent("sharded"), to: copy)
            defer { try? FileManager.default.removeItem(at: copy) }  // only litter is at stake
            let config = copy.appendingPathComponent("config.json")
            let text = try String(contentsOf: config, encoding: .utf8)
            try text.replacingOccurrences(of: old, with: new).write(to: config, atomically: true, encoding: .utf8)
            let error = #expect(throws: WeightsError.self) { try LanguageModel(contentsOf: ModelFolder(copy.path)) }
            #expect(error?.description.contains(said) == true, "\(error as Any)")
        }
    }

    @Test("what is written loads again with the same logits, in the same layout")
    func roundTrip() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("decoder-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: path) }  // only litter is at stake
        let language = try LanguageModel(contentsOf: Self.folder("sharded"))
        try language.write(to: ModelFolder(path))
        let again = try LanguageModel(contentsOf: ModelFolder(path))
        #expect(again.model.config == language.model.config)
        let ids = try Self.expected("sharded").tensor("ids")
        withoutGradients {
            let (a, b) = (language.model.logits(language.model.states(ids)), again.model.logits(again.model.states(ids)))
            #expect(a.isEqual(to: b))
        }
    }

    @Test(
        "packed weights give nearly the logits of whole ones, for few rows and many",
        arguments: [WeightPacking.int8, .int4(group: 32)])
    func packed(packing: WeightPacking) throws {
        let whole = try LanguageModel(contentsOf: Self.folder("biased"), dtype: .float32)
        let packed = try LanguageModel(contentsOf: Self.folder("biased"), packing: packing)
        let ids = try Self.expected("biased").tensor("ids")
        withoutGradients {
            let exact = whole.model.logits(whole.model.states(ids))
            let many = packed.model.logits(packed.model.states(ids)).to(.float32)  // 46 rows: widened
            var cache = packed.model.cache(batch: 2, capacity: 23)
            let few = (0..<23).map { step in  // 2 rows: packed
                packed.model.logits(packed.model.states(ids.narrow(1, start: step, length: 1), &cache)).to(.float32)
            }
            let size: Double = exact.square().mean().item().squareRoot()
            func error(_ logits: Tensor) -> Double { (logits - exact).square().mean().item().squareRoot() / size }
            let bound = packing == .int8 ? 0.05 : 0.35
            #expect(error(many) < bound, "\(error(many))")
            #expect(error(.concatenated(few, 1)) < bound, "\(error(.concatenated(few, 1)))")
            #expect(error(many) > 0)
        }
        // What was packed is not kept a second time.
        #expect(!packed.parameters.parameters.contains { $0.name.hasSuffix("q_proj.weight") })
    }
}
