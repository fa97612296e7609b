/// SplitMix64: the same numbers from the same seed everywhere.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// The stream of one item of a seeded sequence, unrelated to that of its neighbours.
    init(seed: UInt64, item: Int) {
        var mixer = SeededRandom(seed)
        state = mixer.next() ^ (UInt64(truncatingIfNeeded: item) &* 0xD134_2543_DE82_EF95)
        state = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number below `count`, which is positive.
    mutating func below(_ count: Int) -> Int { Int((next() >> 32).multipliedFullWidth(by: UInt64(count) << 32).high) }

    /// True as often as `share` says, 0…1.
    mutating func chance(_ share: Double) -> Bool { Double(next() >> 11) * 0x1p-53 < share }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    /// An index, each as often as its weight says; `cumulative` are the running sums of the weights.
    mutating func index(cumulative: [Double]) -> Int {
        let mark = Double(next() >> 11) * 0x1p-53 * cumulative[cumulative.count - 1]
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > mark { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A hash of text that never changes (FNV-1a): what is held out stays held out.
func stableHash(_ text: some StringProtocol) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= hash >> 32  // the low bits of FNV-1a mix poorly
    return hash &* 0xD6E8_FEB8_6659_FD93
}
