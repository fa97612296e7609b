import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

@Suite struct WyomingTests {
    /// A connection over scripted stages, and what it wrote.
    struct Client {
        let connection: WyomingConnection
        let written = Collected<WyomingEvent>()

        init(_ script: [Event] = [], final: String = "turn on the lamp", turns: [ScriptedAssistant.Turn] = []) {
            let assistant = ScriptedAssistant(turns)
            let parts = ServerParts(
                recognizer: ScriptedRecognizer(script, final: Transcript(text: final, words: [])),
                synthesizer: ScriptedSynthesizer(), assistant: { assistant }, home: { [:] }, call: { _, _, _ in })
            let written = written
            connection = WyomingConnection(parts, WyomingDialogues(parts.assistant)) { written.add($0) }
        }

        func send(_ type: String, _ data: [String: Value] = [:], payload: Data = Data()) async throws {
            try await connection.receive(WyomingEvent(type, data, payload: payload))
        }
        var types: [String] { written.all.map(\.type) }
    }

    let form: [String: Value] = ["rate": 16_000, "width": 2, "channels": 1]

    @Test func `sound becomes words, told as they settle`() async throws {
        let client = Client([
            Event(time: 0.2, .wordsPartial(text: "turn on th", stable: 8)),
            Event(time: 0.4, .wordsPartial(text: "turn on the", stable: 11)),
        ])
        try await client.send("transcribe", ["language": "en"])
        try await client.send("audio-start", form)
        for _ in 0..<5 { try await client.send("audio-chunk", form, payload: Data(count: 3200)) }
        try await client.send("audio-stop")
        #expect(
            client.types == [
                "transcript-start", "transcript-chunk", "transcript-chunk", "transcript-chunk", "transcript", "transcript-stop",
            ])
        let chunks = client.written.all.filter { $0.type == "transcript-chunk" }.compactMap { $0.data["text"]?.string }
        #expect(chunks == ["turn on ", "the", " lamp"])
        #expect(client.written.all[4].data["text"] == "turn on the lamp")
        try await client.send("audio-stop")
        #expect(client.types.count == 6, "a request ends once")
    }

    @Test func `text becomes sound, at once or sentence by sentence`() async throws {
        let client = Client()
        try await client.send("synthesize", ["text": "Hello there."])
        #expect(client.types.first == "audio-start" && client.types.last == "audio-stop" && client.types.count > 4)
        let streamed = Client()
        try await streamed.send("synthesize-start")
        try await streamed.send("synthesize-chunk", ["text": "One. Tw"])
        let afterFirst = streamed.types.count
        #expect(afterFirst >= 3, "the first sentence is spoken before the second is whole")
        try await streamed.send("synthesize-chunk", ["text": "o three"])
        #expect(streamed.types.count == afterFirst)
        try await streamed.send("synthesize", ["text": "One. Two three"])
        try await streamed.send("synthesize-stop")
        #expect(streamed.types.suffix(2) == ["audio-stop", "synthesize-stopped"])
        #expect(streamed.types.filter { $0 == "audio-start" }.count == 1)
        #expect(WyomingConnection.cut("A b. C? D\ne 1.5 f.").sentences == ["A b.", "C?", "D\n"])
    }

    @Test func `what the home was asked is handled, and what nobody understood is not`() async throws {
        let client = Client(turns: [
            .init([{ await $0(.understood([Intent("turn_on")])) }], reply: Reply(text: "On.", kind: .done)),
            .init([{ await $0(.understood([])) }], reply: Reply(text: "What?", kind: .clarify)),
        ])
        try await client.send("transcript", ["text": "lamp on", "context": ["conversation_id": "a"]])
        try await client.send("transcript", ["text": "blah"])
        #expect(client.types == ["handled", "not-handled"])
        #expect(client.written.all[0].data == ["text": "On.", "context": ["conversation_id": "a"]])
    }

    @Test func `what is wrong gets an error by its code, and the connection goes on`() async throws {
        let client = Client()
        try await client.send("audio-start", ["rate": 16_000, "width": 3, "channels": 1])
        try await client.send("synthesize", [:])
        try await client.send("synthesize-chunk", ["text": "a"])
        try await client.send("synthesize-stop")
        try await client.send("audio-start", form)
        try await client.send("audio-chunk", form, payload: Data(count: 3))
        try await client.send("audio-chunk", ["rate": 4000, "width": 2, "channels": 1], payload: Data(count: 2 * 4000 * 121))
        try await client.send("no-such-event")
        try await client.send("ping", ["text": "x"])
        let codes = client.written.all.filter { $0.type == "error" }.compactMap { $0.data["code"]?.string }
        #expect(codes == ["audio-format", "text", "order", "order", "audio", "too-long"])
        #expect(client.written.all.last == WyomingEvent("pong", ["text": "x"]))
        await client.connection.finish()
        try await client.send("describe")
        #expect(client.written.all.last?.data["code"] == "shutting-down")
    }

    // MARK: Bytes

    let messages = [
        WyomingEvent("describe"), WyomingEvent("audio-chunk", ["rate": 16_000], payload: Data([0, 10, 13, 255])),
        WyomingEvent("transcript", ["text": "größer\n"]), WyomingEvent("audio-stop"),
    ]

    @Test func `messages are read however the bytes are cut`() throws {
        let bytes = Array(messages.map(\.encoded).reduce(Data(), +))
        var random = SeededRandom(seed: 2)
        for _ in 0..<200 {
            var parser = WyomingParser()
            var read: [WyomingEvent] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                parser.append(piece)
                rest = rest.dropFirst(piece.count)
                while let event = try parser.next() { read.append(event) }
            }
            #expect(read == messages)
        }
    }

    @Test func `what is no message is refused by name`() throws {
        let bad: [(String, WyomingFault)] = [
            ("hello\n", .notJSON(part: "header")), ("[]\n", .notJSON(part: "header")), ("{}\n", .noType),
            (#"{"type":3}"# + "\n", .noType), (#"{"type":"a","data":[]}"# + "\n", .notJSON(part: "data")),
            (#"{"type":"a","data_length":-1}"# + "\n", .badLength(field: "data_length")),
            (#"{"type":"a","payload_length":1.5}"# + "\n", .badLength(field: "payload_length")),
            (
                #"{"type":"a","payload_length":1e15}"# + "\n",
                .tooLong(field: "payload_length", length: 1_000_000_000_000_000, limit: WyomingParser.mostPayload)
            ),
            (#"{"type":"a","data_length":3}"# + "\nabc", .notJSON(part: "data")),
            (String(repeating: "x", count: WyomingParser.mostText + 1), .longLine(limit: WyomingParser.mostText)),
        ]
        for (text, fault) in bad {
            var parser = WyomingParser()
            parser.append(Array(text.utf8))
            #expect(throws: fault) { try parser.next() }
        }
        var parser = WyomingParser()
        parser.append([0xff, 0xfe, 0x0a])
        #expect(throws: WyomingFault.notJSON(part: "header")) { try parser.next() }
    }

    @Test func `damaged bytes never crash`() throws {
        let whole = Array(messages.map(\.encoded).reduce(Data(), +))
        var random = SeededRandom(seed: 31)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) where !damaged.isEmpty {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: place)
                case 2: damaged.insert(UInt8(ascii: "9"), at: place)
                default: damaged = Array(damaged.prefix(place))
                }
            }
            var parser = WyomingParser()
            parser.append(damaged)
            do { while try parser.next() != nil { read += 1 } } catch { refused += 1 }
        }
        #expect(read > 0 && refused > 0)
    }
}
