public import Foundation

/// An n-gram language model over token ids in back-off form (Katz 1987): the longest known n-gram decides, and each
/// token of history that has to be dropped costs the back-off weight of the history that ended with it.
///
/// ``NGramCounts`` estimates it. Logarithms are natural and kept in steps of 1/1024, in memory as in the file.
public struct NGramModel: Sendable, Equatable {
    public let order: Int
    public let vocabularySize: Int
    /// Sorted; every token has its unigram, every history of a longer n-gram is among them.
    private let keys: [UInt64]
    private let logProbabilities: [Int16]
    private let logBackoffs: [Int16]

    /// Starts and ends of sentences are this token.
    public var boundary: Int { vocabularySize }
    /// How many n-grams it knows.
    public var count: Int { keys.count }
    /// The history at the start of a sentence.
    public var start: [Int] { Array(repeating: boundary, count: max(1, order - 1)) }

    private static let steps = 1024.0

    init(order: Int, vocabularySize: Int, entries: [(key: NGramKey, logProbability: Double, logBackoff: Double)]) {
        func rounded(_ value: Double) -> Int16 { Int16(max(-32_000, min(32_000, (value * Self.steps).rounded()))) }
        self.order = order
        self.vocabularySize = vocabularySize
        let sorted = entries.sorted { $0.key < $1.key }
        keys = sorted.map(\.key.bits)
        logProbabilities = sorted.map { rounded($0.logProbability) }
        logBackoffs = sorted.map { rounded($0.logBackoff) }
    }

    /// The natural logarithm of P(token | history); `history` is oldest first, only its end is read.
    public func logProbability(of token: Int, after history: ArraySlice<Int>) -> Double {
        var past = NGramKey(history.suffix(order - 1))
        var sum = 0
        while true {
            if let index = index(of: past.appending(token)) { return Double(sum + Int(logProbabilities[index])) / Self.steps }
            precondition(past.count > 0, "token \(token) is not one of the model's \(vocabularySize) and the boundary")
            if let index = index(of: past) { sum += Int(logBackoffs[index]) }
            past = past.shortened
        }
    }

    /// The natural logarithm of P(sentence), its end included.
    public func logProbability(of sentence: [Int]) -> Double {
        let tokens = start + sentence + [boundary]
        return (start.count..<tokens.count).reduce(0) { $0 + logProbability(of: tokens[$1], after: tokens[..<$1]) }
    }

    private func index(of key: NGramKey) -> Int? {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key.bits { low = middle + 1 } else { high = middle }
        }
        return low < keys.count && keys[low] == key.bits ? low : nil
    }
}

/// Why an n-gram file cannot be read.
public struct NGramError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problem: String
    public var description: String { "\(file): \(problem)" }
}

// The file: eight letters, then order, vocabulary size and count as 32-bit numbers, then all keys (64 bits), all
// probabilities and all back-off weights (16 bits), little-endian.
extension NGramModel {
    private static let magic = Array("MYNANGR2".utf8)
    private static let headerSize = 20
    private static let entrySize = 12

    /// Writes the model; the same model is the same file.
    public func write(to file: URL) throws {
        var data = Data(Self.magic)
        func append(_ values: some Sequence<some FixedWidthInteger>) {
            for value in values { withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) } }
        }
        append([UInt32(order), UInt32(vocabularySize), UInt32(count)])
        append(keys)
        append(logProbabilities)
        append(logBackoffs)
        try data.write(to: file, options: .atomic)
    }

    /// Reads what ``write(to:)`` wrote.
    public init(contentsOf file: URL) throws(NGramError) {
        func fail(_ problem: String) -> NGramError { NGramError(file: file.path, problem: problem) }
        let data: Data
        do { data = try Data(contentsOf: file) } catch { throw fail("cannot be read: \(error.localizedDescription)") }
        guard data.count >= Self.headerSize, Array(data.prefix(8)) == Self.magic else { throw fail("is not an n-gram model") }
        func numbers<T: FixedWidthInteger>(_ type: T.Type, at offset: Int, count: Int) -> [T] {
            data.withUnsafeBytes { bytes in
                (0..<count).map {
                    T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + $0 * MemoryLayout<T>.size, as: T.self))
                }
            }
        }
        let header = numbers(UInt32.self, at: 8, count: 3).map(Int.init)
        let (order, vocabulary, count) = (header[0], header[1], header[2])
        guard (1...NGramKey.lengthLimit).contains(order), vocabulary < NGramKey.tokenLimit else {
            throw fail("has order \(order) and \(vocabulary) tokens")
        }
        let size = Self.headerSize + Self.entrySize * count
        guard data.count == size else { throw fail("should have \(size) bytes, has \(data.count)") }
        keys = numbers(UInt64.self, at: Self.headerSize, count: count)
        logProbabilities = numbers(Int16.self, at: Self.headerSize + 8 * count, count: count)
        logBackoffs = numbers(Int16.self, at: Self.headerSize + 10 * count, count: count)
        self.order = order
        vocabularySize = vocabulary
        for index in keys.indices.dropFirst() where keys[index] <= keys[index - 1] {
            throw fail("entry \(index) is out of order")
        }
        guard keys.count > vocabulary, (0...vocabulary).allSatisfy({ keys[$0] == NGramKey([$0]).bits }) else {
            throw fail("lacks the unigram of a token")
        }
        guard keys.allSatisfy({ NGramKey(bits: $0).count <= order }) else { throw fail("has an n-gram longer than \(order)") }
    }
}
