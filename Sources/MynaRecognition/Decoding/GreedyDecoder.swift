public import Torch
internal import TorchNN

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
    private var memory: PredictionMemory  // of one row
    private var frame = 0
    public private(set) var tokens: [DecodedToken] = []

    public init(_ model: FastConformerTransducer) {
        self.model = model
        memory = PredictionMemory(beginning: model)
    }

    /// Reads encoder frames `[1, n, D]` and gives the tokens they led to.
    @discardableResult
    public mutating func accept(_ frames: Tensor) -> [DecodedToken] {
        let before = tokens.count
        var one = [self]
        Self.accept(frames, counts: [frames.size(1)], into: &one)
        self = one[0]
        return Array(tokens[before...])
    }

    /// Many streams at once: frames `[B, n, D]`, of which the first `counts` are each stream's, one decoder a row.
    ///
    /// All frames that are left are scored at a time; only a row that writes is scored anew behind what it wrote
    /// (label looping, Galvez et al. 2024).
    static func accept(_ frames: Tensor, counts: [Int], into decoders: inout [GreedyDecoder]) {
        guard let model = decoders.first?.model, frames.size(1) > 0 else { return }
        let blank = model.config.blank_token_id
        let projected = model.projected(frames)  // [B, n, P]
        var memory = PredictionMemory(decoders.map(\.memory))
        var at = Array(repeating: 0, count: decoders.count)
        var symbols = at  // written at this frame
        var active = decoders.indices.filter { counts[$0] > 0 }
        var changed = false
        while !active.isEmpty {
            let first = active.map { at[$0] }.min() ?? 0
            let length = (active.map { counts[$0] }.max() ?? 0) - first
            let isAll = active.count == decoders.count
            let rows = Tensor(active).to(model.device)
            let left = (isAll ? projected : projected.indexSelect(0, index: rows)).narrow(1, start: first, length: length)
            let predictions = isAll ? memory.predictions : memory.predictions.indexSelect(0, index: rows)
            let (best, ids) = model.joint(left, predictions.unsqueeze(1)).softmax(-1, dtype: .float32).max(-1)  // [A, n']
            let (probabilities, tokens) = (best.array(Float.self), ids.array(Int.self))
            var written: [(row: Int, id: Int)] = []
            for (index, row) in active.enumerated() {
                while at[row] < counts[row], tokens[index * length + at[row] - first] == blank {
                    at[row] += 1
                    symbols[row] = 0
                }
                guard at[row] < counts[row] else { continue }
                let place = index * length + at[row] - first
                decoders[row].tokens.append(
                    DecodedToken(
                        id: tokens[place], frame: decoders[row].frame + at[row], probability: Double(probabilities[place])))
                written.append((row, tokens[place]))
                symbols[row] += 1
                if symbols[row] == model.config.max_symbols_per_step {
                    at[row] += 1
                    symbols[row] = 0
                }
            }
            if !written.isEmpty {
                memory.read(written.map(\.id), rows: written.map(\.row), with: model)
                changed = true
            }
            active = written.map(\.row).filter { at[$0] < counts[$0] }
        }
        for row in decoders.indices {
            decoders[row].frame += counts[row]
            if changed { decoders[row].memory = memory.rows([row]) }
        }
    }
}
