import FlyingFox
import FlyingSocks
import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaServer

/// Clients that break a protocol get its own error, and nobody else notices.
@Suite struct HostileClientTests {
    let parts = ServerParts(
        recognizer: ScriptedRecognizer(final: Transcript(text: "hello", words: [])), synthesizer: ScriptedSynthesizer(),
        assistant: { ScriptedAssistant([]) }, home: { [:] }, call: { _, _, _ in })

    /// What a bridge sends to a client that sends `frames` and reads nothing until the end.
    func answers(to frames: [WSFrame], mostBytes: Int = 1000, hangsUp: Bool = true) async throws -> [WSFrame] {
        let (client, input) = AsyncThrowingStream.makeStream(of: WSFrame.self, bufferingPolicy: .unbounded)
        let (done, ended) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let bridge = WebSocketBridge(
            parts: parts, tellsAll: false, mostBytes: mostBytes, note: { _ in }, begun: { _ in }, ended: { ended.yield() })
        let output = try await bridge.makeFrames(for: client)
        for frame in frames { input.yield(frame) }
        if hangsUp { input.finish() }
        for await _ in done { break }
        var sent: [WSFrame] = []
        for await frame in output { sent.append(frame) }
        return sent
    }

    func text(_ bytes: [UInt8], _ opcode: WSFrame.Opcode = .text, ends: Bool = true) -> WSFrame {
        WSFrame(fin: ends, opcode: opcode, mask: nil, payload: Data(bytes))
    }
    func code(of frame: WSFrame?) -> Int? {
        guard let frame, frame.opcode == .close, frame.payload.count >= 2 else { return nil }
        return Int(frame.payload[frame.payload.startIndex]) << 8 | Int(frame.payload[frame.payload.startIndex + 1])
    }

    @Test(.timeLimit(.minutes(1))) func `broken frames close the socket with the protocol's codes`() async throws {
        let cases: [([WSFrame], Int)] = [
            ([text([0xff, 0xfe])], 1007), ([text([1], .binary)], 1003), ([text([1], .continuation)], 1002),
            ([text([1], ends: false), text([2])], 1002), ([text(Array(repeating: 32, count: 1001))], 1009),
            ([text(Array(repeating: 32, count: 600), ends: false), text(Array(repeating: 32, count: 600), .continuation)], 1009),
            ([text([], .close)], 1000),
        ]
        for (frames, expected) in cases {
            let sent = try await answers(to: frames, hangsUp: false)
            #expect(code(of: sent.last) == expected, "\(expected)")
        }
        let whole = try await answers(to: [
            text(Array(#"{"type":"#.utf8), ends: false), text(Array(#""x"}"#.utf8), .continuation),
        ])
        #expect(whole.count == 2 && String(decoding: whole[1].payload, as: UTF8.self).contains("there is no event"))
        let ping = try await answers(to: [text([7], .ping)])
        #expect(ping.last?.opcode == .pong && ping.last?.payload == Data([7]))
    }

    @Test(.timeLimit(.minutes(1))) func `a client that asks much and reads nothing is let go, and costs no more than a bound`()
        async throws
    {
        let sent = try await answers(to: Array(repeating: text([0x7b, 0x7d]), count: 6000))
        #expect(sent.count == 4096)
    }

    @Test(.timeLimit(.minutes(1))) func `a client that is gone without a word is let go, one that answers pings stays`()
        async throws
    {
        for answers in [false, true] {
            let (client, input) = AsyncThrowingStream.makeStream(of: WSFrame.self, bufferingPolicy: .unbounded)
            let ended = Flag()
            var bridge = WebSocketBridge(
                parts: parts, tellsAll: false, mostBytes: 1000, note: { _ in }, begun: { _ in }, ended: { ended.clear() })
            bridge.ping = .milliseconds(answers ? 1500 : 20)
            var pings = 0
            for await frame in try await bridge.makeFrames(for: client) where frame.opcode == .ping {
                pings += 1
                if answers { input.yield(WSFrame(fin: true, opcode: .pong, mask: nil, payload: Data())) }
                if answers, pings == 3 { input.finish() }
            }
            // Who doesn't answer is let go: its frames end though it sent nothing.
            try await until { !ended.isSet }
            #expect(!answers || pings >= 3, "\(pings) pings, answered: \(answers)")
        }
    }

    /// Serves while `body` runs.
    func serving(
        _ change: @escaping (inout ServerOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (MynaServer.Ports) async throws -> Void
    ) async throws {
        var options = ServerOptions()
        (options.port, options.wyomingPort, options.drain) = (0, 0, .milliseconds(200))
        change(&options)
        let server = MynaServer(parts, options)
        let (ports, found) = AsyncStream.makeStream(of: MynaServer.Ports.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { found.yield($0) } }
            group.addTask {
                for await port in ports {
                    try await body(port)
                    return
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// What comes back on a fresh connection, to its end or to the first `count` bytes.
    func exchange(_ port: UInt16, _ bytes: [UInt8], reading count: Int = 1 << 16) async throws -> String {
        let socket = try await AsyncSocket.connected(to: sockaddr_in.inet(ip4: "127.0.0.1", port: port))
        defer { try? socket.close() }  // closed by the other side, it is as closed as it should be
        try await socket.write(Data(bytes))
        var read: [UInt8] = []
        do { while read.count < count { read += try await socket.read(atMost: 4096) } } catch SocketError.disconnected {}
        return String(decoding: read, as: UTF8.self)
    }

    @Test(.timeLimit(.minutes(1))) func `on Wyoming nonsense is told and ends its connection alone`() async throws {
        try await serving { ports in
            let port = try #require(ports.wyoming)
            let other = try await AsyncSocket.connected(to: sockaddr_in.inet(ip4: "127.0.0.1", port: port))
            for bytes in [
                Array("GET / HTTP/1.1\r\n\r\n".utf8), [0xff, 0x0a], Array("{}\n".utf8), Array(repeating: 120, count: 70_000),
            ] {
                let answer = try await exchange(port, bytes)
                #expect(answer.contains("malformed"), "\(answer.prefix(200))")
            }
            try await other.write(WyomingEvent("describe").encoded)
            let info = String(decoding: try await other.read(atMost: 4096), as: UTF8.self)
            #expect(info.contains(#""type":"info""#))
            try other.close()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `one connection too many is refused by each protocol`() async throws {
        try await serving({ $0.mostSessions = 0 }) { ports in
            let wyoming = try await exchange(try #require(ports.wyoming), [])
            #expect(wyoming.contains("overloaded"))
            let realtime = try await exchange(
                ports.http, Array("GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            #expect(realtime.hasPrefix("HTTP/1.1 503") && realtime.contains("overloaded"))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `paths that climb find nothing`() async throws {
        try await serving { ports in
            for path in [
                "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/home/../../etc", "//etc/passwd", "/index.html%00", "/..",
            ] {
                let answer = try await exchange(
                    ports.http, Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
                #expect(
                    !answer.contains("root:") && !answer.hasPrefix("HTTP/1.1 200") || path == "/..",
                    "\(path): \(answer.prefix(80))")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a port that is taken is named`() async throws {
        try await serving { ports in
            var options = ServerOptions()
            options.port = ports.http
            let error = await #expect(throws: ServerError.self) { try await MynaServer(parts, options).run() }
            let named = "\(try #require(error))"
            #expect(named.hasPrefix("127.0.0.1:\(ports.http): cannot listen"))
            (options.port, options.wyomingPort) = (0, ports.wyoming)
            await #expect(throws: ServerError.self) { try await MynaServer(parts, options).run() }
        }
    }
}
