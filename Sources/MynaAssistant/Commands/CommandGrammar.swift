public import Foundation
public import MynaText
internal import Yams

/// A closed set of spoken commands: wordings with alternatives and slots, such as an app or a machine has.
///
/// Read from the YAML form of speech-to-intent contexts: `context.expressions` lists wordings by intent, `[a, b]` being one
/// of these and `$kind:name` a value of the slots of that kind; `context.slots` lists the values. A name ends in a digit
/// where one kind fills several slots.
public struct CommandGrammar: Sendable {
    /// One command: what is wanted and the slots it fills.
    public struct Command: Sendable, Equatable, Codable {
        public var intent: String
        public var slots: [String: String]

        public init(intent: String, slots: [String: String]) {
            self.intent = intent
            self.slots = slots
        }
    }

    private enum Part: Sendable {
        case choice([Int])
        case slot(name: String, values: [Int])

        var phrases: [Int] {
            switch self {
            case .choice(let phrases), .slot(_, let phrases): phrases
            }
        }
    }

    private struct Expression: Sendable {
        var intent: String
        var parts: [Part]
    }

    private var expressions: [Expression] = []
    /// Every distinct piece of wording.
    private var phrases: [String] = []

    /// - Throws: ``CommandGrammarError`` naming the file and the place in it.
    public init(contentsOf url: URL) throws {
        let text: String
        do {
            text = try String(contentsOf: url, encoding: .utf8)
        } catch {
            throw CommandGrammarError(file: url.path, place: "", problem: "cannot be read: \(error.localizedDescription)")
        }
        try self.init(yaml: text, file: url.path)
    }

    init(yaml: String, file: String) throws {
        func wrong(_ place: String, _ problem: String) -> CommandGrammarError {
            CommandGrammarError(file: file, place: place, problem: problem)
        }
        let document: File
        do {
            document = try YAMLDecoder().decode(File.self, from: yaml)
        } catch {
            throw wrong("", "is not a context: \(error)")
        }
        var numbers: [String: Int] = [:]
        func number(_ phrase: String) -> Int {
            if let known = numbers[phrase] { return known }
            numbers[phrase] = phrases.count
            phrases.append(phrase)
            return phrases.count - 1
        }
        func words(_ text: some StringProtocol, at place: String) throws -> Int {
            let spoken = SpokenForm.text(of: String(text))
            if spoken.isEmpty { throw wrong(place, "\"\(text)\" holds no words") }
            return number(spoken)
        }
        var values: [String: [Int]] = [:]
        for (kind, list) in document.context.slots ?? [:] {
            values[kind] = try list.map { try words($0, at: "slots.\(kind)") }
        }
        for (intent, wordings) in document.context.expressions.sorted(by: { $0.key < $1.key }) {
            for wording in wordings {
                let place = "expressions.\(intent): \(wording)"
                var parts: [Part] = []
                for piece in try Self.pieces(of: wording, wrong: { wrong(place, $0) }) {
                    switch piece {
                    case .words(let text): parts.append(.choice([try words(text, at: place)]))
                    case .choice(let list): parts.append(.choice(try list.map { try words($0, at: place) }))
                    case .slot(let kind, let name):
                        guard let known = values[kind], !known.isEmpty else { throw wrong(place, "slots has no \"\(kind)\"") }
                        parts.append(.slot(name: name, values: known))
                    }
                }
                if parts.isEmpty { throw wrong(place, "is empty") }
                expressions.append(Expression(intent: intent, parts: parts))
            }
        }
        if expressions.isEmpty { throw wrong("expressions", "is empty") }
    }

    private struct File: Decodable {
        struct Context: Decodable {
            var expressions: [String: [String]]
            var slots: [String: [String]]?
        }
        var context: Context
    }

    private enum Piece { case words(Substring), choice([Substring]), slot(kind: String, name: String) }

