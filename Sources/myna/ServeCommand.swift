import ArgumentParser
import Foundation
import MynaAssistant
import MynaEngine
import MynaRecognition
import MynaServer
import MynaStages

/// `myna serve`: the assistant for realtime clients, over OpenAI's HTTP forms and the Wyoming protocol, and on a page.
struct ServeCommand: AsyncParsableCommand, GracefulCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the assistant to clients and on a page.",
        discussion: """
            The page is at http://HOST:PORT/. Realtime clients connect to ws://HOST:PORT/v1/realtime (OpenAI's protocol); \
            /v1/audio/transcriptions, /v1/audio/speech, /v1/chat/completions and /v1/models answer as OpenAI's do; --wyoming \
            opens a port for Home Assistant; /health and /metrics are for watching. An interrupt lets replies be spoken to \
            their end, a second one ends it at once.

            Every setting is a flag, a variable (MYNA_PORT for --port) or a line of a YAML file (--config, MYNA_CONFIG); the \
            first that has it decides. --check says what is set, and where.

            Example: myna serve --home my.home.yaml --wyoming 10300
            From other machines: MYNA_TOKEN=secret myna serve --host 0.0.0.0 --tls-certificate home.pem --tls-key home-key.pem
            A real home: myna serve --home-assistant http://homeassistant.local:8123 --home-assistant-token token.txt
            """)

    @Option(help: "A YAML file of settings; MYNA_CONFIG if not given.") var config: String?
    @Flag(help: "Say what is set and where, check it, and end.") var check = false
    @Option(help: "The IPv4 address to listen on, 127.0.0.1 if not given; 0.0.0.0 is every one this machine has.") var host:
        String?
    @Option(help: "The port to listen on; 8420 if not given, 0 for a free one.") var port: String?
    @Option(help: "The port of the Wyoming protocol; not offered if not given.") var wyoming: String?
    @Option(help: "What clients must bring as bearer token.") var token: String?
    @Option(help: "The PEM file of a certificate and its chain: with it HTTP and web sockets are over TLS.") var tlsCertificate:
        String?
    @Option(help: "The PEM file of the certificate's private key.") var tlsKey: String?
    @Option(help: "An origin whose pages may use the server besides its own; may be given several times.") var origin: [String] =
        []
    @Option(help: "Conversations that may be open at the same time; 64 if not given.") var sessions: String?
    @Option(help: "Bytes of one message or upload.") var maxBytes: String?
    @Option(help: "Seconds that replies may be spoken to their end when the server is stopped; 5 if not given.") var drain:
        String?
    @Option(help: "How the log on standard error is written: plain, json or none.") var log: String?
    @Flag(help: "Write what people say into the log and the traces.") var logWords = false
    @Option(help: "The address of an OpenTelemetry collector that hears of each turn, such as http://127.0.0.1:4318.") var otlp:
        String?
    @OptionGroup var place: HomeOptions
    @OptionGroup var options: StageOptions

    /// Longer than replies may take to be spoken to their end.
    var grace: Double { (try? settings().text("drain")).flatMap { Double($0) }.map { $0 + 3 } ?? 8 }  // a fault ends it anyhow

    private func settings() throws -> ServerSettings {
        let environment = ProcessInfo.processInfo.environment
        let given: [String: String?] = [
            "host": host, "port": port, "wyoming": wyoming, "home": place.home, "token": token,
            "tls-certificate": tlsCertificate, "tls-key": tlsKey, "sessions": sessions,
            "max-bytes": maxBytes, "drain": drain, "log": log, "otlp": otlp, "log-words": logWords ? "true" : nil,
            "asr": options.asr,
            "lm": options.lm, "model": options.large.model, "model-name": options.large.modelName,
            "model-bits": options.large.modelBits.map { "\($0)" }, "threads": options.threads.map { "\($0)" },
        ]
        var flags = given.compactMapValues { $0.map { [$0] } }
        flags["origin"] = origin.isEmpty ? nil : origin
        let file = config ?? environment["MYNA_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        return try ServerSettings(flags: flags, environment: environment, file: file)
    }

    func run() async throws {
        let settings = try settings()
        var options = options
        (options.asr, options.lm) = (settings.text("asr"), settings.text("lm"))
        options.threads = settings.whole("threads")
        (options.large.model, options.large.modelName) = (settings.text("model"), settings.text("model-name"))
        options.large.modelBits = settings.whole("model-bits")
        try options.validate()
        try options.large.validate()
        let stages = Stages(options: options)
        var place = place
        place.home = settings.text("home")
        let server = settings.options { line in FileHandle.standardError.write(Data((line + "\n").utf8)) }
        let expiry = try server.certificateExpiry()
        if let expiry, expiry < Date() {
            writeProblem(
                "the certificate in \(server.certificate ?? "") expired on \(expiry.formatted(.iso8601)): clients refuse it")
        }
        if check {
            try stages.checkFolders()
            try stages.check(place)
            for line in settings.lines { Output.standard.line(line) }
            if let expiry { Output.standard.line("the certificate expires on \(expiry.formatted(.iso8601))") }
            return
        }
        let home = try await stages.backend(place, staysRunning: true)
        let description = try await home.home()
        for line in try await Stages.news(of: home) { Output.standard.line(line) }
        let recognizer = try await stages.recognizer {
            $0.isServing = true
            $0.secondPass?.hearsAhead = true
            // Pauses end a wait early and looks show words meanwhile: more right and sooner shown than with fixed chunks.
            $0.lookahead = .dynamic(budget: 1.12)
            $0.alternatives = Stages.alternatives
        }
        await recognizer.expect(description.typicalSentences)
        let understanding = try await stages.understanding()
        if server.host != "127.0.0.1" {
            if server.token == nil {
                writeProblem("without --token everyone who reaches \(server.host) can use this home")
            } else if server.wyomingPort != nil {
                writeProblem("the Wyoming protocol has no token and no TLS: everyone who reaches its port can use this home")
            }
        }
        let parts = ServerParts(
            recognizer: recognizer, synthesizer: try stages.synthesizer(),
            assistant: { HomeAgent(home: home, understanding: understanding) },
            home: { await Self.described(home) },
            call: { try await home.call(ServiceCall($0, on: $1, $2)) })
        let (host, secure) = (server.host, server.certificate == nil ? "" : "s")
        try await MynaServer(parts, server).run { ports in
            Output.standard.line(
                "serving on http\(secure)://\(host):\(ports.http)/ (realtime clients: ws\(secure)://\(host):\(ports.http)/v1/realtime)"
            )
            if let port = ports.wyoming { Output.standard.line("serving Wyoming on tcp://\(host):\(port)") }
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
