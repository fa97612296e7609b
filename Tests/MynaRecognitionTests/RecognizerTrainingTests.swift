import Foundation
import MynaAudio
import MynaRecognition
import MynaTestSupport
import Testing
import Torch
import TorchNN
import TorchTrain

@Suite struct RecognizerTrainingTests {
    /// A corpus of eight tones called by their names, and a little noise, in a folder that is removed afterwards.
    static func withRecipe(_ body: (_ recipe: RecognizerRecipe, _ folder: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "training-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var rows: [String] = []
        for (index, name) in ["one", "two", "three", "four", "five", "six", "seven", "eight"].enumerated() {
            let writer = try WaveWriter(path: folder + "/\(name).wav", sampleRate: 16_000)
            try writer.write((0..<12_000).map { sin(Float($0) * 0.05 * Float(index + 1)) * 0.2 })
            try writer.finish()
            rows.append(#"{"id":"\#(name)","audio":"\#(name).wav","duration":0.75,"text":"number \#(name)","split":"train"}"#)
        }
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: folder + "/tones.jsonl"))
        let noise = #"{"id":"n","audio":"one.wav","duration":0.75,"kind":"noise","split":"train"}"#
        try Data(noise.utf8).write(to: URL(filePath: folder + "/noise.jsonl"))

        var recipe = try RecognizerRecipe.load(Fixture.root.appending(path: "Recipes/asr.json").path, variables: [:])
        recipe.model.hidden_size = 16
        recipe.model.intermediate_size = 32
        recipe.model.num_hidden_layers = 2
        recipe.model.num_attention_heads = 2
        recipe.model.subsampling_conv_channels = 8
        (recipe.predictionWidth, recipe.pieces) = (16, 280)
        recipe.sources = [.init(name: "tones", share: 1, manifests: [folder + "/tones.jsonl"], isFinished: true)]
        (recipe.noise, recipe.checks) = (folder + "/noise.jsonl", [])
        recipe.schedule = WarmupStableDecay(peak: 0.002, warmupSteps: 2, decaySteps: 2, steps: 6)
        (recipe.batchSeconds, recipe.chunks, recipe.transducerFrom, recipe.evaluateEvery) = (4, [2, 4], 2, 100)
        try body(recipe, folder)
    }

    @Test func `half a run and the other half are the whole run, bit for bit, and make the same model`() async {
        // In a process of its own: libtorch's generator is the process's, and other tests draw from it.
        await #expect(processExitsWith: .success) {
            try RecognizerTrainingTests.withRecipe { recipe, folder in
                func weights(_ run: String) throws -> [[Float]] {
                    let file = try Safetensors(contentsOf: run + "/checkpoint.safetensors")
                    #expect(file.metadata["step"] == "6")
                    return try file.names.filter { $0 != "random" }.map { try file.tensor($0).array() }
                }
                try RecognizerTraining(recipe, folder: folder + "/whole", report: { _ in }).run(budget: nil)
                var calls = 0
                var isFinished = false
                while !isFinished {
                    // A budget that is over at once still gives each call one step.
                    let said = Collected<String>()
                    try RecognizerTraining(recipe, folder: folder + "/parts", report: { said.add($0) }).run(budget: .zero)
                    isFinished = said.all.contains { $0.hasPrefix("finished") }
                    calls += 1
                    try #require(calls <= 6)
                }
                #expect(calls > 1)
                #expect(try weights(folder + "/whole") == weights(folder + "/parts"))
                let models = try ["whole", "parts"].map {
                    try Data(contentsOf: URL(filePath: "\(folder)/\($0)/export/model.safetensors"))
                }
                #expect(models[0] == models[1])
            }
        }
    }

    @Test func `training begins with another model's weights and tokenizer, and refuses one of another shape`() throws {
        try Self.withRecipe { recipe, folder in
            try RecognizerTraining(recipe, folder: folder + "/first", report: { _ in }).run(budget: nil)
            let first = ModelFolder(folder + "/first/export")
            var further = recipe
            further.schedule = WarmupStableDecay(peak: 1e-9, warmupSteps: 1, decaySteps: 1, steps: 2)
            try RecognizerTraining(further, folder: folder + "/second", from: first, report: { _ in }).run(budget: nil)
            let (before, after) = try (
                Safetensors(contentsOf: first.file("model.safetensors")),
                Safetensors(contentsOf: folder + "/second/export/model.safetensors")
            )
            #expect(before.names == after.names)
            for name in before.names {
                let difference = try (before.tensor(name).to(.float32) - after.tensor(name).to(.float32)).abs().max().item()
                #expect(difference < 1e-4, "\(name)")
            }
            #expect(
                try Data(contentsOf: URL(filePath: first.file("tokenizer.json")))
                    == Data(contentsOf: URL(filePath: folder + "/second/export/tokenizer.json")))
            // With more blocks it begins with what the first has learnt too, not with what drawn weights know.
            further.model.num_hidden_layers = 3
            let said = Collected<String>()
            try RecognizerTraining(further, folder: folder + "/deeper", from: first, report: { said.add($0) }).run(budget: nil)
            #expect(said.all.contains { $0.hasPrefix("1 blocks are new") })
            let deeper = try Safetensors(contentsOf: folder + "/deeper/export/model.safetensors")
            for (block, source) in [(0, 0), (1, 1), (2, 1)] {
                let (ours, theirs) = try (
                    deeper.tensor("encoder.layers.\(block).self_attn.q_proj.weight").to(.float32),
                    before.tensor("encoder.layers.\(source).self_attn.q_proj.weight").to(.float32)
                )
                #expect((ours - theirs).abs().max().item() < 1e-4, "block \(block)")
            }
            let silent = try deeper.tensor("encoder.layers.2.feed_forward1.linear2.weight").to(.float32).abs().max().item()
            #expect(silent < 1e-4)
            further.model.num_hidden_layers = 1
            let error = #expect(throws: RecognitionError.self) {
                try RecognizerTraining(further, folder: folder + "/third", from: first, report: { _ in }).run(budget: nil)
            }
            #expect(error?.description.contains("encoder_config") == true)
        }
    }
}
