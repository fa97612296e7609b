/// How tokenizer files write arbitrary bytes as visible characters.
///
/// Printable Latin-1 characters stand for their own code, the 68 other bytes, in order, for U+0100 and on:
/// a space is `Ġ`. The mapping is GPT-2's.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(UInt8(byte))
            default:
                defer { next += 1 }
                return Unicode.Scalar(next)!  // U+0100…U+0143 are all characters
            }
        }
    }()

    /// The byte of each character up to U+0143; −1 where a character stands for none.
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
        return bytes
    }()

    /// The visible form of `piece`.
    static func text(of piece: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in piece { text.append(scalars[Int(byte)]) }
        return String(text)
    }

    /// Whether `text` shows itself: printable ASCII without spaces.
    static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    /// The bytes that `text` shows; nil where a character stands for none.
    static func piece(of text: String) -> [UInt8]? {
        var piece: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return nil }
            piece.append(UInt8(bytes[Int(scalar.value)]))
        }
        return piece
    }
}
