internal import MynaText
internal import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One text in the making: which tokens may follow, which is chosen, and when it is done. It knows nothing of the model.
struct TokenWriter {
    private(set) var generation = Generation()
    private(set) var isDone = false
    private let limit: Int
    private let endTokens: [Int]
    private let sampling: Sampling
    private var constraint: (any TokenConstraint)?
    /// What may follow, once it was asked for.
    private var allowed: AllowedTokens?

    init(limit: Int, endTokens: [Int], sampling: Sampling, constraint: (any TokenConstraint)?) {
        (self.limit, self.endTokens, self.sampling, self.constraint) = (limit, endTokens, sampling, constraint)
        isDone = limit <= 0
    }

    /// The token that follows whatever the model says; nil where it has to be asked.
    ///
    /// - Throws: ``LanguageError/deadEnd(written:)`` where nothing may follow.
    mutating func forced(_ tokenizer: BytePairTokenizer) throws(LanguageError) -> Int? {
        guard let constraint else { return nil }
        let end = constraint.canEnd ? endTokens.first : nil
        var only: Int?
        var count = 0
        switch constraint.allowed() {
        case .list(var tokens):
            if let end { tokens.append(end) }
            (only, count) = (tokens.first, tokens.count)
            allowed = .list(tokens)
        case .mask(var mask):
            if let end { mask.insert(end) }
            count = mask.count
            only = count == 1 ? mask.tokens.first : nil
            allowed = .mask(mask)
        }
        guard count > 0 else { throw .deadEnd(written: tokenizer.decode(generation.tokens)) }
        return count == 1 ? only : nil
    }

    /// Takes a token without asking the model; nil where it ends the text.
    mutating func take(_ token: Int) -> Int? {
        allowed = nil
        if endTokens.contains(token) {
            generation.ended = true
            isDone = true
            return nil
        }
        generation.tokens.append(token)
        constraint?.take(token)
        isDone = generation.tokens.count >= limit
        return token
    }

    /// Chooses among what is allowed by the model's scores `[V]`, and takes it; nil where it ends the text.
    mutating func take(logits: Tensor, using random: inout some RandomNumberGenerator) -> Int? {
        let choice: (token: Int, logProbability: Double)
        if allowed == nil, sampling == .greedy {
            choice = withoutGradients {
                let scores = logits.to(.float32)
                let best = scores.argmax().itemInt()
                return (best, scores.select(0, index: best).item() - scores.logsumexp([0]).item())
            }
        } else {
            let logits = logits.to(.float32).array(Float.self)
            let candidates =
                switch allowed {
                case nil: Array(logits.indices)
                case .list(let tokens)?: tokens
                case .mask(let mask)?: mask.tokens
                }
            choice = Self.choose(logits, among: candidates, sampling, using: &random)
        }
        generation.steps += 1
        generation.logProbability += choice.logProbability
        return take(choice.token)
    }

    /// A token and its log-probability among `candidates`, of which there are some.
    private static func choose(
        _ logits: [Float], among candidates: [Int], _ sampling: Sampling, using random: inout some RandomNumberGenerator
    ) -> (token: Int, logProbability: Double) {
        let best = candidates.max { logits[$0] < logits[$1] } ?? 0
        let highest = Double(logits[best])
        // e⁻⁴⁰ of the likeliest adds nothing to a Double, and most of a large vocabulary is below.
        let normaliser = log(
            candidates.reduce(0.0) { sum, token in
                let below = Double(logits[token]) - highest
                return below < -40 ? sum : sum + exp(below)
            })
        guard case .temperature(let temperature) = sampling, temperature > 0 else { return (best, -normaliser) }
        let weights = candidates.map { exp((Double(logits[$0]) - highest) / temperature) }
        var left = Double.random(in: 0..<weights.reduce(0, +), using: &random)
        for (candidate, weight) in zip(candidates, weights) {
            left -= weight
            if left < 0 { return (candidate, Double(logits[candidate]) - highest - normaliser) }
        }
        return (best, -normaliser)  // only rounding leads here
    }
}
