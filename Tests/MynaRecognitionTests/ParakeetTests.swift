import Foundation
import MynaStages
import MynaTestSupport
import Testing
import Torch
import TorchNN

@testable import MynaRecognition

/// Tiny random offline models against the reference Python classes; `Tools/parity/parakeet.py` writes the fixtures.
@Suite struct ParakeetTests {
    static func folder(_ name: String) -> ModelFolder { ModelFolder(Fixture.path("parity/parakeet/\(name)")) }
    let expected: Safetensors

    init() throws { expected = try Safetensors(contentsOf: Fixture.path("parity/parakeet/ctc/tensors.safetensors")) }

    private func close(_ got: Tensor, _ want: Tensor, within bound: Double = 1e-5) -> Bool {
        got.shape == want.shape && (got - want).abs().max().item() < bound * (1 + want.abs().max().item())
    }

    private var lengths: [Int] {
        get throws { try expected.tensor("mask").sum([1]).array(Int.self) }
    }

    @Test func `normalised mel frames equal the extractor's`() throws {
        let audio = try expected.tensor("audio").select(0, index: 0).array(Float.self)
        let want = try expected.tensor("mels").select(0, index: 0).prefix(150, axis: 0)
        let got = MelNormalization.perFeature(LogMel(bins: 80)(audio))
        #expect(close(got, want, within: 1e-3))
    }

    @Test func `every rung of the encoder and the CTC head equals the reference, rows of two lengths together`() throws {
        let model = try ParakeetModel.load(from: Self.folder("ctc"))
        let mels = try expected.tensor("mels")
        let lengths = try lengths
        #expect(lengths == [150, 106])
        try withoutGradients {
            #expect(close(model.encoder.subsampling(mels, lengths: lengths), try expected.tensor("subsampling")))
            let frames = model.encoder(mels, lengths: lengths)
            let (encoded, logits) = (try expected.tensor("encoder"), try expected.tensor("logits"))
            for (row, length) in lengths.enumerated() {
                let valid = ParakeetConfig.frames(forMels: length)
                func part(_ x: Tensor) -> Tensor { x.select(0, index: row).prefix(valid, axis: 0) }
                #expect(close(part(frames), part(encoded)), "row \(row)")
                #expect(close(part(model.ctcLogits(frames)), part(logits)), "row \(row)")
            }
        }
    }

    @Test(arguments: ["ctc", "rnnt", "tdt"])
    func `greedy search writes the reference's pieces at its frames`(name: String) throws {
        let folder = Self.folder(name)
        let model = try ParakeetModel.load(from: folder)
        let want = try Safetensors(contentsOf: folder.file("tensors.safetensors"))
        let mels = try expected.tensor("mels")
        for (row, length) in try lengths.enumerated() {
            let got = withoutGradients { model.tokens(of: mels.select(0, index: row).prefix(length, axis: 0)) }
            let tokens = try want.tensor("tokens.\(row)").array(Int.self)
            #expect(got.map(\.id) == tokens)
            #expect(tokens.count > 4)
            if name != "ctc" { #expect(got.map(\.frame) == (try want.tensor("frames.\(row)").array(Int.self))) }
            #expect(got.allSatisfy { $0.probability > 0 && $0.probability <= 1 })
        }
    }

    @Test(arguments: ["rnnt", "tdt"])
    func `the prediction and joint networks equal the reference`(name: String) throws {
        let model = try ParakeetModel.load(from: Self.folder(name))
        let want = try Safetensors(contentsOf: Self.folder(name).file("tensors.safetensors"))
        guard case .transducer(let projection, let prediction, let joint, let durations) = model.head else {
            Issue.record("\(name) is no transducer")
            return
        }
        #expect(durations == (name == "tdt" ? 5 : 0))
        try withoutGradients {
            let predictions = prediction(Tensor([19, 3, 5, 7, 2], [1, 5]))
            #expect(close(predictions, try want.tensor("prediction")))
            let frames = projection(try expected.tensor("encoder").prefix(1, axis: 0)).unsqueeze(2)
            #expect(close(joint((frames + predictions.unsqueeze(1)).relu()), try want.tensor("joint")))
        }
    }

    /// A folder of the tiny CTC model with a vocabulary of its own and with `config` changed.
    private func folder(_ change: (inout String) -> Void = { _ in }) throws -> ModelFolder {
        let source = Self.folder("ctc")
        let path = FileManager.default.temporaryDirectory.appending(path: "parakeet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: source.file("model.safetensors"), toPath: path + "/model.safetensors")
        var config = try String(contentsOfFile: source.file("config.json"), encoding: .utf8)
        change(&config)
        try config.write(toFile: path + "/config.json", atomically: true, encoding: .utf8)
        let letters = (0..<19).map { "[\"\($0 % 3 == 0 ? "\u{2581}" : "")\(Character(UnicodeScalar(UInt8(97 + $0))))\", -1.5]" }
        let tokenizer = """
            {"model": {"type": "Unigram", "vocab": [\(letters.joined(separator: ", "))]}, "decoder": {"type": "Metaspace"},
             "added_tokens": [{"id": 19, "content": "<pad>", "special": true}]}
            """
        try tokenizer.write(toFile: path + "/tokenizer.json", atomically: true, encoding: .utf8)
        return ModelFolder(path)
    }

    @Test func `a folder is opened by its architecture, and a stream's pieces do not depend on how it is cut`() async throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder.path) }  // a left-over would only take room
        let recognizer = try await AnyRecognizer.load(contentsOf: folder)
        #expect(recognizer is OfflineRecognizer)
        let audio = try expected.tensor("audio").select(0, index: 0).array(Float.self)
        var texts: [String] = []
        for size in [24_000, 777] {
            let stream = try await recognizer.listen()
            for start in stride(from: 0, to: audio.count, by: size) {
                let piece = Array(audio[start..<min(audio.count, start + size)])
                _ = try await stream.hear(AudioFrame(samples: piece, sampleRate: 16_000))
            }
            let last = try #require(try await stream.finish().last)
            guard case .wordsFinal(let transcript) = last.kind else {
                Issue.record("ends with \(last)")
                return
            }
            texts.append(transcript.text)
            #expect(transcript.words.map(\.word).joined(separator: " ") == transcript.text)
            await #expect(throws: RecognitionError.streamFinished) { try await stream.finish() }
        }
        #expect(texts[0] == "jk si d j dk sk j s d j")
        #expect(texts[0] == texts[1])
    }

    @Test func `an unknown architecture and impossible numbers are named`() async throws {
        for (from, to, named) in [
            ("ParakeetForCTC", "WhisperForConditionalGeneration", "WhisperForConditionalGeneration"),
            ("\"pad_token_id\": 19", "\"pad_token_id\": 20", "pad_token_id is 20"),
            ("\"conv_kernel_size\": 5", "\"conv_kernel_size\": 4", "conv_kernel_size is 4"),
            ("\"num_attention_heads\": 4", "\"num_attention_heads\": 5", "hidden_size"),
        ] {
            let folder = try folder { $0 = $0.replacingOccurrences(of: from, with: to) }
            defer { try? FileManager.default.removeItem(atPath: folder.path) }  // a left-over would only take room
            do {
                _ = try await AnyRecognizer.load(contentsOf: folder)
                Issue.record("\(to) was taken")
            } catch let error as RecognitionError {
                #expect("\(error)".contains(named), "\(error)")
            }
        }
    }
}
