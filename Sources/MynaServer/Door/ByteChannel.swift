internal import FlyingSocks
internal import Foundation

/// A client's connection as plain bytes.
protocol ByteChannel: Sendable {
    /// The next bytes; nil once the client says no more.
    func read() async throws -> [UInt8]?
    /// Hands bytes over; waits while the client doesn't take them.
    func write(_ bytes: [UInt8]) async throws
    /// Says that no more will come.
    func finish() async throws
}

/// Bytes as they come.
actor PlainChannel: ByteChannel {
    private let socket: AsyncSocket
    private var first: [UInt8]?

    /// - Parameter first: bytes that were read already.
    init(_ socket: AsyncSocket, _ first: [UInt8]) { (self.socket, self.first) = (socket, first) }

    func read() async throws -> [UInt8]? {
        if let first {
            self.first = nil
            return first
        }
        return try await socket.bytes()
    }

    nonisolated func write(_ bytes: [UInt8]) async throws { try await socket.write(Data(bytes)) }
    nonisolated func finish() async throws { socket.endWriting() }
}

/// Bytes that are sealed on the way.
actor TLSChannel: ByteChannel {
    private let socket: AsyncSocket
    private let session: TLSSession
    private var isSending = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ socket: AsyncSocket, _ identity: TLSIdentity) throws {
        self.socket = socket
        session = try TLSSession(identity)
    }

    /// Shakes hands; `first` are the bytes that were read already.
    func open(_ first: [UInt8]) async throws {
        session.take(first)
        while true {
            let isDone: Bool
            do { isDone = try session.handshake() } catch {
                try await send()  // why, in TLS's own words
                throw error
            }
            try await send()
            if isDone { return }
            guard let more = try await socket.bytes() else { throw TLSFault.closed }
            session.take(more)
        }
    }

    func read() async throws -> [UInt8]? {
        while true {
            let bytes: [UInt8]?
            do { bytes = try session.read() } catch {
                try await send()  // as above
                throw error
            }
            // What TLS itself has to answer, such as to a request for new keys.
            try await send()
            guard let bytes else { return nil }
            if !bytes.isEmpty { return bytes }
            // Cut off without TLS's farewell it says no more either.
            guard let more = try await socket.bytes() else { return nil }
            session.take(more)
        }
    }

    func write(_ bytes: [UInt8]) async throws {
        try session.write(bytes)
        try await send()
    }

    func finish() async throws {
        session.close()
        try await send()
        socket.endWriting()
    }

    /// Sends what is sealed, in order; whoever comes while it sends waits for his turn.
    private func send() async throws {
        while isSending { await withCheckedContinuation { waiting.append($0) } }
        isSending = true
        defer {
            isSending = false
            for one in waiting { one.resume() }
            waiting = []
        }
        while case let sealed = session.sealed(), !sealed.isEmpty { try await socket.write(Data(sealed)) }
    }
}

extension AsyncSocket {
    static func over(_ socket: Socket, _ pool: some AsyncSocketPool) throws -> AsyncSocket {
        try AsyncSocket(socket: socket, pool: pool)
    }

    /// Takes the next connection.
    ///
    /// - Throws: `CancellationError` alone: where there are no descriptors left, or a client is gone before it is taken, those who
    ///   are in stay, and it tries again.
    func nextClient() async throws(CancellationError) -> AsyncSocket {
        while true {
            do { return try await accept() } catch {
                do { try await Task.sleep(for: .milliseconds(100)) } catch { throw CancellationError() }
            }
        }
    }

    /// The next bytes; nil at the end, in whatever way the other side came to it.
    func bytes() async throws(CancellationError) -> [UInt8]? {
        do { return try await read(atMost: 4096) } catch is CancellationError { throw CancellationError() } catch { return nil }
    }

    /// Says that no more will be written; what can't be said to one who is gone needn't be.
    func endWriting() { shutdown(socket.file.rawValue, Int32(SHUT_WR)) }

    /// Lets a client read its last answer: closing over bytes that were not read would take it away.
    func partAfterReading() async {
        // However it ends, the connection is closed next.
        try? await within(.seconds(1)) {
            for _ in 0..<512 { if try await self.bytes() == nil { return } }
        }
    }
}

/// - Throws: what `step` throws, or an end of the connection where it takes too long.
func within(_ limit: Duration, _ step: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await step() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw SocketError.disconnected
        }
        defer { group.cancelAll() }
        try await group.next()
    }
}
