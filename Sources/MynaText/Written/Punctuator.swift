public import Foundation

/// Puts marks and capitals into words as a recogniser writes them.
///
/// A linear model over hashed features of a word and its neighbours decides, from left to right, which mark stands behind each
/// word and how it is capitalised; the first word of a sentence always is. `myna train punctuation` makes one.
public struct Punctuator: Sendable {
    /// What stands behind a word.
    public enum Mark: Int, Sendable, CaseIterable, Codable {
        case none, comma, period, question

        public var text: String { ["", ",", ".", "?"][rawValue] }
        var endsSentence: Bool { self == .period || self == .question }
    }

    /// How a word is written inside a sentence.
    public enum Letters: Int, Sendable, CaseIterable, Codable {
        case lower, capitalised, upper
    }

    /// Weights of one feature: four marks, then three ways of writing letters.
    static let classes = Mark.allCases.count + Letters.allCases.count
    private static let magic = Array("MYNAPNC1".utf8)

    /// Number of rows is a power of two.
    let weights: [Float]

    init(weights: [Float]) { self.weights = weights }

    /// - Throws: ``PunctuatorError`` where the file can't be read or is no such model.
    public init(contentsOf file: URL) throws {
        let data: Data
        do {
            data = try Data(contentsOf: file, options: .mappedIfSafe)
        } catch {
            throw PunctuatorError(file: file.path, problem: "cannot be read")
        }
        // The magic, the exponent of the number of rows, the step of the integers, the integers.
        guard data.count > 16, Array(data.prefix(8)) == Self.magic else {
            throw PunctuatorError(file: file.path, problem: "is no punctuation model")
        }
        let exponent = data[data.startIndex + 8]
        let step = data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 12, as: Float.self) }
        guard (4...24).contains(exponent), step.isFinite, step > 0, data.count == 16 + Self.classes << Int(exponent) else {
            throw PunctuatorError(file: file.path, problem: "is cut short or damaged")
        }
        weights = data.dropFirst(16).map { Float(Int8(bitPattern: $0)) * step }
    }

    /// Writes the weights as 8-bit integers.
    public func write(to file: URL) throws {
        let largest = weights.reduce(0) { max($0, abs($1)) }
        let step = max(largest, 1e-6) / 127
        var data = Data(Self.magic)
        data.append(contentsOf: [UInt8((weights.count / Self.classes).trailingZeroBitCount), 0, 0, 0])
        withUnsafeBytes(of: step) { data.append(contentsOf: $0) }
        data.append(contentsOf: weights.map { UInt8(bitPattern: Int8(($0 / step).rounded())) })
        try data.write(to: file, options: .atomic)
    }

    /// Marks and capitals for an utterance: each word is written anew, and the last has a full stop or a question mark.
    ///
    /// - Parameter words: lower case, without marks.
    public func write(_ words: [String]) -> [String] {
        var context = Context(words)
        var written: [String] = []
        for index in words.indices {
            let startsSentence = context.sentenceLength == 0
            let letters = startsSentence ? .capitalised : best(Letters.self, context.letterFeatures(index))
            let scores = scores(context.markFeatures(index))
            let allowed = index == words.count - 1 ? [Mark.period, .question] : Mark.allCases
            let mark = allowed.max { scores[$0.rawValue] < scores[$1.rawValue] } ?? .none
            // A sentence may begin with what is all capitals anywhere.
            let asInside = startsSentence ? best(Letters.self, context.letterFeatures(index)) : letters
            written.append(Self.written(words[index], asInside == .upper ? .upper : letters) + mark.text)
            context.passed(mark)
        }
        return written
    }

    private static func written(_ word: String, _ letters: Letters) -> String {
        switch letters {
        case .lower: word
        case .capitalised: word.prefix(1).uppercased() + word.dropFirst()
        case .upper: word.hasSuffix("'s") ? word.dropLast(2).uppercased() + "'s" : word.uppercased()
        }
    }

    private func best(_ kind: Letters.Type, _ features: [UInt64]) -> Letters {
        let scores = scores(features)
        return Letters.allCases.max { scores[4 + $0.rawValue] < scores[4 + $1.rawValue] } ?? .lower
    }

    /// Sums of the features' weights for all classes.
    func scores(_ features: [UInt64]) -> [Float] {
        var sums = [Float](repeating: 0, count: Self.classes)
        let mask = UInt64(weights.count / Self.classes - 1)
        for feature in features {
            let row = Int(feature & mask) * Self.classes
            for k in 0..<Self.classes { sums[k] += weights[row + k] }
        }
        return sums
    }

    /// An utterance being written: the words and what was decided so far.
    struct Context {
        private let hashes: [UInt64]
        private let endings: [UInt64]
        private var sentenceStart = 0
        private var clauseStart = 0
        private var position = 0

        init(_ words: [String]) {
            hashes = words.map { Self.hash($0.utf8) }
            endings = words.map { Self.hash($0.utf8.suffix(3)) &+ 1 }
        }

        /// Words of the sentence before the one that is written next.
        var sentenceLength: Int { position - sentenceStart }

        mutating func passed(_ mark: Mark) {
            position += 1
            if mark != .none { clauseStart = position }
            if mark.endsSentence { sentenceStart = position }
        }

        func markFeatures(_ i: Int) -> [UInt64] {
            let (here, next, after, before) = (word(i), word(i + 1), word(i + 2), word(i - 1))
            let (first, second) = (word(sentenceStart), sentenceStart + 1 < hashes.count ? word(sentenceStart + 1) : 0)
            let length = UInt64(min(12, i - sentenceStart))
            let clause = UInt64(min(12, i - clauseStart))
            let rest = UInt64(min(4, hashes.count - 1 - i))
            return [
                Self.mix(1, here, 0), Self.mix(2, next, 0), Self.mix(3, before, 0), Self.mix(4, here, next),
                Self.mix(5, before, here),
                Self.mix(6, next, after), Self.mix(7, first, rest == 0 ? 1 : 0),
                Self.mix(8, Self.mix(0, first, second), rest == 0 ? 1 : 0),
                Self.mix(9, length, clause), Self.mix(10, rest, min(length, 4)), Self.mix(11, ending(i), ending(i + 1)),
                Self.mix(12, next, clause), Self.mix(13, here, Self.mix(0, next, after)), Self.mix(14, first, next),
                Self.mix(15, ending(i), next), Self.mix(16, Self.mix(0, before, here), next),
            ]
        }

        func letterFeatures(_ i: Int) -> [UInt64] {
            let (here, next, before) = (word(i), word(i + 1), word(i - 1))
            return [
                Self.mix(31, here, 0), Self.mix(32, here, next), Self.mix(33, before, here), Self.mix(34, before, 0),
                Self.mix(35, next, 0), Self.mix(36, ending(i), 0), Self.mix(37, ending(i), ending(i + 1)),
            ]
        }

        /// Beyond the ends are words of their own.
        private func word(_ i: Int) -> UInt64 { hashes.indices.contains(i) ? hashes[i] : (i < 0 ? 11 : 13) }
        private func ending(_ i: Int) -> UInt64 { endings.indices.contains(i) ? endings[i] : 17 }

        private static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }

        private static func mix(_ kind: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
            var x = a &* 0x9e37_79b9_7f4a_7c15 &+ b &* 0xc2b2_ae3d_27d4_eb4f &+ kind &* 0x1656_67b1_9e37_79f9
            x ^= x >> 29
            x = x &* 0xbf58_476d_1ce4_e5b9
            return x ^ (x >> 32)
        }
    }
}

/// A punctuation model that cannot be used.
public struct PunctuatorError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problem: String

    public var description: String { "\(file): \(problem)" }
}
