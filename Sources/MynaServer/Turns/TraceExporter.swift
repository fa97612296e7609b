public import Foundation
internal import MynaStages
internal import Synchronization

#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Where turns are told of as traces.
public struct TraceOptions: Sendable {
    /// The collector's address for traces, such as `http://127.0.0.1:4318/v1/traces`.
    public var address: URL
    /// Further fields of each request, such as a key of the collector's.
    public var headers: [String: String] = [:]
    public var service = "myna"
    /// Whether they hold what people said and were told.
    public var tellsWords = false

    public init(address: URL) { self.address = address }
}

/// Tells a collector of turns, in OTLP's JSON over HTTP.
///
/// Turns wait in a queue with a bound and are sent in batches. A collector that is away or slow costs a turn nothing: what the queue
/// doesn't hold, and what could not be sent, is dropped and counted.
final class TraceExporter: Sendable {
    private struct State {
        var waiting: [(turn: ServedTurn, context: TraceContext?)] = []
        var random = SystemRandomNumberGenerator()
        var sent = 0
        var dropped = 0
    }

    /// Turns that may wait; that are sent together.
    static let (most, batch) = (512, 64)

    private let options: TraceOptions
    private let send: @Sendable (Data) async throws -> Void
    private let state = Mutex(State())
    private let (turns, arrival) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter send: takes the body of a request; throws where the collector did not take it.
    init(_ options: TraceOptions, send: (@Sendable (Data) async throws -> Void)? = nil) {
        self.options = options
        self.send = send ?? { try await Self.post($0, options) }
    }

    /// How many turns were sent, and how many nobody will hear of.
    var counts: (sent: Int, dropped: Int) { state.withLock { ($0.sent, $0.dropped) } }

    /// Takes a turn that is over; never waits.
    func add(_ turn: ServedTurn, within context: TraceContext?) {
        state.withLock { state in
            if state.waiting.count < Self.most { state.waiting.append((turn, context)) } else { state.dropped += 1 }
        }
        arrival.yield()
    }

    /// Sends what comes until the task is cancelled; then what still waits, once.
    func run() async {
        for await _ in turns { while await sendBatch() {} }
        // A task of its own, since this one is cancelled. A collector that is slow now is not waited for: the server is to stop.
        await Task { try? await within(.seconds(1)) { while await self.sendBatch() {} } }.value
    }

    /// - Returns: whether there is more.
    private func sendBatch() async -> Bool {
        let (batch, body) = state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(batch.count)
            return (batch, batch.isEmpty ? nil : OTLP.body(batch, options, &state.random))
        }
        guard let body else { return false }
        do {
            try await send(body)
            state.withLock { $0.sent += batch.count }
            return true
        } catch {
            // What waits behind would only wait longer for a collector that is away.
            state.withLock { state in
                state.dropped += batch.count + state.waiting.count
                state.waiting = []
            }
            return false
        }
    }

    private static func post(_ body: Data, _ options: TraceOptions) async throws {
        var request = URLRequest(url: options.address, timeoutInterval: 5)
        request.httpMethod = "POST"
        for (name, value) in options.headers { request.setValue(value, forHTTPHeaderField: name) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = body
        let (_, response) = try await URLSession.shared.data(for: request)
        guard let status = (response as? HTTPURLResponse)?.statusCode, (200..<300).contains(status) else {
            throw URLError(.badServerResponse)
        }
    }
}

/// OpenTelemetry's protocol in its JSON form: numbers of 64 bits are texts, identifiers hexadecimal.
enum OTLP {
    static func body(
        _ turns: [(turn: ServedTurn, context: TraceContext?)], _ options: TraceOptions,
        _ random: inout some RandomNumberGenerator
    ) -> Data {
        var spans: [Value] = []
        for (turn, context) in turns {
            let fresh = TraceContext.random(from: &random)
            let trace = context?.trace ?? fresh.trace
            for (index, span) in Span.all(of: turn, tellsWords: options.tellsWords).enumerated() {
                let isWhole = index == 0
                let parent = isWhole ? context?.span : fresh.span
                spans.append(
                    told(
                        span, of: turn, trace: trace, id: isWhole ? fresh.span : TraceContext.digits(&random), parent: parent,
                        kind: isWhole ? 2 : 1))
            }
        }
        let resource: Value = ["attributes": attributes(["service.name": .string(options.service)])]
        let scope: Value = ["name": "myna.server"]
        let value: Value = [
            "resourceSpans": [["resource": resource, "scopeSpans": [["scope": scope, "spans": .list(spans)]]]]
        ]
        return (try? JSONEncoder().encode(value)) ?? Data()  // such values are always encoded
    }

    private static func told(
        _ span: Span, of turn: ServedTurn, trace: String, id: String, parent: String?, kind: Int
    ) -> Value {
        func nanoseconds(_ seconds: Double) -> Value {
            .string("\(UInt64(max(0, ((turn.began.timeIntervalSince1970 + seconds) * 1e6).rounded())) * 1000)")
        }
        var fields: [String: Value] = [
            "traceId": .string(trace), "spanId": .string(id), "name": .string(span.name), "kind": .number(Double(kind)),
            "startTimeUnixNano": nanoseconds(span.start), "endTimeUnixNano": nanoseconds(span.end),
            "attributes": attributes(span.attributes),
        ]
        if let parent { fields["parentSpanId"] = .string(parent) }
        if span.isError { fields["status"] = ["code": 2] }
        return .object(fields)
    }

    private static func attributes(_ attributes: [String: Value]) -> Value {
        .list(attributes.sorted { $0.key < $1.key }.map { ["key": .string($0.key), "value": any($0.value)] })
    }

    private static func any(_ value: Value) -> Value {
        switch value {
        case .bool(let truth): ["boolValue": .bool(truth)]
        case .number(let number):
            Int(exactly: number).map { ["intValue": .string("\($0)")] } ?? ["doubleValue": .number(number)]
        case .string(let text): ["stringValue": .string(text)]
        case .list(let values): ["arrayValue": ["values": .list(values.map(any))]]
        case .null, .object: [:]
        }
    }
}
