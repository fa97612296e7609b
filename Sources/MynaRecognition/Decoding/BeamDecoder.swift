public import MynaText
public import Torch
internal import TorchNN
internal import Foundation

/// How a beam is searched.
public struct BeamOptions: Sendable, Codable, Equatable {
    /// Hypotheses kept after each frame.
    public var width = 6
    /// Pieces that one frame may write.
    public var symbolsPerFrame = 3
    /// Weight of the language model's log-probabilities.
    public var languageWeight = 0.3
    /// Added for each piece, against the language model's liking for short texts.
    public var pieceBonus = 0.3
    /// How far expected sentences are believed in, 0 to below 1; the rest is the model folder's own n-gram model.
    public var expectedShare = 0.3
    /// Weight of how much likelier a piece is where these sentences are expected.
    public var expectedWeight = 0.7

    public init() {}

    /// The first field that holds what no search can work with.
    var wrongField: (name: String, problem: String)? {
        if !(1...64).contains(width) { return ("width", "is \(width), not 1 to 64") }
        if !(1...16).contains(symbolsPerFrame) { return ("symbolsPerFrame", "is \(symbolsPerFrame), not 1 to 16") }
        if !(0..<1).contains(expectedShare) { return ("expectedShare", "is \(expectedShare), not 0 to below 1") }
        for (name, value) in [
            ("languageWeight", languageWeight), ("pieceBonus", pieceBonus), ("expectedWeight", expectedWeight),
        ] where !(-10...10).contains(value) {
            return (name, "is \(value), not −10 to 10")
        }
        return nil
    }
}

/// Transducer beam search over one stream, with an n-gram language model fused in.
///
/// Frame by frame: every hypothesis may write up to a few pieces and then passes to the next frame by blank;
/// hypotheses of the same text are added together. Frames in pieces give the same result as all at once.
public struct BeamDecoder {
    /// One text so far.
    public struct Hypothesis {
        public var tokens: [DecodedToken]
        /// Log-probability of the text under the transducer.
        public var acoustic: Double
        /// Weighted log-probability under the language model and the bonus.
        public var language: Double
        public var score: Double { acoustic + language }
        var history: [Int]
        var state: PredictionNetwork.State  // of batch 1
        var prediction: Tensor  // [1, P]
    }

    private let model: FastConformerTransducer
    private let languageModel: NGramModel?
    private let expected: NGramMixture?
    private let options: BeamOptions
    private let endOfSpeech: Int?
    private var frame = 0
    /// Best first.
    public private(set) var hypotheses: [Hypothesis]

    /// - Parameter expected: `languageModel` mixed with what is likely to be said here.
    public init(
        _ model: FastConformerTransducer, languageModel: NGramModel?, expected: NGramMixture? = nil,
        options: BeamOptions = BeamOptions()
    ) {
        self.model = model
        self.languageModel = languageModel
        self.expected = expected
        self.options = options
        endOfSpeech = model.config.end_of_speech_token_id
        var state = model.prediction.initialState(batch: 1)
        let prediction = model.prediction.step(Tensor([model.config.blank_token_id]).to(model.device), &state)
        hypotheses = [
            Hypothesis(
                tokens: [], acoustic: 0, language: 0, history: languageModel?.start ?? [], state: state, prediction: prediction)
        ]
    }

    /// Reads encoder frames `[1, n, D]`.
    public mutating func accept(_ frames: Tensor) {
        let projected = model.projected(frames).select(0, index: 0)  // [n, P]
        for index in 0..<projected.size(0) {
            advance(projected.narrow(0, start: index, length: 1))
            frame += 1
        }
    }

