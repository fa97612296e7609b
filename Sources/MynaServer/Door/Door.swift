internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// Where HTTP clients come in: takes their connections, bounds how many there are and how long they may stand still, opens TLS,
/// and carries bytes between each of them and the HTTP server behind it, which listens where this process's user alone reaches it.
///
/// Nothing is read ahead: a side that does not take its bytes stops the other one.
final class Door: Sendable {
    /// How long things may take, in seconds.
    struct Limits: Sendable {
        /// From connecting to the first plain byte.
        var opening = 10.0
        /// A write that a client doesn't take.
        var writing = 30.0
        /// Nothing at all in either direction.
        var idle = 600.0
    }

    private let socket: Socket
    private let inner: String
    private let identity: CurrentIdentity?
    private let most: Int
    private let mostFrame: Int
    private let limits: Limits
    private let pool: any AsyncSocketPool
    private let state = Mutex(State())
    /// The port that it got.
    let port: UInt16

    private struct State {
        var open: [Int: Visit] = [:]
        var admitted = 0
        var refused = 0
        var failed = 0
    }

    /// How many connections are open, were taken, were turned away, and failed to open in time or in TLS.
    var counts: (open: Int, admitted: Int, refused: Int, failed: Int) {
        state.withLock { ($0.open.count, $0.admitted, $0.refused, $0.failed) }
    }

    /// Takes the port.
    ///
    /// - Parameters:
    ///   - inner: the path of the socket that the HTTP server listens on.
    ///   - most: connections that may be open at the same time; one more is closed at once.
    ///   - mostFrame: bytes that a frame of a web socket may bring.
    /// - Throws: ``ServerError/cannotListen(address:problem:)``.
    init(
        host: String, port: UInt16, to inner: String, _ identity: TLSIdentity?, most: Int, mostFrame: Int,
        limits: Limits = Limits(), log: ServerLog
    ) throws(ServerError) {
        (socket, self.port) = try Self.listening(host, port)
        self.identity = identity.map { CurrentIdentity($0, log) }
        (self.inner, self.most, self.mostFrame, self.limits) = (inner, most, mostFrame, limits)
        pool = HTTPServer.defaultPool()
    }

