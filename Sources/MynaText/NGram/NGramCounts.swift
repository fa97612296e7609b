internal import Foundation

/// Counts of n-grams, from which an ``NGramModel`` is estimated with modified Kneser-Ney smoothing (Chen and Goodman 1998).
public struct NGramCounts: Sendable {
    public let order: Int
    public let vocabularySize: Int
    /// By length: n-gram to how often it was seen.
    private var counts: [[NGramKey: Int]]
    public private(set) var sentences = 0

    /// - Parameters:
    ///   - order: the longest n-gram, 1 to 5 tokens.
    ///   - vocabularySize: ids are below it, and it is below 4,095.
    public init(order: Int, vocabularySize: Int) {
        precondition((1...NGramKey.lengthLimit).contains(order), "an n-gram of order \(order)")
        precondition(vocabularySize < NGramKey.tokenLimit - 1, "\(vocabularySize) tokens do not fit a key")
        self.order = order
        self.vocabularySize = vocabularySize
        counts = Array(repeating: [:], count: order + 1)
    }

    private var boundary: Int { vocabularySize }

    /// Counts one sentence, with its boundaries.
    public mutating func add(_ sentence: [Int]) {
        if let wrong = sentence.first(where: { !(0..<vocabularySize).contains($0) }) {
            preconditionFailure("token \(wrong) of \(vocabularySize)")
        }
        var window = NGramKey(repeatElement(boundary, count: order - 1))
        sentences += 1
        for token in sentence + [boundary] {
            var key = window.appending(token)
            window = order > 1 ? key.shortened : .empty
            while key.count > 0 {
                counts[key.count][key, default: 0] += 1
                key = key.shortened
            }
        }
    }

    /// The model that the counts make likely.
    ///
    /// - Parameter threshold: an n-gram of three tokens or more is left out where that makes the training text's
    ///   perplexity worse by less than this share (Stolcke 1998); 0 keeps all.
    public func model(pruningBelow threshold: Double = 3e-7) -> NGramModel {
        precondition(sentences > 0, "no sentence was counted")
        var probabilities = smoothed()
        if threshold > 0 { prune(&probabilities, below: threshold) }
        let backoffs = backoffs(of: probabilities)
        let entries = probabilities.flatMap { level in
            level.map { (key: $0.key, logProbability: log($0.value), logBackoff: log(backoffs[$0.key] ?? 1)) }
        }
        return NGramModel(order: order, vocabularySize: vocabularySize, entries: entries)
    }

    // MARK: Smoothing

    /// What one history was followed by: the sum of counts and how many tokens had counts of 1, 2 and 3 or more.
    private struct Continuations {
        var total = 0
        var kinds = (one: 0, two: 0, more: 0)
    }

    /// By length: n-gram to its interpolated probability.
    private func smoothed() -> [[NGramKey: Double]] {
        var probabilities: [[NGramKey: Double]] = Array(repeating: [:], count: order + 1)
        for length in 1...order {
            let counts = adjusted(length)
            let discounts = Self.discounts(for: counts.values)
            var histories: [NGramKey: Continuations] = [:]
            for (key, count) in counts where count > 0 {
                var entry = histories[key.history] ?? Continuations()
                entry.total += count
                switch count {
                case 1: entry.kinds.one += 1
                case 2: entry.kinds.two += 1
                default: entry.kinds.more += 1
                }
                histories[key.history] = entry
            }
            var level: [NGramKey: Double] = Dictionary(minimumCapacity: counts.count)
            for (key, count) in counts {
                let lower = length == 1 ? 1 / Double(vocabularySize + 1) : probabilities[length - 1][key.shortened]!
                guard let history = histories[key.history] else {
                    level[key] = lower
                    continue
                }
                let freed =
                    discounts[1] * Double(history.kinds.one) + discounts[2] * Double(history.kinds.two) + discounts[3]
                    * Double(history.kinds.more)
                level[key] = (Double(count) - discounts[min(count, 3)] + freed * lower) / Double(history.total)
            }
            probabilities[length] = level
        }
        return probabilities
    }

