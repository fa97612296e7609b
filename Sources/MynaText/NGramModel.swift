public import Foundation

/// An n-gram language model over token ids, interpolated after Witten and Bell (1991).
///
/// P(w | h) = (c(h w) + t(h) P(w | h′)) / (c(h) + t(h)), where t(h) counts the different tokens seen after h and h′
/// drops its oldest token; below one token it is uniform. Ids are below 4,096 and the order at most 5, so that a
/// history and its next token fit one exact 64-bit key.
public struct NGramModel: Sendable {
    public let order: Int
    public let vocabularySize: Int
    /// Key of history and token to count.
    private var counts: [UInt64: UInt32]
    /// Key of history to how often it was continued and with how many different tokens.
    private var histories: [UInt64: (total: UInt32, types: UInt32)]

    /// Starts and ends of sentences are this token.
    public var boundary: Int { vocabularySize }

    public init(order: Int, vocabularySize: Int) {
        precondition((1...5).contains(order) && vocabularySize < 4095, "an n-gram of order \(order) over \(vocabularySize) tokens")
        self.order = order
        self.vocabularySize = vocabularySize
        counts = [:]
        histories = [:]
    }

    /// Packs tokens, oldest first; the length is part of the key.
    private func key(_ tokens: ArraySlice<Int>) -> UInt64 {
        tokens.reduce(UInt64(tokens.count) << 60) { ($0 & 0xf000_0000_0000_0000) | (($0 & 0x0fff_ffff_ffff_ffff) << 12 & 0x0fff_ffff_ffff_ffff) | UInt64($1 + 1) }
    }

    /// Counts one sentence, with a boundary on either side.
    public mutating func add(_ sentence: [Int], count: UInt32 = 1) {
        let tokens = Array(repeating: boundary, count: max(1, order - 1)) + sentence + [boundary]
        for position in max(1, order - 1)..<tokens.count {
            for length in 0..<order {
                let history = tokens[position - length..<position]
                let whole = key(tokens[position - length...position])
                let seen = counts[whole, default: 0]
                counts[whole] = seen + count
                var entry = histories[key(history), default: (0, 0)]
                entry.total += count
                if seen == 0 { entry.types += 1 }
                histories[key(history)] = entry
            }
        }
    }

    /// The natural logarithm of P(token | history); `history` is oldest first, only its end is read.
    public func logProbability(of token: Int, after history: ArraySlice<Int>) -> Double {
        var probability = 1 / Double(vocabularySize + 1)
        for length in 0..<order where length <= history.count {
            let past = history.suffix(length)
            guard let entry = histories[key(past)] else { break }
            let seen = Double(counts[key(past + [token]), default: 0])
            probability = (seen + Double(entry.types) * probability) / (Double(entry.total) + Double(entry.types))
        }
        return log(probability)
    }

    /// The history at the start of a sentence.
    public var start: [Int] { Array(repeating: boundary, count: max(1, order - 1)) }

    /// Leaves out n-grams of three tokens or more that were seen only once: a fraction of the size for little loss.
    public mutating func prune() {
        counts = counts.filter { $0.key >> 60 < 3 || $0.value > 1 }
        histories.removeAll()
        for (whole, count) in counts {
            let length = whole >> 60
            let past = (length - 1) << 60 | (whole & 0x0fff_ffff_ffff_ffff) >> 12
            var entry = histories[past, default: (0, 0)]
            entry.total += count
            entry.types += 1
            histories[past] = entry
        }
    }
}

/// Why an n-gram file cannot be read.
public struct NGramError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problem: String
    public var description: String { "\(file): \(problem)" }
}

extension NGramModel {
    private static let magic = Array("MYNANGR1".utf8)

    /// Writes keys and counts, sorted, so that the same model is the same file.
    public func write(to file: URL) throws {
        var data = Data(Self.magic)
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
        append(UInt32(order))
        append(UInt32(vocabularySize))
        append(UInt32(counts.count))
        for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
            append(key)
            append(UInt16(clamping: count))
        }
        try data.write(to: file, options: .atomic)
    }

    /// Reads what ``write(to:)`` wrote.
    public init(contentsOf file: URL) throws {
        func fail(_ problem: String) -> NGramError { NGramError(file: file.path, problem: problem) }
        guard let data = try? Data(contentsOf: file) else { throw fail("cannot be read") }  // the reason is in the sentence
        guard data.count >= 20, Array(data.prefix(8)) == Self.magic else { throw fail("is not an n-gram model") }
        func number<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
            data.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self)) }
        }
        let (order, vocabulary, count) = (Int(number(UInt32.self, at: 8)), Int(number(UInt32.self, at: 12)), Int(number(UInt32.self, at: 16)))
        guard (1...5).contains(order), vocabulary < 4095 else { throw fail("has order \(order) and \(vocabulary) tokens") }
        guard data.count == 20 + 10 * count else { throw fail("should have \(20 + 10 * count) bytes, has \(data.count)") }
        self.init(order: order, vocabularySize: vocabulary)
        counts.reserveCapacity(count)
        for index in 0..<count {
            let whole = number(UInt64.self, at: 20 + 10 * index)
            guard (1...UInt64(order)).contains(whole >> 60) else { throw fail("entry \(index) is of order \(whole >> 60)") }
            counts[whole] = UInt32(number(UInt16.self, at: 28 + 10 * index))
        }
        for (whole, count) in counts {
            let past = (whole >> 60 - 1) << 60 | (whole & 0x0fff_ffff_ffff_ffff) >> 12
            var entry = histories[past, default: (0, 0)]
            entry.total += count
            entry.types += 1
            histories[past] = entry
        }
    }
}
