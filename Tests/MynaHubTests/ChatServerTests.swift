import Foundation
import MynaText
import Synchronization
import Testing

@testable import MynaHub

@Suite("A language model behind a server")
struct ChatServerTests {
    static let schema = JSONTree.object([.init("type", .string("object"))])

    /// What a server streams for `pieces`.
    static func events(_ pieces: [String], finish: String = "stop") -> [UInt8] {
        var text = ": hello\n\n"
        for piece in pieces {
            text += "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \(JSONTree.string(piece).text)}}]}\r\n\r\n"
        }
        text += "data: {\"choices\": [{\"delta\": {}, \"finish_reason\": \"\(finish)\"}]}\n\n"
        text += "data: {\"choices\": [], \"usage\": {}}\n\ndata: [DONE]\n\n"
        return Array(text.utf8)
    }

    static func server(_ answer: @escaping @Sendable (LocalServer.Request) -> LocalServer.Response) throws -> LocalServer {
        try LocalServer { request in
            request.path == "/v1/models"
                ? .init(body: Array(#"{"object": "list", "data": [{"id": "big", "object": "model"}]}"#.utf8)) : answer(request)
        }
    }

    @Test("the pieces told are the answer, and the server hears model, messages and schema")
    func streams() async throws {
        let server = try Self.server { _ in .init(body: Self.events(["{\"say", "\": \"größe 👍\"", "}"])) }
        let model = try await ChatServer("http://127.0.0.1:\(server.port)", key: "secret")
        #expect(model.name == "http://127.0.0.1:\(server.port) (big)")
        let told = Mutex("")
        let answer = try await model.answer(
            to: ChatQuestion([ChatMessage(.system, "home"), ChatMessage(.user, "a \"b\"\n")], schema: Self.schema, limit: 7)
        ) { piece in told.withLock { $0 += piece } }
        #expect(answer == "{\"say\": \"größe 👍\"}" && told.withLock { $0 } == answer)
        let request = try #require(server.seen.last)
        #expect(request.path == "/v1/chat/completions" && request.headers["authorization"] == "Bearer secret")
        let body = try JSONTree(request.body)
        #expect(body["model"] == .string("big") && body["max_tokens"] == .number("7") && body["stream"] == .bool(true))
        #expect(body["response_format"]?["json_schema"]?["schema"] == Self.schema)
        guard case .list(let messages)? = body["messages"] else { throw ChatModelError.badAddress("no messages") }
        #expect(messages.last?["content"] == .string("a \"b\"\n") && messages.last?["role"] == .string("user"))
    }

    @Test("a server that knows schemas by the other name is asked so, then always")
    func otherForm() async throws {
        let server = try Self.server { request in
            request.body.contains("json_schema")
                ? .init(status: 422, body: Array(#"{"detail": [{"msg": "no such type"}]}"#.utf8))
                : .init(body: Array(#"{"choices": [{"message": {"content": "{}"}, "finish_reason": "stop"}]}"#.utf8))
        }
        let model = try await ChatServer("http://127.0.0.1:\(server.port)/v1", model: "m")
        let question = ChatQuestion([ChatMessage(.user, "a")], schema: Self.schema)
        for _ in 0..<2 { #expect(try await model.answer(to: question) { _ in } == "{}") }
        #expect(server.seen.filter { $0.path.hasSuffix("completions") }.count == 3)
    }

    @Test(
        "what goes wrong names the server and what it said",
        arguments: [
            (500, #"{"error": {"message": "out of memory"}}"#, "answered 500: out of memory"),
            (404, #"{"error": "model 'm' not found"}"#, "answered 404: model 'm' not found"),
            (200, #"{"error": {"message": "context too long"}}"#, "context too long"),
            (200, "<html>hello</html>", "does not answer as chat completions do: <html>hello</html>"),
            (200, "data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\n", "the answer broke off: a"),
            (200, String(decoding: events(["abc"], finish: "length"), as: UTF8.self), "the answer has no end: abc"),
        ])
    func faults(status: Int, body: String, words: String) async throws {
        let server = try Self.server { _ in .init(status: status, body: Array(body.utf8)) }
        let model = try await ChatServer("http://127.0.0.1:\(server.port)", model: "m")
        let error = try await #require(throws: ChatModelError.self) {
            _ = try await model.answer(to: ChatQuestion([ChatMessage(.user, "a")])) { _ in }
        }
        #expect("\(error)".hasSuffix(words) && "\(error)".hasPrefix(model.name), "\(error)")
    }

    @Test("no server, no models, and no address are told")
    func absent() async throws {
        await #expect(throws: ChatModelError.badAddress("ftp://a")) { _ = try await ChatServer("ftp://a") }
        let none = try LocalServer { _ in .init(body: Array(#"{"data": []}"#.utf8)) }
        let error = try await #require(throws: ChatModelError.self) { _ = try await ChatServer("http://127.0.0.1:\(none.port)") }
        guard case .nonsense(_, "offers no model", _) = error else { throw error }
        let away = try await #require(throws: ChatModelError.self) { _ = try await ChatServer("http://127.0.0.1:1") }
        guard case .unreachable = away else { throw away }
    }

    @Test("events may be cut anywhere")
    func cuts() throws {
        let bytes = Data(Self.events(["a", "größe", "", "👍\n"]))
        for size in 1...40 {
            var reader = ChatEvents(server: "s")
            var told = ""
            for start in stride(from: 0, to: bytes.count, by: size) {
                told += try reader.take(bytes[start..<min(bytes.count, start + size)]).joined()
            }
            told += try reader.finish().joined()
            #expect(told == "agröße👍\n" && reader.answer == told)
        }
    }
}
