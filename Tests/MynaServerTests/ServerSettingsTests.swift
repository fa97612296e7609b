import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaServer

@Suite struct ServerSettingsTests {
    /// Reads `text` as the file.
    func settings(_ text: String, flags: [String: [String]] = [:], _ environment: [String: String] = [:]) throws -> ServerSettings
    {
        let path = NSTemporaryDirectory() + "myna-settings-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        // What can't be removed is left to the system.
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ServerSettings(flags: flags, environment: environment, file: path)
    }

    @Test func `a flag comes before the environment, and that before the file`() throws {
        let file = "# mine\nport: 1\nhost: 0.0.0.0\norigin: [https://a.example, https://b.example]\ndrain: 2.5\nlog: json\n"
        let read = try settings(file, flags: ["port": ["3"]], ["MYNA_PORT": "2", "MYNA_SESSIONS": "9", "MYNA_TOKEN": ""])
        let options = read.options { _ in }
        #expect(options.port == 3 && options.host == "0.0.0.0" && options.mostSessions == 9 && options.token == nil)
        #expect(options.origins == ["https://a.example", "https://b.example"] && options.drain == .seconds(2.5))
        #expect(read.found["port"]?.place == "--port" && read.found["sessions"]?.place == "MYNA_SESSIONS")
        #expect(read.found["host"]?.place.hasSuffix(".yaml:3") == true)
        #expect(try settings("").options { _ in }.port == 8420)
    }

    @Test func `each bad value is named with its place`() throws {
        let bad: [(String, String)] = [
            ("port: 99999\n", ".yaml:1: port \"99999\""), ("\nhost: a\nprot: 1\n", ".yaml:3: \"prot\" is no setting"),
            ("sessions: 0\n", "sessions \"0\""), ("log: loud\n", "log \"loud\""), ("log-words: maybe\n", "log-words \"maybe\""),
            ("port: [1, 2]\n", "port is a list"), ("port: {a: 1}\n", "port is neither"), ("- port\n", "no mapping"),
            ("host: ''\n", "host is empty"), ("port: 1\n  x: [\n", "yaml"), ("drain: -1\n", "drain \"-1\""),
        ]
        for (text, problem) in bad {
            let error = #expect(throws: ServerError.self) { try settings(text) }
            let named = "\(try #require(error))"
            #expect(named.contains(problem), "\(text): \(String(describing: error))")
        }
        let variable = #expect(throws: ServerError.self) { try settings("", ["MYNA_WYOMING": "x"]) }
        let namedVariable = "\(try #require(variable))"
        #expect(namedVariable.hasPrefix("MYNA_WYOMING: wyoming \"x\""))
        let missing = #expect(throws: ServerError.self) { try ServerSettings(flags: [:], environment: [:], file: "/no/such") }
        #expect(missing == .noFile(path: "/no/such"))
    }

    @Test func `secrets are not shown`() throws {
        let read = try settings("token: hidden\n")
        #expect(read.text("token") == "hidden" && !read.lines.joined().contains("hidden"))
    }

    @Test func `the guide has every setting`() throws {
        let guide = try String(contentsOf: Fixture.root.appending(path: "docs/guides/serve.md"), encoding: .utf8)
        for setting in ServerSetting.all {
            #expect(guide.contains("`\(setting.name)`") && guide.contains(setting.meaning), "\(setting.name)")
        }
    }

    @Test func `a log tells no words unless it is to`() {
        for tells in [false, true] {
            let lines = Collected<String>()
            let log = ServerLog(.json, tellsWords: tells) { lines.add($0) }
            var turn = ServedTurn(form: "http", began: Date())
            (turn.kind, turn.words, turn.answering) = ("done", "secret words", 0.005)
            log.note(turn, session: 3)
            #expect(lines.all.count == 1 && lines.all[0].contains(#""words":2"#) && lines.all[0].contains("secret") == tells)
        }
        let lines = Collected<String>()
        ServerLog(.plain) { lines.add($0) }.note("a", [("b", "c d\n"), ("e", 1.5)])
        #expect(lines.all[0].hasSuffix(#"a b="c d\n" e=1.5"#))
    }
}
