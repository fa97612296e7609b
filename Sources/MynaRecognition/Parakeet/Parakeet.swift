// Reference: transformers 5.23 `ParakeetForCTC`, `ParakeetForRNNT` and `ParakeetForTDT`, greedy search.
public import Torch
public import TorchNN

/// An offline recogniser in one of the published layouts, for inference.
public struct ParakeetModel {
    /// What turns frames into pieces.
    enum Head {
        case ctc(weight: Tensor, bias: Tensor)  // [V, D, 1], [V]
        /// The last scores of `joint` are those of durations, where there are `durations`.
        case transducer(projection: Linear, prediction: PredictionNetwork, joint: Linear, durations: Int)
    }

    public let config: ParakeetConfig
    public let encoder: ParakeetEncoder
    let head: Head
    let dtype: DType
    let device: Device

    public init(_ weights: Weights, _ config: ParakeetConfig) {
        self.config = config
        encoder = ParakeetEncoder(weights / "encoder", config.encoder_config)
        let width = config.encoder_config.hidden_size
        let sample: Tensor
        if config.kind == .ctc {
            let place = weights / "ctc_head"
            sample = place.tensor("weight", [config.vocab_size, width, 1], .normal(0.02))
            head = .ctc(weight: sample, bias: place.tensor("bias", [config.vocab_size], .zeros))
        } else {
            let durations = config.kind == .tdt ? config.durations.count : 0
            let joint = Linear(weights / "joint" / "head", from: config.decoder_hidden_size, to: config.vocab_size + durations)
            sample = joint.weight
            head = .transducer(
                projection: Linear(weights / "encoder_projector", from: width, to: config.decoder_hidden_size),
                prediction: PredictionNetwork(weights / "decoder", config.transducer), joint: joint, durations: durations)
        }
        (dtype, device) = (sample.dtype, sample.device)
    }

    /// Reads a folder in the published layout, checking every name and shape.
    public static func load(from folder: ModelFolder, dtype: DType = .float32, device: Device = .cpu) throws -> ParakeetModel {
        let config = try folder.config(over: ParakeetConfig())
        try config.validate()
        let store = try folder.weights(dtype: dtype, device: device)
        let model = ParakeetModel(store.root, config)
        try store.finish()
        return model
    }

    /// The pieces of one signal's normalised mel frames `[M, bins]`, with the frames they were written at.
    public func tokens(of mels: Tensor) -> [DecodedToken] {
        guard mels.size(0) > 0 else { return [] }
        let frames = encoder(mels.to(dtype).to(device).unsqueeze(0), lengths: [mels.size(0)])
        return tokens(ofFrames: frames.select(0, index: 0))
    }

    /// Greedy search over encoder frames `[T, D]` of one signal.
    func tokens(ofFrames frames: Tensor) -> [DecodedToken] {
        switch head {
        case .ctc: collapsed(ctcLogits(frames))
        case .transducer(let projection, let prediction, let joint, let durations):
            transduced(projection(frames), prediction, joint, durations)
        }
    }

    /// Scores of pieces and blank at each frame `[…, T, D]`: `[…, T, V]`.
    func ctcLogits(_ frames: Tensor) -> Tensor {
        guard case .ctc(let weight, let bias) = head else { preconditionFailure("\(config.architectures) has no CTC head") }
        return frames.linear(weight: weight.squeeze(-1), bias: bias)
    }

    /// The likeliest piece of each frame, runs joined and blanks left out.
    private func collapsed(_ logits: Tensor) -> [DecodedToken] {
        let (highest, indices) = logits.softmax(-1, dtype: .float32).max(-1)
        let (probabilities, path) = (highest.array(Float.self), indices.array(Int.self))
        var tokens: [DecodedToken] = []
        var before = config.blank
        for (frame, id) in path.enumerated() {
            if id != before, id != config.blank {
                tokens.append(DecodedToken(id: id, frame: frame, probability: Double(probabilities[frame])))
            } else if id != config.blank, let last = tokens.indices.last {
                tokens[last].probability = max(tokens[last].probability, Double(probabilities[frame]))
            }
            before = id
        }
        return tokens
    }

    /// At each frame pieces are written until blank, or until a duration goes on.
    private func transduced(
        _ frames: Tensor, _ network: PredictionNetwork, _ joint: Linear, _ durations: Int
    ) -> [DecodedToken] {
        var state = network.initialState(batch: 1)
        var prediction = network.step(Tensor([config.blank]).to(device), &state)  // [1, P]
        var tokens: [DecodedToken] = []
        var (frame, symbols) = (0, 0)
        while frame < frames.size(0) {
            let scores = joint((frames.narrow(0, start: frame, length: 1) + prediction).relu()).select(0, index: 0)
            let logits = scores.prefix(config.vocab_size, axis: 0)
            let best = logits.argmax().itemInt()
            var step = durations == 0 ? 0 : scores.suffix(durations, axis: 0).argmax().itemInt()
            if best == config.blank {
                step = max(1, step)
            } else {
                let probability = logits.softmax(-1, dtype: .float32).select(0, index: best).item()
                tokens.append(DecodedToken(id: best, frame: frame, probability: probability))
                prediction = network.step(Tensor([best]).to(device), &state)
                symbols += 1
                // The reference bounds durations of 0 by the length of the text only; NeMo's search by this.
                if step == 0, symbols >= config.max_symbols_per_step { step = 1 }
            }
            if step > 0 { symbols = 0 }
            frame += step
        }
        return tokens
    }
}
