import Foundation
import MynaRecognition
import Torch
import TorchNN
import TorchTrain

extension Bench {
    /// How much resident memory grows, in per cent, from a tenth of the steps to all of them, with batches of ever new lengths.
    static let memory: [String: Case] = [
        "memory.steps10000": { try steady(steps: 10_000, $0) },
        "memory.steps300": { try steady(steps: 300, $0) },
    ]

    private static func steady(steps: Int, _ setting: Setting) throws -> Prepared {
        TorchRandom.seed(7)
        let store = ParameterStore()
        let encoder = FastConformerTransducer(store.root, small()).encoder
        let head = Linear(store.root / "head", from: 32, to: 64)
        store.setTrainable(true)
        let parameters = store.parameters.filter { $0.name.hasPrefix("encoder.") || $0.name.hasPrefix("head.") }
        let optimizer = AdamW(parameters)
        let sound = wave([8, 640, 80], 0.37) * 4 - 7
        let targets = Tensor((0..<8 * 6).map { 1 + $0 * 7 % 63 }, [8, 6])
        func step(_ index: Int) {
            // A walk through lengths and batch sizes in which hardly two steps are alike.
            let (rows, length) = (4 + index * 5 % 5, 120 + index * 337 % 521)
            for parameter in parameters { parameter.tensor.grad = nil }
            let loss = withAutocast(.bfloat16) {
                let mels = sound.narrow(0, start: 0, length: rows).narrow(1, start: 0, length: length)
                let frames = encoder(mels, lengths: .init(repeating: length, count: rows), chunks: [14])
                return Loss.ctc(
                    head(frames).to(.float32).logSoftmax(-1).transposed(0, 1), targets.narrow(0, start: 0, length: rows),
                    inputLengths: .init(repeating: frames.size(1), count: rows), targetLengths: .init(repeating: 6, count: rows),
                    zeroInfinity: true)
            }
            loss.backward()
            clipGradients(parameters, to: 1)
            optimizer.step(learningRate: 1e-4)
        }
        return Prepared {
            var early = 0.0
            for index in 0..<steps {
                step(index)
                if index + 1 == steps / 10 { early = try ResidentMemory.now() }
                if (index + 1) % (steps / 10) == 0 {
                    let line = "memory: step \(index + 1) of \(steps), \(Int(try ResidentMemory.now())) MiB\n"
                    FileHandle.standardError.write(Data(line.utf8))
                }
            }
            return (try ResidentMemory.now() / early - 1) * 100
        }
    }

    private static func small() -> FastConformerConfig {
        var config = FastConformerConfig()
        config.encoder_config.hidden_size = 32
        config.encoder_config.num_hidden_layers = 2
        config.encoder_config.num_attention_heads = 2
        config.encoder_config.intermediate_size = 128
        config.encoder_config.subsampling_conv_channels = 16
        config.encoder_config.scale_input = false
        (config.decoder_hidden_size, config.num_decoder_layers, config.vocab_size, config.blank_token_id) = (8, 1, 64, 63)
        return config
    }
}
