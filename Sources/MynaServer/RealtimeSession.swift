internal import Foundation
internal import MynaAudio
internal import MynaStages

/// One client of the realtime protocol (OpenAI's names of general availability): what it said, and what is being said to it.
///
/// Whoever owns it gives it each message of the client in order; what it sends goes to `send`, a JSON text each.
actor RealtimeSession {
    private let parts: ServerParts
    private let tellsAll: Bool
    private let send: @Sendable (String) -> Void
    private let assistant: any Assistant
    private var settings = RealtimeSettings()
    private var numbers = 0

    private var listening: Listening?
    private var lastItem: String?
    private var typed: String?
    private var response: (id: String, task: Task<Void, Never>, reason: String?)?

    /// An utterance on its way.
    private struct Listening {
        var stream: any ListeningStream
        var item: String
        /// Milliseconds of sound before it, and in it.
        var start: Double
        var milliseconds = 0.0
        var told = 0
        var hasSpoken = false
    }
    private var heardMilliseconds = 0.0

    /// - Parameter tellsAll: whether the client also hears every event of its turns, as `myna.event`; other clients know no such.
    init(_ parts: ServerParts, tellsAll: Bool, send: @escaping @Sendable (String) -> Void) async {
        (self.parts, self.tellsAll, self.send) = (parts, tellsAll, send)
        assistant = await parts.assistant()
    }

    func begin() { tell("session.created", ["session": settings.described(id: "sess_1")]) }

    /// Nobody listens any more.
    func end() {
        response?.task.cancel()
        listening = nil
    }

    /// Takes one message of the client.
    func receive(_ text: String) async {
        var id: String?
        do {
            guard let message = try? JSONDecoder().decode([String: Value].self, from: Data(text.utf8)) else {
                throw RealtimeError(code: "invalid_json", "the message is not a JSON object", param: nil)
            }
            id = message["event_id"]?.string
            guard let type = message["type"]?.string else {
                throw RealtimeError(code: "missing_type", "the message has no \"type\"", param: "type")
            }
            try await act(type, message)
        } catch let error as RealtimeError {
            tellError(error, cause: id)
        } catch {
            tellError(RealtimeError(type: "server_error", code: nil, "\(error)", param: nil), cause: id)
        }
    }

    private func act(_ type: String, _ message: [String: Value]) async throws {
        switch type {
        case "session.update":
            try settings.update(message["session"]?.object ?? [:])
            tell("session.updated", ["session": settings.described(id: "sess_1")])
        case "input_audio_buffer.append":
            guard let audio = message["audio"]?.string, let data = Data(base64Encoded: audio),
                let samples = PCM16.samples(data)
            else { throw RealtimeError(code: "invalid_value", "\"audio\" is not base64 of 16-bit samples", param: "audio") }
            try await hear(samples)
        case "input_audio_buffer.commit":
            guard let listening, listening.milliseconds >= 100 else {
                throw RealtimeError(
                    code: "input_audio_buffer_commit_empty", "there are not 100 ms of sound to commit", param: nil)
            }
            try await finishListening(respond: false)
        case "input_audio_buffer.clear":
            listening = nil
            tell("input_audio_buffer.cleared")
        case "conversation.item.create": try createItem(message["item"]?.object ?? [:])
        case "conversation.item.delete":
            tell("conversation.item.deleted", ["item_id": .string(try field("item_id", message))])
        case "conversation.item.truncate":
            tell(
                "conversation.item.truncated",
                [
                    "item_id": .string(try field("item_id", message)), "content_index": message["content_index"] ?? 0,
                    "audio_end_ms": message["audio_end_ms"] ?? 0,
                ])
        case "response.create":
            guard response == nil else {
                throw RealtimeError(
                    code: "conversation_already_has_active_response", "a response is on its way; cancel it first", param: nil)
            }
            guard let typed else {
                throw RealtimeError(code: "nothing_to_answer", "nothing has been said since the last response", param: nil)
            }
            respond(to: typed)
        case "response.cancel":
            guard response != nil else {
                throw RealtimeError(code: "response_cancel_not_active", "no response is on its way", param: nil)
            }
            cancelResponse("client_cancelled")
        default:
            throw RealtimeError(code: "invalid_value", "there is no event \"\(type)\"", param: "type")
        }
    }

    private func field(_ name: String, _ message: [String: Value]) throws -> String {
        guard let text = message[name]?.string else {
            throw RealtimeError(code: "missing_required_parameter", "\"\(name)\" is missing", param: name)
        }
        return text
    }

    // MARK: Hearing

    private func hear(_ samples: [Float]) async throws {
        guard !samples.isEmpty else { return }
        if listening == nil {
            listening = Listening(stream: try await parts.recognizer.listen(), item: next("item"), start: heardMilliseconds)
        }
        guard let stream = listening?.stream else { return }
        let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: PCM16.rate))
        let milliseconds = Double(samples.count) / Double(PCM16.rate) * 1000
        heardMilliseconds += milliseconds
        listening?.milliseconds += milliseconds
        for event in events { try await take(event) }
        // Silence alone is not kept: the next word begins anew.
        if let current = listening, !current.hasSpoken, current.milliseconds > 30_000, settings.turns != nil { listening = nil }
    }

    private func take(_ event: Event) async throws {
        tellAll(event)
        guard let current = listening else { return }
        switch event.kind {
        case .speechStarted:
            listening?.hasSpoken = true
            guard let turns = settings.turns else { return }
            tell(
                "input_audio_buffer.speech_started",
                ["audio_start_ms": whole(current.start + event.time * 1000), "item_id": .string(current.item)])
            if turns.interrupts { cancelResponse("turn_detected") }
        case .wordsPartial(let text, let stable):
            guard settings.transcribes, stable > current.told else { return }
            listening?.told = stable
            let new = text.prefix(stable).dropFirst(current.told)
            tell(
                "conversation.item.input_audio_transcription.delta",
                ["item_id": .string(current.item), "content_index": 0, "delta": .string(String(new))])
        case .endDecided:
            guard let turns = settings.turns, current.hasSpoken else { return }
            tell(
                "input_audio_buffer.speech_stopped",
                ["audio_end_ms": whole(current.start + event.time * 1000), "item_id": .string(current.item)])
            try await finishListening(respond: turns.responds)
        default: return
        }
    }

    /// The utterance is over: its words are final, and it becomes an item of the conversation.
    private func finishListening(respond: Bool) async throws {
        guard let current = listening else { return }
        listening = nil
        tell("input_audio_buffer.committed", ["item_id": .string(current.item), "previous_item_id": previous])
        let events = try await current.stream.finish()
        for event in events { tellAll(event) }
        let text = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript.text } else { nil } }.last ?? ""
        add([
            "id": .string(current.item), "object": "realtime.item", "type": "message", "role": "user", "status": "completed",
            "content": [["type": "input_audio", "transcript": .string(text)]],
        ])
        if settings.transcribes {
            tell(
                "conversation.item.input_audio_transcription.completed",
                [
                    "item_id": .string(current.item), "content_index": 0, "transcript": .string(text),
                    "usage": ["type": "duration", "seconds": .number((current.milliseconds / 10).rounded() / 100)],
                ])
        }
        guard !settings.isTranscription, !text.isEmpty else { return }
        typed = text
        if respond, response == nil { self.respond(to: text) }
    }

    private func createItem(_ item: [String: Value]) throws {
        let texts = (item["content"]?.list ?? []).compactMap { $0.object?["text"]?.string }
        guard item["type"]?.string == "message", let role = item["role"]?.string, !texts.isEmpty else {
            throw RealtimeError(code: "invalid_value", "only messages with text can be created", param: "item")
        }
        var made = item
        made["id"] = .string(item["id"]?.string ?? next("item"))
        made["object"] = "realtime.item"
        made["status"] = "completed"
        add(made)
        if role == "user" { typed = texts.joined(separator: " ") }
    }

    private var previous: Value { lastItem.map { .string($0) } ?? .null }

    /// Puts an item at the end of the conversation.
    private func add(_ item: [String: Value]) {
        tell("conversation.item.added", ["previous_item_id": previous, "item": .object(item)])
        tell("conversation.item.done", ["previous_item_id": previous, "item": .object(item)])
        lastItem = item["id"]?.string
    }

    // MARK: Responding

    private func respond(to text: String) {
        typed = nil
        let id = next("resp")
        response = (id, Task { await self.run(id, text) }, nil)
    }

    private func cancelResponse(_ reason: String) {
        response?.reason = reason
        response?.task.cancel()
    }

    private func run(_ id: String, _ text: String) async {
        tell("response.created", ["response": described(id, "in_progress", [])])
        var item: [String: Value] = [
            "id": .string(next("item")), "object": "realtime.item", "type": "message", "role": "assistant",
            "status": "in_progress", "content": [],
        ]
        do {
            let reply = try await assistant.reply(to: Request(text: text)) { kind in
                await self.tellAll(Event(time: 0, kind))
            }
            try Task.checkCancellation()
            tellAll(Event(time: 0, .replyText(text: reply.text, kind: reply.kind)))
            try await speak(reply.text, &item, response: id)
            item["status"] = "completed"
            finish(id, "completed", [.object(item)])
        } catch is CancellationError {
            item["status"] = "incomplete"
            finish(id, "cancelled", [.object(item)])
        } catch {
            finish(id, "failed", [], error: "\(error)")
        }
    }

    private func speak(_ text: String, _ item: inout [String: Value], response id: String) async throws {
        let isAudio = settings.speaks
        let place: [String: Value] = ["response_id": .string(id), "output_index": 0]
        let part = place.merging(["item_id": item["id"] ?? .null, "content_index": 0]) { $1 }
        let kind = isAudio ? "output_audio" : "output_text"
        let empty: Value = isAudio ? ["type": "audio", "transcript": ""] : ["type": "text", "text": ""]
        let full: Value = isAudio ? ["type": "audio", "transcript": .string(text)] : ["type": "text", "text": .string(text)]
        tell("response.output_item.added", place.merging(["item": .object(item)]) { $1 })
        tell("conversation.item.added", ["previous_item_id": previous, "item": .object(item)])
        tell("response.content_part.added", part.merging(["part": empty]) { $1 })
        let written = isAudio ? "response.output_audio_transcript" : "response.output_text"
        tell("\(written).delta", part.merging(["delta": .string(text)]) { $1 })
        if isAudio {
            let sound = SpokenReply()
            try await parts.synthesizer.speak(text) { frame in
                try Task.checkCancellation()
                let samples = try await sound.resampled(frame)
                await self.tellSound(samples, part)
            }
            tellSound(await sound.rest(), part)
            tell("response.output_audio.done", part)
        }
        tell("\(written).done", part.merging([isAudio ? "transcript" : "text": .string(text)]) { $1 })
        tell("response.content_part.done", part.merging(["part": full]) { $1 })
        item["content"] = .list([
            isAudio ? ["type": .string(kind), "transcript": .string(text)] : ["type": .string(kind), "text": .string(text)]
        ])
        var done = item
        done["status"] = "completed"
        tell("response.output_item.done", place.merging(["item": .object(done)]) { $1 })
        tell("conversation.item.done", ["previous_item_id": previous, "item": .object(done)])
        lastItem = item["id"]?.string
    }

    private func tellSound(_ samples: [Float], _ part: [String: Value]) {
        guard !samples.isEmpty else { return }
        let delta = PCM16.data(samples).base64EncodedString()
        tell("response.output_audio.delta", part.merging(["delta": .string(delta)]) { $1 })
    }

    private func finish(_ id: String, _ status: String, _ output: [Value], error: String? = nil) {
        var described = described(id, status, output).object ?? [:]
        if status == "cancelled" {
            let reason = response?.reason ?? "client_cancelled"
            described["status_details"] = ["type": "cancelled", "reason": .string(reason)]
        }
        if let error {
            described["status_details"] = ["type": "failed", "error": ["type": "server_error", "code": .string(error)]]
        }
        described["usage"] = [
            "input_tokens": 0, "output_tokens": 0, "total_tokens": 0,
        ]
        tell("response.done", ["response": .object(described)])
        response = nil
    }

    private func described(_ id: String, _ status: String, _ output: [Value]) -> Value {
        [
            "id": .string(id), "object": "realtime.response", "status": .string(status), "output": .list(output),
            "output_modalities": [settings.speaks ? "audio" : "text"],
        ]
    }

    // MARK: Telling

    private func next(_ kind: String) -> String {
        numbers += 1
        return "\(kind)_\(numbers)"
    }

    private func whole(_ value: Double) -> Value { .number(max(0, value.rounded())) }

    private func tell(_ type: String, _ fields: [String: Value] = [:]) {
        var event = fields
        event["type"] = .string(type)
        event["event_id"] = .string(next("event"))
        if let data = try? JSONEncoder().encode(event) {  // values of these types are always encoded
            send(String(decoding: data, as: UTF8.self))
        }
    }

    /// Tells an event of the turn to a client that asked for all of them.
    private func tellAll(_ event: Event) {
        guard tellsAll, let data = try? JSONEncoder().encode(event),  // events are always encoded
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else { return }
        tell("myna.event", ["event": value])
    }

    private func tellError(_ error: RealtimeError, cause: String?) {
        tell(
            "error",
            [
                "error": [
                    "type": .string(error.type), "code": error.code.map { .string($0) } ?? .null,
                    "message": .string(error.message), "param": error.param.map { .string($0) } ?? .null,
                    "event_id": cause.map { .string($0) } ?? .null,
                ]
            ])
    }
}

/// Why a client's message could not be followed.
struct RealtimeError: Error, Equatable {
    var type = "invalid_request_error"
    var code: String?
    var message: String
    var param: String?

    init(type: String = "invalid_request_error", code: String?, _ message: String, param: String?) {
        (self.type, self.code, self.message, self.param) = (type, code, message, param)
    }
}

/// A reply's sound at the rate that clients read.
private actor SpokenReply {
    private var resampler: Resampler?
    private var rate: Int?

    func resampled(_ frame: AudioFrame) throws -> [Float] {
        if rate != frame.sampleRate {
            rate = frame.sampleRate
            resampler = frame.sampleRate == PCM16.rate ? nil : try Resampler(from: frame.sampleRate, to: PCM16.rate)
        }
        return resampler?.process(frame.samples) ?? frame.samples
    }

    func rest() -> [Float] { resampler?.finish() ?? [] }
}
