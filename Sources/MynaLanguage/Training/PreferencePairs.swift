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
        let batch = GenerationBatch(self, slots: 16, capacity: model.config.longestText)
        var pairs: [PreferencePair] = []
        var asked: [GenerationBatch.ID: RequestExample] = [:]
        for (index, example) in examples.enumerated() {
            var request = GenerationBatch.Request(format.prompt(example.request, after: example.state), limit: 128)
            guard request.prompt.count < model.config.longestText else { continue }
            request.sampling = temperature > 0 ? .temperature(temperature) : .greedy
            request.seed = seed &+ UInt64(index)
            request.endTokens = [format.endToken]
            request.constraint = TrieConstraint(
                spacedQuotes(constraint(example.request, example.state)), format.trie, pieces: tokenizer.pieces)
            asked[try batch.add(request)] = example
            // No more wait than there are slots: a request holds its grammar.
            while asked.count >= 16 || index == examples.count - 1 && !batch.isIdle {
                for event in batch.step() {
                    switch event {
                    case .token: break
                    case .failed(let id, _): asked[id] = nil
                    case .finished(let id, let written):
                        guard let example = asked.removeValue(forKey: id) else { continue }
                        let text = format.text(written.tokens)
                        guard written.ended, text != example.text else { continue }
                        let (right, wrong) = (try format.completion(example.text), try format.completion(text))
                        let prompt = format.prompt(example.request, after: example.state)
                        guard prompt.count + max(right.count, wrong.count) <= model.config.longestText else { continue }
                        let before = try logProbabilities(of: [right, wrong], after: prompt)
                        pairs.append(
                            PreferencePair(
                                request: example.request, state: example.state, right: example.text, wrong: text,
                                rightBefore: before[0], wrongBefore: before[1]))
                    }
                }
            }
        }
        return pairs
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
            isText += Array(repeating: 0, count: row.prompt.count) + Array(repeating: 1, count: row.text.count)
                + Array(repeating: 0, count: left)
        }
        before = pairs.map { Float($0.rightBefore - $0.wrongBefore) }
    }
}
