/// Words with choices, and which of them fill slots: what requests are made from.
///
/// Written as text:
/// - `turn on`: these words
/// - `(a|b c|d)`: one of these; `[a|b]`: one of these or nothing
/// - `<rule>`: what the rule of that name gives; `<list:foods>`: an entry of a list of the vocabulary; `<n:1-60>`: a
///   number in words; `<invented>`: a word that no language has
/// - `{target:…}`: the words inside fill the slot; `{*place:…}` fills it in every intent so far
/// - `{property=volume}`: the slot has this member of its closed set
/// - `&turn_off&`: what follows belongs to one more intent
enum PatternNode: Sendable {
    case word(String)
    case sequence([Int])
    case choice([Int])
    case optional(Int)
    case rule(Int)
    case list(Int)
    case number(ClosedRange<Int>, step: Int)
    case invented
    case slot(IntentSlot, inAll: Bool, Int)
    case mark(IntentSlot, String)
    case next(String)
}

/// Why a pattern cannot be read; patterns are ours, so this is a programmer's error, found by the tests.
struct PatternError: Error, CustomStringConvertible {
    var pattern: String
    var problem: String
    var description: String { "pattern \"\(pattern)\": \(problem)" }
}

/// All patterns and rules, as nodes that refer to each other by number.
struct PatternSet: Sendable {
    private(set) var nodes: [PatternNode] = []
    /// The node of each rule, by the rule's number; −1 until it is defined.
    private(set) var rules: [Int] = []
    private var ruleNumbers: [String: Int] = [:]
    /// The lists that patterns draw from; a node refers to one by its place here.
    private(set) var lists: [String] = []

    /// Reads lines of `name = pattern`; a line that starts with spaces continues the one before, # starts a comment.
    mutating func define(rules text: String) throws(PatternError) {
        for line in Self.lines(of: text) {
            guard let equals = line.firstRange(of: " = ") else {
                throw PatternError(pattern: line, problem: "a rule is name = pattern")
            }
            let name = String(line[..<equals.lowerBound])
            let number = ruleNumber(name)
            guard rules[number] < 0 else { throw PatternError(pattern: line, problem: "the rule is there already") }
            rules[number] = try read(String(line[equals.upperBound...]))
        }
    }

    /// Checks that every rule that is used is there.
    func validate() throws(PatternError) {
        for (name, number) in ruleNumbers where rules[number] < 0 {
            throw PatternError(pattern: "<\(name)>", problem: "no rule has this name")
        }
    }

    /// Lines without comments, with continuations joined.
    static func lines(of text: String) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix(" "), !lines.isEmpty {
                lines[lines.count - 1] += " " + line.drop { $0 == " " }
            } else {
                lines.append(String(line))
            }
        }
        return lines
    }

    /// The node of the rule called `name`.
    func node(ofRule name: String) -> Int? { ruleNumbers[name].map { rules[$0] } }

    private mutating func ruleNumber(_ name: String) -> Int {
        if let number = ruleNumbers[name] { return number }
        ruleNumbers[name] = rules.count
        rules.append(-1)
        return rules.count - 1
    }

    private mutating func add(_ node: PatternNode) -> Int {
        nodes.append(node)
        return nodes.count - 1
    }

    /// Reads one pattern and gives its node.
    mutating func read(_ text: String) throws(PatternError) -> Int {
        var rest = Substring(text)
        let node = try choices(&rest, until: nil, of: text)
        guard rest.isEmpty else { throw PatternError(pattern: text, problem: "unexpected \(rest.first!) near the end") }
        return node
    }

    private mutating func choices(_ rest: inout Substring, until end: Character?, of text: String) throws(PatternError) -> Int {
        var options: [Int] = []
        while true {
            options.append(try sequence(&rest, of: text))
            guard let next = rest.first else {
                guard end == nil else { throw PatternError(pattern: text, problem: "\(end!) is missing") }
                break
            }
            if next == "|" {
                rest.removeFirst()
            } else if next == end {
                rest.removeFirst()
                break
            } else {
                throw PatternError(pattern: text, problem: "unexpected \(next)")
            }
        }
        return options.count == 1 ? options[0] : add(.choice(options))
    }

    private mutating func sequence(_ rest: inout Substring, of text: String) throws(PatternError) -> Int {
        var parts: [Int] = []
        while let next = rest.first, !"|)]}".contains(next) {
            switch next {
            case " ": rest.removeFirst()
            case "(":
                rest.removeFirst()
                parts.append(try choices(&rest, until: ")", of: text))
            case "[":
                rest.removeFirst()
                parts.append(add(.optional(try choices(&rest, until: "]", of: text))))
            case "<": parts.append(try reference(try inside(&rest, ">", of: text), of: text))
            case "{": parts.append(try slot(&rest, of: text))
            case "&": parts.append(add(.next(try inside(&rest, "&", of: text))))
            default:
                let word = rest.prefix { !" |()[]{}<>&".contains($0) }
                guard !word.isEmpty else { throw PatternError(pattern: text, problem: "unexpected \(next)") }
                parts.append(add(.word(String(word))))
                rest = rest.dropFirst(word.count)
            }
        }
        return parts.count == 1 ? parts[0] : add(.sequence(parts))
    }

    private func inside(_ rest: inout Substring, _ end: Character, of text: String) throws(PatternError) -> String {
        rest.removeFirst()
        guard let close = rest.firstIndex(of: end) else { throw PatternError(pattern: text, problem: "\(end) is missing") }
        defer { rest = rest[rest.index(after: close)...] }
        return String(rest[..<close])
    }

    private mutating func reference(_ name: String, of text: String) throws(PatternError) -> Int {
        if name == "invented" { return add(.invented) }
        if name.hasPrefix("list:") {
            let list = String(name.dropFirst(5))
            if !lists.contains(list) { lists.append(list) }
            return add(.list(lists.firstIndex(of: list)!))  // it is there now
        }
        guard name.hasPrefix("n:") else { return add(.rule(ruleNumber(name))) }
        let numbers = name.dropFirst(2).split { $0 == "-" || $0 == "/" }.compactMap { Int($0) }
        guard numbers.count >= 2, numbers[0] <= numbers[1] else {
            throw PatternError(pattern: text, problem: "<\(name)> is no range")
        }
        return add(.number(numbers[0]...numbers[1], step: numbers.count > 2 ? numbers[2] : 1))
    }

    private mutating func slot(_ rest: inout Substring, of text: String) throws(PatternError) -> Int {
        rest.removeFirst()
        let inAll = rest.first == "*"
        if inAll { rest.removeFirst() }
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        guard let slot = IntentSlot(rawValue: String(name)), let sign = rest.first, sign == ":" || sign == "=" else {
            throw PatternError(pattern: text, problem: "{\(name)… is neither {slot:words} nor {slot=member}")
        }
        rest.removeFirst()
        if sign == ":" { return add(.slot(slot, inAll: inAll, try choices(&rest, until: "}", of: text))) }
        let member = rest.prefix { $0 != "}" }
        rest = rest.dropFirst(member.count + 1)
        guard slot.members?.contains(String(member)) == true else {
            throw PatternError(pattern: text, problem: "\(slot.rawValue) cannot be \(member)")
        }
        return add(.mark(slot, String(member)))
    }
}
