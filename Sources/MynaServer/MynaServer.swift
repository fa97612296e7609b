internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import MynaAudio
internal import MynaStages
internal import Synchronization

/// Serves the assistant to realtime clients, over OpenAI's HTTP forms, and on a page of its own.
public final class MynaServer: Sendable {
    private let parts: ServerParts
    private let options: ServerOptions
    private let counts = Mutex(Counts())

    private struct Counts {
        var sessions = 0
        var sessionsInAll = 0
        var requests: [String: Int] = [:]
        var refused = 0
    }

    public init(_ parts: ServerParts, _ options: ServerOptions = ServerOptions()) {
        (self.parts, self.options) = (parts, options)
    }

    /// Serves until the task is cancelled; then connections have a few seconds to end.
    ///
    /// - Parameter ready: told the port once it listens.
    public func run(ready: @escaping @Sendable (UInt16) -> Void = { _ in }) async throws {
        let server = HTTPServer(
            config: .init(address: try sockaddr_in.inet(ip4: options.host, port: options.port), timeout: 120, logger: .disabled))
        await server.appendRoute("*") { [self] request in await answer(request) }
        let serving = Task { try await server.run() }
        try await withTaskCancellationHandler {
            try await server.waitUntilListening()
            if case .ip4(_, let port)? = await server.listeningAddress { ready(port) }
            try await serving.value
        } onCancel: {
            Task {
                await server.stop(timeout: 3)
                serving.cancel()
            }
        }
    }

