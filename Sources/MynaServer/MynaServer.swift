internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import MynaStages
internal import Synchronization

/// Serves the assistant to realtime clients, over OpenAI's HTTP forms and the Wyoming protocol, and on a page of its own.
public final class MynaServer: Sendable {
    let parts: ServerParts
    let options: ServerOptions
    private let sessions: Admission
    private let wyoming: Admission
    private let requests = Mutex<[String: Int]>([:])
    private let door = Mutex<Door?>(nil)
    let lookers = Mutex(0)
    private let times = StageTimes()
    private let traces: TraceExporter?

    public init(_ parts: ServerParts, _ options: ServerOptions = ServerOptions()) {
        (self.parts, self.options) = (parts, options)
        sessions = Admission(most: options.mostSessions)
        wyoming = Admission(most: options.mostSessions)
        traces = options.traces.map { TraceExporter($0) }
    }

    /// The ports that a server listens on.
    public struct Ports: Sendable, Equatable {
        public var http: UInt16
        public var wyoming: UInt16?
    }

    /// Serves until the task is cancelled. Then nobody is let in any more, replies on their way are spoken to their end
    /// within ``ServerOptions/drain``, and connections are closed; it comes back without an error.
    ///
    /// - Parameter ready: told the ports once it listens on them.
    /// - Throws: ``ServerError``.
    public func run(ready: @escaping @Sendable (Ports) -> Void = { _ in }) async throws {
        let mostConnections = 2 * options.mostSessions + 128
        // One over HTTP has three: the client's, and both ends of the way from the door to the HTTP server.
        Descriptors.allow(3 * mostConnections + 2 * options.mostSessions + 256)
        let room = try PrivateRoom()
        let door = try Door(
            host: options.host, port: options.port, to: room.path("http"), try options.identity(), most: mostConnections,
            mostFrame: options.mostBytes, log: options.log)
        self.door.withLock { $0 = door }
        let listener = try options.wyomingPort.map {
            try WyomingListener(parts, host: options.host, port: $0, wyoming, options) { [self] in note($0, session: $1, nil) }
        }
        let server = HTTPServer(
            config: .init(address: sockaddr_un.unix(path: room.path("http")), timeout: 120, logger: .disabled))
        await server.appendRoute("*") { [self] request in await answer(request) }
        let serving = Task { try await server.run() }
        let others = Task { [self] in
            // Without a door nobody reaches the server.
            defer { serving.cancel() }
            try await server.waitUntilListening()
            let ports = Ports(http: door.port, wyoming: listener?.port)
            options.log.note(
                "listening",
                [("port", .number(Double(ports.http)))] + (ports.wyoming.map { [("wyoming", .number(Double($0)))] } ?? []))
            ready(ports)
            async let heard: Void? = listener?.run()
            async let traced: Void? = traces?.run()
            try await door.run()
            try await heard
            await traced
        }
        await withTaskCancellationHandler {
            // What ended it is told below.
            _ = await serving.result
            if Task.isCancelled { await door.emptied(within: .seconds(2)) }
        } onCancel: {
            Task {
                await drain()
                await server.stop(timeout: 1)
                serving.cancel()
            }
        }
        others.cancel()
        _ = await others.result
        options.log.note("stopped")
        guard !Task.isCancelled else { return }
        var problem = "it stopped listening"
        do { try await serving.value } catch { problem = error.localizedDescription }
        throw ServerError.cannotListen(address: room.path("http"), problem: problem)
    }

    private func drain() async {
        options.log.note("stopping", [("sessions", .number(Double(sessions.counts.open + wyoming.counts.open)))])
        async let realtime: Void = sessions.close(within: options.drain)
        await wyoming.close(within: options.drain)
        await realtime
    }

    /// A turn of a client is over.
    func note(_ turn: ServedTurn, session: Int?, _ context: TraceContext?) {
        options.log.note(turn, session: session)
        times.add(turn)
        traces?.add(turn, within: context)
    }

