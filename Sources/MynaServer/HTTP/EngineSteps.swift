internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import MynaStages
internal import Synchronization

/// `/engine/steps`: the steps in which the streams of all who are heard run together, as server-sent events. They hold numbers alone,
/// of others no words, and cost nothing while nobody looks on.
extension MynaServer {
    /// How many may look on at the same time.
    static let mostLookers = 16

    func engineSteps() async throws -> HTTPResponse {
        guard lookers.withLock({ if $0 < Self.mostLookers { $0 += 1; return true } else { return false } }) else {
            throw Fault(status: .serviceUnavailable, problem: "\(Self.mostLookers) look on already", code: "overloaded")
        }
        guard let steps = await parts.recognizer.steps() else {
            lookers.withLock { $0 -= 1 }
            throw Fault(status: .notFound, problem: "this recogniser has no steps that streams share", code: "not_found")
        }
        let lines = StepLines(lines: StepLines.told(steps) { [self] in lookers.withLock { $0 -= 1 } })
        return HTTPResponse(
            statusCode: .ok, headers: [.contentType: "text/event-stream", HTTPHeader("Cache-Control"): "no-store"],
            body: HTTPBodySequence(from: lines))
    }
}

/// Bytes of events, as they come.
struct StepLines: AsyncBufferedSequence, Sendable {
    typealias Element = UInt8

    let lines: AsyncStream<Data>

    /// Events of `steps`, and now and then a comment, so that a client that is gone is noticed.
    ///
    /// - Parameter ended: is told once that nobody reads them any more.
    static func told(
        _ steps: AsyncStream<EngineStep>, beat: Duration = .seconds(10), ended: @escaping @Sendable () -> Void
    ) -> AsyncStream<Data> {
        let (lines, line) = AsyncStream.makeStream(of: Data.self, bufferingPolicy: .bufferingNewest(256))
        let telling = Task {
            for await step in steps {
                let json = (try? JSONEncoder().encode(step)) ?? Data()  // such values are always encoded
                line.yield(Data("data: ".utf8) + json + Data("\n\n".utf8))
            }
            line.finish()
        }
        let beating = Task {
            // A sleep that is cut short has nobody left to tell.
            repeat { line.yield(Data(": \n\n".utf8)) } while (try? await Task.sleep(for: beat)) != nil
        }
        line.onTermination = { _ in
            telling.cancel()
            beating.cancel()
            ended()
        }
        return lines
    }

    func makeAsyncIterator() -> Iterator { Iterator(lines: lines.makeAsyncIterator()) }

    struct Iterator: AsyncBufferedIteratorProtocol {
        typealias Element = UInt8

        private var lines: AsyncStream<Data>.Iterator
        private var waiting: [UInt8] = []

        init(lines: AsyncStream<Data>.Iterator) { self.lines = lines }

        mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            while waiting.isEmpty {
                guard let line = await lines.next() else { return nil }
                waiting = Array(line)
            }
            let bytes = Array(waiting.prefix(Swift.max(1, count)))
            waiting.removeFirst(bytes.count)
            return bytes
        }
    }
}
