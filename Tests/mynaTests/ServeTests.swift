import Foundation
import MynaTestSupport
import Testing

/// The built `myna serve` and real clients, installed as packages by `make clients`.
@Suite(.serialized) struct ServeTests {
    @Test(.timeLimit(.minutes(5)), .enabled(if: ClientRun.isInstalled("openai"), "make clients installs the openai package"))
    func `the openai package converses, calls functions, transcribes and chats, and every event is valid`() async throws {
        let server = try await ServedCommand(["--log", "json"])
        let run = try await ClientRun("openai", ["Tools/clients/realtime.py", "--server", "http://127.0.0.1:\(server.port)"])
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("each valid"))
        let log = try server.log
        #expect(log.contains(#""event":"turn""#) && log.contains(#""event":"session.closed""#))
        #expect(!log.contains("kitchen") && !log.contains("paris"), "the log holds what was said")
        server.signal(SIGTERM)
        #expect(try await server.ended() == 0)
    }

    @Test(
        .timeLimit(.minutes(5)), .enabled(if: ClientRun.isInstalled("agents"), "make clients installs the openai-agents package"))
    func `an agent of the OpenAI Agents SDK speaks through it, calls a function and is interrupted`() async throws {
        let server = try await ServedCommand()
        let run = try await ClientRun("agents", ["Tools/clients/agent.py", "--server", "http://127.0.0.1:\(server.port)"])
        #expect(run.status == 0, "\(run.output)")
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: ClientRun.isInstalled("wyoming"), "make clients installs the wyoming package"))
    func `the wyoming package describes, transcribes, speaks and asks, and a hostile client is let go`() async throws {
        let server = try await ServedCommand()
        let run = try await ClientRun("wyoming", ["Tools/clients/wyoming_client.py", "--port", "\(server.wyoming)"])
        #expect(run.status == 0, "\(run.output)")
        server.signal(SIGINT)
        #expect(try await server.ended() == 0)
        #expect(try server.log.contains("stopped"))
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: ClientRun.isInstalled("openai"), "make clients installs the openai package"))
    func `a server that is told to stop closes its sessions with 1001 and ends with 0`() async throws {
        let server = try await ServedCommand(["--log", "json"])
        let script = """
            import sys, websockets.sync.client as client
            with client.connect(f"ws://127.0.0.1:{sys.argv[1]}/v1/realtime") as socket:
                try:
                    while True: socket.recv()
                except Exception as end:
                    print(end)
            """
        let port = server.port
        async let closed = ClientRun("openai", ["-c", script, "\(port)"])
        while try !server.log.contains("session.opened") { try await Task.sleep(for: .milliseconds(20)) }
        server.signal(SIGTERM)
        let output = try await closed.output
        #expect(output.contains("1001") && output.contains("shutting down"), "\(output)")
        #expect(try await server.ended() == 0)
    }

    /// A certificate for this machine that is its own authority.
    static func certificate(in scratch: Scratch) throws -> (certificate: String, key: String) {
        let files = try ["in", "out", "err"].map { try scratch.file($0, Data()) }
        let pair = (scratch.path("certificate.pem"), scratch.path("key.pem"))
        let pid = try CommandRun.spawn(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", pair.0, "-keyout", pair.1,
            ], program: "openssl", files: files, in: scratch.folder)
        #expect(try CommandRun.wait(for: pid) == 0)
        return pair
    }

    @Test(.timeLimit(.minutes(5)), .enabled(if: ClientRun.isInstalled("openai"), "make clients installs the openai package"))
    func `over TLS the openai package converses and hostile clients harm nobody`() async throws {
        let scratch = try Scratch()
        let pair = try Self.certificate(in: scratch)
        let server = try await ServedCommand(
            ["--tls-certificate", pair.certificate, "--tls-key", pair.key, "--token", "secret"])
        let hostile = try await ClientRun(
            "openai", ["Tools/clients/tls.py", "--port", "\(server.port)", "--authority", pair.certificate, "--token", "secret"])
        #expect(hostile.status == 0, "\(hostile.output)")
        let run = try await ClientRun(
            "openai", ["Tools/clients/realtime.py", "--server", "https://localhost:\(server.port)", "--token", "secret"],
            environment: ["SSL_CERT_FILE": pair.certificate])
        #expect(run.status == 0 && run.output.contains("each valid"), "\(run.output)")
        server.signal(SIGTERM)
        #expect(try await server.ended() == 0)
    }

    @Test(
        .timeLimit(.minutes(5)),
        .enabled(
            if: ClientRun.isInstalled("openai") && ClientRun.isInstalled("opentelemetry"),
            "make clients installs the openai and opentelemetry-proto packages"))
    func `a collector hears of each turn as OpenTelemetry has it, and no words`() async throws {
        let scratch = try Scratch()
        let files = try ["in", "out", "err"].map { try scratch.file($0, Data()) }
        let collector = try CommandRun.spawn(
            ["Tools/clients/collector.py", "--port", "0"], program: ClientRun.python("opentelemetry"), files: files,
            in: Fixture.root.path)
        defer { kill(collector, SIGKILL) }
        func told() throws -> String { try String(contentsOfFile: files[1], encoding: .utf8) }
        while try !told().contains("\n") { try await Task.sleep(for: .milliseconds(20)) }
        let port = try told().filter(\.isNumber)
        let server = try await ServedCommand(["--otlp", "http://127.0.0.1:\(port)"])
        let run = try await ClientRun("openai", ["Tools/clients/realtime.py", "--server", "http://127.0.0.1:\(server.port)"])
        #expect(run.status == 0, "\(run.output)")
        server.signal(SIGTERM)
        #expect(try await server.ended() == 0)
        let spans = try told().split(separator: "\n").dropFirst().map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
        }
        let names = Set(spans.compactMap { $0["name"] as? String })
        #expect(names == ["turn", "hear", "end_of_speech", "understand", "call", "first_sound", "reply"], "\(names)")
        #expect(try String(contentsOfFile: files[2], encoding: .utf8) == "")
        let text = try told()
        #expect(!text.contains("kitchen") && !text.contains("paris"), "the traces hold what was said")
        for child in spans where child["name"] as? String != "turn" {
            let parent = spans.first { $0["id"] as? String == child["parent"] as? String }
            #expect(parent?["name"] as? String == "turn" && parent?["trace"] as? String == child["trace"] as? String, "\(child)")
        }
    }

    static let hasBrowser =
        ClientRun.isInstalled("page")
        && (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/chromedriver")
        }

    @Test(.timeLimit(.minutes(5)), .enabled(if: hasBrowser, "make clients installs selenium, and Chromium where apt-get can"))
    func `the page in Chromium hears, acts and speaks, and axe finds nothing serious in light, in dark and on a phone`()
        async throws
    {
        let server = try await ServedCommand(["--token", "secret"])
        let address = "http://127.0.0.1:\(server.port)"
        let run = try await ClientRun("page", ["Tools/clients/page.py", "--server", address, "--token", "secret"])
        #expect(run.status == 0, "\(run.output)")
    }

    @Test func `a certificate, its key and a collector's address are checked before serving`() throws {
        let scratch = try Scratch()
        let (a, b) = (try Scratch(), try Scratch())
        let pair = try Self.certificate(in: a)
        let other = try Self.certificate(in: b)
        let good = try CommandRun(["serve", "--check", "--tls-certificate", pair.certificate, "--tls-key", pair.key])
        #expect(good.status == 0 && good.output.contains("the certificate expires on "), "\(good.errors)")
        for (arguments, problem) in [
            (["--tls-certificate", pair.certificate], "tls-key"),
            (["--tls-certificate", pair.certificate, "--tls-key", other.key], "does not belong to the certificate"),
            (["--tls-certificate", scratch.folder, "--tls-key", pair.key], "can't be read"),
            (["--otlp", "collector:4318"], "no http:// or https:// address"),
        ] {
            let run = try CommandRun(["serve", "--check"] + arguments)
            #expect(run.status == 65 && run.errors.contains(problem), "\(arguments): \(run.status) \(run.errors)")
        }
    }

    @Test func `settings are shown with their places, and a bad one is named with its line`() throws {
        let scratch = try Scratch()
        let good = try scratch.file("good.yaml", Data("port: 9000\ntoken: hidden\nlog: none\n".utf8))
        let shown = try CommandRun(["serve", "--config", good, "--port", "9001", "--check"])
        #expect(shown.status == 0 && shown.output.contains("port: 9001 (--port)"), "\(shown.errors)")
        #expect(shown.output.contains("log: none (\(good):3)") && !shown.output.contains("hidden"))
        let bad = try scratch.file("bad.yaml", Data("host: 127.0.0.1\nport: many\n".utf8))
        let refused = try CommandRun(["serve", "--config", bad, "--check"])
        #expect(refused.status == 65 && refused.errors.contains("bad.yaml:2: port \"many\""), "\(refused.errors)")
        for (arguments, status) in [
            (["--config", "no-such.yaml"], 66), (["--home", "no-such.yaml"], 66), (["--asr", "no/such"], 66),
        ] {
            let run = try CommandRun(["serve", "--check"] + arguments)
            #expect(run.status == Int32(status), "\(arguments): \(run.errors)")
        }
    }
}