    private mutating func advance(_ here: Tensor) {
        let blank = model.config.blank_token_id
        var writing = hypotheses
        var passed: [[Int]: Hypothesis] = [:]
        for symbol in 0...options.symbolsPerFrame {
            let predictions = Tensor.concatenated(writing.map(\.prediction), 0)  // [N, P]
            let scores = model.joint(here, predictions).to(.float32).logSoftmax(-1)  // [N, V]
            let values = scores.array(Float.self)
            let vocabulary = scores.size(1)
            for (row, hypothesis) in writing.enumerated() {
                var next = hypothesis
                next.acoustic += Double(values[row * vocabulary + blank])
                let text = next.tokens.map(\.id)
                if let other = passed[text] {
                    // The same text along two paths: the likelier one tells when its pieces were said.
                    let (likelier, other) = next.acoustic > other.acoustic ? (next, other) : (other, next)
                    passed[text] = likelier
                    passed[text]?.acoustic = likelier.acoustic + log1p(exp(other.acoustic - likelier.acoustic))
                } else {
                    passed[text] = next
                }
            }
            if symbol == options.symbolsPerFrame { break }
            // Only what could still end among the best is worth writing.
            let bar = passed.count >= options.width ? passed.values.map(\.score).sorted(by: >)[options.width - 1] : -.infinity
            var candidates: [(parent: Int, token: Int, score: Double, acoustic: Double, language: Double)] = []
            for (row, hypothesis) in writing.enumerated() {
                let best = (0..<vocabulary).filter { $0 != blank }.map { ($0, Double(values[row * vocabulary + $0])) }
                    .filter { $0.1 > -12 }.sorted { $0.1 > $1.1 }.prefix(options.width)
                for (token, probability) in best {
                    let gain = languageGain(of: token, after: hypothesis.history)
                    let score = hypothesis.score + probability + gain
                    if score > bar {
                        candidates.append((row, token, score, hypothesis.acoustic + probability, hypothesis.language + gain))
                    }
                }
            }
            candidates.sort { $0.score > $1.score }
            let kept = candidates.prefix(options.width)
            if kept.isEmpty { break }
            writing = extended(
                kept.map { ($0.parent, $0.token, $0.acoustic, $0.language, exp($0.acoustic - writing[$0.parent].acoustic)) },
                of: writing)
        }
        hypotheses = Array(passed.values.sorted { $0.score > $1.score }.prefix(options.width))
    }

    private func languageGain(of token: Int, after history: [Int]) -> Double {
        guard let languageModel else { return 0 }
        let id = token == endOfSpeech ? languageModel.boundary : token
        let general = languageModel.logProbability(of: id, after: history[...])
        let gain = expected.map { max(0, $0.logProbability(of: id, after: history[...]) - general) } ?? 0
        return options.languageWeight * general + options.expectedWeight * gain
            + (token == endOfSpeech ? 0 : options.pieceBonus)
    }

    /// The prediction network reads all new pieces in one batch.
    private func extended(
        _ choices: [(parent: Int, token: Int, acoustic: Double, language: Double, probability: Double)], of parents: [Hypothesis]
    ) -> [Hypothesis] {
        var state: PredictionNetwork.State = parents[0].state.indices.map { layer in
            .init(
                hidden: Tensor.concatenated(choices.map { parents[$0.parent].state[layer].hidden }, 0),
                cell: Tensor.concatenated(choices.map { parents[$0.parent].state[layer].cell }, 0))
        }
        let predictions = model.prediction.step(Tensor(choices.map(\.token)).to(model.device), &state)  // [N, P]
        return choices.enumerated().map { row, choice in
            var next = parents[choice.parent]
            next.tokens.append(DecodedToken(id: choice.token, frame: frame, probability: choice.probability))
            next.acoustic = choice.acoustic
            next.language = choice.language
            if let languageModel {
                // After the end of a request another may begin.
                next.history =
                    choice.token == endOfSpeech
                    ? languageModel.start : Array((next.history + [choice.token]).suffix(max(1, languageModel.order - 1)))
            }
            next.state = state.map {
                .init(hidden: $0.hidden.narrow(0, start: row, length: 1), cell: $0.cell.narrow(0, start: row, length: 1))
            }
            next.prediction = predictions.narrow(0, start: row, length: 1)
            return next
        }
    }
}
