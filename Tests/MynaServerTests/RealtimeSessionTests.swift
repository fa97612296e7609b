import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaServer

@Suite struct RealtimeSessionTests {
    /// A session over scripted stages, and what it sent.
    struct Client {
        let session: RealtimeSession
        let sent = Collected<String>()
        let assistant: ScriptedAssistant

        init(
            _ script: [Event] = [], final: String = "turn on the lamp", turns: [ScriptedAssistant.Turn]? = nil,
            tellsAll: Bool = false, recognizer: (any SpeechRecognizer)? = nil,
            speaking: @escaping @Sendable (Int) async throws -> Void = { _ in }
        ) async {
            let assistant = ScriptedAssistant(
                turns ?? [
                    .init(reply: Reply(text: "The lamp is on.", kind: .done)), .init(reply: Reply(text: "Again.", kind: .done)),
                ])
            self.assistant = assistant
            let parts = ServerParts(
                recognizer: recognizer ?? ScriptedRecognizer(script, final: Transcript(text: final, words: [])),
                synthesizer: ScriptedSynthesizer(cost: speaking), assistant: { assistant }, home: { [:] }, call: { _, _, _ in })
            let sent = sent
            session = await RealtimeSession(parts, tellsAll: tellsAll) { sent.add($0) }
            await session.begin()
        }

        var events: [[String: Value]] {
            get throws { try sent.all.map { try JSONDecoder().decode([String: Value].self, from: Data($0.utf8)) } }
        }
        func types() throws -> [String] { try events.compactMap { $0["type"]?.string } }

        func send(_ message: [String: Value]) async throws {
            await session.receive(String(decoding: try JSONEncoder().encode(message), as: UTF8.self))
        }

        func speak(seconds: Double) async throws {
            for _ in 0..<Int(seconds * 10) {
                let audio = PCM16.data(Array(repeating: 0.1, count: 2400)).base64EncodedString()
                try await send(["type": "input_audio_buffer.append", "audio": .string(audio)])
            }
        }

