internal import Foundation
internal import MynaStages

/// One Wyoming client: what it asks, in order, and what it is answered.
///
/// Whoever owns it gives it each message; `write` waits while the client does not read.
actor WyomingConnection {
    private let parts: ServerParts
    private let dialogues: WyomingDialogues
    private let write: @Sendable (WyomingEvent) async throws -> Void
    private let note: @Sendable (ServedTurn) -> Void

    private var listening: (stream: any ListeningStream, sound: WyomingSound, told: String, seconds: Double)?
    /// What is kept of the request that is being heard.
    private var recorder: TurnRecorder?
    /// The text of a streamed request to speak that was not spoken yet; nil outside of one.
    private var unspoken: String?
    private var hasStartedSpeaking = false
    private var isBusy = false
    private var isEnding = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// The longest utterance, in seconds.
    private static let longest = 120.0
    private static let longestText = 4096

    init(
        _ parts: ServerParts, _ dialogues: WyomingDialogues, note: @escaping @Sendable (ServedTurn) -> Void = { _ in },
        write: @escaping @Sendable (WyomingEvent) async throws -> Void
    ) {
        (self.parts, self.dialogues, self.note, self.write) = (parts, dialogues, note, write)
    }

    /// What is wrong with a message that can be passed over.
    private struct Refusal: Error {
        var code: String
        var text: String
    }

    /// Follows one message.
    ///
    /// - Throws: what `write` throws; what is wrong with the message is told to the client.
    func receive(_ event: WyomingEvent) async throws {
        guard !isEnding else {
            try await write(WyomingEvent("error", ["text": "the server is shutting down", "code": "shutting-down"]))
            return
        }
        isBusy = true
        defer {
            isBusy = false
            for one in waiting { one.resume() }
            waiting = []
        }
        do {
            try await act(event)
        } catch let refusal as Refusal {
            try await write(WyomingEvent("error", ["text": .string(refusal.text), "code": .string(refusal.code)]))
        }
    }

    /// Takes no more messages; comes back when what is being answered is told.
    func finish() async {
        isEnding = true
        if isBusy { await withCheckedContinuation { waiting.append($0) } }
    }

    private func act(_ event: WyomingEvent) async throws {
        switch event.type {
        case "describe": try await write(WyomingInfo.event)
        case "ping": try await write(WyomingEvent("pong", ["text": event.data["text"] ?? .null]))
        case "transcribe": listening = nil
        case "audio-start": try await startListening(event)
        case "audio-chunk": try await hear(event)
        case "audio-stop": try await finishListening()
        case "synthesize":
            // Within a streamed request it repeats the text for servers that do not stream.
            if unspoken == nil { try await synthesize(try text(event)) }
        case "synthesize-start": (unspoken, hasStartedSpeaking) = ("", false)
        case "synthesize-chunk":
            guard let before = unspoken else { throw Refusal(code: "order", text: "synthesize-chunk before synthesize-start") }
            let (sentences, rest) = Self.cut(before + (try text(event)))
            unspoken = rest
            for sentence in sentences { try await speak(sentence) }
        case "synthesize-stop":
            guard let rest = unspoken else { throw Refusal(code: "order", text: "synthesize-stop before synthesize-start") }
            unspoken = nil
            try await speak(rest)
            if hasStartedSpeaking { try await write(WyomingEvent("audio-stop", ["timestamp": .null])) }
            try await write(WyomingEvent("synthesize-stopped"))
        case "transcript": try await handle(event)
        default: break  // as the protocol asks: what is not known is passed over
        }
    }

    private func text(_ event: WyomingEvent) throws -> String {
        guard let text = event.data["text"]?.string, text.count <= Self.longestText else {
            throw Refusal(code: "text", text: "\(event.type) needs \"text\" of at most \(Self.longestText) characters")
        }
        return text
    }

    // MARK: Hearing

    private func startListening(_ event: WyomingEvent) async throws {
        guard let sound = WyomingSound(event.data) else {
            throw Refusal(code: "audio-format", text: "audio-start needs rate, width 2 or 4, and channels")
        }
        (listening, recorder) = (nil, nil)
        let stream: any ListeningStream
        do { stream = try await parts.recognizer.listen() } catch { throw Refusal(code: "overloaded", text: "\(error)") }
        listening = (stream, sound, "", 0)
        try await write(WyomingEvent("transcript-start", ["language": "en"]))
    }

    private func hear(_ event: WyomingEvent) async throws {
        guard let current = listening else { return }  // what follows a refused start, or a finished request
        guard let frame = (WyomingSound(event.data) ?? current.sound).frame(event.payload) else {
            throw Refusal(code: "audio", text: "audio-chunk has no whole samples of \(current.sound.width) bytes")
        }
        guard current.seconds + Double(frame.samples.count) / Double(frame.sampleRate) <= Self.longest else {
            listening = nil
            throw Refusal(code: "too-long", text: "a request may last \(Int(Self.longest)) s")
        }
        listening?.seconds += Double(frame.samples.count) / Double(frame.sampleRate)
        guard !frame.samples.isEmpty else { return }
        for event in try await heard({ try await current.stream.hear(frame) }) {
            if case .speechStarted = event.kind { recorder = TurnRecorder(form: "wyoming", offset: event.time) }
            recorder?.note(event.kind)
            if case .wordsPartial(let text, let stable) = event.kind { try await tell(String(text.prefix(stable))) }
        }
    }

    private func heard(_ step: () async throws -> [Event]) async throws -> [Event] {
        do { return try await step() } catch {
            listening = nil
            throw Refusal(code: "recognition", text: "\(error)")
        }
    }

    /// Tells the words that are new in what is settled.
    private func tell(_ settled: String) async throws {
        guard let told = listening?.told, settled.count > told.count, settled.hasPrefix(told) else { return }
        listening?.told = settled
        try await write(WyomingEvent("transcript-chunk", ["text": .string(String(settled.dropFirst(told.count)))]))
    }

    private func finishListening() async throws {
        guard let current = listening else { return }
        let events = try await heard { try await current.stream.finish() }
        let text = events.compactMap { if case .wordsFinal(let words) = $0.kind { words.text } else { nil } }.last ?? ""
        let recorder = recorder ?? TurnRecorder(form: "wyoming", offset: current.seconds)
        self.recorder = nil
        for event in events { recorder.note(event.kind) }
        recorder.answering(text)
        recorder.change { $0.kind = "heard" }
        if let turn = recorder.finished() { note(turn) }
        try await tell(text)
        listening = nil
        try await write(WyomingEvent("transcript", ["text": .string(text), "language": "en"]))
        try await write(WyomingEvent("transcript-stop"))
    }

    // MARK: Speaking

    private func synthesize(_ text: String) async throws {
        hasStartedSpeaking = false
        try await speak(text)
        if !hasStartedSpeaking { try await startSpeaking() }
        try await write(WyomingEvent("audio-stop", ["timestamp": .null]))
    }

    private static let form: [String: Value] = [
        "rate": .number(Double(WyomingInfo.rate)), "width": 2, "channels": 1, "timestamp": .null,
    ]

    private func startSpeaking() async throws {
        hasStartedSpeaking = true
        try await write(WyomingEvent("audio-start", Self.form))
    }

    private func speak(_ text: String) async throws {
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return }
        if !hasStartedSpeaking { try await startSpeaking() }
        let sound = SoundAtRate(WyomingInfo.rate)
        let write = write
        @Sendable func send(_ samples: [Float]) async throws {
            guard !samples.isEmpty else { return }
            try await write(WyomingEvent("audio-chunk", Self.form, payload: PCM16.data(samples)))
        }
        try await parts.synthesizer.speak(text) { frame in try await send(try await sound.resampled(frame)) }
        try await send(await sound.rest())
    }

    /// The whole sentences of a text, and what is left.
    static func cut(_ text: String) -> (sentences: [String], rest: String) {
        var sentences: [String] = []
        var rest = text[...]
        while let end = rest.indices.first(where: { index in
            let next = rest.index(after: index)
            return rest[index].isNewline || ".?!".contains(rest[index]) && next < rest.endIndex && rest[next].isWhitespace
        }) {
            sentences.append(String(rest[...end]))
            rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
        }
        return (sentences, String(rest))
    }

    // MARK: Acting

    private func handle(_ event: WyomingEvent) async throws {
        let text = try text(event)
        let context = event.data["context"] ?? .null
        let turn = TurnRecorder(form: "wyoming")
        turn.answering(text)
        let assistant = await dialogues.assistant(for: context.object?["conversation_id"]?.string)
        let understood = Flag()
        let reply: Reply
        do {
            reply = try await assistant.reply(to: Request(text: text)) { kind in
                if case .understood(let intents) = kind, intents.isEmpty { understood.clear() }
                turn.note(kind)
            }
        } catch {
            turn.change { $0.kind = "failed" }
            if let turn = turn.finished() { note(turn) }
            throw Refusal(code: "assistant", text: "\(error)")
        }
        turn.note(.replyText(text: reply.text, kind: reply.kind))
        turn.change { ($0.kind, $0.reply) = (reply.kind.rawValue, reply.text) }
        if let turn = turn.finished() { note(turn) }
        var answer: [String: Value] = ["text": .string(reply.text)]
        if context != .null { answer["context"] = context }
        // What was understood and can't be done is left to whoever else the client may ask.
        let isHandled = understood.isSet && reply.kind != .refuse
        try await write(WyomingEvent(isHandled ? "handled" : "not-handled", answer))
    }
}

/// The assistants of Wyoming's conversations, each with its own dialogue; clients connect anew for every request.
actor WyomingDialogues {
    private let make: @Sendable () async -> any Assistant
    private var kept: [(id: String, assistant: any Assistant)] = []
    private static let most = 64

    init(_ make: @escaping @Sendable () async -> any Assistant) { self.make = make }

    /// The one of this conversation, where it has a name; a new one else.
    func assistant(for id: String?) async -> any Assistant {
        if let id, let index = kept.firstIndex(where: { $0.id == id }) {
            let found = kept.remove(at: index)
            kept.append(found)
            return found.assistant
        }
        let assistant = await make()
        guard let id, id.utf8.count <= 256 else { return assistant }
        kept.append((id, assistant))
        if kept.count > Self.most { kept.removeFirst() }
        return assistant
    }
}