    private static func pieces(of wording: String, wrong: (String) -> CommandGrammarError) throws -> [Piece] {
        var pieces: [Piece] = []
        var rest = wording[...].drop(while: \.isWhitespace)
        while let first = rest.first {
            if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { throw wrong("\"[\" is not closed") }
                pieces.append(.choice(rest[rest.index(after: rest.startIndex)..<end].split(separator: ",")))
                rest = rest[rest.index(after: end)...]
            } else if first == "$" {
                let end = rest.firstIndex(where: \.isWhitespace) ?? rest.endIndex
                let fields = rest[rest.index(after: rest.startIndex)..<end].split(separator: ":", maxSplits: 1)
                guard let kind = fields.first else { throw wrong("\"$\" names no slot") }
                pieces.append(.slot(kind: String(kind), name: String(fields.last ?? kind)))
                rest = rest[end...]
            } else {
                let end = rest.firstIndex { $0 == "[" || $0 == "$" } ?? rest.endIndex
                pieces.append(.words(rest[..<end]))
                rest = rest[end...]
            }
            rest = rest.drop(while: \.isWhitespace)
        }
        return pieces
    }

    /// Sentences drawn at random, each wording as likely as another: what a recogniser may look out for.
    public func sentences<R: RandomNumberGenerator>(_ count: Int, using random: inout R) -> [String] {
        (0..<count).map { _ in
            expressions[Int.random(in: 0..<expressions.count, using: &random)].parts.map { part in
                phrases[part.phrases[Int.random(in: 0..<part.phrases.count, using: &random)]]
            }.joined(separator: " ")
        }
    }

    /// Every sentence there is, not written out.
    public var allSentences: ClosedSentences {
        ClosedSentences(wordings: expressions.map { $0.parts.map { $0.phrases.map { phrases[$0] } } })
    }

    /// Every sentence that means `command` and nothing more; empty where none does.
    public func sentences(meaning command: Command) -> [String] {
        let values = command.slots.mapValues { SpokenForm.text(of: $0) }
        var found: [String] = []
        for expression in expressions where expression.intent == command.intent {
            let names = expression.parts.compactMap { if case .slot(let name, _) = $0 { name } else { nil } }
            guard Set(names) == Set(values.keys), names.count == values.count else { continue }
            var sentences = [""]
            for part in expression.parts {
                let choices = part.phrases.map { phrases[$0] }
                let allowed: [String] =
                    switch part {
                    case .choice: choices
                    case .slot(let name, _): choices.filter { $0 == values[name] }
                    }
                sentences = sentences.flatMap { start in allowed.map { start.isEmpty ? $0 : start + " " + $0 } }
            }
            found += sentences
        }
        return Array(Set(found)).sorted()
    }

    /// The command whose wording is nearest to what was heard, and how many letters would have to change, as a share of
    /// what was heard; nil for no words.
    public func nearest(to heard: String) -> (command: Command, distance: Double)? {
        let words = SpokenForm.text(of: heard).split(separator: " ").map { Array($0.utf8) }
        guard !words.isEmpty else { return nil }
        // Letters that tell a phrase from the words j ..< i; every expression reads the same table.
        let count = words.count
        var cost = [Int32](repeating: 0, count: phrases.count * (count + 1) * (count + 1))
        func place(_ phrase: Int, _ j: Int, _ i: Int) -> Int { (phrase * (count + 1) + j) * (count + 1) + i }
        for j in 0...count {
            let rest = Array(words[j...].joined(separator: [0x20]))
            var ends: [Int] = [0]
            for word in words[j...] { ends.append(ends.count == 1 ? word.count : (ends.last ?? 0) + 1 + word.count) }
            for (index, phrase) in phrases.enumerated() {
                let distances = Self.distances(from: Array(phrase.utf8), toPrefixesOf: rest)
                for (span, end) in ends.enumerated() { cost[place(index, j, j + span)] = distances[end] }
            }
        }
        var best: (expression: Int, chosen: [Int], cost: Int32)?
        for (number, expression) in expressions.enumerated() {
            var costs = [Int32](repeating: .max / 2, count: count + 1)
            costs[0] = 0
            var choices: [[(phrase: Int, from: Int)]] = []
            for part in expression.parts {
                var next = [Int32](repeating: .max / 2, count: count + 1)
                var how = [(phrase: Int, from: Int)](repeating: (0, 0), count: count + 1)
                for i in 0...count {
                    for j in 0...i where costs[j] < .max / 2 {
                        for phrase in part.phrases {
                            let total = costs[j] + cost[place(phrase, j, i)]
                            if total < next[i] { (next[i], how[i]) = (total, (phrase, j)) }
                        }
                    }
                }
                choices.append(how)
                costs = next
            }
            guard costs[count] < best?.cost ?? .max else { continue }
            var chosen: [Int] = []
            var end = count
            for how in choices.reversed() {
                chosen.append(how[end].phrase)
                end = how[end].from
            }
            best = (number, chosen.reversed(), costs[count])
        }
        guard let best else { return nil }
        var slots: [String: String] = [:]
        for (part, phrase) in zip(expressions[best.expression].parts, best.chosen) {
            if case .slot(let name, _) = part { slots[name] = phrases[phrase] }
        }
        let letters = words.reduce(-1) { $0 + $1.count + 1 }
        return (Command(intent: expressions[best.expression].intent, slots: slots), Double(best.cost) / Double(max(1, letters)))
    }

    /// Edit distances of `phrase` to the first 0, 1, 2 … letters of `text`.
    private static func distances(from phrase: [UInt8], toPrefixesOf text: [UInt8]) -> [Int32] {
        var row = (0...Int32(text.count)).map { $0 }
        for letter in phrase {
            var diagonal = row[0]
            row[0] += 1
            for (j, other) in text.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (letter == other ? 0 : 1))
                (diagonal, row[j + 1]) = (row[j + 1], next)
            }
        }
        return row
    }
}

/// A grammar of commands that cannot be read.
public struct CommandGrammarError: Error, Equatable, CustomStringConvertible {
    public var file: String
    /// Where in the file; empty for the whole.
    public var place: String
    public var problem: String

    public var description: String { place.isEmpty ? "\(file): \(problem)" : "\(file): \(place): \(problem)" }
}
