public import Torch

/// One piece written by the decoder, and the frame it was written at.
public struct DecodedToken: Sendable, Equatable {
    public var id: Int
    /// Frames of 80 ms since the stream began.
    public var frame: Int
    /// The model's probability of the piece among all.
    public var probability: Double

    public init(id: Int, frame: Int, probability: Double) {
        self.id = id
        self.frame = frame
        self.probability = probability
    }
}

/// Greedy transducer search over one stream: at each frame pieces are written until blank is the likeliest.
///
/// Frames in pieces give the same tokens as all at once. Lives on the model's executor.
public struct GreedyDecoder {
    private let model: FastConformerTransducer
    private var state: PredictionNetwork.State
    private var prediction: Tensor  // [1, P]
    private var frame = 0
    public private(set) var tokens: [DecodedToken] = []

    public init(_ model: FastConformerTransducer) {
        self.model = model
        state = model.prediction.initialState(batch: 1)
        prediction = model.prediction.step(Tensor([model.config.blank_token_id]).to(model.device), &state)
    }

    /// Reads encoder frames `[1, n, D]` and gives the tokens they led to.
    @discardableResult
    public mutating func accept(_ frames: Tensor) -> [DecodedToken] {
        let projected = model.projected(frames).select(0, index: 0)  // [n, P]
        let before = tokens.count
        for index in 0..<projected.size(0) {
            let here = projected.narrow(0, start: index, length: 1)  // [1, P]
            for _ in 0..<model.config.max_symbols_per_step {
                let logits = model.joint(here, prediction).select(0, index: 0)  // [V]
                let best = logits.argmax().itemInt()
                if best == model.config.blank_token_id { break }
                tokens.append(DecodedToken(id: best, frame: frame, probability: logits.softmax(-1).select(0, index: best).item()))
                prediction = model.prediction.step(Tensor([best]).to(model.device), &state)
            }
            frame += 1
        }
        return Array(tokens[before...])
    }
}
