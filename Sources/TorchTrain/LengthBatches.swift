/// Sequences of like length side by side, so that little is padding.
///
/// A function of lengths, seed and epoch alone: a resumed run sees the same batches.
public struct LengthBatches: Sendable {
    /// Indices of sequences, a list for each batch.
    public let batches: [[Int]]

    /// - Parameters:
    ///   - budget: the most frames of a batch, padding included; a longer sequence has a batch to itself.
    ///   - spread: how much a length may be blurred before sorting, as a share, so that epochs differ.
    public init(lengths: [Int], budget: Int, seed: UInt64, epoch: Int, spread: Double = 0.1) {
        precondition(budget > 0, "a budget of \(budget) frames")
        var random = SplitMix(state: seed &+ UInt64(epoch) &* 0x9E37_79B9_7F4A_7C15)
        let blurred = lengths.map { Double($0) * Double.random(in: (1 - spread)...(1 + spread), using: &random) }
        var (batches, longest): ([[Int]], Int) = ([], 0)
        for index in lengths.indices.sorted(by: { (blurred[$0], $0) < (blurred[$1], $1) }) {
            let widest = max(longest, lengths[index])
            if let last = batches.indices.last, widest * (batches[last].count + 1) <= budget {
                batches[last].append(index)
                longest = widest
            } else {
                batches.append([index])
                longest = lengths[index]
            }
        }
        batches.shuffle(using: &random)
        self.batches = batches
    }
}

/// Steele et al. 2014: the same draws on every machine.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
