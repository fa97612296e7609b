import MynaLanguage
import MynaRecognition
import Torch
import TorchNN
import TorchTrain

extension Bench {
    /// Seconds of a training step, whole: forward, backward, clipping, AdamW.
    static let training: [String: Case] = [
        "training.conformer.float32": { try trained("conformer", nil, $0, conformer) },
        "training.conformer.bfloat16": { try trained("conformer", .bfloat16, $0, conformer) },
        "training.decoder.float32": { try trained("decoder", nil, $0, decoder) },
        "training.decoder.bfloat16": { try trained("decoder", .bfloat16, $0, decoder) },
        "training.codec.float32": { try trained("codec", nil, $0, codec) },
        "training.codec.bfloat16": { try trained("codec", .bfloat16, $0, codec) },
    ]

    /// Makes a model's loss from new weights and fixed inputs.
    typealias Build = (Weights) -> () -> Tensor

    private static func trained(_ name: String, _ autocast: DType?, _ setting: Setting, _ build: Build) throws -> Prepared {
        TorchRandom.seed(7)
        let store = ParameterStore()
        let loss = build(store.root)
        store.setTrainable(true)
        loss().backward()
        // What no gradient reaches, such as a transducer's joint network under an alignment loss, is no part of the model.
        let parameters = store.parameters.filter { $0.tensor.grad != nil }
        // The peer begins from the same weights, so that its first loss must be ours.
        try withoutGradients {
            try Safetensors.write(
                (parameters + store.buffers).map { ($0.name, $0.tensor.detach()) }, to: "\(setting.folder)/\(name).safetensors")
        }
        let optimizer = AdamW(parameters)
        func step() -> Double {
            for parameter in parameters { parameter.tensor.grad = nil }
            let value = withAutocast(autocast, loss)
            value.backward()
            clipGradients(parameters, to: 1)
            optimizer.step(learningRate: 1e-4)
            return value.item()
        }
        let first = step()
        _ = step()
        return Prepared(
            facts: ["loss": first, "parameters": Double(parameters.reduce(0) { $0 + $1.tensor.count })],
            measure: { seconds { _ = step() } })
    }

    /// What both sides can make alike: sin(k i) for i = 0, 1, ….
    static func wave(_ shape: [Int], _ k: Double) -> Tensor {
        (Tensor.arange(0, .integer(shape.reduce(1, *)), dtype: .float64) * k).sin().to(.float32).view(shape)
    }

    /// Six Conformer blocks of width 144 behind the recogniser's subsampling, 256 pieces by CTC: 16 signals of 10 s.
    private static func conformer(_ weights: Weights) -> () -> Tensor {
        var config = FastConformerConfig()
        config.encoder_config.hidden_size = 144
        config.encoder_config.num_hidden_layers = 6
        config.encoder_config.num_attention_heads = 4
        config.encoder_config.intermediate_size = 576
        config.encoder_config.subsampling_conv_channels = 144
        config.encoder_config.scale_input = false
        // Prediction and joint network are asked for by the type, and left out here.
        (config.decoder_hidden_size, config.num_decoder_layers, config.vocab_size, config.blank_token_id) = (8, 1, 256, 255)
        let encoder = FastConformerTransducer(weights, config).encoder
        let head = Linear(weights / "head", from: 144, to: 256)
        let (mels, lengths) = (wave([16, 1000, 80], 0.37) * 4 - 7, [Int](repeating: 1000, count: 16))
        let targets = Tensor((0..<16 * 40).map { 1 + $0 * 7 % 255 }, [16, 40])
        return {
            let frames = encoder(mels, lengths: lengths, chunks: [400])  // [B, T, D]
            let scores = head(frames).to(.float32).logSoftmax(-1).transposed(0, 1)  // [T, B, V]
            return Loss.ctc(
                scores, targets, inputLengths: .init(repeating: frames.size(1), count: 16),
                targetLengths: .init(repeating: 40, count: 16))
        }
    }

