/// The text of the member `say` in a JSON answer that is still being written.
///
/// Law: the pieces joined are the value of `say`, whatever pieces the answer comes in.
public struct SaidSoFar: Sendable {
    private var unread: [UInt8] = []
    private var isInside = false
    private var isDone = false
    private static let key = Array("\"say\"".utf8)

    public init() {}

    /// Takes the next piece of the answer, and gives what it adds to the text.
    public mutating func take(_ piece: String) -> String {
        guard !isDone else { return "" }
        unread += Array(piece.utf8)
        if !isInside {
            guard let start = beginning() else { return "" }
            unread.removeFirst(start)
            isInside = true
        }
        return inside()
    }

    /// Where the text begins, behind its opening quote; nil while that is not written.
    private func beginning() -> Int? {
        let key = Self.key
        guard unread.count > key.count else { return nil }
        for start in 0...(unread.count - key.count) where Array(unread[start..<start + key.count]) == key {
            var at = start + key.count
            while at < unread.count, [0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ":")].contains(unread[at]) { at += 1 }
            return at < unread.count && unread[at] == UInt8(ascii: "\"") ? at + 1 : nil
        }
        return nil
    }

    private mutating func inside() -> String {
        var text = ""
        var at = 0
        var plain: [UInt8] = []
        loop: while at < unread.count {
            let byte = unread[at]
            if byte == UInt8(ascii: "\"") {
                isDone = true
                break
            }
            guard byte == UInt8(ascii: "\\") else {
                plain.append(byte)
                at += 1
                continue
            }
            guard at + 1 < unread.count else { break }
            switch unread[at + 1] {
            case UInt8(ascii: "n"): plain.append(0x0A)
            case UInt8(ascii: "r"): plain.append(0x0D)
            case UInt8(ascii: "t"): plain.append(0x09)
            case UInt8(ascii: "b"): plain.append(0x08)
            case UInt8(ascii: "f"): plain.append(0x0C)
            case UInt8(ascii: "u"):
                guard let (character, length) = escaped(at) else { break loop }
                plain += character
                at += length
                continue
            case let other: plain.append(other)
            }
            at += 2
        }
        unread.removeFirst(at)
        // Answers are told in whole characters, so what stands before a quote or an escape is whole.
        text += String(decoding: plain, as: UTF8.self)
        return text
    }

    /// The character of `\\uXXXX` at a place, of two of them for one beyond 16 bits; nil while it is not all there.
    private func escaped(_ at: Int) -> (bytes: [UInt8], length: Int)? {
        func unit(_ at: Int) -> UInt32? {
            guard at + 6 <= unread.count else { return nil }
            return UInt32(String(decoding: unread[(at + 2)..<(at + 6)], as: UTF8.self), radix: 16) ?? 0xFFFD
        }
        guard let first = unit(at) else { return nil }
        guard (0xD800..<0xDC00).contains(first) else {
            return (Array(String(Unicode.Scalar(first) ?? "\u{FFFD}").utf8), 6)
        }
        guard let second = unit(at + 6) else { return nil }
        guard (0xDC00..<0xE000).contains(second) else { return (Array("\u{FFFD}".utf8), 6) }
        let code = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        return (Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8), 12)
    }
}
