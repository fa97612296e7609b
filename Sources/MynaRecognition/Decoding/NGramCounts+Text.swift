public import MynaText

extension NGramCounts {
    /// Counts over a recogniser's pieces, whose end of speech is the boundary.
    public init(order: Int, for tokenizer: BytePairTokenizer) {
        self.init(order: order, vocabularySize: tokenizer.count)
    }

    /// Counts a text as the recogniser would write it; what it couldn't write is left out.
    ///
    /// - Returns: whether it was counted.
    @discardableResult public mutating func add(_ text: String, in tokenizer: BytePairTokenizer) -> Bool {
        guard let words = SpokenForm.letters(of: text) else { return false }
        add(tokenizer.encode(words, findingAdded: false))
        return true
    }
}
