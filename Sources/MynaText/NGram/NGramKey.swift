/// Up to five tokens packed into one integer: their number in the top four bits, then twelve bits a token, the newest lowest.
///
/// Sorted keys are sorted by length first.
struct NGramKey: Hashable, Comparable {
    static let lengthLimit = 5
    static let tokenLimit = 1 << 12
    private static let tokens: UInt64 = (1 << 60) - 1

    var bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// - Parameter tokens: oldest first.
    init(_ tokens: some Collection<Int>) {
        precondition(tokens.count <= Self.lengthLimit, "an n-gram of \(tokens.count) tokens")
        bits = tokens.reduce(UInt64(tokens.count) << 60) { ($0 & ~Self.tokens) | (($0 & Self.tokens) << 12) | UInt64($1) }
    }

    static let empty = NGramKey(bits: 0)

    var count: Int { Int(bits >> 60) }
    var newest: Int { Int(bits & 0xfff) }
    var oldest: Int { Int((bits & Self.tokens) >> (12 * UInt64(max(1, count) - 1))) }

    /// What came before the newest token.
    var history: NGramKey { NGramKey(bits: UInt64(count - 1) << 60 | (bits & Self.tokens) >> 12) }

    /// All but the oldest token.
    var shortened: NGramKey { NGramKey(bits: UInt64(count - 1) << 60 | bits & ((1 << (12 * UInt64(count - 1))) - 1)) }

    func appending(_ token: Int) -> NGramKey {
        NGramKey(bits: UInt64(count + 1) << 60 | (bits << 12) & Self.tokens | UInt64(token))
    }

    static func < (left: NGramKey, right: NGramKey) -> Bool { left.bits < right.bits }
}
