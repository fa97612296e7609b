internal import Foundation
internal import MynaStages

/// One connection to Home Assistant's WebSocket API, from its authentication to its end.
///
/// The protocol: https://developers.home-assistant.io/docs/api/websocket.
actor HomeAssistantConnection {
    private let socket: WebSocket
    private let address: HomeAssistantAddress
    private let options: HomeAssistantOptions
    /// Which Home Assistant it is.
    nonisolated let version: String
    private var lastID = 0
    private var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
    private var reading: Task<Void, Never>?
    private var isOpen = true

    private init(_ socket: WebSocket, _ address: HomeAssistantAddress, _ options: HomeAssistantOptions, version: String) {
        self.socket = socket
        self.address = address
        self.options = options
        self.version = version
    }

    /// Connects and authenticates; events that are subscribed to later go to `onEvent`, in order.
    static func open(
        _ address: HomeAssistantAddress, token: HomeAssistantToken, options: HomeAssistantOptions,
        onEvent: @escaping @Sendable (Value) async -> Void
    ) async throws(HomeAssistantError) -> HomeAssistantConnection {
        let socket = try await WebSocket.open(
            address, path: "/api/websocket", mostBytes: options.mostMessageBytes, within: options.connectSeconds)
        let version: String
        do {
            let found = try await withTimeLimit(options.connectSeconds) {
                try await authenticated(socket, address, token)
            }
            guard let found else {
                throw HomeAssistantError.notHomeAssistant(
                    "\(address)", reason: "it asked for no token within \(options.connectSeconds) s")
            }
            version = found
        } catch {
            await socket.close()
            throw error as? HomeAssistantError ?? .disconnected("\(address)")
        }
        let connection = HomeAssistantConnection(socket, address, options, version: version)
        await connection.read(onEvent)
        return connection
    }

    private static func authenticated(_ socket: WebSocket, _ address: HomeAssistantAddress, _ token: HomeAssistantToken)
        async throws -> String
    {
        let hello = try? message(try await socket.receive(), address)  // whatever else comes first is no Home Assistant's
        guard let hello, hello["type"]?.string == "auth_required" else {
            throw HomeAssistantError.notHomeAssistant("\(address)", reason: "it does not ask for a token")
        }
        try await socket.send(text(of: ["type": "auth", "access_token": .string(token.text)]))
        let answer = try message(try await socket.receive(), address)
        switch answer["type"]?.string {
        case "auth_ok": return answer["ha_version"]?.string ?? ""
        case "auth_invalid":
            throw HomeAssistantError.tokenRefused("\(address)", reason: answer["message"]?.string ?? "no reason given")
        default: throw HomeAssistantError.nonsense("\(address)", reason: "it answered a token with something else")
        }
    }

    // MARK: Requests

    /// Sends a command and waits for its result.
    func request(_ command: String, _ fields: [String: Value] = [:]) async throws(HomeAssistantError) -> Value {
        guard isOpen else { throw .disconnected("\(address)") }
        lastID += 1
        let id = lastID
        var message = fields
        message["id"] = .number(Double(id))
        message["type"] = .string(command)
        let text = Self.text(of: message)
        let expiry = Task {
            try await Task.sleep(for: .seconds(options.answerSeconds))
            finish(id, .failure(HomeAssistantError.timedOut(command: command, seconds: options.answerSeconds)))
        }
        defer { expiry.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    waiting[id] = continuation
                    Task {
                        do { try await socket.send(text) } catch { finish(id, .failure(error)) }
                    }
                }
            } onCancel: {
                Task { await self.finish(id, .failure(HomeAssistantError.disconnected("\(address)"))) }
            }
        } catch HomeAssistantError.refused(_, let code, let reason) {
            throw .refused(command: command, code: code, reason: reason)
        } catch {
            throw error as? HomeAssistantError ?? .disconnected("\(address)")
        }
    }

    private func finish(_ id: Int, _ result: Result<Value, any Error>) { waiting.removeValue(forKey: id)?.resume(with: result) }

    // MARK: Reading

    private func read(_ onEvent: @escaping @Sendable (Value) async -> Void) {
        let address = address
        let seconds = options.pingSeconds
        reading = Task { [socket] in
            // A home that is gone without a word is noticed by its silence.
            let pings = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .seconds(seconds))
                    do { _ = try await self.request("ping") } catch { self.close() }
                }
            }
            do {
                while true {
                    let message = try Self.message(try await socket.receive(), address)
                    if message["type"]?.string == "event" {
                        await onEvent(message["event"] ?? .null)
                    } else {
                        try self.take(message)
                    }
                }
            } catch {
                self.end(error)
            }
            pings.cancel()
            await socket.close()
        }
    }

    private func take(_ message: [String: Value]) throws(HomeAssistantError) {
        let type = message["type"]?.string ?? ""
        guard ["result", "pong"].contains(type), let id = message["id"]?.number.flatMap({ Int(exactly: $0) }) else {
            throw .nonsense("\(address)", reason: "a message of the type \"\(type.prefix(40))\"")
        }
        if type == "result", message["success"]?.bool != true {
            let error = message["error"]?.object ?? [:]
            let refusal = HomeAssistantError.refused(
                command: "", code: error["code"]?.string ?? "unknown",
                reason: Names.line(error["message"]?.string ?? "no reason given"))
            finish(id, .failure(refusal))
        } else {
            finish(id, .success(message["result"] ?? .null))
        }
    }

    private func end(_ error: any Error) {
        isOpen = false
        let left = waiting
        waiting = [:]
        let error = error as? HomeAssistantError ?? .disconnected("\(address)")
        for continuation in left.values { continuation.resume(throwing: error) }
    }

    /// Ends the connection; what waits for an answer fails.
    func close() {
        end(HomeAssistantError.disconnected("\(address)"))
        reading?.cancel()
    }

    /// Comes back when the connection has ended.
    func ended() async { await reading?.value }

    // MARK: JSON

    private static func message(_ text: String, _ address: HomeAssistantAddress) throws(HomeAssistantError) -> [String: Value] {
        let value: Value
        do { value = try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw .nonsense("\(address)", reason: "text that is not JSON")
        }
        guard let message = value.object else { throw .nonsense("\(address)", reason: "JSON that is no object") }
        return message
    }

    private static func text(of message: [String: Value]) -> String {
        let encoder = JSONEncoder()
        // Numbers that JSON has no words for never come this far as a user's request: they are words first.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do { return String(decoding: try encoder.encode(message), as: UTF8.self) } catch {
            fatalError("a message could not be written as JSON: \(error)")
        }
    }
}
