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
    /// Added for each piece of a rare word in these sentences, such as a name; taken back where the word goes on otherwise.
    public var rareWordBonus = 0.0

    public init() {}

    /// The same for closed sentences: their graph says all that can be said, so the sound alone chooses. Models of language only
    /// lean towards what they saw often, and the bonus towards long words; see `docs/decisions/0014-closed-sentences-in-the-search.md`.
    var forClosedSentences: BeamOptions {
        var options = self
        options.languageWeight = 0
        options.pieceBonus = 0
        options.expectedWeight = 0
        options.rareWordBonus = 0
        return options
    }

    /// The first field that holds what no search can work with.
    var wrongField: (name: String, problem: String)? {
        if !(1...64).contains(width) { return ("width", "is \(width), not 1 to 64") }
        if !(1...16).contains(symbolsPerFrame) { return ("symbolsPerFrame", "is \(symbolsPerFrame), not 1 to 16") }
        if !(0..<1).contains(expectedShare) { return ("expectedShare", "is \(expectedShare), not 0 to below 1") }
        for (name, value) in [
            ("languageWeight", languageWeight), ("pieceBonus", pieceBonus), ("expectedWeight", expectedWeight),
            ("rareWordBonus", rareWordBonus),
        ] where !(-10...10).contains(value) {
            return (name, "is \(value), not −10 to 10")
        }
        return nil
    }
}
