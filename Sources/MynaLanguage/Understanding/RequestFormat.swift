public import MynaStages
public import MynaText

/// How a request and its intents stand in a language model's tokens.
///
/// `<state> request <intents> text <end>`. What stands in the text outside quotes (actions, slots, closed sets) is a
/// token of its own each; the words inside quotes are the request's own tokens.
public struct RequestFormat: Sendable {
    /// Ends a text.
    public static let end = "<end>"
    /// Stands between request and intents.
    static let intents = "<intents>"
    static func marker(_ state: DialogueState) -> String { "<\(state.rawValue)>" }
    static let specials = [end, intents] + DialogueState.allCases.map(marker)

    public let tokenizer: BytePairTokenizer
    public let trie: TokenTrie
    let endToken: Int
    private let intentsToken: Int
    private let stateTokens: [DialogueState: Int]
    private let markerIDs: [String: Int]

    /// - Throws: ``LanguageError/tokenizer(file:problem:)`` when a marker is missing.
    public init(_ tokenizer: BytePairTokenizer, file: String = "tokenizer.json") throws(LanguageError) {
        func id(_ marker: String) throws(LanguageError) -> Int {
            guard let id = tokenizer.id(of: marker) else { throw .tokenizer(file: file, problem: "has no token \(marker)") }
            return id
        }
        self.tokenizer = tokenizer
        trie = TokenTrie(tokenizer)
        endToken = try id(Self.end)
        intentsToken = try id(Self.intents)
        var stateTokens: [DialogueState: Int] = [:]
        for state in DialogueState.allCases { stateTokens[state] = try id(Self.marker(state)) }
        self.stateTokens = stateTokens
        markerIDs = Dictionary(tokenizer.added.lazy.filter { !$0.isSpecial }.map { ($0.text, $0.id) }) { first, _ in first }
    }

    /// What the model reads.
    public func prompt(_ request: String, after state: DialogueState) -> [Int] {
        [stateTokens[state] ?? endToken] + tokenizer.encode(request, findingAdded: false) + [intentsToken]
    }

    /// What the model is to write for `text`, with the end.
    ///
    /// - Throws: ``LanguageError/tokenizer(file:problem:)`` when the vocabulary lacks one of the text's parts outside quotes.
    public func completion(_ text: String) throws(LanguageError) -> [Int] {
        var tokens: [Int] = []
        for part in Self.parts(text) {
            if part.isQuoted {
                tokens += tokenizer.encode(part.text, findingAdded: false)
            } else if let id = markerIDs[part.text] {
                tokens.append(id)
            } else {
                throw .tokenizer(file: "tokenizer.json", problem: "has no token \"\(part.text)\" (in \"\(text)\")")
            }
        }
        return tokens + [endToken]
    }

    /// The text that the model wrote.
    public func text(_ tokens: [Int]) -> String { withoutQuoteSpaces(tokenizer.decode(tokens)) }

    /// Learns a vocabulary from requests.
    ///
    /// - Parameter parts: all that can stand outside quotes in a text of intents, as ``parts(_:)`` cuts it; each becomes a token.
    public static func tokenizer(
        learning requests: some Sequence<String>, parts: [String], vocabularySize: Int
    ) throws(TokenizerError) -> BytePairTokenizer {
        var words: [Substring: Int] = [:]
        for request in requests {
            for word in request.split(separator: " ") { words[word, default: 0] += 1 }
        }
        var trainer = BytePairTrainer(specials: specials, markers: parts, addsPrefixSpace: true)
        for (word, count) in words { trainer.add(word, count: count) }
        return try trainer.tokenizer(vocabularySize: vocabularySize)
    }

    /// A stretch of copied words, or one part outside quotes.
    public struct Part: Sendable, Equatable {
        public var text: String
        public var isQuoted: Bool
    }

    /// `text` in its parts: outside quotes each with the space before it and the quote it opens, such as `turn_on`,
    /// ` target="`, `"`, ` property=brightness`.
    public static func parts(_ text: String) -> [Part] {
        var parts: [Part] = []
        for (index, stretch) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if index % 2 == 1 {
                parts.append(Part(text: String(stretch), isQuoted: true))
                continue
            }
            if index > 0 { parts.append(Part(text: "\"", isQuoted: false)) }
            var part = ""
            for character in stretch {
                let begins = character == " " || character == "\n" || character == ";" || part == "\n" || part == ";"
                if begins, !part.isEmpty {
                    parts.append(Part(text: part, isQuoted: false))
                    part = ""
                }
                part.append(character)
            }
            if part.hasSuffix("=") { part += "\"" }
            if !part.isEmpty { parts.append(Part(text: part, isQuoted: false)) }
        }
        return parts
    }
}
