public import MynaStages
internal import MynaText
internal import Torch
internal import TorchNN
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// How the next token is chosen.
public enum Sampling: Sendable, Equatable {
    /// The likeliest.
    case greedy
    /// Drawn from the probabilities sharpened (below 1) or flattened (above 1) by the temperature.
    case temperature(Double)
}

/// What a language model wrote.
public struct Generation: Sendable, Equatable {
    /// Without the end token.
    public var tokens: [Int] = []
    /// Of the tokens and the end among what was allowed at each step; a token without alternative counts nothing.
    public var logProbability = 0.0
    /// Whether an end token was written, rather than the limit reached.
    public var ended = false
    /// How often the model was asked: tokens without alternative are read together with the next question.
    public var steps = 0
}

extension LanguageModel {
    /// Writes on after `prompt`, token by token, until an end token or `limit` tokens.
    ///
    /// - Parameters:
    ///   - constraint: what may be written; the end is then allowed where a whole text stands. `trie` must be given too.
    ///   - endTokens: instead of the model's own.
    /// - Throws: ``LanguageError/tooLong(tokens:limit:)``; ``LanguageError/deadEnd(written:)`` when the vocabulary cannot
    ///   write what the constraint asks for.
    public func generate(
        after prompt: [Int], limit: Int, constraint: (any TextConstraint)? = nil, trie: TokenTrie? = nil,
        endTokens: [Int]? = nil, sampling: Sampling = .greedy, using random: inout some RandomNumberGenerator
    ) throws(LanguageError) -> Generation {
        precondition(!prompt.isEmpty, "generation needs a prompt of at least one token")
        precondition(constraint == nil || trie != nil, "a constraint needs the vocabulary's trie")
        let room = model.config.maxPositionEmbeddings - prompt.count
        guard room > 0 else { throw .tooLong(tokens: prompt.count, limit: model.config.maxPositionEmbeddings) }
        let limit = min(limit, room)
        let ends = endTokens ?? self.endTokens
        var cache = model.cache(capacity: prompt.count + limit)
        var constraint = constraint
        var generation = Generation()
        var unread = prompt
        while generation.tokens.count < limit {
            let allowed = try allowed(constraint, trie, ends, written: generation.tokens)
            let token: Int
            if let allowed, allowed.count == 1 {
                token = allowed[0]
            } else {
                let logits = nextLogits(unread, &cache)
                unread = []
                generation.steps += 1
                let choice = Self.choose(logits, among: allowed, sampling, using: &random)
                token = choice.token
                generation.logProbability += choice.logProbability
            }
            if ends.contains(token) {
                generation.ended = true
                break
            }
            generation.tokens.append(token)
            unread.append(token)
            if constraint != nil {
                for byte in tokenizer.pieces[token] { _ = constraint?.advance(byte) }  // the trie has just asked
            }
        }
        return generation
    }

    /// The tokens that may follow; nil for all of them.
    private func allowed(
        _ constraint: (any TextConstraint)?, _ trie: TokenTrie?, _ ends: [Int], written: [Int]
    ) throws(LanguageError) -> [Int]? {
        guard let constraint, let trie else { return nil }
        var allowed = trie.allowed(by: constraint)
        if constraint.canEnd, let end = ends.first { allowed.append(end) }
        guard !allowed.isEmpty else { throw .deadEnd(written: tokenizer.decode(written)) }
        return allowed
    }

    private func nextLogits(_ unread: [Int], _ cache: inout KeyValueCache) -> [Float] {
        withoutGradients {
            let ids = Tensor(unread, [1, unread.count]).to(parameters.device)
            let states = model.states(ids, &cache)  // [1, T, E]
            return model.logits(states.suffix(1, axis: 1)).array()
        }
    }

    /// A token and its log-probability among `allowed`.
    private static func choose(
        _ logits: [Float], among allowed: [Int]?, _ sampling: Sampling, using random: inout some RandomNumberGenerator
    ) -> (token: Int, logProbability: Double) {
        let candidates = allowed ?? Array(logits.indices)
        let best = candidates.max { logits[$0] < logits[$1] } ?? 0  // never empty
        let highest = Double(logits[best])
        let normaliser = log(candidates.reduce(0.0) { $0 + exp(Double(logits[$1]) - highest) })
        guard case .temperature(let temperature) = sampling, temperature > 0 else { return (best, -normaliser) }
        let weights = candidates.map { exp((Double(logits[$0]) - highest) / temperature) }
        var left = Double.random(in: 0..<weights.reduce(0, +), using: &random)
        for (candidate, weight) in zip(candidates, weights) {
            left -= weight
            if left < 0 { return (candidate, Double(logits[candidate]) - highest - normaliser) }
        }
        return (best, -normaliser)  // only rounding leads here
    }

    /// The log-probability of each completion after `prompt`, which is read once; an end token counts where it is given.
    public func logProbabilities(of completions: [[Int]], after prompt: [Int]) throws(LanguageError) -> [Double] {
        precondition(!prompt.isEmpty, "a completion needs a prompt of at least one token")
        let longest = prompt.count + (completions.map(\.count).max() ?? 0)
        guard longest <= model.config.maxPositionEmbeddings else {
            throw .tooLong(tokens: longest, limit: model.config.maxPositionEmbeddings)
        }
        return withoutGradients {
            var cache = model.cache(capacity: longest)
            let start = prompt.count - 1  // the prompt's last token is read with each completion, whose first it predicts
            if start > 0 { _ = model.states(ids(prompt.dropLast()), &cache) }
            return completions.map { completion in
                guard !completion.isEmpty else { return 0 }
                cache.truncate(to: start)
                let states = model.states(ids([prompt[start]] + completion.dropLast()), &cache)
                let scores = model.logits(states).logSoftmax(-1, dtype: .float32)  // [1, T, V]
                let targets = ids(completion).unsqueeze(-1)  // [1, T, 1]
                return scores.gather(-1, index: targets).sum(.float64).item()
            }
        }
    }

    private func ids(_ tokens: [Int]) -> Tensor { Tensor(tokens, [1, tokens.count]).to(parameters.device) }
}
