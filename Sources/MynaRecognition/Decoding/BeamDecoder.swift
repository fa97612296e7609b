public import MynaText
public import Torch
internal import Foundation

/// Transducer beam search over one stream, with an n-gram language model fused in.
///
/// Frame by frame: every hypothesis may write up to a few pieces and then passes to the next frame by blank;
/// hypotheses of the same text are added together. Frames in pieces give the same result as all at once, and so do many
/// streams at once.
public struct BeamDecoder {
    /// One text so far, behind what all hypotheses agree on.
    struct Hypothesis {
        var tokens: [DecodedToken]
        /// Log-probability of the text under the transducer.
        var acoustic: Double
        /// Weighted log-probability under the language model and the bonus.
        var language: Double
        var score: Double { acoustic + language }
        var history: [Int]
        var gains: Gains
        /// How far it has come in an expected rare word.
        var place = RareWords.Place.outside
        /// Whether the end of speech is what it wrote last.
        var hasEnded = false
        /// Where it is in the closed sentences.
        var sentence: SentenceGraph.Place = 0
        /// Its row in the memory of this generation, while a frame is searched.
        var generation = 0
        var row: Int
    }

    /// What the language model adds for each piece after one history; most are asked for many times.
    final class Gains {
        var values: [Double]
        init(_ count: Int) { values = Array(repeating: .nan, count: count) }
    }

    private let model: FastConformerTransducer
    private let languageModel: NGramModel?
    private let expected: ExpectedSpeech?
    private let sentences: SentenceGraph?
    private let options: BeamOptions
    private let endOfSpeech: Int?
    private var frame = 0
    private var memory: PredictionMemory  // a row each hypothesis
    /// What every hypothesis begins with; it can no longer change.
    public private(set) var agreed: [DecodedToken] = []
    private var hypotheses: [Hypothesis]  // best first

    /// Pieces that hypotheses may differ in; where they differ in more, those unlike the best are given up.
    private static let longestTail = 48

    public init(_ model: FastConformerTransducer, languageModel: NGramModel?, options: BeamOptions = BeamOptions()) {
        self.init(model, languageModel: languageModel, expected: nil, sentences: nil, options: options)
    }

    /// - Parameters:
    ///   - expected: what is likely to be said here, beside `languageModel`.
    ///   - sentences: all that can be said; nil where it may be anything.
    init(
        _ model: FastConformerTransducer, languageModel: NGramModel?, expected: ExpectedSpeech?, sentences: SentenceGraph?,
        options: BeamOptions
    ) {
        self.model = model
        self.languageModel = languageModel
        self.expected = expected
        self.sentences = sentences
        self.options = options
        endOfSpeech = model.config.end_of_speech_token_id
        memory = PredictionMemory(beginning: model)
        hypotheses = [
            Hypothesis(
                tokens: [], acoustic: 0, language: 0, history: languageModel?.start ?? [], gains: Gains(model.config.vocab_size),
                row: 0)
        ]
    }

    /// What the best hypothesis has behind ``agreed``.
    public var tail: [DecodedToken] { hypotheses.first?.tokens ?? [] }

    /// The best text so far.
    public var tokens: [DecodedToken] { agreed + tail }

    /// The texts still held, best first, with their scores: natural logarithms of unnormalised probabilities.
    /// The score is what the transducer (`acoustic`) and the language model say together.
    public var nBest: [(tokens: [DecodedToken], score: Double, acoustic: Double, language: Double)] {
        hypotheses.map { (agreed + $0.tokens, $0.score, $0.acoustic, $0.language) }
    }

    /// Reads encoder frames `[1, n, D]`.
    public mutating func accept(_ frames: Tensor) {
        var one = [self]
        Self.accept(frames, counts: [frames.size(1)], into: &one)
        self = one[0]
    }

    /// Many streams at once: frames `[B, n, D]`, of which the first `counts` are each stream's, one decoder a row.
    static func accept(_ frames: Tensor, counts: [Int], into decoders: inout [BeamDecoder]) {
        guard let model = decoders.first?.model, frames.size(1) > 0 else { return }
        let projected = model.projected(frames)  // [B, n, P]
        // All hypotheses of all streams share one memory meanwhile.
        var memory = PredictionMemory(decoders.map(\.memory))
        var offset = 0
        for index in decoders.indices {
            for rank in decoders[index].hypotheses.indices { decoders[index].hypotheses[rank].row = offset + rank }
            offset += decoders[index].hypotheses.count
        }
        for t in 0..<(counts.max() ?? 0) {
            let active = decoders.indices.filter { t < counts[$0] }
            advance(&decoders, active, projected.select(1, index: t), &memory)
        }
        let isAlone = decoders.count == 1
        for index in decoders.indices {
            decoders[index].memory = isAlone ? memory : memory.rows(decoders[index].hypotheses.map(\.row))
            decoders[index].agree()
        }
    }

    private typealias Choice = (parent: Int, token: Int, score: Double, acoustic: Double, language: Double)