        /// Waits until an event of this type was sent so many times.
        func wait(for type: String, count: Int = 1) async throws -> [String: Value] {
            while true {
                let found = try events.filter { $0["type"]?.string == type }
                if found.count >= count { return found[count - 1] }
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }

    let spoken = [
        Event(time: 0.3, .speechStarted), Event(time: 0.6, .wordsPartial(text: "turn on the", stable: 7)),
        Event(time: 1.2, .endDecided(reason: "token")),
    ]

    @Test(.timeLimit(.minutes(1))) func `speech becomes an item, a response and sound`() async throws {
        let client = await Client(spoken)
        try await client.speak(seconds: 1.2)
        let done = try await client.wait(for: "response.done")
        #expect(done["response"]?.object?["status"] == "completed")
        let types = try client.types()
        let order = [
            "session.created", "input_audio_buffer.speech_started", "conversation.item.input_audio_transcription.delta",
            "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added",
            "conversation.item.input_audio_transcription.completed", "response.created", "response.output_item.added",
            "response.content_part.added", "response.output_audio_transcript.delta", "response.output_audio.delta",
            "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done",
            "response.output_item.done", "response.done",
        ]
        let places = order.compactMap { types.firstIndex(of: $0) }
        #expect(places.count == order.count && places == places.sorted(), "\(types)")
        #expect(client.assistant.requests.map(\.text) == ["turn on the lamp"])
        let sound = try client.events.filter { $0["type"] == "response.output_audio.delta" }.compactMap { $0["delta"]?.string }
            .compactMap { Data(base64Encoded: $0) }.reduce(0) { $0 + $1.count }
        #expect(sound == 4 * 2 * 2400 * 2, "four words of two frames of 100 ms at 24 kHz, two bytes a sample")
        #expect(!types.contains("myna.event"))
    }

    @Test(.timeLimit(.minutes(1))) func `words that a second look changes are told whole at the end, and acted on`() async throws
    {
        let client = await Client(
            [
                Event(time: 0.3, .speechStarted), Event(time: 0.6, .wordsPartial(text: "turn on the lump", stable: 16)),
                Event(time: 1.2, .endDecided(reason: "token")),
            ], final: "turn on the lamp")
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.done")
        let told = try client.events.filter { $0["type"] == "conversation.item.input_audio_transcription.delta" }
        #expect(told.compactMap { $0["delta"]?.string } == ["turn on the lump"])
        let whole = try await client.wait(for: "conversation.item.input_audio_transcription.completed")
        #expect(whole["transcript"] == "turn on the lamp")
        #expect(client.assistant.requests.map(\.text) == ["turn on the lamp"])
    }

    @Test(.timeLimit(.minutes(1))) func `a turn is kept with its stages, also one that gets no response`() async throws {
        let turns = Collected<ServedTurn>()
        let parts = ServerParts(
            recognizer: ScriptedRecognizer(spoken, final: Transcript(text: "turn on the lamp", words: [])),
            synthesizer: ScriptedSynthesizer(),
            assistant: { ScriptedAssistant([.init([{ await $0(.understood([])) }], reply: Reply(text: "Yes.", kind: .done))]) },
            home: { [:] }, call: { _, _, _ in })
        let session = await RealtimeSession(parts, tellsAll: false, note: { turns.add($0) }) { _ in }
        let sound =
            #"{"type":"input_audio_buffer.append","audio":"\#(PCM16.data(Array(repeating: 0.1, count: 30_000)).base64EncodedString())"}"#
        await session.receive(sound)
        try await until { turns.all.count == 1 }
        #expect(
            turns.all[0].moments.map(\.event.type) == [
                "speech.started", "end.decided", "words.final", "understood", "reply.text", "reply.audio", "reply.audio",
                "turn.finished",
            ])
        #expect(turns.all[0].kind == "done" && turns.all[0].words == "turn on the lamp" && turns.all[0].reply == "Yes.")
        await session.receive(#"{"type":"session.update","session":{"type":"transcription"}}"#)
        await session.receive(sound)
        try await until { turns.all.count == 2 }
        #expect(turns.all[1].kind == "heard" && turns.all[1].moments.last?.event.type == "words.final")
    }

    /// A recogniser that refuses the first streams.
    final class Busy: SpeechRecognizer {
        private let refusals: Mutex<Int>
        private let recognizer = ScriptedRecognizer(
            [Event(time: 0.1, .speechStarted)], final: Transcript(text: "turn on the lamp", words: []))
        init(refusing count: Int) { refusals = Mutex(count) }
        func expect(_ sentences: [String]) async {}
        func listen() async throws -> any ListeningStream {
            try refusals.withLock { count in
                count -= 1
                if count >= 0 { throw RealtimeError(code: nil, "too busy", param: nil) }
            }
            return try await recognizer.listen()
        }
        func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
            try await listen()
        }
    }

