internal import Foundation
internal import MynaStages

/// One message of the Wyoming protocol: a line of JSON, and behind it more JSON and bytes where the line says how many.
struct WyomingEvent: Sendable, Equatable {
    var type: String
    var data: [String: Value] = [:]
    var payload = Data()

    init(_ type: String, _ data: [String: Value] = [:], payload: Data = Data()) {
        (self.type, self.data, self.payload) = (type, data, payload)
    }

    /// As it goes over the wire.
    var encoded: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var header: [String: Value] = ["type": .string(type), "version": .string(WyomingEvent.version)]
        let body = data.isEmpty ? Data() : (try? encoder.encode(data)) ?? Data()  // such values are always encoded
        if !body.isEmpty { header["data_length"] = .number(Double(body.count)) }
        if !payload.isEmpty { header["payload_length"] = .number(Double(payload.count)) }
        let line = (try? encoder.encode(header)) ?? Data()  // as above
        return line + Data("\n".utf8) + body + payload
    }

    /// The protocol's version that this is written after.
    static let version = "1.10.2"
}

/// Why bytes are no Wyoming message; there is no way to find the next one after it.
enum WyomingFault: Error, Equatable, CustomStringConvertible {
    case longLine(limit: Int)
    case notJSON(part: String)
    case noType
    case badLength(field: String)
    case tooLong(field: String, length: Int, limit: Int)

    var description: String {
        switch self {
        case .longLine(let limit): "a line may have \(limit) bytes"
        case .notJSON(let part): "the \(part) is not a JSON object in UTF-8"
        case .noType: "the header has no \"type\""
        case .badLength(let field): "\"\(field)\" is no whole number of bytes"
        case .tooLong(let field, let length, let limit): "\"\(field)\" is \(length); at most \(limit) are taken"
        }
    }
}

/// Cuts a stream of bytes into messages; how the bytes are cut into pieces changes nothing.
struct WyomingParser {
    /// A header's line, and the JSON behind it.
    static let mostText = 1 << 16
    /// Sound in one message: five seconds of stereo at 48 kHz and 16 bits.
    static let mostPayload = 1 << 20

    private struct Header {
        var type: String
        var data: [String: Value]
        var dataLength: Int
        var payloadLength: Int
    }

    private var bytes: [UInt8] = []
    private var start = 0
    /// How far the line's end was looked for.
    private var searched = 0
    private var header: Header?

    mutating func append(_ piece: some Sequence<UInt8>) {
        if start > 0 {
            bytes.removeFirst(start)
            searched = max(0, searched - start)
            start = 0
        }
        bytes.append(contentsOf: piece)
    }

    /// The next whole message; nil until more bytes come.
    mutating func next() throws(WyomingFault) -> WyomingEvent? {
        if header == nil { header = try nextHeader() }
        guard let header else { return nil }
        guard bytes.count - start >= header.dataLength + header.payloadLength else { return nil }
        self.header = nil
        var event = WyomingEvent(header.type, header.data)
        if header.dataLength > 0 {
            let more = try Self.object(bytes[start..<start + header.dataLength], part: "data")
            event.data.merge(more) { $1 }
        }
        start += header.dataLength
        event.payload = Data(bytes[start..<start + header.payloadLength])
        start += header.payloadLength
        searched = start
        return event
    }

    private mutating func nextHeader() throws(WyomingFault) -> Header? {
        searched = max(searched, start)
        guard let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = bytes.count
            guard bytes.count - start <= Self.mostText else { throw .longLine(limit: Self.mostText) }
            return nil
        }
        guard end - start <= Self.mostText else { throw .longLine(limit: Self.mostText) }
        let fields = try Self.object(bytes[start..<end], part: "header")
        guard let type = fields["type"]?.string else { throw .noType }
        let data = fields["data"]
        guard data == nil || data == .null || data?.object != nil else { throw .notJSON(part: "data") }
        let header = Header(
            type: type, data: data?.object ?? [:],
            dataLength: try Self.length("data_length", fields, limit: Self.mostText),
            payloadLength: try Self.length("payload_length", fields, limit: Self.mostPayload))
        start = end + 1
        return header
    }

    private static func length(_ field: String, _ fields: [String: Value], limit: Int) throws(WyomingFault) -> Int {
        guard let value = fields[field], value != .null else { return 0 }
        guard let number = value.number, let length = Int(exactly: number), length >= 0 else { throw .badLength(field: field) }
        guard length <= limit else { throw .tooLong(field: field, length: length, limit: limit) }
        return length
    }

    private static func object(_ bytes: ArraySlice<UInt8>, part: String) throws(WyomingFault) -> [String: Value] {
        do { return try JSONDecoder().decode([String: Value].self, from: Data(bytes)) } catch { throw .notJSON(part: part) }
    }
}
