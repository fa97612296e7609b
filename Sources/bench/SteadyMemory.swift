import Foundation
import MynaRecognition
import Torch
import TorchNN
import TorchTrain

extension Bench {
    /// How much resident memory grows, in per cent, from a tenth of the steps to all of them, with batches of ever new lengths.
    static let memory: [String: Case] = [
        "memory.steps10000": { try steady(steps: 10_000, width: 32, blocks: 2, channels: 16, frames: 2_400, $0) },
        "memory.steps300": { try steady(steps: 300, width: 32, blocks: 2, channels: 16, frames: 2_400, $0) },
        // As the shipped recogniser is trained: 110 s of sound a step.
        "memory.recogniser100": { try steady(steps: 100, width: 176, blocks: 6, channels: 32, frames: 11_000, $0) },
    ]

    /// - Parameter frames: mel frames of a batch, at most.
    private static func steady(steps: Int, width: Int, blocks: Int, channels: Int, frames budget: Int, _ setting: Setting) throws
        -> Prepared
    {
        TorchRandom.seed(7)
        let store = ParameterStore()
        let encoder = FastConformerTransducer(store.root, shape(width: width, blocks: blocks, channels: channels)).encoder
        let head = Linear(store.root / "head", from: width, to: 64)
        store.setTrainable(true)
        let parameters = store.parameters.filter { $0.name.hasPrefix("encoder.") || $0.name.hasPrefix("head.") }
        let optimizer = AdamW(parameters)
        let sound = wave([budget, 80], 0.37) * 4 - 7
        func step(_ index: Int) {
            // A walk through lengths, and through the numbers of rows that fit, in which hardly two steps are alike.
            let length = 120 + index * 337 % 521 * (budget / 1_800)
            let rows = max(1, budget / length - index % 3)
            for parameter in parameters { parameter.tensor.grad = nil }
            let loss = withAutocast(.bfloat16) {
                let mels = sound.narrow(0, start: 0, length: rows * length).view([rows, length, 80])
                let frames = encoder(mels, lengths: .init(repeating: length, count: rows), chunks: [14])
                return Loss.ctc(
                    head(frames).to(.float32).logSoftmax(-1).transposed(0, 1), Tensor((0..<rows * 6).map { 1 + $0 * 7 % 63 }),
                    inputLengths: .init(repeating: frames.size(1), count: rows), targetLengths: .init(repeating: 6, count: rows),
                    zeroInfinity: true)
            }
            loss.backward()
            clipGradients(parameters, to: 1)
            optimizer.step(learningRate: 1e-4)
        }
        return Prepared {
            var early = 0.0
            var begin = ContinuousClock.now
            for index in 0..<steps {
                step(index)
                guard (index + 1) % (steps / 10) == 0 else { continue }
                let resident = try ResidentMemory.now()
                if index + 1 == steps / 10 { early = resident }
                let took = (ContinuousClock.now - begin).seconds / Double(steps / 10) * 1e3
                let line = "memory: step \(index + 1) of \(steps), \(Int(resident)) MiB, \(Int(took)) ms a step\n"
                FileHandle.standardError.write(Data(line.utf8))
                begin = .now
            }
            return (try ResidentMemory.now() / early - 1) * 100
        }
    }

    private static func shape(width: Int, blocks: Int, channels: Int) -> FastConformerConfig {
        var config = FastConformerConfig()
        config.encoder_config.hidden_size = width
        config.encoder_config.num_hidden_layers = blocks
        config.encoder_config.num_attention_heads = 4
        config.encoder_config.intermediate_size = 4 * width
        config.encoder_config.subsampling_conv_channels = channels
        config.encoder_config.scale_input = false
        // Prediction and joint network are asked for by the type, and not used here.
        (config.decoder_hidden_size, config.num_decoder_layers, config.vocab_size, config.blank_token_id) = (8, 1, 64, 63)
        return config
    }
}