    /// A Llama decoder of 8.7M parameters: 8 texts of 512 tokens.
    private static func decoder(_ weights: Weights) -> () -> Tensor {
        let config = DecoderConfig(
            vocabSize: 4096, hiddenSize: 320, intermediateSize: 864, numHiddenLayers: 6, numAttentionHeads: 5,
            tieWordEmbeddings: true)
        let model = CausalDecoder(weights, config)
        let ids = Tensor((0..<8 * 512).map { $0 * $0 * 31 % 4093 }, [8, 512])
        return {
            let logits = model.logits(model.states(ids).prefix(511, axis: 1)).flatten(0, endDim: 1)
            return Loss.crossEntropy(logits, ids.sliced(1, 1).flatten())
        }
    }

    /// A convolutional codec as SoundStream's, four codebooks: 8 signals of 1 s at 16 kHz.
    private static func codec(_ weights: Weights) -> () -> Tensor {
        let model = Codec(weights)
        let sound = wave([8, 1, 16_000], 0.05) * wave([8, 1, 16_000], 0.0007) * 0.5
        return {
            let (decoded, commitment) = model(sound)
            return Loss.l1(decoded, sound) + Loss.multiScaleSpectral(decoded.squeeze(1).to(.float32), sound.squeeze(1))
                + commitment
                * 0.25
        }
    }
}

/// Strided convolutions down to 50 vectors a second, residual quantisers, and the same way up.
struct Codec {
    private static let strides = [2, 4, 5, 8]

    private struct Residual {
        let narrow: Conv1d, wide: Conv1d

        init(_ weights: Weights, _ channels: Int) {
            narrow = Conv1d(weights / "narrow", from: channels, to: channels / 2, kernel: 3, padding: 1)
            wide = Conv1d(weights / "wide", from: channels / 2, to: channels, kernel: 1)
        }

        func callAsFunction(_ x: Tensor) -> Tensor { x + wide(narrow(x.elu()).elu()) }
    }

    private let first, last, second, out: Conv1d
    private let down: [Conv1d]
    private let up: [ConvTranspose1d]
    private let before, after: [Residual]
    private let quantizer: ResidualVectorQuantizer

    init(_ weights: Weights) {
        let widths = (0...Self.strides.count).map { 32 << $0 }
        let steps = Array(Self.strides.enumerated())
        first = Conv1d(weights / "first", from: 1, to: widths[0], kernel: 7, padding: 3)
        before = steps.map { Residual(weights / "before" / $0.offset, widths[$0.offset]) }
        down = steps.map { index, stride in
            Conv1d(
                weights / "down" / index, from: widths[index], to: widths[index + 1], kernel: 2 * stride, stride: stride,
                padding: (stride + 1) / 2)
        }
        last = Conv1d(weights / "last", from: widths[4], to: 64, kernel: 3, padding: 1)
        quantizer = ResidualVectorQuantizer(weights / "quantizer", depth: 4, count: 256, width: 64)
        second = Conv1d(weights / "second", from: 64, to: widths[4], kernel: 3, padding: 1)
        up = steps.map { index, stride in
            ConvTranspose1d(
                weights / "up" / index, from: widths[index + 1], to: widths[index], kernel: 2 * stride, stride: stride,
                padding: (stride + 1) / 2, outputPadding: stride % 2)
        }
        after = steps.map { Residual(weights / "after" / $0.offset, widths[$0.offset]) }
        out = Conv1d(weights / "out", from: widths[0], to: 1, kernel: 7, padding: 3)
    }

    /// `[B, 1, N]` to the same, and how far the vectors lie from their codes.
    func callAsFunction(_ sound: Tensor) -> (Tensor, commitment: Tensor) {
        var x = first(sound)
        for index in down.indices { x = down[index](before[index](x).elu()) }
        let (codes, _, commitment) = quantizer(last(x.elu()).transposed(1, 2).to(.float32))  // [B, T, 64]
        x = second(codes.transposed(1, 2))
        for index in up.indices.reversed() { x = after[index](up[index](x.elu())) }
        return (out(x.elu()), commitment)
    }
}
