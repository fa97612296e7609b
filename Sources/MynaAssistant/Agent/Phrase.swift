import MynaText

/// Words as a person says them, brought to the form in which they are compared.
///
/// Lower case, numbers as words, no articles or politeness; each word also in a canonical form without apostrophe and
/// plural, so that "the Patio Lights" and "patio light" compare equal.
struct Phrase: Hashable, Sendable {
    /// The words that carry meaning, as said.
    var words: [String]
    /// The same words in canonical form.
    var stems: [String]
    /// Whether it says "all", "every" or the like.
    var saysAll: Bool
    /// Whether it says "both".
    var saysBoth: Bool

    init(_ text: String) {
        var words: [String] = []
        saysAll = false
        saysBoth = false
        let spoken = Self.words(text)
        for (index, word) in spoken.enumerated() {
            if word == "a", index == spoken.count - 1, index > 0 {
                words.append(word)  // "light a" is a name
            } else if Self.quantifiers.contains(word) {
                saysAll = true
            } else if word == "both" {
                saysBoth = true
            } else if !Self.fillers.contains(word) {
                words.append(word)
            }
        }
        self.words = words
        stems = words.map(Self.stem)
    }

    private init(words: [String], saysAll: Bool, saysBoth: Bool) {
        self.words = words
        stems = words.map(Self.stem)
        self.saysAll = saysAll
        self.saysBoth = saysBoth
    }

    var isEmpty: Bool { words.isEmpty }

    /// Whether the last word is a plural.
    var endsInPlural: Bool { words.last.map(Self.isPlural) ?? false }

    static func isPlural(_ word: String) -> Bool {
        word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") && !word.hasSuffix("'s") && !singularS.contains(word)
    }

    /// The phrase with its words put through `replace`, which may drop or split one.
    func mapping(_ replace: (String) -> [String]) -> Phrase {
        Phrase(words: words.flatMap(replace), saysAll: saysAll, saysBoth: saysBoth)
    }

    /// The words around each "and", each part a phrase.
    var conjuncts: [Phrase] {
        words.split(whereSeparator: { $0 == "and" || $0 == "plus" })
            .map { Phrase(words: Array($0), saysAll: saysAll, saysBoth: false) }
    }

    func appending(_ word: String) -> Phrase { Phrase(words: words + [word], saysAll: saysAll, saysBoth: saysBoth) }

    func appending(_ other: Phrase) -> Phrase {
        Phrase(words: words + other.words, saysAll: saysAll || other.saysAll, saysBoth: saysBoth || other.saysBoth)
    }

    func dropping(_ dropped: Set<String>) -> Phrase {
        Phrase(words: words.filter { !dropped.contains(Self.stem($0)) }, saysAll: saysAll, saysBoth: saysBoth)
    }

    /// All words of `text` as they are spoken.
    static func words(_ text: String) -> [String] { SpokenForm.words(of: text) }

    /// `word` without apostrophe and plural ending.
    static func stem(_ word: String) -> String {
        let plain = String(word.filter { $0 != "'" })
        guard plain.count > 3, plain.hasSuffix("s"), !singularS.contains(plain) else { return plain }
        if plain.hasSuffix("ies"), plain.count > 4 { return plain.dropLast(3) + "y" }
        if ["ches", "shes", "xes", "sses"].contains(where: plain.hasSuffix) { return String(plain.dropLast(2)) }
        if plain.hasSuffix("shelves") { return plain.dropLast(3) + "f" }
        if plain.hasSuffix("ss") || plain.hasSuffix("us") || plain.hasSuffix("is") { return plain }
        return String(plain.dropLast())
    }

    /// Singular words that end in s.
    private static let singularS: Set<String> = ["gas", "bus", "this", "news", "always", "christmas", "atlas", "canvas", "iris"]
    private static let quantifiers: Set<String> = ["all", "every", "each", "whole", "entire", "everything", "everywhere"]
    private static let fillers: Set<String> = [
        "the", "a", "an", "my", "our", "your", "their", "his", "her", "its", "please", "some", "of", "in", "on", "at", "to",
        "for", "with", "by", "that", "this", "these", "those", "any", "there", "just", "now", "is", "are", "inside", "within",
    ]
}
