internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import MynaStages

/// Takes Wyoming clients on a port of their own.
final class WyomingListener: Sendable {
    private let parts: ServerParts
    private let options: ServerOptions
    private let note: @Sendable (ServedTurn, Int) -> Void
    private let admission: Admission
    private let dialogues: WyomingDialogues
    private let socket: Socket
    private let pool: any AsyncSocketPool
    /// The port that it got.
    let port: UInt16

    /// How long a client that reads nothing is waited for.
    private static let patience = Duration.seconds(30)

    /// Takes the port.
    ///
    /// - Parameter note: hears of each turn that is over, with its session's number.
    /// - Throws: ``ServerError/cannotListen(address:problem:)``.
    init(
        _ parts: ServerParts, host: String, port: UInt16, _ admission: Admission, _ options: ServerOptions,
        note: @escaping @Sendable (ServedTurn, Int) -> Void
    ) throws {
        (self.parts, self.options, self.admission, self.note) = (parts, options, admission, note)
        dialogues = WyomingDialogues(parts.assistant)
        do {
            let address = try sockaddr_in.inet(ip4: host, port: port)
            socket = try Socket(domain: AF_INET)
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: address)
            try socket.listen()
            guard case .ip4(_, let port) = try socket.sockname() else { throw SocketError.unsupportedAddress }
            self.port = port
        } catch {
            throw ServerError.cannotListen(address: "\(host):\(port)", problem: error.localizedDescription)
        }
        pool = HTTPServer.defaultPool()
    }

    /// Serves until the task is cancelled.
    func run() async throws {
        try await pool.prepare()
        // A socket that is closed already is as closed as it should be.
        defer { try? socket.close() }
        let listening = try AsyncSocket.over(socket, pool)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [pool] in try await pool.run() }
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    while true {
                        let client = try await listening.nextClient()
                        connections.addTask { await self.serve(client) }
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve(_ client: AsyncSocket) async {
        // As above.
        defer { try? client.close() }
        let write: @Sendable (WyomingEvent) async throws -> Void = { event in
            try await within(Self.patience) { try await client.write(event.encoded) }
        }
        let id: Int
        do { id = try admission.enter() } catch {
            // A client that is gone needs no reason.
            try? await write(WyomingEvent("error", ["text": "no more connections are taken", "code": "overloaded"]))
            client.endWriting()
            await client.partAfterReading()
            return
        }
        options.log.note("session.opened", [("session", .number(Double(id))), ("protocol", "wyoming")])
        let connection = WyomingConnection(
            parts, dialogues, note: { [note] in note($0, id) }, write: write)
        let conversing = Task { await self.converse(client, connection, write) }
        admission.onClosing(id) {
            await connection.finish()
            conversing.cancel()
        }
        await withTaskCancellationHandler {
            await conversing.value
        } onCancel: {
            conversing.cancel()
        }
        admission.leave(id)
        options.log.note("session.closed", [("session", .number(Double(id)))])
    }

    private func converse(
        _ client: AsyncSocket, _ connection: WyomingConnection, _ write: @Sendable (WyomingEvent) async throws -> Void
    ) async {
        var parser = WyomingParser()
        do {
            while !Task.isCancelled {
                parser.append(try await client.read(atMost: 4096))
                while let event = try parser.next() { try await connection.receive(event) }
            }
        } catch let fault as WyomingFault {
            // As above.
            try? await write(WyomingEvent("error", ["text": .string("\(fault)"), "code": "malformed"]))
            client.endWriting()
            await client.partAfterReading()
        } catch {
            return  // the connection is gone, or the server is stopping
        }
    }
}
