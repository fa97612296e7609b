// The transducer around the encoder (Graves 2012). Reference: transformers 5.23 `NemotronAsrStreamingForRNNT`.
// B batch, T frames, U labels, D encoder width, P prediction width, V vocabulary with blank as the last id.
public import Torch
public import TorchNN

/// The prediction network: what was written so far, as a vector.
public struct PredictionNetwork {
    /// The memory of a batch of hypotheses, one entry a layer.
    public typealias State = [LSTM.State]

    let embedding: Embedding
    let layers: [LSTM]
    let projection: Linear

    init(_ weights: Weights, _ config: FastConformerConfig) {
        let width = config.decoder_hidden_size
        embedding = Embedding(weights / "embedding", count: config.vocab_size, width: width, deviation: 0.3)
        layers = (0..<config.num_decoder_layers).map { LSTM(weights / "lstm", from: width, width: width, layer: $0) }
        projection = Linear(weights / "decoder_projector", from: width, to: width)
    }

    /// The state of `batch` hypotheses that have read nothing.
    public func initialState(batch: Int) -> State { layers.map { $0.initialState(batch: batch) } }

    /// Reads one id each: `[B]` to `[B, P]`.
    public func step(_ ids: Tensor, _ state: inout State) -> Tensor {
        var x = embedding(ids)
        for index in layers.indices { x = layers[index].step(x, &state[index]) }
        return projection(x)
    }

    /// Reads whole label sequences, which begin with blank: `[B, U + 1]` to `[B, U + 1, P]`.
    public func callAsFunction(_ ids: Tensor, dropout p: Double = 0) -> Tensor {
        var x = embedding(ids).dropout(p, train: p > 0)
        for layer in layers {
            var state = layer.initialState(batch: ids.size(0))
            x = layer(x, &state).dropout(p, train: p > 0)
        }
        return projection(x)
    }
}

/// A streaming transducer: encoder, prediction network and joint network.
public struct FastConformerTransducer {
    public let config: FastConformerConfig
    public let encoder: FastConformerEncoder
    public let prediction: PredictionNetwork
    let encoderProjection: Linear
    let head: Linear

    public init(_ weights: Weights, _ config: FastConformerConfig) {
        self.config = config
        encoder = FastConformerEncoder(weights / "encoder", config)
        encoderProjection = Linear(
            weights / "encoder_projector", from: config.encoder_config.hidden_size, to: config.decoder_hidden_size)
        prediction = PredictionNetwork(weights / "decoder", config)
        head = Linear(weights / "joint" / "head", from: config.decoder_hidden_size, to: config.vocab_size)
    }

    /// Where its weights are.
    public var device: Device { head.weight.device }

    /// What its weights are numbers of; mel frames are given in it.
    public var dtype: DType { head.weight.dtype }

    /// Reads a folder in the published layout, checking every name and shape.
    public static func load(
        from folder: ModelFolder, dtype: DType = .float32, device: Device = .cpu
    ) throws -> FastConformerTransducer {
        let config = try folder.config(over: FastConformerConfig())
        try config.validate()
        let store = try folder.weights(dtype: dtype, device: device)
        let model = FastConformerTransducer(store.root, config)
        try store.finish()
        return model
    }

    /// Encoder frames as the joint network reads them: `[…, D]` to `[…, P]`.
    public func projected(_ frames: Tensor) -> Tensor { encoderProjection(frames) }

    /// Scores for what comes next: `[…, P]` of projected frames and of predictions to logits `[…, V]`.
    public func joint(_ frames: Tensor, _ predictions: Tensor) -> Tensor { head((frames + predictions).relu()) }

    /// The transducer's loss of each sequence.
    ///
    /// - Parameters:
    ///   - frames: encoder output `[B, T, D]`.
    ///   - frameCounts: valid frames of each row.
    ///   - labels: ids without blank.
    /// - Returns: `[B]` float32.
    public func loss(_ frames: Tensor, frameCounts: [Int], labels: [[Int]], dropout: Double = 0, fastEmit: Double = 0) -> Tensor {
        let longest = labels.map(\.count).max() ?? 0
        let padded = labels.map { $0 + Array(repeating: 0, count: longest - $0.count) }
        let targets = Tensor(padded.flatMap { $0 }, [labels.count, longest]).to(frames.device)
        let inputs = Tensor(padded.flatMap { [config.blank_token_id] + $0 }, [labels.count, longest + 1]).to(frames.device)
        let predictions = prediction(inputs, dropout: dropout)  // [B, U + 1, P]
        let logits = joint(projected(frames).unsqueeze(2), predictions.unsqueeze(1))  // [B, T, U + 1, V]
        return logits.transducerLoss(
            targets: targets, frameLengths: Tensor(frameCounts).to(frames.device),
            targetLengths: Tensor(labels.map(\.count)).to(frames.device),
            blank: config.blank_token_id, fastEmit: fastEmit)
    }
}
