internal import MynaStages

/// The factory's source of chance: the same seed gives the same numbers on every machine.
struct FactoryRandom: RandomNumberGenerator {
    private var base: SeededRandom

    /// A stream of its own for each pair.
    init(seed: UInt64, stream: UInt64) {
        base = SeededRandom(seed: seed &* 0x9e37_79b9_7f4a_7c15 ^ stream &* 0xd1b5_4a32_d192_ed03)
        _ = next()
        _ = next()
    }

    mutating func next() -> UInt64 { base.next() }

    /// Uniform in `range`.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + Double(next() >> 11) * 0x1p-53 * (range.upperBound - range.lowerBound)
    }

    /// Uniform in 0..<`count`.
    mutating func index(_ count: Int) -> Int {
        precondition(count > 0, "index needs a positive count")
        return Int(next() % UInt64(count))
    }

    mutating func chance(_ probability: Double) -> Bool { uniform(0...1) < probability }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[index(elements.count)] }

    /// One of `choices`, each as likely as its weight says.
    mutating func pick<Element>(_ choices: [(Element, Double)]) -> Element {
        var left = uniform(0...1) * choices.reduce(0) { $0 + $1.1 }
        for (element, weight) in choices {
            left -= weight
            if left < 0 { return element }
        }
        return choices[choices.count - 1].0
    }

    /// Normal, by the sum of four uniform numbers: near enough for noise, and cheap.
    mutating func gaussian() -> Double {
        let bits = next()
        let sum = Double(bits & 0xffff) + Double(bits >> 16 & 0xffff) + Double(bits >> 32 & 0xffff) + Double(bits >> 48)
        return (sum / 65536 - 2) * 1.732
    }
}

/// Which part of the data a sentence belongs to, by the sentence alone: the same everywhere and for ever.
public enum DataSplit: String, Sendable, CaseIterable {
    case train, dev, test

    /// The split of a sentence in its spoken form: 3 in 100 are for tests, 2 for choosing.
    public init(of text: String) {
        var hash = text.stableHash
        hash ^= hash >> 29
        switch hash % 100 {
        case 0..<3: self = .test
        case 3..<5: self = .dev
        default: self = .train
        }
    }
}
