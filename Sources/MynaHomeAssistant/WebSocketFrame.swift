/// One frame of RFC 6455.
struct WebSocketFrame: Equatable {
    enum Kind: UInt8 { case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 }

    var kind: Kind
    var isLast = true
    var payload: [UInt8]

    /// The frame as a client sends it: masked with `mask`, which should be random.
    func encoded(mask: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [(isLast ? 0x80 : 0) | kind.rawValue]
        switch payload.count {
        case ..<126: bytes.append(0x80 | UInt8(payload.count))
        case ..<65536:
            bytes.append(0x80 | 126)
            bytes += [UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        bytes += mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ mask[index & 3]) }
        return bytes
    }
}

/// What a server may not send.
enum WebSocketFault: Error, Equatable, CustomStringConvertible {
    case reservedBits, unknownKind(UInt8), masked, longControlFrame
    case tooLong(bytes: Int, most: Int)
    /// A continuation of nothing, or a message begun within another.
    case outOfOrder
    case notUTF8

    var description: String {
        switch self {
        case .reservedBits: "a frame with reserved bits"
        case .unknownKind(let kind): "a frame of the unknown kind \(kind)"
        case .masked: "a masked frame from a server"
        case .longControlFrame: "a control frame that is cut or too long"
        case .tooLong(let bytes, let most): "a message of \(bytes) bytes, of which \(most) are taken"
        case .outOfOrder: "frames of a message out of order"
        case .notUTF8: "text that is not UTF-8"
        }
    }
}

/// Takes a server's bytes as they come and gives its whole messages.
struct WebSocketReader {
    /// What came whole.
    enum Message: Equatable { case text(String), binary([UInt8]), ping([UInt8]), pong, close }

    let mostBytes: Int
    private var bytes: [UInt8] = []
    private var start = 0
    private var message: (kind: WebSocketFrame.Kind, payload: [UInt8])?

    init(mostBytes: Int) { self.mostBytes = mostBytes }

    mutating func append(_ new: [UInt8]) {
        // What was read goes before more comes in, so that the buffer holds little beyond one frame.
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes += new
    }

    /// The next message among the bytes so far; nil until more come.
    mutating func next() throws(WebSocketFault) -> Message? {
        while let frame = try frame() {
            switch frame.kind {
            case .ping: return .ping(frame.payload)
            case .pong: return .pong
            case .close: return .close
            case .text, .binary:
                guard message == nil else { throw .outOfOrder }
                message = (frame.kind, frame.payload)
            case .continuation:
                guard let begun = message else { throw .outOfOrder }
                let bytes = begun.payload.count + frame.payload.count
                guard bytes <= mostBytes else { throw .tooLong(bytes: bytes, most: mostBytes) }
                message?.payload += frame.payload
            }
            guard frame.isLast, let whole = message else { continue }
            message = nil
            guard whole.kind == .text else { return .binary(whole.payload) }
            guard let text = String(validating: whole.payload, as: UTF8.self) else { throw .notUTF8 }
            return .text(text)
        }
        return nil
    }

    private mutating func frame() throws(WebSocketFault) -> WebSocketFrame? {
        let left = bytes.count - start
        guard left >= 2 else { return nil }
        let first = bytes[start]
        let second = bytes[start + 1]
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let kind = WebSocketFrame.Kind(rawValue: first & 0x0f) else { throw .unknownKind(first & 0x0f) }
        guard second & 0x80 == 0 else { throw .masked }
        let isLast = first & 0x80 != 0
        let extra = second == 127 ? 8 : second == 126 ? 2 : 0
        if kind.rawValue >= 8, extra > 0 || !isLast { throw .longControlFrame }
        guard left >= 2 + extra else { return nil }
        var length = UInt64(second)
        if extra > 0 { length = bytes[(start + 2)..<(start + 2 + extra)].reduce(0) { $0 << 8 | UInt64($1) } }
        guard length <= UInt64(mostBytes) else { throw .tooLong(bytes: Int(clamping: length), most: mostBytes) }
        let from = start + 2 + extra
        let end = from + Int(length)
        guard bytes.count >= end else { return nil }
        start = end
        return WebSocketFrame(kind: kind, isLast: isLast, payload: Array(bytes[from..<end]))
    }
}
