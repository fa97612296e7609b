internal import MynaText

/// What is likely to be said in a place: sentences of its own, and rare words in them such as names.
struct ExpectedSpeech: Sendable {
    /// The general language model mixed with one of the sentences.
    let language: NGramMixture
    /// Words of the sentences that the general model hardly knows.
    let rareWords: RareWords

    /// Nil where no sentence can be written in the tokenizer's pieces.
    /// - Parameter others: what is expected already; `sentences` come on top of it.
    init?(
        _ sentences: [String], beside general: NGramModel, in tokenizer: BytePairTokenizer, _ options: BeamOptions,
        after others: ExpectedSpeech? = nil
    ) {
        var counts = NGramCounts(order: general.order, for: tokenizer)
        for sentence in sentences { counts.add(sentence, in: tokenizer) }
        guard counts.sentences > 0 else { return nil }
        var mixture = others?.language ?? NGramMixture(general)
        mixture.add(counts.model(pruningBelow: 0), share: options.expectedShare)
        language = mixture
        var rare = others?.rareWords ?? RareWords(in: tokenizer, bonus: options.rareWordBonus)
        for word in Set(sentences.flatMap { SpokenForm.words(of: $0) }) {
            guard let letters = SpokenForm.letters(of: word) else { continue }
            let pieces = tokenizer.encode(letters, findingAdded: false)
            let known = pieces.indices.reduce(0) { $0 + general.logProbability(of: pieces[$1], after: pieces[..<$1]) }
            if known < RareWords.threshold { rare.add(pieces) }
        }
        rareWords = rare
    }
}

/// A tree of words over a recogniser's pieces, along which each piece is worth a bonus.
///
/// What a text was given for the beginning of a word is taken back where it goes on otherwise, as in the contextual graphs of
/// arXiv:1808.02480.
struct RareWords: Sendable {
    /// Log-probability under the general model below which a word is rare.
    static let threshold = -15.0

    /// How far a text has come in a word of the tree, and what it may have to give back.
    struct Place: Sendable, Equatable {
        fileprivate var node = 0
        fileprivate var owed = 0.0
        static let outside = Place()
    }

    private struct Node {
        var children: [Int: Int] = [:]
        var isWord = false
    }

    private var nodes = [Node()]
    private let beginsWord: [Bool]
    private let bonus: Double

    init(in tokenizer: BytePairTokenizer, bonus: Double) {
        beginsWord = tokenizer.pieces.map { $0.first == UInt8(ascii: " ") }
        self.bonus = bonus
    }

    mutating func add(_ pieces: [Int]) {
        guard let first = pieces.first, beginsWord[first] else { return }
        var node = 0
        for piece in pieces {
            if let next = nodes[node].children[piece] {
                node = next
            } else {
                nodes.append(Node())
                nodes[node].children[piece] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        nodes[node].isWord = true
    }

    /// What writing `token` adds to a text's score, and where the text is then; `endsWord` is for a token that is no piece.
    func step(_ token: Int, from place: Place, endsWord: Bool) -> (gain: Double, place: Place) {
        let begins = endsWord || beginsWord[token]
        // Nothing is owed for a word that is whole.
        let owed = begins && nodes[place.node].isWord ? 0 : place.owed
        guard !endsWord, begins || place.node != 0, let next = nodes[begins ? 0 : place.node].children[token] else {
            return (-owed, .outside)
        }
        return begins ? (bonus - owed, Place(node: next, owed: bonus)) : (bonus, Place(node: next, owed: owed + bonus))
    }
}
