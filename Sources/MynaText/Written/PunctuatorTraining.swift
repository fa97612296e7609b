internal import Foundation

/// Learns a ``Punctuator`` from written lines, and counts how well one writes lines it did not learn from.
public struct PunctuatorTraining: Sendable {
    /// A line as words and what is to be learnt of them.
    public struct Line: Sendable, Equatable {
        public var words: [String] = []
        public var marks: [Punctuator.Mark] = []
        public var letters: [Punctuator.Letters] = []

        /// Nil where a line has no words, or anything that a recogniser would write otherwise, such as digits.
        public init?(_ text: String) {
            for field in text.replacing("’", with: "'").replacing("—", with: ", ").replacing("-", with: " ").split(separator: " ")
            {
                let core = field.drop { !$0.isLetter }
                let end = core.lastIndex { $0.isLetter }.map { core.index(after: $0) } ?? core.startIndex
                let (word, tail) = (core[..<end], core[end...] + (core.isEmpty ? field : ""))
                let mark = Self.mark(tail)
                guard !word.isEmpty else {
                    // A mark that stands alone belongs to the word before.
                    if field.contains(where: \.isNumber) { return nil }
                    if mark != .none, !marks.isEmpty { marks[marks.count - 1] = mark }
                    continue
                }
                guard word.allSatisfy({ ("a"..."z").contains($0.lowercased()) || $0 == "'" }), !field.contains(where: \.isNumber)
                else { return nil }
                let capitals = word.filter(\.isUppercase).count
                words.append(word.lowercased())
                letters.append(
                    capitals == 0 ? .lower : capitals > 1 && capitals == word.filter(\.isLetter).count ? .upper : .capitalised)
                marks.append(Self.titles.contains(word.lowercased()) && mark == .period ? .none : mark)
            }
            guard let last = marks.last, words.count > 1 else { return nil }
            if !last.endsSentence { marks[marks.count - 1] = .period }
            // A line in capitals, or without any, teaches nothing about them.
            if !letters.contains(.lower) { return nil }
        }

        private static let titles: Set<String> = ["mr", "mrs", "ms", "dr", "st", "prof", "vs"]

        private static func mark(_ tail: some StringProtocol) -> Punctuator.Mark {
            if tail.contains("?") { return .question }
            if tail.contains(where: { ".!…".contains($0) }) { return .period }
            return tail.contains(where: { ",;:".contains($0) }) ? .comma : .none
        }
    }

    private var weights: [Float]
    private var squares: [Float]
    private let mask: UInt64
    private static let rate: Float = 0.15

    /// - Parameter exponent: the weights have 2 to this power rows.
    public init(exponent: Int = 18) {
        weights = Array(repeating: 0, count: Punctuator.classes << exponent)
        squares = Array(repeating: 1e-3, count: Punctuator.classes << exponent)
        mask = UInt64(1) << UInt64(exponent) - 1
    }

    public var punctuator: Punctuator { Punctuator(weights: weights) }

    /// Takes a step for each word of a line: logistic regression with AdaGrad (Duchi et al. 2011), what came before given.
    public mutating func learn(_ line: Line) {
        var context = Punctuator.Context(line.words)
        for index in line.words.indices {
            step(context.markFeatures(index), line.marks[index].rawValue, 0..<Punctuator.Mark.allCases.count)
            // What begins a sentence says little of its own letters.
            if context.sentenceLength > 0 {
                step(
                    context.letterFeatures(index), line.letters[index].rawValue,
                    Punctuator.Mark.allCases.count..<Punctuator.classes)
            }
            context.passed(line.marks[index])
        }
    }

    private mutating func step(_ features: [UInt64], _ right: Int, _ classes: Range<Int>) {
        var sums = [Float](repeating: 0, count: classes.count)
        for feature in features {
            let row = Int(feature & mask) * Punctuator.classes + classes.lowerBound
            for k in sums.indices { sums[k] += weights[row + k] }
        }
        let top = sums.max() ?? 0
        for k in sums.indices { sums[k] = exp(sums[k] - top) }
        let total = sums.reduce(0, +)
        for feature in features {
            let row = Int(feature & mask) * Punctuator.classes + classes.lowerBound
            for k in sums.indices {
                let gradient = sums[k] / total - (k == right ? 1 : 0)
                squares[row + k] += gradient * gradient
                weights[row + k] -= Self.rate * gradient / squares[row + k].squareRoot()
            }
        }
    }
}

/// How well lines are written.
public struct PunctuationReport: Sendable, Codable {
    /// Right, missed and invented marks of one kind.
    public struct Count: Sendable, Codable {
        public var right = 0
        public var missed = 0
        public var invented = 0
        /// The harmonic mean of precision and recall.
        public var f1: Double { Double(2 * right) / Double(max(1, 2 * right + missed + invented)) }

        enum CodingKeys: CodingKey { case right, missed, invented, f1 }
        public init() {}
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            right = try fields.decode(Int.self, forKey: .right)
            missed = try fields.decode(Int.self, forKey: .missed)
            invented = try fields.decode(Int.self, forKey: .invented)
        }
        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(right, forKey: .right)
            try fields.encode(missed, forKey: .missed)
            try fields.encode(invented, forKey: .invented)
            try fields.encode(f1, forKey: .f1)
        }
    }

    public var lines = 0
    public var words = 0
    public var commas = Count()
    public var periods = Count()
    public var questions = Count()
    /// Words with a capital inside sentences.
    public var capitals = Count()

    public init() {}

    /// Adds a line as `punctuator` writes it.
    public mutating func add(_ line: PunctuatorTraining.Line, by punctuator: Punctuator) {
        lines += 1
        words += line.words.count
        var startsSentence = true
        for (index, text) in punctuator.write(line.words).enumerated() {
            let wanted = line.marks[index]
            let found: Punctuator.Mark =
                text.hasSuffix("?") ? .question : text.hasSuffix(".") ? .period : text.hasSuffix(",") ? .comma : .none
            Self.add(wanted == .comma, found == .comma, to: &commas)
            Self.add(wanted == .period, found == .period, to: &periods)
            Self.add(wanted == .question, found == .question, to: &questions)
            if !startsSentence { Self.add(line.letters[index] != .lower, text.first?.isUppercase ?? false, to: &capitals) }
            startsSentence = wanted.endsSentence
        }
    }

    private static func add(_ wanted: Bool, _ found: Bool, to count: inout Count) {
        switch (wanted, found) {
        case (true, true): count.right += 1
        case (true, false): count.missed += 1
        case (false, true): count.invented += 1
        case (false, false): break
        }
    }
}
