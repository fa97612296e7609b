/// Damage done to a file that begins with a header in JSON: the same seed gives the same damaged files.
public struct FileMutations {
    /// The file before its damage.
    public let original: [UInt8]
    private let headerEnd: Int
    private let pieces: [[UInt8]]
    private var state: UInt64

    /// - Parameters:
    ///   - headerEnd: where the header ends; most damage is done before it.
    ///   - pieces: what is put into the header in a byte's place.
    public init(of original: [UInt8], headerEnd: Int, pieces: [String], seed: UInt64) {
        precondition(headerEnd > 0 && headerEnd <= original.count && !pieces.isEmpty)
        self.original = original
        self.headerEnd = headerEnd
        self.pieces = pieces.map { Array($0.utf8) }
        state = seed
    }

    /// What to put into the header of a safetensors file.
    public static let safetensorsPieces = [
        "-1", "99", "18446744073709551616", "0.5", "\"", "\\", "{", "]", ",", "F64", "BF16", "null", "[0,0]", "\u{0}",
    ]

    private mutating func random(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX
        return Int(state >> 33) % bound
    }

    /// The next damaged file: one to three wounds, never empty.
    public mutating func next() -> [UInt8] {
        var bytes = original
        for _ in 0...random(3) {
            let place = random(min(bytes.count, headerEnd))
            switch random(10) {
            case 0: bytes[random(bytes.count)] = UInt8(random(256))
            case 1: bytes = Array(bytes.prefix(random(bytes.count) + 1))
            case 2: bytes.append(UInt8(random(256)))
            case 3: bytes.replaceSubrange(place..<place + 1, with: pieces[random(pieces.count)])
            case 4: bytes.remove(at: place)
            case 5: bytes[place] = UInt8(ascii: "0") + UInt8(random(10))
            case 6: bytes[0] = UInt8(random(256))
            case 7:  // a stretch of it once more, elsewhere: names twice, entries inside entries
                let from = random(min(bytes.count, headerEnd))
                let stretch = bytes[from..<min(bytes.count, from + 1 + random(80))]
                bytes.insert(contentsOf: Array(stretch), at: place)
            case 8:  // the header's length set right for what the header has become, or nearly
                let length = max(0, bytes.count - (original.count - headerEnd) - 8 + random(3) - 1)
                for index in 0..<min(8, bytes.count) { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
            default: bytes[random(headerEnd) % bytes.count] ^= 1 << UInt8(random(8))
            }
            if bytes.isEmpty { bytes = [0] }
        }
        return bytes
    }
}
