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
        precondition(constraint == nil || trie != nil, "a constraint needs the vocabulary's trie")
        var held: (any TokenConstraint)?
        if let constraint, let trie { held = TrieConstraint(constraint, trie, pieces: tokenizer.pieces) }
        return try generate(
            after: prompt, limit: limit, holdingTo: held, endTokens: endTokens, sampling: sampling, using: &random)
    }

    /// As ``generate(after:limit:constraint:trie:endTokens:sampling:using:)``, held by tokens; such as to a JSON Schema.
    public func generate(
        after prompt: [Int], limit: Int, holdingTo constraint: (any TokenConstraint)?, endTokens: [Int]? = nil,
        sampling: Sampling = .greedy, using random: inout some RandomNumberGenerator
    ) throws(LanguageError) -> Generation {
        precondition(!prompt.isEmpty, "generation needs a prompt of at least one token")
        let room = model.config.longestText - prompt.count
        guard room > 0 else { throw .tooLong(tokens: prompt.count, limit: model.config.longestText) }
        let limit = min(limit, room)
        var writer = TokenWriter(
            limit: limit, endTokens: endTokens ?? self.endTokens, sampling: sampling, constraint: constraint)
        var cache = model.cache(capacity: prompt.count + limit)
        var unread = prompt
        while !writer.isDone {
            let token: Int?
            if let forced = try writer.forced(tokenizer) {
                token = writer.take(forced)
            } else {
                token = writer.take(logits: nextLogits(unread, &cache), using: &random)
                unread = []
            }
            if let token { unread.append(token) }
        }
        return writer.generation
    }

    /// `[V]` of the next token.
    private func nextLogits(_ unread: [Int], _ cache: inout KeyValueCache) -> Tensor {
        withoutGradients {
            let states = model.states(ids(unread), &cache)  // [1, T, E]
            return model.logits(states.suffix(1, axis: 1)).flatten()
        }
    }

    /// The log-probability of each completion after `prompt`, which is read once; an end token counts where it is given.
    public func logProbabilities(of completions: [[Int]], after prompt: [Int]) throws(LanguageError) -> [Double] {
        precondition(!prompt.isEmpty, "a completion needs a prompt of at least one token")
        let longest = prompt.count + (completions.map(\.count).max() ?? 0)
        guard longest <= model.config.longestText else {
            throw .tooLong(tokens: longest, limit: model.config.longestText)
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