    /// One frame of the streams in `active`; `here` is `[B, P]`.
    private static func advance(
        _ decoders: inout [BeamDecoder], _ active: [Int], _ here: Tensor, _ memory: inout PredictionMemory
    ) {
        let model = decoders[active[0]].model
        let (blank, device) = (model.config.blank_token_id, model.device)
        var passed = Array(repeating: [[Int]: Hypothesis](), count: decoders.count)
        var generations = [memory]
        var writing = active.map { (owner: $0, hypotheses: decoders[$0].hypotheses) }
        let mostSymbols = active.map { decoders[$0].options.symbolsPerFrame }.max() ?? 0
        let mostKept = active.map { decoders[$0].options.width }.max() ?? 1
        for symbol in 0...mostSymbols {
            let flat = writing.flatMap(\.hypotheses)
            let owners = writing.flatMap { entry in entry.hypotheses.map { _ in entry.owner } }
            let source = generations[generations.count - 1].predictions
            let rows = flat.map(\.row)
            let predictions =
                rows == Array(0..<source.size(0)) ? source : source.indexSelect(0, index: Tensor(rows).to(device))
            let frames = decoders.count == 1 ? here : here.indexSelect(0, index: Tensor(owners).to(device))
            let scores = model.joint(frames, predictions).logSoftmax(-1, dtype: .float32)  // [N, V]
            let blanks = scores.select(-1, index: blank).array(Float.self)
            let ends = model.config.end_of_speech_token_id.map { scores.select(-1, index: $0).array(Float.self) }
            var place = 0
            for entry in writing {
                for hypothesis in entry.hypotheses {
                    var next = hypothesis
                    // An end that is told again is still the same end; were it not, any piece between two would be likelier.
                    let passing = Double(blanks[place])
                    next.acoustic += hypothesis.hasEnded ? ends.map { logOfSum(passing, Double($0[place])) } ?? passing : passing
                    place += 1
                    add(next, to: &passed[entry.owner])
                }
            }
            if symbol == mostSymbols { break }
            // Blank is the last id. What closed sentences allow may be anywhere in the list.
            let longest = active.contains { decoders[$0].sentences != nil } ? blank : min(mostKept, blank)
            let (values, ids) = scores.narrow(-1, start: 0, length: blank).topk(longest)
            let (likely, pieces, each) = (values.array(Float.self), ids.array(Int.self), values.size(1))
            var choices: [Choice] = []
            var extended: [(owner: Int, hypotheses: [Hypothesis])] = []
            place = 0
            for entry in writing {
                let start = place
                place += entry.hypotheses.count
                let decoder = decoders[entry.owner]
                guard symbol < decoder.options.symbolsPerFrame else { continue }
                let kept = decoder.choices(entry.hypotheses, passed[entry.owner]) { row in
                    let range = (start + row) * each..<(start + row + 1) * each
                    return zip(pieces[range], likely[range]).lazy.prefix(
                        decoder.sentences == nil ? decoder.options.width : each)
                }
                guard !kept.isEmpty else { continue }
                let first = choices.count
                choices += kept.map { ($0.parent + start, $0.token, $0.score, $0.acoustic, $0.language) }
                extended.append(
                    (
                        entry.owner,
                        kept.enumerated().map { rank, choice in
                            decoder.extended(
                                entry.hypotheses[choice.parent], by: choice, generation: generations.count, row: first + rank)
                        }
                    ))
            }
            if choices.isEmpty { break }
            let parents = choices.map { flat[$0.parent].row }
            generations.append(generations[generations.count - 1].extended(choices.map(\.token), parents: parents, with: model))
            writing = extended
        }
        for index in active {
            let width = decoders[index].options.width
            decoders[index].hypotheses = Array(passed[index].values.sorted { $0.score > $1.score }.prefix(width))
            decoders[index].frame += 1
        }
        keep(&decoders, of: generations, in: &memory)
    }

    /// Gathers the rows that hypotheses still need.
    private static func keep(
        _ decoders: inout [BeamDecoder], of generations: [PredictionMemory], in memory: inout PredictionMemory
    ) {
        var starts = [0]
        for generation in generations { starts.append(starts[starts.count - 1] + generation.count) }
        var rows: [Int] = []
        for index in decoders.indices {
            for rank in decoders[index].hypotheses.indices {
                let hypothesis = decoders[index].hypotheses[rank]
                decoders[index].hypotheses[rank].row = rows.count
                decoders[index].hypotheses[rank].generation = 0
                rows.append(starts[hypothesis.generation] + hypothesis.row)
            }
        }
        if generations.count == 1, rows == Array(0..<memory.count) { return }
        memory = PredictionMemory(generations).rows(rows)
    }

    /// The same text along two paths is one hypothesis; the likelier path tells when its pieces were said.
    private static func add(_ hypothesis: Hypothesis, to passed: inout [[Int]: Hypothesis]) {
        let text = hypothesis.tokens.map(\.id)
        guard let other = passed[text] else {
            passed[text] = hypothesis
            return
        }
        var likelier = hypothesis.acoustic > other.acoustic ? hypothesis : other
        likelier.acoustic = logOfSum(hypothesis.acoustic, other.acoustic)
        passed[text] = likelier
    }

