internal import Foundation
internal import MynaAudio
internal import MynaStages

/// One client of the realtime protocol (OpenAI's names of general availability): what it said, and what is being said to it.
///
/// Whoever owns it gives it each message of the client in order; what it sends goes to `send`, a JSON text each.
actor RealtimeSession {
    let parts: ServerParts
    let tellsAll: Bool
    private let send: @Sendable (String) -> Void
    let note: @Sendable (ServedTurn) -> Void
    let assistant: any Assistant
    var settings = RealtimeSettings()
    private var numbers = 0

    var items = ConversationItems()
    var listening: Listening?
    var heardMilliseconds = 0.0
    /// Until when a recogniser that refused to listen is not asked again, as ``heardMilliseconds``.
    var refusedUntil = 0.0
    /// What is kept of the turn that is being heard, or was and waits for a response.
    var recorder: TurnRecorder?
    /// What the next response answers.
    var asked: Asked?
    var response: Response?
    /// When the sound that was sent has been played.
    var soundsUntil = ContinuousClock.now
    private var isEnding = false
    private var announcing: Task<Void, Never>?
    private var asking: Task<Void, Never>?
    /// Asks the recogniser what it has heard, while the client sends nothing.
    private var late: Task<Void, Never>?
    private var isReceiving = false
    /// When the client last sent sound.
    var lastSound: ContinuousClock.Instant?

    /// What has been put to the assistant and waits for a response.
    enum Asked {
        /// What was said or written, and what else may have been heard.
        case words(String, [Alternative] = [])
        /// What the client's functions gave back, in order.
        case outputs([String])
        /// What the assistant has to say of itself: a timer has ended.
        case announcement(String)
    }

    /// An utterance on its way.
    struct Listening {
        var stream: any ListeningStream
        var item: String
        /// Milliseconds of sound before it, and in it.
        var start: Double
        var milliseconds = 0.0
        /// The words told so far.
        var told = ""
        var hasSpoken = false
    }

    /// A response on its way.
    struct Response {
        var id: String
        var task: Task<Void, Never>
        /// Why it was cancelled, once it is.
        var reason: String?
        /// What it says, once it says something.
        var message: SpokenMessage?
    }

    /// - Parameters:
    ///   - tellsAll: whether the client also hears every event of its turns, as `myna.event`; other clients know no such.
    ///   - note: hears of each turn that is over.
    init(
        _ parts: ServerParts, tellsAll: Bool, note: @escaping @Sendable (ServedTurn) -> Void = { _ in },
        send: @escaping @Sendable (String) -> Void
    ) async {
        (self.parts, self.tellsAll, self.note, self.send) = (parts, tellsAll, note, send)
        assistant = await parts.assistant()
    }

    func begin() {
        tell("session.created", ["session": settings.described(id: "sess_1")])
        announcing = Task { [weak self, assistant] in
            while let text = await assistant.announcement() { await self?.announce(text) }
        }
        asking = Task { [weak self] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.lateWait) } catch { return }
                await self?.askForLateEvents()
            }
        }
    }

    /// How often a client that has stopped sending is looked after, and for how long: no frame waits longer to be heard.
    private static let (lateWait, lateLimit) = (Duration.milliseconds(200), Duration.seconds(3))

    /// What was heard is told with the next sound. Some clients send none behind their speech, so after a moment it is asked for.
    private func askForLateEvents() async {
        guard !isReceiving, late == nil, listening != nil, let last = lastSound else { return }
        let quiet = last.duration(to: .now)
        guard quiet > Self.lateWait, quiet < Self.lateLimit else { return }
        let task = Task {
            do { try await hearLateEvents() } catch let error as RealtimeError { tellError(error, cause: nil) } catch {
                tellError(RealtimeError(type: "server_error", code: nil, "\(error)", param: nil), cause: nil)
            }
        }
        late = task
        await task.value
        late = nil
    }

    /// Says `text` in a response of its own, behind the one on its way.
    private func announce(_ text: String) async {
        while let response { await response.task.value }
        guard !isEnding, !settings.isTranscription else { return }
        respond(to: .announcement(text), settings)
    }

    /// Nobody listens any more.
    func end() {
        announcing?.cancel()
        asking?.cancel()
        response?.task.cancel()
        noteHeard()
        listening = nil
    }

    /// Takes no more requests; comes back when the reply on its way is told.
    func finish() async {
        isEnding = true
        announcing?.cancel()
        asking?.cancel()
        listening = nil
        await response?.task.value
    }

    /// Takes one message of the client.
    func receive(_ text: String) async {
        await late?.value
        isReceiving = true
        defer { isReceiving = false }
        var id: String?
        do {
            let message: [String: Value]
            do { message = try JSONDecoder().decode([String: Value].self, from: Data(text.utf8)) } catch {
                throw RealtimeError(code: "invalid_json", "the message is not a JSON object", param: nil)
            }
            id = message["event_id"]?.string
            guard let type = message["type"]?.string else {
                throw RealtimeError(code: "missing_type", "the message has no \"type\"", param: "type")
            }
            guard !isEnding else {
                throw RealtimeError(type: "server_error", code: "shutting_down", "the server is shutting down", param: nil)
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
            let before = settings.turns?.end
            try settings.update(message["session"]?.object ?? [:])
            // An utterance that has not begun is listened to as asked from now on.
            if settings.turns?.end != before, listening?.hasSpoken == false { listening = nil }
            tell("session.updated", ["session": settings.described(id: "sess_1")])
        case "input_audio_buffer.append":
            guard let audio = message["audio"]?.string, let data = Data(base64Encoded: audio),
                let samples = settings.input.samples(data)
            else {
                throw RealtimeError(
                    code: "invalid_value", "\"audio\" is not base64 of samples in \(settings.input.rawValue)", param: "audio")
            }
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
        case "conversation.item.retrieve":
            tell("conversation.item.retrieved", ["item": .object(try item(message, "retrieve"))])
        case "conversation.item.delete":
            let item = try item(message, "delete")
            items.remove(item["id"]?.string ?? "")
            tell("conversation.item.deleted", ["item_id": item["id"] ?? .null])
        case "conversation.item.truncate": try await truncate(message)
        case "response.create":
            guard response == nil else {
                throw RealtimeError(
                    code: "conversation_already_has_active_response", "a response is on its way; cancel it first", param: nil)
            }
            guard !settings.isTranscription else {
                throw RealtimeError(code: "invalid_value", "a transcription session has no responses", param: "type")
            }
            let wanted = message["response"]?.object ?? [:]
            let settings = try settings.changed(by: wanted)
            if let text = Self.request(in: wanted["input"]?.list ?? []) { asked = .words(text) }
            guard let asked else {
                throw RealtimeError(code: "nothing_to_answer", "nothing has been said since the last response", param: nil)
            }
            respond(to: asked, settings)
        case "response.cancel":
            guard response != nil else {
                throw RealtimeError(code: "response_cancel_not_active", "no response is on its way", param: nil)
            }
            cancelResponse("client_cancelled")
        default:
            throw RealtimeError(code: "invalid_value", "there is no event \"\(type)\"", param: "type")
        }
    }

    /// The item that a message names.
    private func item(_ message: [String: Value], _ deed: String) throws -> [String: Value] {
        guard let id = message["item_id"]?.string else {
            throw RealtimeError(code: "missing_required_parameter", "\"item_id\" is missing", param: "item_id")
        }
        guard let item = items[id] else {
            throw RealtimeError(code: "item_\(deed)_invalid_item_id", "there is no item \"\(id)\"", param: "item_id")
        }
        return item
    }

    // MARK: Items

    private func createItem(_ item: [String: Value]) throws {
        var made = item
        made["id"] = .string(item["id"]?.string ?? next("item"))
        made["object"] = "realtime.item"
        made["status"] = "completed"
        switch item["type"]?.string {
        case "message":
            let texts = (item["content"]?.list ?? []).compactMap { $0.object?["text"]?.string }
            guard let role = item["role"]?.string, ["user", "assistant", "system"].contains(role), !texts.isEmpty else {
                throw RealtimeError(code: "invalid_value", "a message needs a role and content with text", param: "item")
            }
            if role == "user" { asked = .words(texts.joined(separator: " ")) }
        case "function_call_output":
            guard item["call_id"]?.string != nil, let output = item["output"]?.string else {
                throw RealtimeError(code: "invalid_value", "an output needs \"call_id\" and \"output\"", param: "item")
            }
            if case .outputs(let outputs)? = asked { asked = .outputs(outputs + [output]) } else { asked = .outputs([output]) }
        default:
            throw RealtimeError(
                code: "invalid_value", "only messages with text and outputs of functions can be created", param: "item.type")
        }
        add(made)
    }

    /// The last text of a user among items.
    private static func request(in items: [Value]) -> String? {
        let message = items.compactMap(\.object).last { $0["type"] == "message" && $0["role"] == "user" }
        let texts = (message?["content"]?.list ?? []).compactMap { $0.object?["text"]?.string }
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    /// The client has played no more of a reply than this.
    private func truncate(_ message: [String: Value]) async throws {
        let item = try item(message, "truncate")
        let id = item["id"]?.string ?? ""
        guard let sound = items.sound(of: id) else {
            throw RealtimeError(code: "item_truncate_invalid_item_id", "item \"\(id)\" is no spoken reply", param: "item_id")
        }
        guard let end = message["audio_end_ms"]?.number, end >= 0 else {
            throw RealtimeError(code: "invalid_value", "\"audio_end_ms\" is no number of milliseconds", param: "audio_end_ms")
        }
        guard end <= sound.milliseconds + 1 else {
            throw RealtimeError(
                code: "invalid_value", "item \"\(id)\" has \(Int(sound.milliseconds)) ms of sound, not \(Int(end))",
                param: "audio_end_ms")
        }
        let heard = sound.heard(within: end)
        var cut = item
        cut["content"] = [["type": "output_audio", "transcript": .string(heard)]]
        items.put(cut)
        await assistant.wasInterrupted(sound.text, after: heard)
        tell(
            "conversation.item.truncated",
            ["item_id": .string(id), "content_index": message["content_index"] ?? 0, "audio_end_ms": .number(end)])
    }

    /// Puts an item at the end of the conversation.
    func add(_ item: [String: Value]) {
        let previous = items.last
        items.put(item)
        tell("conversation.item.added", ["previous_item_id": previous, "item": .object(item)])
        tell("conversation.item.done", ["previous_item_id": previous, "item": .object(item)])
    }

    // MARK: Telling

    func next(_ kind: String) -> String {
        numbers += 1
        return "\(kind)_\(numbers)"
    }

    func tell(_ type: String, _ fields: [String: Value] = [:]) {
        var event = fields
        event["type"] = .string(type)
        event["event_id"] = .string(next("event"))
        if let data = try? JSONEncoder().encode(event) {  // values of these types are always encoded
            send(String(decoding: data, as: UTF8.self))
        }
    }

    /// Tells an event of the turn to a client that asked for all of them.
    ///
    /// - Parameter clock: when it was known, on the line of the turn's times, for what carries the time at which it was heard.
    func tellAll(_ event: Event, clock: Double? = nil) {
        guard tellsAll, let data = try? JSONEncoder().encode(event),  // events are always encoded
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else { return }
        tell("myna.event", ["event": value, "clock": .number(clock ?? event.time)])
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
