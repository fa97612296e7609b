import FlyingFox
import FlyingSocks
import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

/// The door before the HTTP server: what is hostile ends at it, what is not comes through unchanged.
@Suite struct DoorTests {
    /// A door before a server that answers `/` with `body` and what is posted to it with its length.
    func open(
        _ limits: Door.Limits = Door.Limits(), most: Int = 100, body: Data = Data("here".utf8),
        _ use: @escaping @Sendable (Door) async throws -> Void
    ) async throws {
        let room = try PrivateRoom()
        let door = try Door(
            host: "127.0.0.1", port: 0, to: room.path("http"), nil, most: most, mostFrame: 1000, limits: limits, log: .silent)
        let server = HTTPServer(config: .init(address: sockaddr_un.unix(path: room.path("http")), logger: .disabled))
        await server.appendRoute("*") { request in
            let posted = try await request.bodyData
            return HTTPResponse(statusCode: .ok, body: request.method == .POST ? Data("\(posted.count)".utf8) : body)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await door.run() }
            group.addTask {
                try await server.waitUntilListening(timeout: 60)
                try await use(door)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    func connect(_ door: Door) async throws -> AsyncSocket {
        try await .connected(to: sockaddr_in.inet(ip4: "127.0.0.1", port: door.port))
    }
    func rest(of socket: AsyncSocket) async throws -> String {
        var read: [UInt8] = []
        while let bytes = try await socket.bytes() { read += bytes }
        return String(decoding: read, as: UTF8.self)
    }
    let question = Data("GET / HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)

    @Test(.timeLimit(.minutes(1))) func `a client that has said all is still answered`() async throws {
        try await open { door in
            let client = try await connect(door)
            try await client.write(question)
            client.endWriting()
            #expect(try await rest(of: client).hasSuffix("here"))
            try client.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a long body comes through in both directions, to who takes it slowly too`() async throws
    {
        try await open(body: Data(repeating: 120, count: 3 << 20)) { door in
            let client = try await connect(door)
            let long = Data(repeating: 7, count: 3 << 20)
            try await client.write(Data("POST / HTTP/1.1\r\nContent-Length: \(long.count)\r\n\r\n".utf8) + long)
            var answer = ""
            while !answer.hasSuffix("\(long.count)") { answer += String(decoding: try await client.bytes() ?? [], as: UTF8.self) }
            try await client.write(question)
            #expect(try await rest(of: client).filter { $0 == "x" }.count == 3 << 20)
            try client.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `one connection more than there may be is closed, and place is made by who goes`()
        async throws
    {
        try await open(most: 3) { door in
            var clients: [AsyncSocket] = []
            for _ in 0..<3 { clients.append(try await connect(door)) }
            try await until { door.counts.open == 3 }
            let more = try await connect(door)
            #expect(try await rest(of: more) == "")
            #expect(door.counts.refused == 1)
            try more.close()
            try clients.removeLast().close()
            try await until { door.counts.open == 2 }
            let next = try await connect(door)
            try await next.write(question)
            #expect(try await rest(of: next).hasSuffix("here"))
            for client in clients + [next] { try client.close() }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `who says nothing, who drips a head, who takes nothing and who stands still is let go`()
        async throws
    {
        var limits = Door.Limits()
        (limits.opening, limits.writing, limits.idle) = (1, 1, 2)
        try await open(limits, body: Data(repeating: 120, count: 30 << 20)) { door in
            let silent = try await connect(door)
            #expect(try await rest(of: silent) == "")
            let dripping = try await connect(door)
            do {
                while true {
                    try await dripping.write(Data("a".utf8))
                    try await Task.sleep(for: .milliseconds(10))
                }
            } catch is SocketError {}
            let still = try await connect(door)
            try await still.write(Data("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n".utf8))
            #expect(try await rest(of: still).hasSuffix("0"))
            let deaf = try await connect(door)
            try await deaf.write(question)
            try await until { door.counts.open == 1 }
            try await until { door.counts.open == 0 }
            for socket in [silent, dripping, still, deaf] { try socket.close() }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `what is no request or has no bound is answered and ends its connection alone`()
        async throws
    {
        try await open { door in
            let other = try await connect(door)
            try await other.write(Data("GET / HTTP/1.1\r\n".utf8))
            for (sent, status) in [
                (Data(repeating: 97, count: 40_000), "HTTP/1.1 431"), (Data([0x16, 0x03, 0x01, 0x0a]), "HTTP/1.1 400"),
                (Data("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n".utf8), "HTTP/1.1 400"),
            ] {
                let client = try await connect(door)
                try await client.write(sent)
                #expect(try await rest(of: client).hasPrefix(status))
                try client.close()
            }
            try await other.write(Data("Connection: close\r\n\r\n".utf8))
            #expect(try await rest(of: other).hasSuffix("here"))
            try other.close()
        }
    }
}
