/// Follows what one client sends over HTTP and, once it has changed to web sockets, in frames, so that no line, request head or
/// frame without a bound reaches a parser that would keep all of it in memory.
///
/// What it lets through is unchanged. How the bytes are cut into pieces changes nothing.
struct RequestWatch {
    enum Fault: Error, Equatable {
        /// A request's head, or a line within a body in chunks, is too long.
        case headTooLong
        /// What came is no request of HTTP in UTF-8.
        case noRequest
        /// The length of a body can't be told, or is told twice.
        case badLength
    }

    /// What is to be handed on of the bytes that were taken.
    struct Passed: Equatable {
        var bytes: [UInt8] = []
        /// How many of the bytes that were given are dealt with.
        var count = 0
        /// The request asks to change to web sockets: ``answered(isUpgraded:)`` is to be called before more is taken.
        var asksUpgrade = false
        /// A frame is longer than it may be: nothing of it is handed on, and nothing more should be.
        var isTooLong = false
    }

    private enum State {
        case head
        case body(left: Int)
        /// Within a body in chunks: a line with a chunk's length, its bytes and the end of their line, the lines behind the last one.
        case chunkLength, chunk(left: Int), trailer
        case waitingForAnswer
        case frameHead, frame(left: Int)
    }

    /// Bytes of one request's head, and of the lines between the chunks of a body.
    static let mostHead = 32 << 10
    private let mostFrame: Int

    private var state = State.head
    private var line: [UInt8] = []
    private var headLength = 0
    private var isFirstLine = true
    private var fields = Fields()

    /// - Parameter mostFrame: bytes that one frame may bring.
    init(mostFrame: Int) { self.mostFrame = mostFrame }

    /// Whether a request's head has begun and is not whole.
    var isWithinHead: Bool { if case .head = state { headLength > 0 } else { false } }

    /// Takes the next bytes, to their end or to where something is to be done.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(Fault) -> Passed {
        var passed = Passed()
        var rest = bytes
        while let byte = rest.first {
            switch state {
            case .body(let left), .chunk(let left), .frame(let left):
                let piece = rest.prefix(left)
                passed.bytes += piece
                rest = rest.dropFirst(piece.count)
                went(on: left - piece.count)
            case .head, .chunkLength, .trailer:
                rest = rest.dropFirst()
                passed.bytes.append(byte)
                headLength += 1
                guard headLength <= Self.mostHead else { throw .headTooLong }
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    continue
                }
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                try lineEnded()
                line.removeAll(keepingCapacity: true)
                if case .waitingForAnswer = state { passed.asksUpgrade = true }
            case .frameHead:
                rest = rest.dropFirst()
                line.append(byte)
                guard let length = Self.frameLength(line) else { continue }
                guard length <= UInt64(mostFrame) else {
                    passed.isTooLong = true
                    passed.count = bytes.count - rest.count
                    return passed
                }
                passed.bytes += line
                line.removeAll(keepingCapacity: true)
                state = length == 0 ? .frameHead : .frame(left: Int(length))
            case .waitingForAnswer: break
            }
            if case .waitingForAnswer = state { break }
        }
        passed.count = bytes.count - rest.count
        return passed
    }

    /// The server has answered the request to change to web sockets.
    mutating func answered(isUpgraded: Bool) { state = isUpgraded ? .frameHead : .head }

    private mutating func went(on left: Int) {
        switch state {
        case .body: state = left > 0 ? .body(left: left) : .head
        case .chunk: state = left > 0 ? .chunk(left: left) : .chunkLength
        case .frame: state = left > 0 ? .frame(left: left) : .frameHead
        default: return
        }
    }

    private mutating func lineEnded() throws(Fault) {
        switch state {
        case .chunkLength:
            headLength = 0
            let digits = line.prefix { $0 != UInt8(ascii: ";") }
            guard let length = Int(String(decoding: digits, as: UTF8.self), radix: 16), length >= 0, length < Int.max - 2 else {
                throw .badLength
            }
            state = length == 0 ? .trailer : .chunk(left: length + 2)  // with the end of its line
        case .trailer:
            guard line.isEmpty else { return }
            (state, headLength) = (.head, 0)
        default:
            if isFirstLine { try Self.check(line) }
            isFirstLine = line.isEmpty
            guard line.isEmpty else { return try fields.add(line) }
            headLength = 0
            state = try fields.next()
            fields = Fields()
        }
    }

    /// A request begins with a method, a target and a version.
    private static func check(_ line: [UInt8]) throws(Fault) {
        guard let text = String(validating: line, as: UTF8.self) else { throw .noRequest }
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 3, parts[2].hasPrefix("HTTP/1.") else { throw .noRequest }
    }

    /// How many bytes a frame brings, from its first ones; nil where more of these are needed.
    private static func frameLength(_ head: [UInt8]) -> UInt64? {
        guard head.count >= 2 else { return nil }
        let short = head[1] & 0x7f
        let more = short == 126 ? 2 : short == 127 ? 8 : 0
        guard head.count == 2 + more + (head[1] & 0x80 == 0 ? 0 : 4) else { return nil }
        return more == 0 ? UInt64(short) : head[2..<2 + more].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// What a request's head says of what follows it.
    private struct Fields {
        private var length: Int?
        private var isChunked = false
        private var isUpgrade = false

        mutating func add(_ line: [UInt8]) throws(Fault) {
            guard let text = String(validating: line, as: UTF8.self) else { throw .noRequest }
            guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
            let name = Self.word(text[..<colon])
            let value = Self.word(text[text.utf8.index(after: colon)...])
            switch name {
            case "content-length":
                guard length == nil, let told = Int(value), told >= 0 else { throw .badLength }
                length = told
            case "transfer-encoding":
                guard !isChunked, value.hasSuffix("chunked") else { throw .badLength }
                isChunked = true
            case "upgrade": isUpgrade = value == "websocket"
            default: return
            }
        }

        func next() throws(Fault) -> State {
            if isChunked, length != nil { throw .badLength }
            if isChunked { return .chunkLength }
            if let length, length > 0 { return .body(left: length) }
            return isUpgrade ? .waitingForAnswer : .head
        }

        private static func word(_ text: Substring) -> String {
            String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()).lowercased()
        }
    }
}
