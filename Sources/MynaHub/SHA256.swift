/// The SHA-256 digest (FIPS 180-4) of bytes that come in pieces.
///
/// Written here because the published checksums are all that needs one; a dependency would bring a whole cryptography library.
struct SHA256 {
    private static let constants: [UInt32] = {
        // The first 32 bits of the fractions of the cube roots of the first 64 primes.
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 64 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { UInt32(truncatingIfNeeded: root($0, power: 3, fractionBits: 32)) }
    }()

    /// ⌊√[power]{n} · 2^bits⌋ by bisection over whole numbers.
    private static func root(_ n: UInt64, power: Int, fractionBits: UInt64) -> UInt64 {
        var (low, high): (UInt64, UInt64) = (0, 1 << 37)
        while high - low > 1 {
            let middle = (low + high) / 2
            // middle^power ≤ n · 2^(bits · power), both sides far beyond 64 bits.
            var product: [UInt32] = [1]
            for _ in 0..<power { product = multiplied(product, by: middle) }
            var bound = [UInt32](repeating: 0, count: Int(fractionBits) * power / 32)
            bound.append(UInt32(n))
            if isAtMost(product, bound) { low = middle } else { high = middle }
        }
        return low
    }

    private static func multiplied(_ number: [UInt32], by factor: UInt64) -> [UInt32] {
        let parts = [UInt32(truncatingIfNeeded: factor), UInt32(factor >> 32)]
        var result = [UInt32](repeating: 0, count: number.count + 2)
        for (i, a) in number.enumerated() {
            var carry: UInt64 = 0
            for (j, b) in parts.enumerated() {
                let sum = UInt64(a) * UInt64(b) + UInt64(result[i + j]) + carry
                result[i + j] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            result[i + 2] = UInt32(carry)
        }
        return result
    }

    private static func isAtMost(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        for index in stride(from: max(a.count, b.count) - 1, through: 0, by: -1) {
            let (x, y) = (index < a.count ? a[index] : 0, index < b.count ? b[index] : 0)
            if x != y { return x < y }
        }
        return true
    }

    private var state: [UInt32] = [2, 3, 5, 7, 11, 13, 17, 19].map {
        UInt32(truncatingIfNeeded: root($0, power: 2, fractionBits: 32))
    }
    private var block: [UInt8] = []
    private var length: UInt64 = 0
    private var schedule = [UInt32](repeating: 0, count: 64)

    mutating func update(_ bytes: some Collection<UInt8>) {
        length += UInt64(bytes.count)
        block.append(contentsOf: bytes)
        let whole = block.count / 64 * 64
        for start in stride(from: 0, to: whole, by: 64) { compress(start) }
        block.removeFirst(whole)
    }

    /// The digest as 64 hexadecimal digits.
    func finished() -> String {
        var last = self
        let bits = length * 8
        last.update([0x80] + [UInt8](repeating: 0, count: Int((119 - length % 64) % 64)))
        last.update((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
        return last.state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func compress(_ start: Int) {
        func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
        for i in 0..<16 {
            let at = start + 4 * i
            schedule[i] =
                UInt32(block[at]) << 24 | UInt32(block[at + 1]) << 16 | UInt32(block[at + 2]) << 8 | UInt32(block[at + 3])
        }
        for i in 16..<64 {
            let (x, y) = (schedule[i - 15], schedule[i - 2])
            let s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)
            let s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10)
            schedule[i] = schedule[i - 16] &+ s0 &+ schedule[i - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let first = h &+ s1 &+ (e & f ^ ~e & g) &+ Self.constants[i] &+ schedule[i]
            let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let second = s0 &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { state[i] = state[i] &+ word }
    }
}
