internal import Torch

/// Looks for one phrase in a stream, such as the word that wakes an assistant.
///
/// The likeliest way through the transducer that writes the phrase, begun at any frame, is held against the likeliest that
/// writes whatever it likes from nothing: the score is the logarithm of their ratio, for each of the phrase's pieces. Any phrase that the
/// pieces can write will do, without training.
struct KeywordSpotter {
    /// Where the phrase ended, and how surely.
    struct Detection: Equatable {
        var frame: Int
        var score: Double
    }

    private let pieces: [Int]
    private let threshold: Double
    private let predictions: Tensor  // [U + 1, P], after none, one, … of the pieces
    private var best: [Double]  // of ways that have written so many pieces
    private var frame = 0
    private var peak: Detection?
    private var quietUntil = 0
    private(set) var detections: [Detection] = []

    /// Frames that a score may still rise after it has passed the threshold.
    private static let rise = 4
    /// Frames after a detection in which there is no other.
    private static let refractory = 12

    init(_ pieces: [Int], threshold: Double, in model: FastConformerTransducer) {
        (self.pieces, self.threshold) = (pieces, threshold)
        let ids = Tensor([model.config.blank_token_id] + pieces, [1, pieces.count + 1]).to(model.device)
        predictions = model.prediction(ids).select(0, index: 0)
        best = Self.begun(pieces.count)
    }

    private static func begun(_ count: Int) -> [Double] { [0] + Array(repeating: -.infinity, count: count) }

    /// Reads encoder frames `[n, D]`.
    mutating func accept(_ frames: Tensor, with model: FastConformerTransducer) {
        let (count, states) = (frames.size(0), pieces.count + 1)
        guard count > 0 else { return }
        let blank = model.config.blank_token_id
        let scores = model.joint(model.projected(frames).unsqueeze(1), predictions.unsqueeze(0)).logSoftmax(-1, dtype: .float32)
        let blanks = scores.select(-1, index: blank).array(Float.self)  // [n, U + 1]
        let free = scores.select(1, index: 0).max(-1).0.array(Float.self)  // [n]
        let wanted = Tensor(pieces + [blank]).to(model.device).reshape([1, states, 1]).expand([count, states, 1])
        let written = scores.gather(-1, index: wanted).array(Float.self)
        for t in 0..<count {
            let row = t * states
            step(blanks: blanks[row..<row + states], written: written[row..<row + states], free: free[t])
        }
    }

    /// One frame: of each state the log-probability of blank and of its next piece, and the best of all there is.
    mutating func step(blanks: ArraySlice<Float>, written: ArraySlice<Float>, free: Float) {
        var here = best
        here[0] = 0
        for state in pieces.indices {
            here[state + 1] = max(here[state + 1], here[state] + Double(written[written.startIndex + state]))
        }
        for state in here.indices { best[state] = here[state] + Double(blanks[blanks.startIndex + state] - free) }
        best[0] = 0
        let score = best[pieces.count] / Double(pieces.count)
        if frame >= quietUntil, score > threshold, score > peak?.score ?? -.infinity {
            peak = Detection(frame: peak?.frame ?? frame, score: score)
        }
        if let peak, frame >= peak.frame + Self.rise { detected(peak) }
        frame += 1
    }

    /// No more frames will come.
    mutating func finish() {
        if let peak { detected(peak) }
    }

    private mutating func detected(_ detection: Detection) {
        detections.append(detection)
        peak = nil
        quietUntil = frame + Self.refractory
        best = Self.begun(pieces.count)
    }

    /// Detections since the last call.
    mutating func fetch() -> [Detection] {
        defer { detections = [] }
        return detections
    }
}