    @Test func `a recogniser that has no time is told of once a second, and heard by as soon as it has`() async throws {
        let sent = Collected<String>()
        let parts = ServerParts(
            recognizer: Busy(refusing: 2), synthesizer: ScriptedSynthesizer(), assistant: { ScriptedAssistant([]) },
            home: { [:] },
            call: { _, _, _ in })
        let session = await RealtimeSession(parts, tellsAll: false) { sent.add($0) }
        let audio = PCM16.data(Array(repeating: 0.1, count: 2400)).base64EncodedString()
        func speak(seconds: Int) async {
            for _ in 0..<10 * seconds { await session.receive(#"{"type":"input_audio_buffer.append","audio":"\#(audio)"}"#) }
        }
        await speak(seconds: 2)
        #expect(sent.all.count == 2 && sent.all.allSatisfy { $0.contains("overloaded") && $0.contains("too busy") })
        await speak(seconds: 1)
        #expect(sent.all.count == 3 && sent.all[2].contains("speech_started") && sent.all[2].contains(#""audio_start_ms":2100"#))
    }

    /// Tells what it heard with the next piece, as one does whose steps run behind the sound.
    struct LateRecognizer: SpeechRecognizer {
        let script: [Event]
        func listen() async throws -> any ListeningStream { Late(script: script) }
        func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
            Late(script: script)
        }
        func expect(_ sentences: [String]) async {}

        actor Late: ListeningStream {
            private var (script, told, heard): ([Event], [Event], Double)
            init(script: [Event]) { (self.script, told, heard) = (script, [], 0) }
            func hear(_ frame: AudioFrame) async throws -> [Event] {
                defer {
                    heard += frame.duration / .seconds(1)
                    told = script.filter { $0.time <= heard + 1e-9 }
                    script.removeFirst(told.count)
                }
                return told
            }
            func finish() async throws -> [Event] { [Event(time: heard, .wordsFinal(Transcript(text: "lamp on", words: [])))] }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `who sends nothing behind its speech is answered too`() async throws {
        let client = await Client(recognizer: LateRecognizer(script: spoken))
        try await client.speak(seconds: 1.2)
        #expect(try !client.types().contains("input_audio_buffer.speech_stopped"), "the end was heard, and not told yet")
        let done = try await client.wait(for: "response.done")
        #expect(done["response"]?.object?["status"] == "completed")
        #expect(client.assistant.requests.map(\.text) == ["lamp on"])
    }

    @Test(.timeLimit(.minutes(1))) func `speaking again stops the reply`() async throws {
        let client = await Client(spoken) { frame in
            if frame > 0 { try await Task.sleep(for: .seconds(60)) }
        }
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.output_audio.delta")
        try await client.speak(seconds: 0.5)
        let done = try await client.wait(for: "response.done")
        let response = try #require(done["response"]?.object)
        #expect(response["status"] == "cancelled")
        #expect(response["status_details"]?.object?["reason"] == "turn_detected")
    }

    /// Keeps what each stream was asked to end and begin with.
    struct AskedRecognizer: SpeechRecognizer {
        let scripted: ScriptedRecognizer
        let asked = Collected<EndOfTurn>()
        func expect(_ sentences: [String]) async {}
        func listen() async throws -> any ListeningStream { try await scripted.listen() }
        func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
            asked.add(end)
            return try await scripted.listen()
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `over a reply that may be interrupted semantic turns begin with sound, else with a word`(interrupts: Bool) async throws {
        let recognizer = AskedRecognizer(
            scripted: ScriptedRecognizer(spoken, final: Transcript(text: "turn on the lamp", words: [])))
        let client = await Client(recognizer: recognizer) { frame in
            if frame > 0 { try await Task.sleep(for: .seconds(60)) }
        }
        let turns: Value = ["type": "semantic_vad", "interrupt_response": .bool(interrupts)]
        try await client.send([
            "type": "session.update", "session": ["type": "realtime", "audio": ["input": ["turn_detection": turns]]],
        ])
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.output_audio.delta")
        try await client.speak(seconds: 0.1)
        #expect(recognizer.asked.all.map(\.beginsWithSound) == [false, interrupts])
        await client.session.end()
    }

    @Test(.timeLimit(.minutes(1))) func `a reply that is all sent is still being played`() async throws {
        let recognizer = AskedRecognizer(
            scripted: ScriptedRecognizer(spoken, final: Transcript(text: "turn on the lamp", words: [])))
        let long = Reply(text: Array(repeating: "word", count: 200).joined(separator: " "), kind: .answer)
        let client = await Client(turns: [.init(reply: long)], recognizer: recognizer)
        try await client.send([
            "type": "session.update",
            "session": ["type": "realtime", "audio": ["input": ["turn_detection": ["type": "semantic_vad"]]]],
        ])
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.done")
        try await client.speak(seconds: 0.1)
        #expect(recognizer.asked.all.map(\.beginsWithSound) == [false, true])
        await client.session.end()
    }

    @Test(.timeLimit(.minutes(1))) func `a reply told in parts sounds before the whole of it is known`() async throws {
        let frames = Collected<Int>()
        let reply = Reply(text: "It is late. Go to bed.", kind: .answer)
        let client = await Client(
            spoken,
            turns: [
                .init([{ await $0(.replyPart("It is late.")) }, { _ in #expect(frames.all.count == 6) }], reply: reply)
            ], speaking: { frames.add($0) })
        try await client.speak(seconds: 1.2)
        let done = try await client.wait(for: "response.done")
        #expect(done["response"]?.object?["status"] == "completed")
        let events = try client.events
        func texts(_ type: String, _ field: String) -> [String] {
            events.filter { $0["type"] == .string(type) }.compactMap { $0[field]?.string }
        }
        #expect(texts("response.output_audio_transcript.delta", "delta") == ["It is late.", " Go to bed."])
        #expect(texts("response.output_audio_transcript.done", "transcript") == [reply.text])
        let types = try client.types().filter { $0.hasPrefix("response.output") && !$0.hasSuffix("audio.delta") }
        #expect(
            types == [
                "response.output_item.added", "response.output_audio_transcript.delta", "response.output_audio_transcript.delta",
                "response.output_audio.done", "response.output_audio_transcript.done", "response.output_item.done",
            ])
        #expect(frames.all.count == 12)
    }

    @Test(.timeLimit(.minutes(1))) func `speaking over the first part cancels the assistant's wording of the rest`() async throws
    {
        let client = await Client(
            spoken,
            turns: [
                .init(
                    [{ await $0(.replyPart("It is late.")) }, { _ in try await Task.sleep(for: .seconds(600)) }],
                    reply: Reply(text: "never", kind: .answer))
            ])
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.output_audio.delta", count: 6)
        try await client.speak(seconds: 0.5)
        let response = try #require(try await client.wait(for: "response.done")["response"]?.object)
        #expect(response["status"] == "cancelled")
        #expect(response["output"]?.list?.first?.object?["status"] == "incomplete")
        #expect(client.assistant.interruptions.map(\.reply) == ["It is late."])
    }

    @Test(.timeLimit(.minutes(1))) func `a client without turn detection commits and asks itself`() async throws {
        let client = await Client(spoken)
        try await client.send([
            "type": "session.update",
            "session": ["type": "realtime", "output_modalities": ["text"], "audio": ["input": ["turn_detection": .null]]],
        ])
        try await client.send(["type": "input_audio_buffer.commit", "event_id": "empty"])
        let error = try await client.wait(for: "error")["error"]?.object
        #expect(error?["code"] == "input_audio_buffer_commit_empty" && error?["event_id"] == "empty")
        try await client.speak(seconds: 1.2)
        let before = try client.types()
        #expect(!before.contains("response.created"))
        try await client.send(["type": "input_audio_buffer.commit"])
        try await client.send(["type": "response.create"])
        _ = try await client.wait(for: "response.done")
        let types = try client.types()
        #expect(types.contains("response.output_text.done") && !types.contains("response.output_audio.delta"))
    }

    @Test(.timeLimit(.minutes(1))) func `typed requests are answered and every event is told to who asked`() async throws {
        let client = await Client(
            turns: [
                .init(
                    [{ await $0(.callStarted(name: "light.turn_on", arguments: ["entity_id": "light.lamp"])) }],
                    reply: Reply(text: "Done.", kind: .done))
            ], tellsAll: true)
        try await client.send([
            "type": "conversation.item.create",
            "item": ["type": "message", "role": "user", "content": [["type": "input_text", "text": "lamp on"]]],
        ])
        try await client.send(["type": "response.create"])
        _ = try await client.wait(for: "response.done")
        #expect(client.assistant.requests.map(\.text) == ["lamp on"])
        let told = try client.events.compactMap { $0["event"]?.object?["type"]?.string }
        #expect(told.contains("call.started"))
    }

    @Test func `each bad message gets one error that names it, and the session goes on`() async throws {
        let client = await Client()
        let bad: [(String, String)] = [
            ("not json", "invalid_json"), ("[]", "invalid_json"), ("{}", "missing_type"),
            (#"{"type":"no.such"}"#, "invalid_value"), (#"{"type":"response.create"}"#, "nothing_to_answer"),
            (#"{"type":"response.cancel"}"#, "response_cancel_not_active"),
            (#"{"type":"input_audio_buffer.append","audio":"%%%"}"#, "invalid_value"),
            (#"{"type":"input_audio_buffer.append","audio":"AAAA"}"#, "invalid_value"),  // three bytes
            (#"{"type":"conversation.item.delete"}"#, "missing_required_parameter"),
            (#"{"type":"conversation.item.delete","item_id":"x"}"#, "item_delete_invalid_item_id"),
            (#"{"type":"conversation.item.retrieve","item_id":"x"}"#, "item_retrieve_invalid_item_id"),
            (#"{"type":"conversation.item.truncate","item_id":"x","audio_end_ms":1}"#, "item_truncate_invalid_item_id"),
            (#"{"type":"conversation.item.create","item":{"type":"message"}}"#, "invalid_value"),
            (#"{"type":"conversation.item.create","item":{"type":"function_call_output","output":"a"}}"#, "invalid_value"),
            (#"{"type":"session.update","session":{"tool_choice":{"type":"function","name":"x"}}}"#, "invalid_value"),
            (#"{"type":"session.update","session":{"type":"other"}}"#, "invalid_value"),
            (#"{"type":"session.update","session":{"tools":[{"type":"function"}]}}"#, "invalid_value"),
            (#"{"type":"session.update","session":{"audio":{"input":{"format":{"type":"audio/opus"}}}}}"#, "invalid_value"),
        ]
        for (message, _) in bad { await client.session.receive(message) }
        let codes = try client.events.filter { $0["type"] == "error" }.compactMap { $0["error"]?.object?["code"]?.string }
        #expect(codes == bad.map(\.1))
        await client.session.receive(#"{"type":"session.update","session":{"type":"transcription"}}"#)
        let types = try client.types()
        #expect(types.last == "session.updated")
    }

    @Test func `damaged messages never end a session`() async throws {
        let client = await Client()
        let whole = Array(
            #"{"type":"session.update","event_id":"a","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}"#
                .utf8)
        var random = SeededRandom(seed: 12)
        for _ in 0..<1500 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            await client.session.receive(String(decoding: damaged, as: UTF8.self))
        }
        let types = try client.types()
        #expect(types.count == 1501)
        #expect(Set(types) == ["session.created", "session.updated", "error"])
    }
}

/// An assistant with nothing to do but to say what a test hands it.
private final class AnnouncingAssistant: Assistant {
    private let announcements: AsyncStream<String>
    let say: AsyncStream<String>.Continuation

    init() { (announcements, say) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(8)) }

    func reply(to request: Request, report: @escaping @Sendable (Event.Kind) async -> Void) async throws -> Reply {
        Reply(text: "You said \(request.text).", kind: .chat)
    }

    func announcement() async -> String? {
        for await text in announcements { return text }
        return nil
    }
}

extension RealtimeSessionTests {
    @Test(.timeLimit(.minutes(1)))
    func `what the assistant says of itself is a spoken response of its own, behind the one on its way`()
        async throws
    {
        let assistant = AnnouncingAssistant()
        let sent = Collected<String>()
        let parts = ServerParts(
            recognizer: ScriptedRecognizer([], final: Transcript(text: "", words: [])), synthesizer: ScriptedSynthesizer(),
            assistant: { assistant }, home: { [:] }, call: { _, _, _ in })
        let session = await RealtimeSession(parts, tellsAll: false) { sent.add($0) }
        await session.begin()
        func events(_ type: String) throws -> [[String: Value]] {
            try sent.all.map { try JSONDecoder().decode([String: Value].self, from: Data($0.utf8)) }.filter {
                $0["type"]?.string == type
            }
        }
        await session.receive(
            #"{"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}}"#
        )
        await session.receive(#"{"type": "response.create"}"#)
        assistant.say.yield("Your pasta timer is up.")
        try await until { try events("response.done").count >= 2 }
        let said = try events("response.output_audio_transcript.done").compactMap { $0["transcript"]?.string }
        #expect(said == ["You said hello.", "Your pasta timer is up."])
        #expect(try events("response.done").allSatisfy { $0["response"]?.object?["status"] == "completed" })
        #expect(try !events("response.output_audio.delta").isEmpty)
        // Once nobody listens, nothing more is said.
        await session.end()
        assistant.say.yield("Too late.")
        try await Task.sleep(for: .milliseconds(20))  // what is wrong would need some time
        #expect(try events("response.created").count == 2)
    }
}