    /// The logarithm of the sum of two probabilities given by theirs.
    private static func logOfSum(_ one: Double, _ other: Double) -> Double {
        max(one, other) + log1p(exp(-abs(one - other)))
    }

    /// What is worth writing: that which could still end among the best.
    private func choices(
        _ parents: [Hypothesis], _ passed: [[Int]: Hypothesis], _ likely: (Int) -> some Sequence<(Int, Float)>
    ) -> ArraySlice<Choice> {
        let bar = passed.count >= options.width ? passed.values.map(\.score).sorted(by: >)[options.width - 1] : -.infinity
        var choices: [Choice] = []
        for (row, parent) in parents.enumerated() {
            for (token, value) in likely(row) {
                let probability = Double(value)
                guard probability > leastLikely else { break }
                guard isAllowed(token, after: parent) else { continue }
                let gain = gain(of: token, after: parent)
                let score = parent.score + probability + gain
                if score > bar { choices.append((row, token, score, parent.acoustic + probability, parent.language + gain)) }
            }
        }
        choices.sort { $0.score > $1.score }
        return choices.prefix(options.width)
    }

    /// Log-probability of a piece that is still worth following; closed sentences have nothing else to say instead.
    private var leastLikely: Double { sentences == nil ? -12 : -20 }

    private func isAllowed(_ token: Int, after hypothesis: Hypothesis) -> Bool {
        if hypothesis.hasEnded, token == endOfSpeech { return false }
        guard let sentences else { return true }
        if token == endOfSpeech { return sentences.mayEnd(hypothesis.sentence) }
        return sentences.step(token, from: hypothesis.sentence) != nil
    }

    /// Says that no more frames will come: a whole sentence goes before any that was broken off.
    mutating func finish() {
        guard let sentences else { return }
        func isWhole(_ hypothesis: Hypothesis) -> Bool {
            hypothesis.sentence == sentences.start || sentences.mayEnd(hypothesis.sentence)
        }
        let (best, rest) = (hypotheses.filter(isWhole), hypotheses.filter { !isWhole($0) })
        hypotheses = best + rest
    }

    private func gain(of token: Int, after hypothesis: Hypothesis) -> Double {
        guard let languageModel else { return 0 }
        let known = hypothesis.gains.values[token]
        if !known.isNaN { return known }
        let id = token == endOfSpeech ? languageModel.boundary : token
        let general = languageModel.logProbability(of: id, after: hypothesis.history[...])
        var gain = options.languageWeight * general + (token == endOfSpeech ? 0 : options.pieceBonus)
        if let expected {
            let here = expected.language.logProbability(of: id, after: hypothesis.history[...])
            gain += options.expectedWeight * max(0, here - general)
            gain += expected.rareWords.step(token, from: hypothesis.place, endsWord: token == endOfSpeech).gain
        }
        hypothesis.gains.values[token] = gain
        return gain
    }

    private func extended(_ parent: Hypothesis, by choice: Choice, generation: Int, row: Int) -> Hypothesis {
        var next = parent
        next.tokens.append(
            DecodedToken(id: choice.token, frame: frame, probability: exp(choice.acoustic - parent.acoustic)))
        (next.acoustic, next.language) = (choice.acoustic, choice.language)
        if let languageModel {
            // After the end of a request another may begin.
            next.history =
                choice.token == endOfSpeech
                ? languageModel.start : Array((parent.history + [choice.token]).suffix(max(1, languageModel.order - 1)))
            next.gains = Gains(model.config.vocab_size)
            if let rare = expected?.rareWords {
                next.place = rare.step(choice.token, from: parent.place, endsWord: choice.token == endOfSpeech).place
            }
        }
        if let sentences {
            next.sentence =
                choice.token == endOfSpeech
                ? sentences.start : sentences.step(choice.token, from: parent.sentence) ?? sentences.start
        }
        next.hasEnded = choice.token == endOfSpeech
        (next.generation, next.row) = (generation, row)
        return next
    }

    /// Moves what all hypotheses begin with out of them, so that the cost of a frame does not grow with the text.
    private mutating func agree() {
        guard let best = hypotheses.first else { return }
        let surplus = best.tokens.count - Self.longestTail
        if surplus > 0 {
            let beginning = best.tokens.prefix(surplus).map(\.id)
            let kept = hypotheses.indices.filter { hypotheses[$0].tokens.prefix(surplus).map(\.id) == beginning }
            if kept.count < hypotheses.count {
                memory = memory.rows(kept)
                hypotheses = kept.map { hypotheses[$0] }
            }
        }
        var common = hypotheses[0].tokens.count
        for hypothesis in hypotheses.dropFirst() {
            common = zip(hypotheses[0].tokens.prefix(common), hypothesis.tokens).prefix { $0.id == $1.id }.count
        }
        guard common > 0 else { return }
        agreed += hypotheses[0].tokens.prefix(common)
        for index in hypotheses.indices { hypotheses[index].tokens.removeFirst(common) }
    }
}
