import MynaStages
import MynaTestSupport
import Testing
import Torch
import TorchNN
import TorchTrain

@testable import MynaRecognition

/// A tiny random transducer against the reference Python class; `Tools/parity/recognition.py` writes the fixture.
@Suite struct ParityTests {
    let expected: Safetensors
    let folder = ModelFolder(Fixture.path("parity/recognition"))

    init() throws { expected = try Safetensors(contentsOf: Fixture.path("parity/recognition/tensors.safetensors")) }

    /// The largest difference, relative to the expected magnitude.
    func difference(_ got: Tensor, _ name: String) throws -> Double {
        let want = try expected.tensor(name)
        #expect(got.shape == want.shape, "\(name)")
        guard got.shape == want.shape else { return .infinity }
        return (got - want).abs().max().item() / (1 + want.abs().max().item())
    }

    @Test func `mel frames equal the extractor's, whole and in pieces`() throws {
        let audio = try expected.tensor("audio").select(0, index: 0).array(Float.self)
        let front = LogMel(bins: 80)
        let want = try expected.tensor("mels").select(0, index: 0).prefix(100, axis: 0)
        let whole = front(audio)
        #expect(whole.shape == [100, 80])
        #expect((whole - want).abs().max().item() < 1e-3)  // of logarithms down to −16
        var random = SeededRandom(seed: 5)
        var stream = LogMel.Stream(front)
        var pieces: [Tensor] = []
        var position = 0
        while position < audio.count {
            let next = min(audio.count, position + Int.random(in: 1...700, using: &random))
            pieces.append(stream.accept(Array(audio[position..<next])))
            position = next
        }
        pieces.append(stream.finish())
        // Libtorch sums other batch sizes in another order
        #expect((Tensor.concatenated(pieces, 0) - whole).abs().max().item() < 1e-5)
    }

    @Test func `every rung of the model equals the reference`() throws {
        let model = try FastConformerTransducer.load(from: folder)
        let mels = try expected.tensor("mels")
        let lengths = try expected.tensor("mask").sum([1]).array(Int.self)
        try withoutGradients {
            #expect(try difference(model.encoder.subsampling(mels, lengths: lengths), "subsampling") < 1e-5)
            for lookahead in [1, 3] {
                let got = model.encoder(mels, lengths: lengths, chunks: [lookahead + 1])
                let want = try expected.tensor("encoder.\(lookahead)")
                for (row, length) in lengths.enumerated() {
                    let valid = FastConformerConfig.frames(forMels: length)
                    let (a, b) = (
                        got.select(0, index: row).prefix(valid, axis: 0), want.select(0, index: row).prefix(valid, axis: 0)
                    )
                    #expect((a - b).abs().max().item() < 1e-5 * (1 + b.abs().max().item()), "lookahead \(lookahead), row \(row)")
                }
            }
            let one = mels.prefix(1, axis: 0).prefix(lengths[0], axis: 1)
            let frames = model.encoder(one, lengths: [lengths[0]], chunks: [2])
            #expect(try difference(frames, "encoder.one") < 1e-5)
            let predictions = model.prediction(Tensor([19, 3, 5, 7, 2], [1, 5]))
            #expect(try difference(predictions, "prediction") < 1e-5)
            #expect(try difference(model.joint(model.projected(frames).unsqueeze(2), predictions.unsqueeze(1)), "joint") < 1e-5)
            var decoder = GreedyDecoder(model)
            decoder.accept(frames)
            let want = try expected.tensor("greedy").array(Int.self).dropFirst().filter { $0 != 19 }
            #expect(decoder.tokens.map(\.id) == want)
            #expect(want.count > 3)
        }
    }

    @Test func `steps equal the whole for the same chunk boundaries, also where chunk lengths change`() throws {
        let model = try FastConformerTransducer.load(from: folder)
        let mels = try expected.tensor("mels").prefix(1, axis: 0)
        var random = SeededRandom(seed: 11)
        try withoutGradients {
            for total in [1, 7, 8, 9, 16, 17, 40, 63, 64, 65, 97, 100, 101] {
                let signal = mels.prefix(total, axis: 1)
                var slots = EncoderSlots(model.encoder, longestStep: 16)
                let slot = slots.claim()
                var outputs: [Tensor] = []
                var chunks: [Int] = []
                var position = 0
                while position <= total {
                    let next = min(total + 1, position + Int.random(in: 1...30, using: &random))
                    let (frames, counts) = slots.step([
                        .init(
                            slot: slot, mels: signal.sliced(1, position, min(next, total)).select(0, index: 0),
                            isLast: next > total)
                    ])
                    if counts[0] > 0 {
                        outputs.append(frames)
                        chunks.append(counts[0])
                    }
                    position = next
                }
                let whole = model.encoder(signal, lengths: [total], chunks: chunks)
                let joined = Tensor.concatenated(outputs, 1)
                #expect(joined.shape == whole.shape, "\(total) mel frames")
                #expect(
                    (joined - whole).abs().max().item() < 1e-5 * (1 + whole.abs().max().item()),
                    "\(total) mel frames in \(chunks)")
            }
        }
    }

    @Test func `loss and gradient equal the sum over all alignments`() throws {
        let logits = try expected.tensor("loss.logits")
        logits.requiresGrad = true
        let losses = logits.transducerLoss(
            targets: try expected.tensor("loss.targets"), frameLengths: Tensor([4, 3]), targetLengths: Tensor([3, 2]), blank: 5)
        #expect(try difference(losses.detach(), "loss.losses") < 1e-5)
        (losses * Tensor([Float(1), 2])).sum().backward()
        let gradient = try #require(logits.grad)
        #expect(try difference(gradient, "loss.gradient") < 1e-5)
    }

    @Test func `ten training steps equal PyTorch's`() throws {
        let config = try folder.config(over: FastConformerConfig())
        let store = try folder.weights()
        let model = FastConformerTransducer(store.root, config)
        try store.finish()
        store.setTrainable(true)
        let optimizer = AdamW(store.parameters, betas: (0.9, 0.98), weightDecay: 0.01)
        let mels = try expected.tensor("mels").prefix(17, axis: 1)
        let want = try expected.tensor("training.losses").array(Float.self)
        for step in 0..<10 {
            for parameter in store.parameters { parameter.tensor.grad = nil }
            let frames = model.encoder(mels, lengths: [17, 17], chunks: [2])
            let loss = model.loss(frames, frameCounts: [3, 3], labels: [[3, 5], [7, 2]]).sum()
            #expect(abs(loss.item() - Double(want[step])) < 1e-5 * Double(want[step]), "step \(step)")
            loss.backward()
            optimizer.step(learningRate: 1e-3)
        }
    }
}
