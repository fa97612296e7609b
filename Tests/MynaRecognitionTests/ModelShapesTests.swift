import Foundation
import MynaStages
import MynaTestSupport
import Testing
import Torch
import TorchNN

@testable import MynaRecognition

/// The shapes under `Recipes/models`, and models of a shape with random weights.
@Suite struct ModelShapesTests {
    private static let shapes = Fixture.root.appending(path: "Recipes/models")

    /// The parameters of a block, without biases and norms, times their number: what a model's name says.
    private func size(_ config: FastConformerConfig.Encoder) -> Double {
        let (d, f) = (Double(config.hidden_size), Double(config.intermediate_size))
        return Double(config.num_hidden_layers) * (4 * d * f + 8 * d * d)
    }

    @Test func `every shape that is kept can be built, and has about the size of its name`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.shapes.path).sorted()
        let sizes = ["5m": 5e6, "14m": 14e6, "115m": 115e6, "0.6b": 0.6e9, "1.1b": 1.1e9, "2b": 2e9]
        #expect(names.count >= 10)
        var kinds: Set<String> = []
        for name in names {
            let folder = ModelFolder(Self.shapes.path)
            let encoder: FastConformerConfig.Encoder
            let parts = name.replacingOccurrences(of: ".json", with: "").split(separator: "-").map(String.init)
            if parts[0] == "streaming" {
                let config = try folder.config(over: FastConformerConfig(), from: name)
                try config.validate()
                #expect(config.architectures == ["NemotronAsrStreamingForRNNT"])
                encoder = config.encoder_config
            } else {
                let config = try folder.config(over: ParakeetConfig(), from: name)
                try config.validate()
                #expect(config.kind?.rawValue == "ParakeetFor\(parts[0].uppercased())")
                encoder = config.encoder_config
            }
            kinds.insert(parts[0])
            let expected = try #require(sizes[parts[1]], "\(name)")
            #expect(abs(size(encoder) / expected - 1) < 0.15, "\(name)")
        }
        #expect(kinds == ["streaming", "ctc", "tdt"])
    }

    @Test(arguments: [DType.float32, .bfloat16])
    func `a random streaming model is written, loads in its type and streams`(dtype: DType) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "random-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }  // a left-over would only take room
        let folder = ModelFolder(path)
        let count = try RandomRecognizer.write(
            configuration: Self.shapes.appending(path: "streaming-5m.json").path, to: folder, dtype: dtype)
        #expect((4_000_000..<6_500_000).contains(count))
        #expect(try Safetensors(contentsOf: folder.file("model.safetensors")).dtype(of: "joint.head.weight") == dtype)
        var options = RecognizerOptions()
        options.dtype = dtype
        options.alternatives = 3
        let recognizer = try await AnyRecognizer.load(contentsOf: folder, options: options)
        let stream = try await recognizer.listen()
        let sound = (0..<24_000).map { 0.3 * sin(Float($0) * 0.05) }
        _ = try await stream.hear(AudioFrame(samples: sound, sampleRate: 16_000))
        let last = try #require(try await stream.finish().last)
        guard case .wordsFinal(let transcript) = last.kind else {
            Issue.record("ends with \(last)")
            return
        }
        let alternatives = try #require(transcript.alternatives)
        #expect((1...3).contains(alternatives.count))
        #expect(alternatives.allSatisfy { $0.score.isFinite && $0.score == $0.acoustic + $0.language })
        #expect(zip(alternatives, alternatives.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(Set(alternatives.map(\.text)).count == alternatives.count)
    }

    @Test func `a random offline model of each kind is written and heard with, in bfloat16 too`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "random-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }  // a left-over would only take room
        for name in ["ctc", "rnnt", "tdt"] {
            let folder = ModelFolder("\(path)/\(name)")
            _ = try RandomRecognizer.write(
                configuration: Fixture.path("parity/parakeet/\(name)/config.json"), to: folder, dtype: .bfloat16)
            let recognizer = try await AnyRecognizer.load(
                contentsOf: folder,
                options: {
                    var options = RecognizerOptions()
                    options.dtype = .bfloat16
                    return options
                }())
            let stream = try await recognizer.listen()
            _ = try await stream.hear(AudioFrame(samples: (0..<16_000).map { 0.3 * sin(Float($0) * 0.05) }, sampleRate: 16_000))
            #expect(try await stream.finish().last?.type == "words.final")
        }
    }
}
