internal import Foundation
internal import MynaStages

/// What a response says: its item, which grows with each part that is told.
struct SpokenMessage {
    var item: [String: Value]
    /// Which output of which response it is.
    let place: [String: Value]
    /// The item before it.
    let previous: Value
    var text = ""
    /// Why the voice failed at a part of it.
    var failure: (any Error)?

    var id: String { item["id"]?.string ?? "" }
    /// The one part of its content that messages about its text and sound name.
    var part: [String: Value] { place.merging(["item_id": .string(id), "content_index": 0]) { $1 } }
}

extension RealtimeSession {
    /// Whether a reply is on its way, or is still being played by a client that plays it as it comes: sound is made much faster than that.
    var isSpeaking: Bool { response != nil || soundsUntil > .now }

    private static func content(_ text: String, isAudio: Bool) -> Value {
        isAudio ? ["type": "audio", "transcript": .string(text)] : ["type": "text", "text": .string(text)]
    }

    private static func written(_ settings: RealtimeSettings) -> String {
        settings.speaks ? "response.output_audio_transcript" : "response.output_text"
    }

    /// Says a part of a reply whose rest is still being worded; ``sayRest(of:_:_:)`` throws what goes wrong.
    func sayPart(_ text: String, _ settings: RealtimeSettings, _ turn: TurnRecorder) async {
        guard response?.reason == nil, response?.message?.failure == nil else { return }
        do { try await say(text, settings, turn) } catch { response?.message?.failure = error }
    }

    /// Says what has not been said of the whole reply, and ends the message.
    ///
    /// - Returns: the message's item.
    func sayRest(of text: String, _ settings: RealtimeSettings, _ turn: TurnRecorder) async throws -> [String: Value] {
        if let failure = response?.message?.failure { throw failure }
        let said = response?.message?.text ?? ""
        // A reply that doesn't begin as it was told to is said as a whole: nothing of it may be lost.
        try await say(text.hasPrefix(said) ? String(text.dropFirst(said.count)) : " " + text, settings, turn)
        return endMessage(settings)
    }

    /// What was said until it was broken off, as an item of its own kind; nil where nothing was.
    func brokenOff() -> [String: Value]? {
        guard var item = response?.message?.item else { return nil }
        item["status"] = "incomplete"
        items.put(item)
        return item
    }

    private func say(_ text: String, _ settings: RealtimeSettings, _ turn: TurnRecorder) async throws {
        if response?.message == nil { beginMessage(settings) }
        guard let part = response?.message?.part, let id = response?.message?.id, !text.isEmpty else { return }
        response?.message?.text += text
        let isAudio = settings.speaks
        tell("\(Self.written(settings)).delta", part.merging(["delta": .string(text)]) { $1 })
        if let whole = response?.message?.text {
            let kind: Value = isAudio ? "output_audio" : "output_text"
            response?.message?.item["content"] = [["type": kind, isAudio ? "transcript" : "text": .string(whole)]]
            if isAudio { items.say(whole, in: id) }
        }
        if let item = response?.message?.item { items.put(item) }
        guard isAudio else { return }
        let format = settings.output
        let sound = SoundAtRate(format.rate)
        try await parts.synthesizer.speak(text) { frame in
            try Task.checkCancellation()
            let samples = try await sound.resampled(frame)
            try await self.tellSound(samples, id, part, format, turn)
        }
        try tellSound(await sound.rest(), id, part, format, turn)
    }

    private func beginMessage(_ settings: RealtimeSettings) {
        let item: [String: Value] = [
            "id": .string(next("item")), "object": "realtime.item", "type": "message", "role": "assistant",
            "status": "in_progress", "content": [],
        ]
        let place: [String: Value] = ["response_id": .string(response?.id ?? ""), "output_index": 0]
        let message = SpokenMessage(item: item, place: place, previous: items.last)
        response?.message = message
        tell("response.output_item.added", place.merging(["item": .object(item)]) { $1 })
        tell("conversation.item.added", ["previous_item_id": message.previous, "item": .object(item)])
        tell(
            "response.content_part.added",
            message.part.merging(["part": Self.content("", isAudio: settings.speaks)]) { $1 })
    }

    private func endMessage(_ settings: RealtimeSettings) -> [String: Value] {
        guard var message = response?.message else { return [:] }
        let isAudio = settings.speaks
        if isAudio {
            items.endSound(of: message.id)
            tell("response.output_audio.done", message.part)
        }
        tell(
            "\(Self.written(settings)).done",
            message.part.merging([isAudio ? "transcript" : "text": .string(message.text)]) { $1 })
        tell("response.content_part.done", message.part.merging(["part": Self.content(message.text, isAudio: isAudio)]) { $1 })
        message.item["status"] = "completed"
        items.put(message.item)
        response?.message = message
        tell("response.output_item.done", message.place.merging(["item": .object(message.item)]) { $1 })
        tell("conversation.item.done", ["previous_item_id": message.previous, "item": .object(message.item)])
        return message.item
    }

    /// - Throws: `CancellationError` once the response is cancelled: after speech is told of, no more sound is.
    private func tellSound(
        _ samples: [Float], _ item: String, _ part: [String: Value], _ format: SoundFormat, _ turn: TurnRecorder
    ) throws {
        if response?.reason != nil { throw CancellationError() }
        guard !samples.isEmpty else { return }
        let seconds = Double(samples.count) / Double(format.rate)
        tellAll(.replyAudio(seconds: seconds), of: turn)
        items.sounded(1000 * seconds, in: item)
        soundsUntil = max(soundsUntil, .now) + .seconds(seconds)
        tell("response.output_audio.delta", part.merging(["delta": .string(format.data(samples).base64EncodedString())]) { $1 })
    }
}