    /// Counts of one length: the longest n-grams and those at the start of a sentence as they were seen, others by how
    /// many different tokens came before them. Tokens never seen and starts of sentences are there with 0.
    private func adjusted(_ length: Int) -> [NGramKey: Int] {
        var adjusted: [NGramKey: Int] = [:]
        if length == order {
            adjusted = counts[length]
        } else {
            for key in counts[length + 1].keys { adjusted[key.shortened, default: 0] += 1 }
            if length > 1 { for (key, count) in counts[length] where key.oldest == boundary { adjusted[key] = count } }
        }
        if length == 1 {
            for token in 0...vocabularySize where adjusted[NGramKey([token])] == nil { adjusted[NGramKey([token])] = 0 }
        } else {
            // Nothing ends where it starts unless an empty sentence was counted, but longer n-grams have this history.
            let start = NGramKey(repeatElement(boundary, count: length))
            if adjusted[start] == nil { adjusted[start] = 0 }
        }
        return adjusted
    }

    /// What is taken from counts of 0, 1, 2 and 3 or more, from how many n-grams were seen once to four times.
    private static func discounts(for counts: some Sequence<Int>) -> [Double] {
        var seen = [0.0, 0, 0, 0, 0]
        for count in counts where (1...4).contains(count) { seen[count] += 1 }
        // Small texts lack some of these; the discounts then stay within what is sensible.
        seen = seen.map { max(1, $0) }
        let share = seen[1] / (seen[1] + 2 * seen[2])
        return [0]
            + (1...3).map { count in
                let estimate = Double(count) - Double(count + 1) * share * seen[count + 1] / seen[count]
                return max(0.05 * Double(count), min(0.95 * Double(count), estimate))
            }
    }

    // MARK: Back-off

    /// Sums over the n-grams that share a history: of their probabilities, and of those one token shorter.
    private func sums(_ level: [NGramKey: Double], _ shorter: (NGramKey) -> Double) -> [NGramKey: (own: Double, shorter: Double)]
    {
        var sums: [NGramKey: (own: Double, shorter: Double)] = [:]
        for (key, probability) in level {
            var sum = sums[key.history] ?? (0, 0)
            sum.own += probability
            sum.shorter += shorter(key.shortened)
            sums[key.history] = sum
        }
        return sums
    }

    private static let least = 1e-9

    /// History to the factor that makes all probabilities after it sum to 1.
    private func backoffs(of probabilities: [[NGramKey: Double]]) -> [NGramKey: Double] {
        var backoffs: [NGramKey: Double] = [:]
        func probability(_ key: NGramKey) -> Double {
            probabilities[key.count][key] ?? (backoffs[key.history] ?? 1) * probability(key.shortened)
        }
        for length in stride(from: 2, through: order, by: 1) {
            for (history, sum) in sums(probabilities[length], probability) {
                backoffs[history] = max(Self.least, 1 - sum.own) / max(Self.least, 1 - sum.shorter)
            }
        }
        return backoffs
    }

    /// Leaves out what backing off says nearly as well, the longest first; what a longer n-gram continues stays.
    private func prune(_ probabilities: inout [[NGramKey: Double]], below threshold: Double) {
        let total = Double(counts[1].values.reduce(0, +))
        for length in stride(from: order, to: 2, by: -1) {
            // Of the shorter ones all are still there, so each n-gram's shorter form is known.
            let lower = probabilities[length - 1]
            let sums = sums(probabilities[length]) { lower[$0]! }
            let continued = length < order ? Set(probabilities[length + 1].keys.map(\.history)) : []
            let start = NGramKey(repeatElement(boundary, count: length - 1))
            probabilities[length] = probabilities[length].filter { key, probability in
                if continued.contains(key) { return true }
                let sum = sums[key.history]!
                let (own, shorter) = (max(Self.least, 1 - sum.own), max(Self.least, 1 - sum.shorter))
                let (before, after) = (own / shorter, (own + probability) / (shorter + lower[key.shortened]!))
                let seen = key.history == start ? sentences : counts[length - 1][key.history] ?? 0
                let loss = probability * (log(probability) - log(lower[key.shortened]! * after)) - own * log(after / before)
                return exp(Double(seen) / total * loss) - 1 >= threshold
            }
        }
    }
}