    // MARK: Who may

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let began = ContinuousClock.now
        let isKnown = known.contains(request.path)
        if isKnown { requests.withLock { $0[request.path, default: 0] += 1 } }
        let response = await respond(to: request)
        // A path that isn't ours may hold anything, so it isn't written.
        options.log.note(
            "request",
            [
                ("method", .string(["GET", "POST"].contains(request.method.rawValue) ? request.method.rawValue : "other")),
                ("path", .string(isKnown ? request.path : "other")), ("status", .number(Double(response.statusCode.code))),
                ("ms", .number(((ContinuousClock.now - began) / .milliseconds(1)).rounded())),
            ])
        return response
    }

    private func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard isFromHere(request) else { return refusal(.forbidden, "pages of other origins may not use this server", "origin") }
        let isOpen = ["/", "/health"].contains(request.path)
        guard isOpen || hasToken(request) else {
            return refusal(.unauthorized, "a valid bearer token is needed", "invalid_api_key")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > options.mostBytes {
            return refusal(.payloadTooLarge, "a request may have \(options.mostBytes) bytes", "too_large")
        }
        if sessions.isClosing {
            return refusal(.serviceUnavailable, "the server is shutting down", "shutting_down")
        }
        do {
            return try await route(request)
        } catch let fault as Fault {
            return refusal(fault.status, fault.problem, fault.code)
        } catch {
            return refusal(.internalServerError, "\(error)", "server_error")
        }
    }

    private let known: Set<String> = [
        "/", "/health", "/metrics", "/v1/models", "/v1/realtime", "/v1/audio/transcriptions", "/v1/audio/speech",
        "/v1/chat/completions", "/home", "/home/call",
        "/engine/steps",
    ]

    /// A page may use the server it came from, or be named in the options.
    private func isFromHere(_ request: HTTPRequest) -> Bool {
        guard let origin = request.headers[HTTPHeader("Origin")] else { return true }
        if options.origins.contains(origin) { return true }
        guard let host = request.headers[.host] else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    private func hasToken(_ request: HTTPRequest) -> Bool {
        guard let token = options.token else { return true }
        if request.headers[.authorization] == "Bearer \(token)" { return true }
        // A browser's web socket can't set headers, so it names the token among its protocols.
        let protocols = request.headers[HTTPHeader("Sec-WebSocket-Protocol")]?.split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return protocols?.contains("openai-insecure-api-key.\(token)") ?? false
    }

    // MARK: Routes

    /// Why a request is refused.
    struct Fault: Error {
        var status: HTTPStatusCode
        var problem: String
        var code: String
    }

    private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch (request.method, request.path) {
        case (.GET, "/"): return try page()
        case (.GET, "/health"): return json(["status": "ok", "sessions": .number(Double(sessions.counts.open))])
        case (.GET, "/metrics"): return metrics()
        case (.GET, "/v1/models"):
            return json(["object": "list", "data": [["id": "myna", "object": "model", "created": 0, "owned_by": "myna"]]])
        case (.GET, "/v1/realtime"): return try await realtime(request)
        case (.POST, "/v1/audio/transcriptions"): return try await transcription(request)
        case (.POST, "/v1/audio/speech"): return try await speech(request)
        case (.POST, "/v1/chat/completions"): return try await chat(request)
        case (.GET, "/engine/steps"): return try await engineSteps()
        case (.GET, "/home"): return json(await parts.home())
        case (.POST, "/home/call"):
            let call = try await object(request)
            guard let service = call["service"]?.string, let entity = call["entity"]?.string else {
                throw Fault(status: .badRequest, problem: "\"service\" and \"entity\" are needed", code: "missing_parameter")
            }
            do { try await parts.call(service, entity, call["data"]?.object ?? [:]) } catch {
                throw Fault(status: .badRequest, problem: "\(error)", code: "refused")
            }
            return json(await parts.home())
        default:
            guard known.contains(request.path) else {
                throw Fault(status: .notFound, problem: "there is nothing at \(request.path)", code: "not_found")
            }
            throw Fault(
                status: .methodNotAllowed, problem: "\(request.path) does not take \(request.method.rawValue)", code: "method")
        }
    }

    private func page() throws -> HTTPResponse {
        guard let file = Bundle.module.url(forResource: "index", withExtension: "html") else {
            throw Fault(status: .internalServerError, problem: "the page is missing", code: "server_error")
        }
        let policy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; connect-src 'self'; img-src data:; worker-src blob:"
        return HTTPResponse(
            statusCode: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", HTTPHeader("Content-Security-Policy"): policy,
                HTTPHeader("Cache-Control"): "no-cache",
            ], body: try Data(contentsOf: file))
    }

    private func realtime(_ request: HTTPRequest) async throws -> HTTPResponse {
        let id: Int
        do { id = try sessions.enter() } catch {
            let problem =
                switch error {
                case .full(let most): "\(most) conversations are open; no more are taken"
                case .closing: "the server is shutting down"
                }
            throw Fault(status: .serviceUnavailable, problem: problem, code: "overloaded")
        }
        let began = ContinuousClock.now
        let leave: @Sendable () -> Void = { [sessions, log = options.log] in
            sessions.leave(id)
            log.note(
                "session.closed",
                [("session", .number(Double(id))), ("seconds", .number(((ContinuousClock.now - began) / .seconds(1)).rounded()))])
        }
        let context = request.headers[HTTPHeader("traceparent")].flatMap { TraceContext($0) }
        let tellsAll = request.query.contains { $0.name == "events" && $0.value == "all" }
        let bridge = WebSocketBridge(
            parts: parts, tellsAll: tellsAll, mostBytes: options.mostBytes,
            note: { [self, context] turn in note(turn, session: id, context) },
            begun: { [sessions] end in sessions.onClosing(id, end) }, ended: leave)
        var response: HTTPResponse
        do { response = try await WebSocketHTTPHandler(handler: bridge).handleRequest(request) } catch {
            sessions.leave(id)
            throw Fault(status: .badRequest, problem: "the request is no upgrade to a web socket", code: "upgrade")
        }
        guard case .webSocket = response.payload else {
            sessions.leave(id)
            return response
        }
        options.log.note("session.opened", [("session", .number(Double(id))), ("protocol", "realtime")])
        if request.headers[HTTPHeader("Sec-WebSocket-Protocol")]?.contains("realtime") ?? false {
            response.headers[HTTPHeader("Sec-WebSocket-Protocol")] = "realtime"
        }
        return response
    }

    private func metrics() -> HTTPResponse {
        var lines: [String] = []
        for (prefix, admission) in [("myna_sessions", sessions), ("myna_wyoming_connections", wyoming)] {
            let counts = admission.counts
            lines += [
                "# TYPE \(prefix) gauge", "\(prefix) \(counts.open)",
                "# TYPE \(prefix)_total counter", "\(prefix)_total \(counts.admitted)",
                "# TYPE \(prefix)_refused_total counter", "\(prefix)_refused_total \(counts.refused)",
            ]
        }
        if let counts = door.withLock({ $0 })?.counts {
            lines += [
                "# TYPE myna_connections gauge", "myna_connections \(counts.open)",
                "# TYPE myna_connections_total counter", "myna_connections_total \(counts.admitted)",
                "# TYPE myna_connections_refused_total counter", "myna_connections_refused_total \(counts.refused)",
                "# TYPE myna_connections_failed_total counter", "myna_connections_failed_total \(counts.failed)",
            ]
        }
        lines.append("# TYPE myna_requests_total counter")
        lines += requests.withLock { $0 }.sorted { $0.key < $1.key }.map { "myna_requests_total{path=\"\($0.key)\"} \($0.value)" }
        lines += times.lines
        if let counts = traces?.counts {
            lines += [
                "# TYPE myna_traces_sent_total counter", "myna_traces_sent_total \(counts.sent)",
                "# TYPE myna_traces_dropped_total counter", "myna_traces_dropped_total \(counts.dropped)",
            ]
        }
        return HTTPResponse(
            statusCode: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
            body: Data((lines.joined(separator: "\n") + "\n").utf8))
    }
}
