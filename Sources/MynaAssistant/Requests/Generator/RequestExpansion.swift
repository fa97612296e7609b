internal import MynaStages

/// Draws words from patterns.
struct RequestExpansion: Sendable {
    let patterns: PatternSet
    /// The entries of each list of the patterns that may be drawn.
    private let lists: [DrawnList]

    /// Whether something in brackets is said.
    static let optionalShare = 0.36

    init(_ patterns: PatternSet, drawing vocabulary: RequestVocabulary, for split: RequestSplit) {
        self.patterns = patterns
        lists = patterns.lists.map {
            DrawnList(vocabulary.entries[$0] ?? [], ownCount: vocabulary.ownCounts[$0] ?? 0, split: split)
        }
    }

    /// Adds to `draft` what `node` gives.
    func expand(_ node: Int, into draft: inout RequestDraft, using random: inout SeededRandom) {
        switch patterns.nodes[node] {
        case .word(let word):
            if word.hasPrefix("'"), let last = draft.words.last {
                draft.words[draft.words.count - 1] = last + word  // "<list:names>'s"
            } else {
                draft.words.append(word)
            }
        case .sequence(let parts): for part in parts { expand(part, into: &draft, using: &random) }
        case .choice(let options): expand(random.pick(options), into: &draft, using: &random)
        case .optional(let option):
            if random.chance(Self.optionalShare) { expand(option, into: &draft, using: &random) }
        case .rule(let number): expand(patterns.rules[number], into: &draft, using: &random)
        case .list(let number): draft.words += lists[number].draw(using: &random)
        case .number(let range, let step):
            let count = (range.upperBound - range.lowerBound) / step + 1
            draft.words += CardinalWords.words(range.lowerBound + step * random.below(count))
        case .invented: draft.words.append(InventedWord.draw(using: &random))
        case .slot(let slot, let inAll, let inner):
            let start = draft.words.count
            expand(inner, into: &draft, using: &random)
            let last = draft.actions.count - 1
            guard last >= 0 else { break }  // in a frame of what means nothing
            for intent in (inAll ? 0 : last)...last where draft.words.count > start {
                draft.spans.append(.init(intent: intent, slot: slot, range: start..<draft.words.count, pattern: inner))
            }
        case .mark(let slot, let member):
            draft.marks.append(.init(intent: draft.actions.count - 1, slot: slot, member: member, position: draft.words.count))
        case .next(let action): draft.actions.append(action)
        }
    }

    /// Words that `node` gives, whatever slots they fill.
    func words(of node: Int, using random: inout SeededRandom) -> [String] {
        var draft = RequestDraft()
        draft.actions = [""]
        expand(node, into: &draft, using: &random)
        return draft.words
    }
}

/// Whole numbers in words, below a million.
enum CardinalWords {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

    static func words(_ number: Int) -> [String] {
        switch number {
        case ..<0: ["minus"] + words(-number)
        case ..<20: [small[number]]
        case ..<100: [tens[number / 10]] + (number % 10 == 0 ? [] : [small[number % 10]])
        case ..<1000: [small[number / 100], "hundred"] + (number % 100 == 0 ? [] : words(number % 100))
        default: words(number / 1000) + ["thousand"] + (number % 1000 == 0 ? [] : words(number % 1000))
        }
    }
}

/// Words that no language has, for names that can only be copied.
enum InventedWord {
    private static let onsets = [
        "b", "bl", "br", "ch", "d", "dr", "f", "fl", "g", "gl", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pl", "qu", "r",
        "s",
        "sh", "sk", "sl", "sn", "sp", "st", "t", "th", "tr", "v", "w", "y", "z",
    ]
    private static let vowels = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "ee", "oo", "ai", "ou", "ay"]
    private static let codas = [
        "", "", "b", "ck", "d", "g", "l", "m", "n", "p", "r", "s", "t", "x", "nd", "nk", "rt", "st", "zz",
    ]
    private static let endings = ["y", "o", "a", "er", "le", "us", "ix", "bot", "ie", "el", "on", "ia"]

    static func draw(using random: inout SeededRandom) -> String {
        var word = ""
        for _ in 0..<(1 + random.below(2)) { word += random.pick(onsets) + random.pick(vowels) + random.pick(codas) }
        return random.chance(0.5) ? word + random.pick(endings) : word
    }
}
