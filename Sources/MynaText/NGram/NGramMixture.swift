internal import Foundation

/// Several n-gram models over the same tokens, each believed to a share: a general one and what is said in this home.
public struct NGramMixture: Sendable {
    private var parts: [(model: NGramModel, share: Double)]

    /// One model alone.
    public init(_ model: NGramModel) { parts = [(model, 1)] }

    /// Gives `share` of the belief to `model` and leaves the rest to those before it.
    public mutating func add(_ model: NGramModel, share: Double) {
        precondition((0..<1).contains(share), "a share of \(share)")
        precondition(
            model.vocabularySize == vocabularySize, "a model of \(model.vocabularySize) tokens beside one of \(vocabularySize)")
        for index in parts.indices { parts[index].share *= 1 - share }
        parts.append((model, share))
    }

    /// The longest n-gram of any part.
    public var order: Int { parts.map(\.model.order).max() ?? 1 }
    public var vocabularySize: Int { parts[0].model.vocabularySize }
    /// Starts and ends of sentences are this token.
    public var boundary: Int { vocabularySize }
    /// The history at the start of a sentence.
    public var start: [Int] { Array(repeating: boundary, count: max(1, order - 1)) }

    /// The natural logarithm of P(token | history); `history` is oldest first, only its end is read.
    public func logProbability(of token: Int, after history: ArraySlice<Int>) -> Double {
        if parts.count == 1 { return parts[0].model.logProbability(of: token, after: history) }
        return log(parts.reduce(0) { $0 + $1.share * exp($1.model.logProbability(of: token, after: history)) })
    }
}
