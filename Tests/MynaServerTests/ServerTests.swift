import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@testable import MynaServer

/// The server on a real port, asked by a real client.
@Suite struct ServerTests {
    /// Serves while `body` runs.
    func serving(
        _ options: (inout ServerOptions) -> Void = { _ in }, _ body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        let parts = ServerParts(
            recognizer: ScriptedRecognizer(final: Transcript(text: "turn on the lamp", words: [])),
            synthesizer: ScriptedSynthesizer(),
            assistant: { ScriptedAssistant([.init(reply: Reply(text: "The lamp is on.", kind: .done))]) },
            home: { ["name": "Test"] },
            call: { service, _, _ in if service == "light.no" { throw RealtimeError(code: nil, "no such service", param: nil) } })
        var settings = ServerOptions()
        settings.port = 0
        options(&settings)
        let server = MynaServer(parts, settings)
        let (ports, found) = AsyncStream.makeStream(of: UInt16.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { found.yield($0.http) } }
            group.addTask {
                for await port in ports {
                    try await body("http://127.0.0.1:\(port)")
                    return
                }
            }
            // Whichever ends first: the body, or a server that could not start.
            try await group.next()
            group.cancelAll()
        }
    }

    func ask(
        _ url: String, _ method: String = "GET", _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> (status: Int, type: String, text: String) {
        var request = URLRequest(url: try #require(URL(string: url)))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let answer = try #require(response as? HTTPURLResponse)
        return (answer.statusCode, answer.value(forHTTPHeaderField: "content-type") ?? "", String(decoding: data, as: UTF8.self))
    }

    @Test(.timeLimit(.minutes(1))) func `the page, the home and OpenAI's forms are served`() async throws {
        try await serving { server in
            let page = try await ask(server + "/")
            #expect(page.status == 200 && page.type.hasPrefix("text/html") && page.text.contains("<h1>Myna</h1>"))
            let answer1 = try await ask(server + "/health")
            #expect(answer1.text.contains(#""status":"ok""#))
            let answer2 = try await ask(server + "/home")
            #expect(answer2.text == #"{"name":"Test"}"#)
            let answer3 = try await ask(server + "/v1/models")
            #expect(answer3.text.contains(#""id":"myna""#))
            let chat = try await ask(
                server + "/v1/chat/completions", "POST", #"{"messages":[{"role":"user","content":"lamp on"}]}"#)
            #expect(chat.status == 200 && chat.text.contains("The lamp is on."))
            let streamed = try await ask(
                server + "/v1/chat/completions", "POST", #"{"stream":true,"messages":[{"role":"user","content":"lamp on"}]}"#)
            #expect(streamed.type == "text/event-stream" && streamed.text.hasSuffix("data: [DONE]\n\n"))
            let speech = try await ask(server + "/v1/audio/speech", "POST", #"{"input":"hello there"}"#)
            #expect(speech.status == 200 && speech.type == "audio/wav")
            let metrics = try await ask(server + "/metrics").text
            #expect(metrics.contains(#"myna_requests_total{path="/v1/chat/completions"} 2"#))
        }
    }

    @Test(.timeLimit(.minutes(1))) func `what is wrong is refused by name`() async throws {
        try await serving { server in
            let wrong: [(String, String, String?, Int, String)] = [
                ("/nowhere", "GET", nil, 404, "not_found"), ("/../etc/passwd", "GET", nil, 404, "not_found"),
                ("/v1/models", "POST", "", 405, "method"),
                ("/v1/chat/completions", "POST", "no json", 400, "invalid_json"),
                ("/v1/chat/completions", "POST", #"{"messages":[]}"#, 400, "invalid_value"),
                ("/v1/audio/speech", "POST", #"{"input":""}"#, 400, "invalid_value"),
                ("/v1/audio/speech", "POST", #"{"input":"a","response_format":"mp3"}"#, 400, "invalid_value"),
                ("/v1/audio/transcriptions", "POST", "no form", 400, "invalid_form"),
                ("/home/call", "POST", "{}", 400, "missing_parameter"),
                ("/home/call", "POST", #"{"service":"light.no","entity":"light.a"}"#, 400, "refused"),
            ]
            for (path, method, body, status, code) in wrong {
                let answer = try await ask(server + path, method, body)
                #expect(answer.status == status && answer.text.contains(code), "\(path): \(answer)")
            }
            let other = try await ask(server + "/home", headers: ["Origin": "http://elsewhere.example"])
            #expect(other.status == 403)
            let own = try await ask(server + "/home", headers: ["Origin": server])
            #expect(own.status == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a token keeps others out`() async throws {
        try await serving({ $0.token = "secret" }) { server in
            let answer4 = try await ask(server + "/home")
            #expect(answer4.status == 401)
            let answer5 = try await ask(server + "/home", headers: ["Authorization": "Bearer wrong"])
            #expect(answer5.status == 401)
            let answer6 = try await ask(server + "/home", headers: ["Authorization": "Bearer secret"])
            #expect(answer6.status == 200)
            let answer7 = try await ask(server + "/health")
            #expect(answer7.status == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a recording is transcribed`() async throws {
        try await serving { server in
            let sound = PCM16.wave(Array(repeating: 0.1, count: 4800), rate: 24_000)
            var form = Data("--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n".utf8)
            form +=
                sound
                + Data(
                    "\r\n--B\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\nverbose_json\r\n--B--\r\n".utf8)
            var request = URLRequest(url: try #require(URL(string: server + "/v1/audio/transcriptions")))
            request.httpMethod = "POST"
            request.httpBody = form
            request.setValue("multipart/form-data; boundary=B", forHTTPHeaderField: "content-type")
            let (data, _) = try await URLSession.shared.data(for: request)
            let answer = try JSONDecoder().decode([String: Value].self, from: data)
            #expect(answer["text"] == "turn on the lamp")
            #expect(answer["duration"]?.number == 0.2)
        }
    }
}
