/// Unpacks gzip files (RFC 1952, 1951): manifests come packed, and no library of ours reads them.
enum Gzip {
    enum Fault: Error, CustomStringConvertible {
        case notGzip, cutOff, badCode, badChecksum, tooLong

        var description: String {
            switch self {
            case .notGzip: "no gzip header"
            case .cutOff: "it ends too early"
            case .badCode: "a code that none is"
            case .badChecksum: "the checksum is wrong"
            case .tooLong: "it unpacks to more than 4 GiB"
            }
        }
    }

    /// All members of a file, one after another.
    static func unpacked(_ bytes: [UInt8], limit: Int = 1 << 32) throws(Fault) -> [UInt8] {
        var position = 0
        var output: [UInt8] = []
        repeat {
            position = try body(of: bytes, from: position)
            let begin = output.count
            var inflater = Inflater(bytes, position, limit)
            try inflater.run(&output)
            position = inflater.position
            guard position + 8 <= bytes.count else { throw .cutOff }
            func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << (8 * $1) } }
            guard word(position) == checksum(output[begin...]),
                word(position + 4) == UInt32(truncatingIfNeeded: output.count - begin)
            else { throw .badChecksum }
            position += 8
        } while position < bytes.count && bytes[position] == 0x1f
        return output
    }

    /// Where the packed data of the member at `start` begins.
    private static func body(of bytes: [UInt8], from start: Int) throws(Fault) -> Int {
        guard start + 10 <= bytes.count else { throw .cutOff }
        guard bytes[start] == 0x1f, bytes[start + 1] == 0x8b, bytes[start + 2] == 8 else { throw .notGzip }
        let flags = bytes[start + 3]
        var position = start + 10
        if flags & 4 != 0 {
            guard position + 2 <= bytes.count else { throw .cutOff }
            position += 2 + Int(bytes[position]) + Int(bytes[position + 1]) << 8
        }
        for flag in [UInt8(8), 16] where flags & flag != 0 {  // a name and a comment, each ended by zero
            while position < bytes.count, bytes[position] != 0 { position += 1 }
            position += 1
        }
        if flags & 2 != 0 { position += 2 }
        guard position <= bytes.count else { throw .cutOff }
        return position
    }

    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 != 0 ? 0xedb8_8320 ^ crc >> 1 : crc >> 1 }
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ $0 >> 8 }
    }
}

/// Decodes one deflated stream.
private struct Inflater {
    /// A Huffman code: how many symbols each length has, and the symbols in the order of their codes.
    struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(_ lengths: some Collection<Int>) {
            for length in lengths { counts[length] += 1 }
            symbols = zip(lengths, 0...).filter { $0.0 > 0 }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
            counts[0] = 0
        }
    }

    private static let lengthBase = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
    ]
    private static let lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
    private static let fixed = (
        Code((0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }), Code(Array(repeating: 5, count: 30))
    )

    private let bytes: [UInt8]
    private let limit: Int
    private(set) var position: Int
    private var buffer = 0
    private var held = 0

    init(_ bytes: [UInt8], _ position: Int, _ limit: Int) { (self.bytes, self.position, self.limit) = (bytes, position, limit) }

    mutating func run(_ output: inout [UInt8]) throws(Gzip.Fault) {
        let begin = output.count
        var isLast = false
        while !isLast {
            isLast = try bits(1) == 1
            switch try bits(2) {
            case 0: try copyStored(&output)
            case 1: try decode(Self.fixed.0, Self.fixed.1, &output, from: begin)
            case 2:
                let (literals, distances) = try codes()
                try decode(literals, distances, &output, from: begin)
            default: throw .badCode
            }
        }
        (buffer, held) = (0, 0)  // the rest of the last byte is padding
    }

    private mutating func bits(_ count: Int) throws(Gzip.Fault) -> Int {
        while held < count {
            guard position < bytes.count else { throw .cutOff }
            buffer |= Int(bytes[position]) << held
            position += 1
            held += 8
        }
        defer {
            buffer >>= count
            held -= count
        }
        return buffer & (1 << count - 1)
    }

    private mutating func symbol(_ code: Code) throws(Gzip.Fault) -> Int {
        var (value, first, index) = (0, 0, 0)
        for length in 1..<16 {
            value |= try bits(1)
            let count = code.counts[length]
            if value - first < count { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .badCode
    }

    private mutating func copyStored(_ output: inout [UInt8]) throws(Gzip.Fault) {
        (buffer, held) = (0, 0)
        guard position + 4 <= bytes.count else { throw .cutOff }
        let count = Int(bytes[position]) | Int(bytes[position + 1]) << 8
        position += 4
        guard position + count <= bytes.count else { throw .cutOff }
        output += bytes[position..<position + count]
        position += count
    }

    private mutating func codes() throws(Gzip.Fault) -> (Code, Code) {
        let (literals, distances, lengths) = (try bits(5) + 257, try bits(5) + 1, try bits(4) + 4)
        var order = [Int](repeating: 0, count: 19)
        for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(lengths) {
            order[place] = try bits(3)
        }
        let code = Code(order)
        var all: [Int] = []
        while all.count < literals + distances {
            let next = try symbol(code)
            switch next {
            case 16:
                guard let last = all.last else { throw .badCode }
                all += Array(repeating: last, count: 3 + (try bits(2)))
            case 17: all += Array(repeating: 0, count: 3 + (try bits(3)))
            case 18: all += Array(repeating: 0, count: 11 + (try bits(7)))
            default: all.append(next)
            }
        }
        guard all.count == literals + distances else { throw .badCode }
        return (Code(all[..<literals]), Code(all[literals...]))
    }

    private mutating func decode(
        _ literals: Code, _ distances: Code, _ output: inout [UInt8], from begin: Int
    ) throws(Gzip.Fault) {
        while true {
            let next = try symbol(literals)
            if next < 256 {
                output.append(UInt8(next))
                continue
            }
            if next == 256 { return }
            guard next - 257 < Self.lengthBase.count else { throw .badCode }
            let length = Self.lengthBase[next - 257] + (try bits(Self.lengthBits[next - 257]))
            let place = try symbol(distances)
            guard place < 30 else { throw .badCode }
            // Distances 1, 2, 3, 4, 5, 7, 9, 13, …: two for each further bit.
            let extra = max(0, place / 2 - 1)
            let distance = (place < 4 ? place + 1 : (2 + place % 2) << extra + 1) + (try bits(extra))
            guard output.count - distance >= begin else { throw .badCode }
            guard output.count + length <= limit else { throw .tooLong }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
}
