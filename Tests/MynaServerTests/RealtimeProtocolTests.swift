import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

/// What a realtime client can ask for beyond a plain conversation.
@Suite struct RealtimeProtocolTests {
    typealias Client = RealtimeSessionTests.Client

    let spoken = [
        Event(time: 0.3, .speechStarted), Event(time: 0.6, .wordsPartial(text: "turn on the", stable: 7)),
        Event(time: 1.2, .endDecided(reason: "token")),
    ]
    let weather: Value = [
        "type": "function", "name": "get_weather",
        "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
    ]

    func say(_ text: String, to client: Client) async throws {
        try await client.send([
            "type": "conversation.item.create",
            "item": ["type": "message", "role": "user", "content": [["type": "input_text", "text": .string(text)]]],
        ])
        try await client.send(["type": "response.create"])
    }

    @Test(.timeLimit(.minutes(1))) func `a client's function is called, its output spoken, and the rest is ours`() async throws {
        let client = await Client(turns: [
            .init([{ await $0(.understood([Intent("turn_on")])) }], reply: Reply(text: "It is on.", kind: .done))
        ])
        try await client.send([
            "type": "session.update", "session": ["type": "realtime", "output_modalities": ["text"], "tools": [weather]],
        ])
        let updated = try await client.wait(for: "session.updated")
        #expect(updated["session"]?.object?["tools"] == [weather])
        try await say("what is the weather in oslo", to: client)
        let call = try await client.wait(for: "response.function_call_arguments.done")
        #expect(call["name"] == "get_weather" && call["arguments"] == #"{"city":"oslo"}"#)
        let done = try await client.wait(for: "response.done")["response"]?.object
        let item = try #require(done?["output"]?.list?.first?.object)
        #expect(item["type"] == "function_call" && item["call_id"] == call["call_id"])
        #expect(client.assistant.requests.isEmpty)
        try await client.send([
            "type": "conversation.item.create",
            "item": ["type": "function_call_output", "call_id": item["call_id"] ?? .null, "output": #"{"summary":"Snow."}"#],
        ])
        try await client.send(["type": "response.create"])
        #expect(try await client.wait(for: "response.output_text.done")["text"] == "Snow.")
        _ = try await client.wait(for: "response.done", count: 2)
        try await say("turn on the lamp", to: client)
        #expect(try await client.wait(for: "response.output_text.done", count: 2)["text"] == "It is on.")
    }

    @Test(.timeLimit(.minutes(1))) func `one response may have functions of its own, and none may be called`() async throws {
        let client = await Client()
        try await client.send(["type": "session.update", "session": ["tools": [weather], "tool_choice": "none"]])
        try await say("the weather in oslo", to: client)
        _ = try await client.wait(for: "response.done")
        #expect(client.assistant.requests.map(\.text) == ["the weather in oslo"])
        try await client.send([
            "type": "response.create",
            "response": [
                "tool_choice": "required", "output_modalities": ["text"],
                "input": [["type": "message", "role": "user", "content": [["type": "input_text", "text": "oslo"]]]],
            ],
        ])
        let call = try await client.wait(for: "response.function_call_arguments.done")
        #expect(call["arguments"] == #"{"city":"oslo"}"#)
    }

    @Test(.timeLimit(.minutes(1))) func `no sound follows speech, and the assistant learns what was heard`() async throws {
        let client = await Client(spoken) { frame in
            if frame > 1 { try await Task.sleep(for: .seconds(60)) }
        }
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "response.output_audio.delta", count: 2)
        try await client.speak(seconds: 0.5)
        let done = try await client.wait(for: "response.done")
        let types = try client.types()
        let speech = try #require(types.lastIndex(of: "input_audio_buffer.speech_started"))
        #expect(!types[speech...].contains("response.output_audio.delta"))
        let item = try #require(done["response"]?.object?["output"]?.list?.first?.object)
        #expect(item["status"] == "incomplete")
        // "The lamp is on." of which 200 ms were sent, at about 60 ms a letter: "The".
        #expect(client.assistant.interruptions.map { $0.reply } == ["The lamp is on."])
        #expect(client.assistant.interruptions.map { $0.heard } == ["The"])
        try await client.send([
            "type": "conversation.item.truncate", "item_id": item["id"] ?? .null, "content_index": 0, "audio_end_ms": 100,
        ])
        _ = try await client.wait(for: "conversation.item.truncated")
        try await client.send(["type": "conversation.item.retrieve", "item_id": item["id"] ?? .null])
        let kept = try await client.wait(for: "conversation.item.retrieved")["item"]?.object
        #expect(kept?["content"] == [["type": "output_audio", "transcript": ""]])
    }

