internal import MynaStages
internal import MynaText

/// Chooses among a client's functions by the words that a request shares with their names and descriptions, and fills their
/// parameters with words of the request.
///
/// Our language model writes the intents of a home and knows no other functions, so no model stands behind this: a
/// function is found where the request names it.
struct ToolMatcher {
    /// A call and how sure it is.
    struct Match: Equatable {
        var call: ToolCall
        /// Whether the request has the words of the function's name; else only of its description.
        var isNamed: Bool
        /// How many words are shared, those of the name twice.
        var score: Int
        /// Whether every required parameter has a value.
        var isComplete: Bool
    }

    let tools: [ClientTool]

    /// The function to call for `request`.
    ///
    /// - Parameter isOurs: false where our own assistant understood nothing: then a description's words are enough.
    func call(for request: String, _ choice: ToolChoice, isOurs: Bool) -> ToolCall? {
        let words = SpokenForm.words(of: request)
        switch choice {
        case .none: return nil
        case .function(let name): return tools.first { $0.name == name }.map { match(words, $0).call }
        case .required: return best(words) { _ in true }?.call
        case .auto: return best(words) { $0.isComplete && ($0.isNamed || !isOurs && $0.score > 0) }?.call
        }
    }

    private func best(_ words: [String], where fits: (Match) -> Bool) -> Match? {
        var best: Match?
        for found in tools.map({ match(words, $0) }) where fits(found) {
            let isBetter = best.map { (found.score, found.isComplete ? 1 : 0) > ($0.score, $0.isComplete ? 1 : 0) } ?? true
            if isBetter { best = found }  // the first of equals
        }
        return best
    }

    func match(_ words: [String], _ tool: ClientTool) -> Match {
        let name = Self.content(Self.nameWords(tool.name))
        let described = Self.content(SpokenForm.words(of: tool.description))
        let roots = words.map(Self.root)
        var isUsed = roots.map { name.contains($0) }
        let inName = Set(roots).intersection(name)
        let inDescription = Set(roots).intersection(described).subtracting(inName)
        var arguments: [String: Value] = [:]
        var missing = false
        var filled = 0
        // What is surest first: choices, truths and numbers, and then the words that are left.
        func order(_ form: ClientTool.Form) -> Int {
            switch form {
            case .choice: 0
            case .number: 1
            case .truth: 2
            case .text: 3
            case .other: 4
            }
        }
        for parameter in tool.parameters.sorted(by: { (order($0.form), $0.name) < (order($1.form), $1.name) }) {
            let value = Filling(words: words, roots: roots, tool: tool).value(for: parameter, &isUsed)
            if let value {
                arguments[parameter.name] = value
                if case .choice = parameter.form { filled += 1 }
            } else if parameter.isRequired {
                missing = true
            }
        }
        return Match(
            call: ToolCall(name: tool.name, arguments: arguments),
            isNamed: !name.isEmpty && 2 * inName.count >= name.count, score: 2 * inName.count + inDescription.count + filled,
            isComplete: !missing)
    }

    // MARK: Words

    /// The words of an identifier: at `_`, `-`, `.` and where a capital follows a small letter.
    static func nameWords(_ name: String) -> [String] {
        var words = [""]
        var wasSmall = false
        for character in name {
            if !character.isLetter && !character.isNumber {
                words.append("")
            } else {
                if wasSmall, character.isUppercase { words.append("") }
                words[words.count - 1] += character.lowercased()
            }
            wasSmall = character.isLowercase
        }
        return words.filter { !$0.isEmpty }
    }

    /// The roots of the words that say what something is about.
    static func content(_ words: [String]) -> Set<String> { Set(words.filter { !common.contains($0) }.map(root)) }

    /// A word without the endings that don't change what it is about.
    static func root(_ word: String) -> String {
        for ending in ["'s", "ies", "ing", "ed", "es", "s"] where word.count > ending.count + 2 && word.hasSuffix(ending) {
            let stem = String(word.dropLast(ending.count))
            return ending == "ies" ? stem + "y" : stem.hasSuffix("e") ? String(stem.dropLast()) : stem
        }
        return word.count > 3 && word.hasSuffix("e") ? String(word.dropLast()) : word
    }

    /// Words that any request and any description may have.
    static let common: Set<String> = [
        "a", "an", "the", "of", "to", "in", "on", "at", "for", "from", "by", "with", "about", "and", "or", "is", "are", "it",
        "its",
        "i", "me", "my", "you", "your", "we", "what", "what's", "how", "which", "who", "when", "where", "please", "can", "could",
        "would", "do", "does", "get", "gets", "set", "sets", "return", "returns", "give", "tell", "show", "make", "current",
        "this",
        "that", "some", "any", "will", "be", "if", "into", "as", "given", "tool", "function", "user", "value", "name", "now",
    ]
}
