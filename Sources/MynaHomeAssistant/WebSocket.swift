internal import FlyingSocks
internal import Foundation
internal import MynaHub

/// A web socket that we opened: whole texts in and out, one reader.
///
/// Foundation's own needs a libcurl with web sockets, which Debian 12 has not (docs/decisions/0011).
actor WebSocket {
    private let socket: AsyncSocket
    private let address: HomeAssistantAddress
    private var reader: WebSocketReader
    private var lastWrite: Task<Void, any Error>?

    private init(_ socket: AsyncSocket, _ address: HomeAssistantAddress, _ reader: WebSocketReader) {
        self.socket = socket
        self.address = address
        self.reader = reader
    }

    /// Opens a web socket at `path` of `address`; messages may have `mostBytes`.
    static func open(
        _ address: HomeAssistantAddress, path: String, mostBytes: Int, within seconds: Double
    ) async throws(HomeAssistantError) -> WebSocket {
        let socket = try await connected(to: address, within: seconds)
        do {
            let opened = try await withTimeLimit(seconds) { try await upgraded(socket, address, path, mostBytes) }
            guard let opened else {
                throw HomeAssistantError.notHomeAssistant("\(address)", reason: "it did not answer within \(seconds) s")
            }
            return opened
        } catch {
            close(socket)
            throw error as? HomeAssistantError ?? .unreachable("\(address)", reason: reason(error))
        }
    }

    private static func connected(to address: HomeAssistantAddress, within seconds: Double) async throws(HomeAssistantError)
        -> AsyncSocket
    {
        var last = "there is no such host"
        for found in await HostName.addresses(of: address.host, port: address.port) {
            do {
                switch found {
                case .four(let place): return try await AsyncSocket.connected(to: place, timeout: seconds)
                case .six(let place): return try await AsyncSocket.connected(to: place, timeout: seconds)
                }
            } catch { last = reason(error) }
        }
        throw .unreachable("\(address)", reason: last)
    }

    /// Asks for the upgrade as RFC 6455, section 4 has it, and checks the answer.
    private static func upgraded(_ socket: AsyncSocket, _ address: HomeAssistantAddress, _ path: String, _ mostBytes: Int)
        async throws -> WebSocket
    {
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        let request = [
            "GET \(path) HTTP/1.1", "Host: \(address.authority)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13", "", "",
        ]
        try await socket.write(Data(request.joined(separator: "\r\n").utf8))
        var bytes: [UInt8] = []
        var end: Int?
        while end == nil {
            bytes += try await socket.read(atMost: 4096)
            end = bytes.indices.dropLast(3).first { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) }
            guard end != nil || bytes.count < 16384 else {
                throw HomeAssistantError.notHomeAssistant("\(address)", reason: "its answer has no end")
            }
        }
        let lines = String(decoding: bytes[..<(end ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ")
        guard status.count >= 2, status[0].hasPrefix("HTTP/1."), status[1] == "101" else {
            let answer =
                status.first?.hasPrefix("HTTP/") == true ? "it answered \(lines[0].prefix(60))" : "it does not speak HTTP"
            throw HomeAssistantError.notHomeAssistant("\(address)", reason: answer)
        }
        let accept = lines.dropFirst().lazy.map { $0.split(separator: ":", maxSplits: 1) }
            .first { $0.first?.lowercased() == "sec-websocket-accept" }?.last?.trimmingCharacters(in: .whitespaces)
        guard accept == acceptance(of: key) else {
            throw HomeAssistantError.notHomeAssistant("\(address)", reason: "it did not accept a web socket")
        }
        var reader = WebSocketReader(mostBytes: mostBytes)
        reader.append(Array(bytes[((end ?? 0) + 4)...]))
        return WebSocket(socket, address, reader)
    }

    /// What a server answers to `key`, RFC 6455, section 4.2.2.
    static func acceptance(of key: String) -> String {
        var digest = SHA1()
        digest.update((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        let digits = Array(digest.finished())
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        return Data(bytes).base64EncodedString()
    }

    /// The next text; throws when the other side is gone or breaks the protocol. One task at a time may wait here.
    func receive() async throws(HomeAssistantError) -> String {
        while true {
            do {
                while let message = try reader.next() {
                    switch message {
                    case .text(let text): return text
                    case .binary: throw HomeAssistantError.nonsense("\(address)", reason: "bytes where text belongs")
                    case .ping(let payload): try await write(WebSocketFrame(kind: .pong, payload: payload))
                    case .pong: break
                    case .close: throw HomeAssistantError.disconnected("\(address)")
                    }
                }
                reader.append(try await socket.read(atMost: 65536))
            } catch let fault as WebSocketFault {
                throw .nonsense("\(address)", reason: "\(fault)")
            } catch let error as HomeAssistantError {
                throw error
            } catch {
                throw .disconnected("\(address)")
            }
        }
    }

    func send(_ text: String) async throws(HomeAssistantError) {
        do { try await write(WebSocketFrame(kind: .text, payload: Array(text.utf8))) } catch {
            throw .disconnected("\(address)")
        }
    }

    /// Frames go out one after another, whoever sends them.
    private func write(_ frame: WebSocketFrame) async throws {
        let bytes = Data(frame.encoded(mask: (0..<4).map { _ in UInt8.random(in: 0...255) }))
        let before = lastWrite
        let socket = socket
        let write = Task {
            _ = await before?.result
            try await socket.write(bytes)
        }
        lastWrite = write
        try await write.value
    }

    /// Ends it; only for whoever reads, once nobody does.
    func close() {
        let frame = WebSocketFrame(kind: .close, payload: [0x03, 0xe8]).encoded(mask: [0, 0, 0, 0])
        // A farewell: whether it still reaches the other side makes no difference.
        _ = try? socket.socket.write(Data(frame), from: 0)
        Self.close(socket)
    }

    private static func close(_ socket: AsyncSocket) {
        try? socket.close()  // it fails only where it is closed already
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case SocketError.failed(_, _, let message): message.lowercased()
        case SocketError.disconnected: "it hung up"
        case SocketError.timeout: "no answer came"
        default: "\(error)"
        }
    }
}

/// What `body` gives, or nil if that takes longer than `seconds`; it is cancelled then.
func withTimeLimit<Result: Sendable>(
    _ seconds: Double, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: .seconds(seconds))
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
