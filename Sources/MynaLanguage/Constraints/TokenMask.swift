/// Which tokens of a vocabulary are allowed, a bit each.
public struct TokenMask: Sendable, Equatable {
    private(set) var words: [UInt64]

    /// None of `count` tokens.
    public init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    /// Allows one more.
    public mutating func insert(_ token: Int) { words[token >> 6] |= 1 << UInt64(token & 63) }

    public func contains(_ token: Int) -> Bool {
        token >> 6 < words.count && words[token >> 6] & (1 << UInt64(token & 63)) != 0
    }

    /// How many are allowed.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The allowed tokens, in order.
    public var tokens: [Int] {
        var tokens: [Int] = []
        for (index, word) in words.enumerated() {
            var left = word
            while left != 0 {
                tokens.append(index << 6 + left.trailingZeroBitCount)
                left &= left - 1
            }
        }
        return tokens
    }
}
