internal import FlyingFox
internal import Foundation
internal import Synchronization

/// Joins a web socket to a realtime session: whole text messages in, in order and one at a time, so that a client that floods
/// is slowed down; texts out, up to a bound, beyond which a client that does not read is let go.
struct WebSocketBridge: WSHandler {
    let parts: ServerParts
    let tellsAll: Bool
    let mostBytes: Int
    /// Hears of each turn, for a log.
    let note: @Sendable (ServedTurn) -> Void
    /// Is told what ends the session in good order.
    let begun: @Sendable (@escaping @Sendable () async -> Void) -> Void
    let ended: @Sendable () -> Void
    /// Between two pings to the client; who says nothing in three times as long and a little is not there any more.
    var ping = Duration.seconds(30)

    /// A frame in place of one that the door did not let through, for its length: of an opcode that has no meaning.
    static let tooLong: [UInt8] = [0x8f, 0x80, 0, 0, 0, 0]

    /// Messages that may wait for a slow client.
    private static let mostWaiting = 4096

    func makeFrames(for client: AsyncThrowingStream<WSFrame, any Error>) async throws -> AsyncStream<WSFrame> {
        let (frames, output) = AsyncStream.makeStream(of: WSFrame.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        let heard = Heard()
        let pinging = Task {
            // A sleep that is cut short has nobody left to ping.
            while (try? await Task.sleep(for: ping)) != nil {
                if heard.silence > ping * 3.3 { return output.finish() }
                output.yield(WSFrame(fin: true, opcode: .ping, mask: nil, payload: Data()))
            }
        }
        let task = Task {
            await converse(with: client, output, heard)
            pinging.cancel()
            output.finish()
            ended()
        }
        output.onTermination = { _ in task.cancel() }
        return frames
    }

    private func converse(
        with client: AsyncThrowingStream<WSFrame, any Error>, _ output: AsyncStream<WSFrame>.Continuation, _ heard: Heard
    ) async {
        let session = await RealtimeSession(parts, tellsAll: tellsAll, note: note) { text in
            let frame = WSFrame(fin: true, opcode: .text, mask: nil, payload: Data(text.utf8))
            if case .dropped = output.yield(frame) { output.finish() }
        }
        begun {
            await session.finish()
            output.yield(.close(code: WSCloseCode(1001, reason: "the server is shutting down")))
            output.finish()
        }
        await session.begin()
        let close = await messages(of: client, output, heard) { await session.receive($0) }
        await session.end()
        if let close { output.yield(.close(code: close)) }
    }

    /// Hands over each message; comes back with why the connection is to be closed.
    private func messages(
        of client: AsyncThrowingStream<WSFrame, any Error>, _ output: AsyncStream<WSFrame>.Continuation,
        _ heard: Heard, _ take: (String) async -> Void
    ) async -> WSCloseCode? {
        var message = Data()
        var isOpen = false
        do {
            for try await frame in client {
                heard.note()
                switch frame.opcode {
                case .ping: output.yield(WSFrame(fin: true, opcode: .pong, mask: nil, payload: frame.payload))
                case .pong: break
                case .close: return WSCloseCode(1000)
                case .text, .continuation:
                    guard isOpen == (frame.opcode == .continuation) else {
                        return WSCloseCode(1002, reason: "frames of a message out of order")
                    }
                    guard message.count + frame.payload.count <= mostBytes else {
                        return WSCloseCode(1009, reason: "a message may have \(mostBytes) bytes")
                    }
                    message += frame.payload
                    isOpen = !frame.fin
                    guard frame.fin else { continue }
                    guard let text = String(data: message, encoding: .utf8) else {
                        return WSCloseCode(1007, reason: "a message is not UTF-8")
                    }
                    message = Data()
                    await take(text)
                case WSFrame.Opcode(Self.tooLong[0] & 0x0f):
                    return WSCloseCode(1009, reason: "a message may have \(mostBytes) bytes")
                default: return WSCloseCode(1003, reason: "messages are JSON in text frames")
                }
                if Task.isCancelled { return nil }
            }
        } catch {
            return nil  // the connection is gone
        }
        return nil
    }
}

/// When a client was last heard of.
private final class Heard: Sendable {
    private let time = Mutex(ContinuousClock.now)

    func note() { time.withLock { $0 = .now } }
    var silence: Duration { time.withLock { .now - $0 } }
}
