import ArgumentParser
import Foundation
import MynaAssistant
import MynaRecognition
import MynaServer
import MynaStages

/// `myna serve`: the assistant for realtime clients, over OpenAI's HTTP forms, and on a page.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the assistant to clients and on a page.",
        discussion: """
            The page is at http://HOST:PORT/. Realtime clients connect to ws://HOST:PORT/v1/realtime (OpenAI's protocol, 16-bit \
            sound at 24 kHz); /v1/audio/transcriptions, /v1/audio/speech, /v1/chat/completions and /v1/models answer as OpenAI's \
            do; /health and /metrics are for watching. An interrupt ends it.

            Example: myna serve --home my.home.yaml
            From other machines: MYNA_TOKEN=secret myna serve --host 0.0.0.0
            A real home: myna serve --home-assistant http://homeassistant.local:8123 --home-assistant-token token.txt
            """)

    @Option(help: "The IPv4 address to listen on; 0.0.0.0 is every one this machine has.") var host = "127.0.0.1"
    @Option(help: "The port to listen on.") var port: UInt16 = 8420
    @Option(help: "What clients must bring as bearer token; MYNA_TOKEN if not given.") var token: String?
    @Option(help: "An origin whose pages may use the server besides its own; may be given several times.") var origin: [String] =
        []
    @Option(help: "Conversations that may be open at the same time.") var sessions = 64
    @OptionGroup var place: HomeOptions
    @OptionGroup var options: StageOptions

    func validate() throws {
        if sessions < 1 { throw ValidationError("--sessions \(sessions) is not positive") }
    }

    func run() async throws {
        let stages = Stages(options: options)
        let home = try await stages.backend(place, staysRunning: true)
        let description = try await home.home()
        let recognizer = try await stages.recognizer {
            $0.isServing = true
            // A step of few streams is too small to share: on two cores a second thread made it three times slower.
            $0.threads = $0.threads ?? 1
        }
        await recognizer.expect(description.typicalSentences)
        let understanding = try await stages.understanding()
        var settings = ServerOptions()
        (settings.host, settings.port, settings.mostSessions) = (host, port, sessions)
        settings.token = token ?? ProcessInfo.processInfo.environment["MYNA_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        settings.origins = Set(origin)
        if settings.token == nil, host != "127.0.0.1" {
            FileHandle.standardError.write(Data("myna: without --token everyone who reaches \(host) can use this home\n".utf8))
        }
        let parts = ServerParts(
            recognizer: recognizer, synthesizer: try stages.synthesizer(),
            assistant: { HomeAgent(home: home, understanding: understanding) },
            home: { await Self.described(home) },
            call: { try await home.call(ServiceCall($0, on: $1, $2)) })
        let host = host
        try await MynaServer(parts, settings).run { port in
            Output.standard.line("serving on http://\(host):\(port)/ (realtime clients: ws://\(host):\(port)/v1/realtime)")
        }
    }

    /// The home for the page: areas with their entities, names for people.
    private static func described(_ backend: any HomeBackend) async -> Value {
        let home: Home
        do { home = try await backend.home() } catch {
            // The page shows the reason where the rooms would be.
            return ["name": .string("\(error)"), "areas": []]
        }
        func entity(_ entity: Home.Entity) -> Value {
            [
                "id": .string(entity.id), "name": .string(entity.name), "domain": .string(entity.domain),
                "state": .string(entity.state.state), "attributes": .object(entity.state.attributes),
                "services": .list(entity.services.map { .string($0) }), "confirm": .list(entity.confirm.map { .string($0) }),
            ]
        }
        let areas: [Value] = home.areas.map { area in
            [
                "id": .string(area.id), "name": .string(area.name),
                "entities": .list(home.entities.filter { $0.area == area.id }.map(entity)),
            ]
        }
        let others = home.entities.filter { $0.area == nil }.map(entity)
        let rest: [Value] = others.isEmpty ? [] : [["id": "", "name": "Elsewhere", "entities": .list(others)]]
        return ["name": .string(home.name), "areas": .list(areas + rest)]
    }
}