    @Test(.timeLimit(.minutes(1))) func `a reply that was played in part is cut to the words of that part`() async throws {
        let client = await Client()
        try await say("lamp on", to: client)
        let done = try await client.wait(for: "response.done")
        let id = try #require(done["response"]?.object?["output"]?.list?.first?.object?["id"])
        // 800 ms of sound for fifteen letters: half of it is "The lam", so "The".
        try await client.send(["type": "conversation.item.truncate", "item_id": id, "content_index": 0, "audio_end_ms": 400])
        _ = try await client.wait(for: "conversation.item.truncated")
        #expect(client.assistant.interruptions.map { $0.heard } == ["The"])
        try await client.send(["type": "conversation.item.truncate", "item_id": id, "content_index": 0, "audio_end_ms": 4000])
        #expect(try await client.wait(for: "error")["error"]?.object?["param"] == "audio_end_ms")
        try await client.send(["type": "conversation.item.delete", "item_id": id])
        try await client.send(["type": "conversation.item.delete", "item_id": id])
        #expect(try await client.wait(for: "error", count: 2)["error"]?.object?["code"] == "item_delete_invalid_item_id")
    }

    @Test(.timeLimit(.minutes(1))) func `telephone sound is heard and spoken at its rate`() async throws {
        let client = await Client(spoken)
        try await client.send([
            "type": "session.update",
            "session": ["audio": ["input": ["format": ["type": "audio/pcmu"]], "output": ["format": ["type": "audio/pcma"]]]],
        ])
        for _ in 0..<12 {
            let audio = Data(repeating: 0x90, count: 800).base64EncodedString()
            try await client.send(["type": "input_audio_buffer.append", "audio": .string(audio)])
        }
        _ = try await client.wait(for: "response.done")
        let bytes = try client.events.filter { $0["type"] == "response.output_audio.delta" }.compactMap { $0["delta"]?.string }
            .compactMap { Data(base64Encoded: $0) }.reduce(0) { $0 + $1.count }
        #expect(bytes == 4 * 2 * 800, "four words of two frames of 100 ms at 8 kHz, a byte a sample")
    }

    @Test(.timeLimit(.minutes(1))) func `a transcription session gives words alone`() async throws {
        let client = await Client(spoken)
        try await client.send([
            "type": "session.update",
            "session": ["type": "transcription", "audio": ["input": ["turn_detection": ["type": "server_vad"]]]],
        ])
        try await client.speak(seconds: 1.2)
        _ = try await client.wait(for: "conversation.item.input_audio_transcription.completed")
        try await client.send(["type": "response.create"])
        _ = try await client.wait(for: "error")
        let types = try client.types()
        #expect(!types.contains { $0.hasPrefix("response.") })
        #expect(client.assistant.requests.isEmpty)
    }