    // MARK: Who may

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        counts.withLock { $0.requests[request.path, default: 0] += known.contains(request.path) ? 1 : 0 }
        guard isFromHere(request) else { return refusal(.forbidden, "pages of other origins may not use this server", "origin") }
        let isOpen = ["/", "/health"].contains(request.path)
        guard isOpen || hasToken(request) else {
            return refusal(.unauthorized, "a valid bearer token is needed", "invalid_api_key")
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > options.mostBytes {
            return refusal(.payloadTooLarge, "a request may have \(options.mostBytes) bytes", "too_large")
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

    private struct Fault: Error {
        var status: HTTPStatusCode
        var problem: String
        var code: String
    }

    private func route(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch (request.method, request.path) {
        case (.GET, "/"): return try page()
        case (.GET, "/health"):
            return json(["status": "ok", "sessions": .number(Double(counts.withLock(\.sessions)))])
        case (.GET, "/metrics"): return metrics()
        case (.GET, "/v1/models"):
            return json(["object": "list", "data": [["id": "myna", "object": "model", "created": 0, "owned_by": "myna"]]])
        case (.GET, "/v1/realtime"): return try await realtime(request)
        case (.POST, "/v1/audio/transcriptions"): return try await transcription(request)
        case (.POST, "/v1/audio/speech"): return try await speech(request)
        case (.POST, "/v1/chat/completions"): return try await chat(request)
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
        let isFree = counts.withLock { counts in
            guard counts.sessions < options.mostSessions else {
                counts.refused += 1
                return false
            }
            counts.sessions += 1
            counts.sessionsInAll += 1
            return true
        }
        guard isFree else {
            throw Fault(
                status: .serviceUnavailable, problem: "\(options.mostSessions) conversations are open; no more are taken",
                code: "overloaded")
        }
        let tellsAll = request.query.contains { $0.name == "events" && $0.value == "all" }
        let bridge = WebSocketBridge(parts: parts, tellsAll: tellsAll, mostBytes: options.mostBytes) { [self] in
            counts.withLock { $0.sessions -= 1 }
        }
        var response = try await WebSocketHTTPHandler(handler: bridge).handleRequest(request)
        if case .webSocket = response.payload {
            if request.headers[HTTPHeader("Sec-WebSocket-Protocol")]?.contains("realtime") ?? false {
                response.headers[HTTPHeader("Sec-WebSocket-Protocol")] = "realtime"
            }
        } else {
            counts.withLock { $0.sessions -= 1 }
        }
        return response
    }

    private func transcription(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await data(request)
        guard let form = Multipart(body, contentType: request.headers[.contentType]) else {
            throw Fault(status: .badRequest, problem: "the body is not multipart/form-data", code: "invalid_form")
        }
        guard let file = form.parts.first(where: { $0.name == "file" }) else {
            throw Fault(status: .badRequest, problem: "\"file\" is missing", code: "missing_parameter")
        }
        let samples: [Float]
        do {
            samples = try AudioReader.samples(bytes: [UInt8](file.data), name: file.file ?? "file", at: 16_000)
        } catch {
            throw Fault(status: .badRequest, problem: "\(error)", code: "invalid_audio")
        }
        let listening = try await parts.recognizer.listen()
        var events = try await listening.hear(AudioFrame(samples: samples, sampleRate: 16_000))
        events += try await listening.finish()
        let transcript = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }.last
        let text = transcript?.text ?? ""
        let seconds = Double(samples.count) / 16_000
        let usage: Value = ["type": "duration", "seconds": .number(seconds.rounded(.up))]
        if form["stream"] == "true" {
            return stream([
                ["type": "transcript.text.delta", "delta": .string(text)],
                ["type": "transcript.text.done", "text": .string(text), "usage": usage],
            ])
        }
        switch form["response_format"] ?? "json" {
        case "json": return json(["text": .string(text), "usage": usage])
        case "text":
            return HTTPResponse(
                statusCode: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: Data((text + "\n").utf8))
        case "verbose_json":
            let words: [Value] = (transcript?.words ?? []).map {
                ["word": .string($0.word), "start": .number($0.start), "end": .number($0.end)]
            }
            return json([
                "task": "transcribe", "language": "english", "duration": .number(seconds), "text": .string(text),
                "words": .list(words), "usage": usage,
            ])
        case let format:
            throw Fault(
                status: .badRequest, problem: "response_format \"\(format)\" is not json, text or verbose_json",
                code: "invalid_value")
        }
    }

    private func speech(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fields = try await object(request)
        guard let text = fields["input"]?.string, (1...4096).contains(text.count) else {
            throw Fault(status: .badRequest, problem: "\"input\" is text of 1 to 4096 characters", code: "invalid_value")
        }
        let format = fields["response_format"]?.string ?? "wav"
        guard ["wav", "pcm"].contains(format) else {
            throw Fault(status: .badRequest, problem: "response_format \"\(format)\" is not wav or pcm", code: "invalid_value")
        }
        let collected = Mutex((samples: [Float](), rate: PCM16.rate))
        try await parts.synthesizer.speak(text) { frame in
            collected.withLock { $0 = ($0.samples + frame.samples, frame.sampleRate) }
        }
        var (samples, rate) = collected.withLock { $0 }
        if rate != PCM16.rate {
            let resampler = try Resampler(from: rate, to: PCM16.rate)
            samples = resampler.process(samples) + resampler.finish()
            rate = PCM16.rate
        }
        let body = format == "wav" ? PCM16.wave(samples, rate: rate) : PCM16.data(samples)
        return HTTPResponse(statusCode: .ok, headers: [.contentType: format == "wav" ? "audio/wav" : "audio/pcm"], body: body)
    }

    private func chat(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fields = try await object(request)
        let said = (fields["messages"]?.list ?? []).compactMap(\.object).last { $0["role"]?.string == "user" }
        let parts = said?["content"]?.list?.compactMap { $0.object?["text"]?.string }.joined(separator: " ")
        guard let text = said?["content"]?.string ?? parts, !text.isEmpty else {
            throw Fault(status: .badRequest, problem: "\"messages\" has no text of a user", code: "invalid_value")
        }
        let reply: Reply
        do {
            reply = try await self.parts.assistant().reply(to: Request(text: text)) { _ in }
        } catch {
            throw Fault(status: .badRequest, problem: "\(error)", code: "invalid_value")
        }
        func body(_ object: String, _ choice: Value) -> Value {
            [
                "id": "chatcmpl-myna", "object": .string(object), "created": .number(Date().timeIntervalSince1970.rounded()),
                "model": "myna", "choices": [choice],
            ]
        }
        if fields["stream"]?.bool == true {
            return stream(
                [
                    body(
                        "chat.completion.chunk",
                        ["index": 0, "delta": ["role": "assistant", "content": .string(reply.text)], "finish_reason": .null]),
                    body("chat.completion.chunk", ["index": 0, "delta": [:], "finish_reason": "stop"]),
                ], end: "[DONE]")
        }
        var answer =
            body(
                "chat.completion",
                ["index": 0, "message": ["role": "assistant", "content": .string(reply.text)], "finish_reason": "stop"]
            ).object ?? [:]
        answer["usage"] = ["prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0]
        return json(.object(answer))
    }

    private func metrics() -> HTTPResponse {
        let counts = counts.withLock { $0 }
        var lines = [
            "# TYPE myna_sessions gauge", "myna_sessions \(counts.sessions)",
            "# TYPE myna_sessions_total counter", "myna_sessions_total \(counts.sessionsInAll)",
            "# TYPE myna_sessions_refused_total counter", "myna_sessions_refused_total \(counts.refused)",
            "# TYPE myna_requests_total counter",
        ]
        lines += counts.requests.sorted { $0.key < $1.key }.map { "myna_requests_total{path=\"\($0.key)\"} \($0.value)" }
        return HTTPResponse(
            statusCode: .ok, headers: [.contentType: "text/plain; version=0.0.4"],
            body: Data((lines.joined(separator: "\n") + "\n").utf8))
    }

    // MARK: Forms

    private func data(_ request: HTTPRequest) async throws -> Data {
        var body = Data()
        for try await piece in request.bodySequence {
            body += piece
            guard body.count <= options.mostBytes else {
                throw Fault(status: .payloadTooLarge, problem: "a request may have \(options.mostBytes) bytes", code: "too_large")
            }
        }
        return body
    }

    private func object(_ request: HTTPRequest) async throws -> [String: Value] {
        do {
            return try JSONDecoder().decode([String: Value].self, from: try await data(request))
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(status: .badRequest, problem: "the body is not a JSON object", code: "invalid_json")
        }
    }

    private func json(_ value: Value, _ status: HTTPStatusCode = .ok) -> HTTPResponse {
        let body = (try? JSONEncoder().encode(value)) ?? Data()  // such values are always encoded
        return HTTPResponse(statusCode: status, headers: [.contentType: "application/json"], body: body)
    }

    /// Server-sent events.
    private func stream(_ values: [Value], end: String? = nil) -> HTTPResponse {
        var text = values.map { "data: " + String(decoding: (try? JSONEncoder().encode($0)) ?? Data(), as: UTF8.self) + "\n\n" }
            .joined()
        if let end { text += "data: \(end)\n\n" }
        return HTTPResponse(statusCode: .ok, headers: [.contentType: "text/event-stream"], body: Data(text.utf8))
    }

    private func refusal(_ status: HTTPStatusCode, _ problem: String, _ code: String) -> HTTPResponse {
        json(
            ["error": ["message": .string(problem), "type": "invalid_request_error", "param": .null, "code": .string(code)]],
            status)
    }
}
