internal import MynaStages

extension SeededRandom {
    /// The stream of one item of a seeded sequence, unrelated to that of its neighbours.
    init(seed: UInt64, item: Int) {
        var mixer = SeededRandom(seed: seed)
        var stream = SeededRandom(seed: mixer.next() ^ (UInt64(truncatingIfNeeded: item) &* 0xD134_2543_DE82_EF95))
        self.init(seed: stream.next())
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

/// A hash of text by which it is held out or not, for ever.
func splitHash(_ text: some StringProtocol) -> UInt64 {
    var hash = text.stableHash
    hash ^= hash >> 32  // the low bits of FNV-1a mix poorly
    return hash &* 0xD6E8_FEB8_6659_FD93
}