    /// Serves until the task is cancelled; then connections are closed.
    func run() async throws {
        try await pool.prepare()
        // A socket that is closed already is as closed as it should be.
        defer { try? socket.close() }
        let listening = try AsyncSocket.over(socket, pool)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [pool] in try await pool.run() }
            group.addTask { [self] in try await accept(on: listening) }
            group.addTask { [self] in try await sweep() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func accept(on listening: AsyncSocket) async throws {
        try await withThrowingDiscardingTaskGroup { visits in
            while true {
                let client = try await listening.nextClient()
                guard let (id, visit) = enter() else {
                    // Full; that it can't be closed any more changes nothing.
                    try? client.close()
                    continue
                }
                visits.addTask { [self] in
                    await serve(client, visit)
                    state.withLock { _ = $0.open.removeValue(forKey: id) }
                }
            }
        }
    }

    private func enter() -> (Int, Visit)? {
        state.withLock { state in
            guard state.open.count < most else {
                state.refused += 1
                return nil
            }
            state.admitted += 1
            let visit = Visit(deadline: .now + .seconds(limits.opening))
            state.open[state.admitted] = visit
            return (state.admitted, visit)
        }
    }

    /// Ends connections whose time is up.
    private func sweep() async throws {
        while true {
            try await Task.sleep(for: .seconds(min(1, limits.opening / 2)))
            let now = ContinuousClock.now
            for visit in state.withLock({ Array($0.open.values) }) { visit.end(ifAfter: now) }
        }
    }

    /// Comes back when nobody is here any more, or after `limit`.
    func emptied(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        // A wait that is cancelled has done its work.
        while counts.open > 0, .now < end, (try? await Task.sleep(for: .milliseconds(20))) != nil {}
    }

    // MARK: One connection

    private func serve(_ client: AsyncSocket, _ visit: Visit) async {
        // As above.
        defer { try? client.close() }
        let task = Task { try await self.relay(client, visit) }
        visit.begin { task.cancel() }
        await withTaskCancellationHandler {
            // A connection ends as it may; those that never opened are counted.
            do { try await task.value } catch { if !visit.isOpen { state.withLock { $0.failed += 1 } } }
        } onCancel: {
            task.cancel()
        }
    }

    private func relay(_ client: AsyncSocket, _ visit: Visit) async throws {
        guard let first = try await client.bytes() else { return }
        guard let channel = try await channel(client, first) else { return }
        let server = try await AsyncSocket.connected(to: sockaddr_un.unix(path: inner), pool: pool)
        defer { try? server.close() }  // as above
        visit.opened(limits)
        let (answers, answer) = AsyncStream.makeStream(of: Bool.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { [self] in
                do {
                    try await carryIn(from: channel, to: server, visit, answers)
                } catch let fault as RequestWatch.Fault {
                    visit.writing()
                    try await channel.write(Array(Self.refusal(fault).utf8))
                    try await channel.finish()
                    return true
                }
                server.endWriting()
                return false
            }
            group.addTask {
                while let bytes = try await server.bytes() {
                    if visit.isAwaitingAnswer { answer.yield(bytes.starts(with: Array("HTTP/1.1 101 ".utf8))) }
                    visit.writing()
                    try await channel.write(bytes)
                    visit.moved()
                }
                visit.writing()
                try await channel.finish()
                return true
            }
            defer { group.cancelAll() }
            // A client that says no more may still be told; a server that says no more has told all.
            while let isOver = try await group.next(), !isOver {}
        }
        await client.partAfterReading()
    }

    /// A connection's bytes, with TLS where this door has it; nil for who speaks in plain to a door that does not.
    private func channel(_ client: AsyncSocket, _ first: [UInt8]) async throws -> (any ByteChannel)? {
        guard let identity else { return PlainChannel(client, first) }
        // The first byte of every TLS handshake, and of no request in plain HTTP.
        guard first.first == 22 else {
            try await client.write(Data(Self.answer("400 Bad Request", "This port speaks TLS: use https:// or wss://.").utf8))
            client.endWriting()
            await client.partAfterReading()
            return nil
        }
        let sealed = try TLSChannel(client, identity.current)
        try await sealed.open(first)
        return sealed
    }

    /// Carries what the client sends to the server, as long as it is bounded.
    ///
    /// - Throws: ``RequestWatch/Fault`` for what isn't; what `channel` throws.
    private func carryIn(
        from channel: any ByteChannel, to server: AsyncSocket, _ visit: Visit, _ answers: AsyncStream<Bool>
    ) async throws {
        var watch = RequestWatch(mostFrame: mostFrame)
        var answer = answers.makeAsyncIterator()
        while let bytes = try await channel.read() {
            var rest = bytes[...]
            while !rest.isEmpty {
                let passed = try watch.take(rest)
                rest = rest.dropFirst(passed.count)
                if passed.asksUpgrade { visit.isAwaitingAnswer = true }
                let handed = passed.isTooLong ? passed.bytes + WebSocketBridge.tooLong : passed.bytes
                // A server that takes no more may have answered already, which is on its way to the client.
                do { try await server.write(Data(handed)) } catch is SocketError { return }
                if passed.isTooLong { return }
                if passed.asksUpgrade {
                    guard let isUpgraded = await answer.next() else { return }
                    visit.isAwaitingAnswer = false
                    watch.answered(isUpgraded: isUpgraded)
                }
            }
            visit.moved(isWithinHead: watch.isWithinHead)
        }
    }

    private static func refusal(_ fault: RequestWatch.Fault) -> String {
        switch fault {
        case .headTooLong:
            answer("431 Request Header Fields Too Large", "A request's head may have \(RequestWatch.mostHead) bytes.")
        case .noRequest: answer("400 Bad Request", "This is no request of HTTP/1.1 in UTF-8.")
        case .badLength: answer("400 Bad Request", "The length of the body can't be told.")
        }
    }

    private static func answer(_ status: String, _ text: String) -> String {
        """
        HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count + 1)\r\nConnection: close\r\n\r\n\(text)\n
        """
    }

    private static func listening(_ host: String, _ port: UInt16) throws(ServerError) -> (Socket, UInt16) {
        guard let address = try? sockaddr_in.inet(ip4: host, port: port) else {  // there is one way for it to fail
            throw .cannotListen(address: "\(host):\(port)", problem: "it is no IPv4 address")
        }
        do {
            let socket = try Socket(domain: AF_INET)
            do {
                try socket.setValue(true, for: .localAddressReuse)
                try socket.bind(to: address)
                try socket.listen()
                guard case .ip4(_, let port) = try socket.sockname() else { throw SocketError.unsupportedAddress }
                return (socket, port)
            } catch {
                try? socket.close()  // what went wrong is told
                throw error
            }
        } catch {
            throw .cannotListen(address: "\(host):\(port)", problem: error.localizedDescription)
        }
    }
}

/// One connection's clock: what it waits for, and until when.
private final class Visit: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant
        var limits: Door.Limits?
        var isWithinHead = false
        var isAwaitingAnswer = false
        var end: (@Sendable () -> Void)?
    }
    private let state: Mutex<State>

    init(deadline: ContinuousClock.Instant) { state = Mutex(State(deadline: deadline)) }

    /// Whether it got past its opening.
    var isOpen: Bool { state.withLock { $0.limits != nil } }

    /// Whether the server's next bytes answer a request to change to web sockets.
    var isAwaitingAnswer: Bool {
        get { state.withLock { $0.isAwaitingAnswer } }
        set { state.withLock { $0.isAwaitingAnswer = newValue } }
    }

    func begin(_ end: @escaping @Sendable () -> Void) { state.withLock { $0.end = end } }
    func opened(_ limits: Door.Limits) {
        state.withLock { $0.limits = limits }
        moved()
    }
    /// Bytes went through. A request's head has to be whole in the time that it takes to open, however slowly it drips.
    func moved(isWithinHead: Bool = false) {
        state.withLock { state in
            guard let limits = state.limits else { return }
            if !isWithinHead || !state.isWithinHead {
                state.deadline = .now + .seconds(isWithinHead ? limits.opening : limits.idle)
            }
            state.isWithinHead = isWithinHead
        }
    }
    /// Bytes are being handed to the client.
    func writing() {
        state.withLock { state in
            if let limits = state.limits { state.deadline = .now + .seconds(limits.writing) }
        }
    }

    func end(ifAfter now: ContinuousClock.Instant) { state.withLock { now > $0.deadline ? $0.end : nil }?() }
}