    @Test func `a prompt's names are looked out for and told again, and one too long is refused`() throws {
        func session(_ prompt: String) -> [String: Value] {
            ["audio": ["input": ["transcription": ["prompt": .string(prompt)]]]]
        }
        var settings = RealtimeSettings()
        try settings.update(session(" Yetta, Valdemar's lamp.\nOakhurst Grange;"))
        #expect(settings.prompt.sentences == ["Yetta", "Valdemar's lamp", "Oakhurst Grange"])
        #expect(
            settings.described(id: "s").object?["audio"]?.object?["input"]?.object?["transcription"]?.object?["prompt"]?.string
                == " Yetta, Valdemar's lamp.\nOakhurst Grange;")
        let error = #expect(throws: RealtimeError.self) { try settings.update(session(String(repeating: "a", count: 4001))) }
        #expect(error?.param == "session.audio.input.transcription.prompt")
        #expect(settings.prompt.sentences.count == 3)
    }

    @Test func `turn detection's fields become times of our end-pointing`() throws {
        let known: [([String: Value], EndOfTurn)] = [
            (["type": "semantic_vad"], EndOfTurn()), (["type": "semantic_vad", "eagerness": "auto"], EndOfTurn()),
            (["type": "semantic_vad", "eagerness": "low"], EndOfTurn(afterGuess: 0.8, pause: 2)),
            (["type": "server_vad", "silence_duration_ms": 700], EndOfTurn(afterGuess: 0.7, pause: 0.7, beginsWithSound: true)),
            (
                ["type": "server_vad", "threshold": 0.3, "idle_timeout_ms": .null],
                EndOfTurn(afterGuess: 0.5, pause: 0.5, beginsWithSound: true)
            ),
        ]
        for (fields, end) in known { #expect(try TurnDetection(fields).end == end) }
        for (fields, name): ([String: Value], String) in [
            ([:], "type"), (["type": "server_vad", "eagerness": "low"], "eagerness"),
            (["type": "semantic_vad", "eagerness": "most"], "eagerness"),
            (["type": "server_vad", "silence_duration_ms": 5], "silence_duration_ms"),
            (["type": "server_vad", "threshold": "high"], "threshold"),
            (["type": "server_vad", "idle_timeout_ms": 5000], "idle_timeout_ms"),
            (["type": "server_vad", "create_response": 1], "create_response"),
        ] {
            let error = #expect(throws: RealtimeError.self) { try TurnDetection(fields) }
            #expect(error?.param == "session.audio.input.turn_detection.\(name)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a session that is to end speaks its reply to the end and takes nothing more`()
        async throws
    {
        let (gate, open) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let client = await Client { frame in
            if frame == 1 { for await _ in gate { break } }
        }
        try await say("lamp on", to: client)
        _ = try await client.wait(for: "response.output_audio.delta")
        let ending = Task { await client.session.finish() }
        while try !client.types().contains("error") {
            try await client.send(["type": "input_audio_buffer.clear"])
            try await Task.sleep(for: .milliseconds(2))
        }
        open.yield()
        await ending.value
        let types = try client.types()
        #expect(types.last == "response.done")
        let bytes = try client.events.filter { $0["type"] == "response.output_audio.delta" }.compactMap { $0["delta"]?.string }
            .compactMap { Data(base64Encoded: $0) }.reduce(0) { $0 + $1.count }
        #expect(bytes == 4 * 2 * 2400 * 2, "the reply was spoken to its end")
    }

    @Test func `admission lets so many in, ends them in good order, and lets nobody in after that`() async throws {
        let admission = Admission(most: 2)
        let ended = Collected<Int>()
        let ids = [try admission.enter(), try admission.enter()]
        #expect(throws: Admission.Refusal.full(most: 2)) { try admission.enter() }
        for id in ids {
            admission.onClosing(id) {
                ended.add(id)
                admission.leave(id)
            }
        }
        await admission.close(within: .seconds(60))
        #expect(Set(ended.all) == Set(ids) && admission.counts.open == 0 && admission.counts.refused == 1)
        #expect(throws: Admission.Refusal.closing) { try admission.enter() }
        let stuck = Admission(most: 1)
        stuck.onClosing(try stuck.enter()) { try? await Task.sleep(for: .seconds(3600)) }  // cancelled when the bound is reached
        await stuck.close(within: .milliseconds(20))
        #expect(stuck.isClosing)
    }
}
