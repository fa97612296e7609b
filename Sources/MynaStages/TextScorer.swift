/// Tells how likely texts are as language.
public protocol TextScorer: Sendable {
    /// The natural logarithm of each text's probability, its end included.
    func logProbabilities(of texts: [String]) async throws -> [Double]
}
