public import MynaStages
internal import Foundation
internal import MynaText

/// A request, what is right for it, and what a model wrote instead.
public struct PreferencePair: Sendable, Codable, Equatable {
    public var request: String
    public var state: DialogueState
    public var right: String
    public var wrong: String
    /// The log-probabilities that the model to begin with gives both, each with its end.
    public var rightBefore: Double
    public var wrongBefore: Double
}

extension LanguageModel {
    /// What the model itself gets wrong of `examples` when it draws, held to `constraint` as it is when it works.
    ///
    /// Many texts are written at once; what did not come to its end is left out.
    ///
    /// - Parameters:
    ///   - temperature: of drawing: 0 takes the likeliest, 1 the model's own probabilities.
    ///   - seed: decides what is drawn.
    func mistakes(
        in examples: [RequestExample], _ format: RequestFormat,
        constraint: @Sendable (String, DialogueState) -> any TextConstraint, temperature: Double, seed: UInt64
    ) throws(LanguageError) -> [PreferencePair] {
        let slots = 16
        let batch = GenerationBatch(self, slots: slots, capacity: model.config.longestText)
        var pairs: [PreferencePair] = []
        var asked: [GenerationBatch.ID: RequestExample] = [:]
        /// Writes on until no more than `count` texts are unfinished: each holds its grammar.
        func write(until count: Int) throws(LanguageError) {
            while asked.count > count {
                for event in batch.step() {
                    switch event {
                    case .token: break
                    case .failed(let id, _): asked[id] = nil
                    case .finished(let id, let written):
                        guard let example = asked.removeValue(forKey: id), written.ended else { continue }
                        if let pair = try pair(example, format.text(written.tokens), format) { pairs.append(pair) }
                    }
                }
            }
        }
        for (index, example) in examples.enumerated() {
            var request = GenerationBatch.Request(format.prompt(example.request, after: example.state), limit: 128)
            guard request.prompt.count < model.config.longestText else { continue }
            request.sampling = temperature > 0 ? .temperature(temperature) : .greedy
            request.seed = seed &+ UInt64(index)
            request.endTokens = [format.endToken]
            request.constraint = TrieConstraint(
                spacedQuotes(constraint(example.request, example.state)), format.trie, pieces: tokenizer.pieces)
            asked[try batch.add(request)] = example
            try write(until: slots - 1)
        }
        try write(until: 0)
        return pairs
    }

    /// The pair of what is right and what was written; nil where they are one, or too long to be read.
    private func pair(
        _ example: RequestExample, _ written: String, _ format: RequestFormat
    ) throws(LanguageError) -> PreferencePair? {
        guard written != example.text else { return nil }
        let (right, wrong) = (try format.completion(example.text), try format.completion(written))
        let prompt = format.prompt(example.request, after: example.state)
        guard prompt.count + max(right.count, wrong.count) <= model.config.longestText else { return nil }
        let before = try logProbabilities(of: [right, wrong], after: prompt)
        return PreferencePair(
            request: example.request, state: example.state, right: example.text, wrong: written, rightBefore: before[0],
            wrongBefore: before[1])
    }
}

/// Pairs in rows of one length: first the right texts, then the wrong ones in the same order.
struct PreferenceBatch {
    /// Pairs; there are twice as many rows.
    var pairs: Int
    var length: Int
    /// `[2 pairs, length]`
    var tokens: [Int]
    /// 1 where a token of a text of intents, or its end, is predicted; `[2 pairs, length]`.
    var isText: [Float]
    /// What the model to begin with gave each pair's right text, less what it gave the wrong one.
    var before: [Float]

    /// - Throws: ``LanguageError/tokenizer(file:problem:)`` where a text has a part that the vocabulary lacks.
    init(_ pairs: [PreferencePair], _ format: RequestFormat) throws(LanguageError) {
        var rows: [(prompt: [Int], text: [Int])] = []
        for text in [\PreferencePair.right, \PreferencePair.wrong] {
            for pair in pairs {
                rows.append((format.prompt(pair.request, after: pair.state), try format.completion(pair[keyPath: text])))
            }
        }
        self.pairs = pairs.count
        length = rows.map { $0.prompt.count + $0.text.count }.max() ?? 1
        (tokens, isText) = ([], [])
        for row in rows {
            let left = length - row.prompt.count - row.text.count
            tokens += row.prompt + row.text + Array(repeating: format.endToken, count: left)
            isText +=
                Array(repeating: 0, count: row.prompt.count) + Array(repeating: 1, count: row.text.count)
                + Array(repeating: 0, count: left)
        }
        before = pairs.map { Float($0.rightBefore - $0.wrongBefore) }
    }
}
