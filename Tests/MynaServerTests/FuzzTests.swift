import FlyingFox
import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

/// Whatever comes in the place of a setting, a field or a message gets an answer of its own kind, and nothing breaks.
@Suite struct FuzzTests {
    /// Values of every kind, some of them what a field may be.
    struct Values {
        var random: SeededRandom
        let words: [String]

        mutating func word() -> String { words[Int.random(in: 0..<words.count, using: &random)] }

        mutating func value(depth: Int = 0) -> Value {
            switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &random) {
            case 0: return .null
            case 1: return .bool(Bool.random(using: &random))
            case 2: return .number([0, -1, 0.5, 1e18, 1e300, 24_000, 3][Int.random(in: 0..<7, using: &random)])
            case 3, 4: return .string(word())
            case 5: return .list((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
            default: return .object(object(depth: depth + 1))
            }
        }

        mutating func object(depth: Int = 0) -> [String: Value] {
            Dictionary((0..<Int.random(in: 0...4, using: &random)).map { _ in (word(), value(depth: depth)) }) { $1 }
        }
    }

    let parts = ServerParts(
        recognizer: ScriptedRecognizer(final: Transcript(text: "hello", words: [])), synthesizer: ScriptedSynthesizer(),
        assistant: { ScriptedAssistant(Array(repeating: .init(reply: Reply(text: "Yes.", kind: .chat)), count: 10_000)) },
        home: { [:] }, call: { _, _, _ in })

    @Test func `a file of settings is read or refused by name, whatever is in it`() throws {
        let file = NSTemporaryDirectory() + "myna-fuzz-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }  // what can't be removed is left to the system
        let whole =
            "host: 127.0.0.1\nport: 80 # a port\norigin: [https://a.example, 'b']\nlog-words: true\ndrain: 1.5\nlog: json\n"
        let pieces = [
            "\t", "- ", ": ", "&a ", "*a", "[", "}", "!!int ", "\"", "|\n", "---\n", "\u{0}", "é", "port: 1\n", "<<: ", "? ",
        ]
        var random = SeededRandom(seed: 17)
        var (read, refused) = (0, 0)
        for _ in 0..<1500 {
            var bytes = Array(whole.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 7))
                case 2: bytes = Array(bytes.prefix(place))
                default: bytes.insert(contentsOf: Array(pieces[Int.random(in: 0..<pieces.count, using: &random)].utf8), at: place)
                }
            }
            try Data(bytes).write(to: URL(filePath: file))
            do {
                _ = try ServerSettings(flags: [:], environment: [:], file: file)
                read += 1
            } catch {
                #expect("\(error)".hasPrefix(file), "\(error)")
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test(.timeLimit(.minutes(2))) func `realtime messages of any shape leave a session that still answers`() async throws {
        let sent = Collected<String>()
        let session = await RealtimeSession(parts, tellsAll: true) { sent.add($0) }
        await session.begin()
        var values = Values(
            random: SeededRandom(seed: 23),
            words: [
                "type", "session", "audio", "input", "output", "format", "rate", "turn_detection", "semantic_vad", "server_vad",
                "tools",
                "function", "name", "parameters", "properties", "item", "content", "text", "message", "user", "response",
                "item_id",
                "audio_end_ms", "AAAA", "audio/pcm", "prompt", "transcription", "eagerness", "silence_duration_ms", "", "é\u{0}",
            ])
        let types = [
            "session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear",
            "conversation.item.create", "conversation.item.retrieve", "conversation.item.delete", "conversation.item.truncate",
            "response.create", "response.cancel",
        ]
        for _ in 0..<3000 {
            var message = values.object()
            message["type"] = .string(types[Int.random(in: 0..<types.count, using: &values.random)])
            await session.receive(String(decoding: try JSONEncoder().encode(message), as: UTF8.self))
        }
        let before = sent.all.count
        await session.receive(#"{"type":"nothing","event_id":"last"}"#)
        #expect(sent.all.count > before && sent.all.contains { $0.contains(#""event_id":"last""#) })
        await session.end()
    }

    @Test(.timeLimit(.minutes(2))) func `HTTP bodies of any shape get an answer of OpenAI's form`() async throws {
        let server = MynaServer(parts)
        var values = Values(
            random: SeededRandom(seed: 29),
            words: [
                "messages", "role", "user", "tool", "content", "text", "type", "tools", "function", "name", "parameters",
                "properties",
                "tool_choice", "required", "stream", "input", "response_format", "pcm", "service", "entity", "data", "light.on",
                "",
            ])
        var counts: [Int: Int] = [:]
        for round in 0..<1200 {
            let path = ["/v1/chat/completions", "/v1/audio/speech", "/home/call"][round % 3]
            let body = round % 5 == 0 ? try JSONEncoder().encode(values.value()) : try JSONEncoder().encode(values.object())
            let answer = await server.answer(
                HTTPRequest(method: .POST, version: .http11, path: path, query: [], headers: [:], body: body))
            counts[answer.statusCode.code, default: 0] += 1
            if answer.statusCode.code != 200 {
                let told = try JSONDecoder().decode([String: Value].self, from: try await answer.bodyData)
                #expect(told["error"]?.object?["message"]?.string?.isEmpty == false)
            }
        }
        #expect(counts[400, default: 0] > 0 && counts[500] == nil, "\(counts)")
    }
}
