import FlyingSocks
import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaServer

/// The feed of the engine's steps.
@Suite struct EngineStepsTests {
    let step = EngineStep(
        start: 1, seconds: 0.25, trigger: "pause", rows: [.init(stream: 3, frames: 7, waiting: 2)], streams: 2, load: 0.5)

    @Test(.timeLimit(.minutes(1))) func `steps come as events, with a beat between them, until nobody reads any more`()
        async throws
    {
        var watchers = StepWatchers()
        let left = Collected<Int>()
        let steps = watchers.add { left.add($0) }
        let ended = Flag()
        let source = StepLines(lines: StepLines.told(steps, beat: .milliseconds(5)) { ended.clear() })
        let read = Collected<UInt8>()
        let reading = Task {
            var lines = source.makeAsyncIterator()
            while let piece = try await lines.nextBuffer(suggested: 3) { for byte in piece { read.add(byte) } }
        }
        watchers.tell(step)
        func text() -> String { String(decoding: read.all, as: UTF8.self) }
        try await until { text().contains("data: ") && text().hasSuffix(": \n\n") }
        let event = try #require(text().split(separator: "\n").first { $0.hasPrefix("data: ") })
        #expect(try JSONDecoder().decode(EngineStep.self, from: Data(event.dropFirst(6).utf8)) == step)
        reading.cancel()
        try await until { !ended.isSet && left.all == [1] }
    }

    /// A recogniser of which nothing but steps is wanted.
    final class Watched: SpeechRecognizer {
        let watchers = Mutex(StepWatchers())
        func expect(_ sentences: [String]) async {}
        func listen() async throws -> any ListeningStream { throw CancellationError() }
        func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
            try await listen()
        }
        func steps() async -> AsyncStream<EngineStep>? {
            watchers.withLock { $0.add { [self] number in watchers.withLock { $0.remove(number) } } }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a page that goes away is looked on by no more, and one too many is refused`()
        async throws
    {
        let recognizer = Watched()
        let parts = ServerParts(
            recognizer: recognizer, synthesizer: ScriptedSynthesizer(), assistant: { ScriptedAssistant([]) }, home: { [:] },
            call: { _, _, _ in })
        var options = ServerOptions()
        (options.port, options.drain) = (0, .milliseconds(100))
        let server = MynaServer(parts, options)
        let (ports, found) = AsyncStream.makeStream(of: UInt16.self, bufferingPolicy: .bufferingNewest(1))
        let serving = Task { try await server.run { found.yield($0.http) } }
        let port = try #require(await ports.first { _ in true })
        func look() async throws -> AsyncSocket {
            let socket = try await AsyncSocket.connected(to: sockaddr_in.inet(ip4: "127.0.0.1", port: port))
            try await socket.write(Data("GET /engine/steps HTTP/1.1\r\n\r\n".utf8))
            return socket
        }
        var sockets: [AsyncSocket] = []
        for _ in 0..<MynaServer.mostLookers {
            let socket = try await look()
            var text = ""
            while !text.contains(": \n\n") { text += String(decoding: try await socket.bytes() ?? [], as: UTF8.self) }
            sockets.append(socket)
        }
        recognizer.watchers.withLock { $0.tell(step) }
        var told = ""
        while !told.contains("data: {") { told += String(decoding: try #require(try await sockets[0].bytes()), as: UTF8.self) }
        let refused = try await look()
        #expect(String(decoding: try await refused.bytes() ?? [], as: UTF8.self).hasPrefix("HTTP/1.1 503"))
        for socket in sockets + [refused] { try socket.close() }
        // It is noticed when something is told next.
        try await until {
            recognizer.watchers.withLock { $0.tell(step) }
            return recognizer.watchers.withLock { $0.isEmpty } && server.lookers.withLock { $0 } == 0
        }
        serving.cancel()
        try await serving.value
    }

    @Test func `who looks on and doesn't read loses the oldest steps, and nobody waits for it`() async {
        var watchers = StepWatchers()
        let steps = watchers.add { _ in }
        for index in 0..<1000 {
            var step = step
            step.start = Double(index)
            watchers.tell(step)
        }
        watchers.remove(1)
        #expect(watchers.isEmpty)
        var seen: [Double] = []
        for await step in steps {
            seen.append(step.start)
            if seen.count == 256 { break }
        }
        #expect(seen == (744..<1000).map(Double.init))
    }
}
