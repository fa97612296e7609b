internal import Foundation
internal import MynaStages

extension RealtimeSession {
    func respond(to asked: Asked, _ settings: RealtimeSettings) {
        if case .announcement = asked {} else { self.asked = nil }
        let id = next("resp")
        let turn = recorder ?? TurnRecorder(form: "realtime")
        recorder = nil
        response = Response(id: id, task: Task { await self.run(id, asked, settings, turn) })
    }

    func cancelResponse(_ reason: String) {
        guard response != nil, response?.reason == nil else { return }
        response?.reason = reason
        response?.task.cancel()
    }

    private func run(_ id: String, _ asked: Asked, _ settings: RealtimeSettings, _ turn: TurnRecorder) async {
        tell("response.created", ["response": described(id, "in_progress", [], settings)])
        do {
            var output: [String: Value]
            switch try await deed(for: asked, settings, turn) {
            case .call(let call):
                turn.change { $0.kind = "function_call" }
                output = tellCall(call, response: id)
            case .say(let text):
                try Task.checkCancellation()
                output = try await sayRest(of: text, settings, turn)
            }
            finish(id, "completed", [.object(output)], settings)
        } catch is CancellationError {
            turn.change { $0.wasInterrupted = true }
            let cut = brokenOff()
            if let cut { await tellInterruption(cut) }
            finish(id, "cancelled", cut.map { [.object($0)] } ?? [], settings)
        } catch {
            turn.change { $0.kind = "failed" }
            finish(id, "failed", brokenOff().map { [.object($0)] } ?? [], settings, error: "\(error)")
        }
        turn.note(.turnFinished)
        if let turn = turn.finished() { note(turn) }
    }

    /// The assistant learns what it got to say at most; a client that knows what it played says so with a truncation.
    private func tellInterruption(_ item: [String: Value]) async {
        guard let id = item["id"]?.string, let sound = items.sound(of: id) else { return }
        await assistant.wasInterrupted(sound.text, after: sound.heard(within: sound.milliseconds))
    }

    /// What a response does: speak, or call a function of the client.
    private enum Deed {
        case say(String)
        case call(ToolCall)
    }

    private func deed(for asked: Asked, _ settings: RealtimeSettings, _ turn: TurnRecorder) async throws -> Deed {
        let request: Request
        switch asked {
        case .outputs(let outputs):
            turn.change { $0.kind = "function_output" }
            turn.answering("")
            return .say(outputs.map(ToolOutput.text).joined(separator: " "))
        case .announcement(let text):
            turn.change { ($0.kind, $0.reply) = ("announcement", text) }
            turn.answering("")
            return .say(text)
        case .words(let text, let alternatives): request = Request(text: text, alternatives: alternatives)
        }
        let text = request.text
        turn.answering(text)
        let matcher = ToolMatcher(tools: settings.tools.tools)
        if let call = matcher.call(for: text, settings.tools.choice, isOurs: true) { return .call(call) }
        let understood = Flag()
        let reply = try await assistant.reply(to: request) { kind in
            if case .understood(let intents) = kind, intents.isEmpty { understood.clear() }
            if case .replyText = kind { return }  // told below, whoever tells it
            await self.tellAll(kind, of: turn)
            if case .replyPart(let part) = kind { await self.sayPart(part, settings, turn) }
        }
        if !understood.isSet, let call = matcher.call(for: text, settings.tools.choice, isOurs: false) { return .call(call) }
        try Task.checkCancellation()
        turn.change { ($0.kind, $0.reply) = (reply.kind.rawValue, reply.text) }
        tellAll(.replyText(text: reply.text, kind: reply.kind), of: turn)
        return .say(reply.text)
    }

    /// Tells what happens now, and keeps it.
    func tellAll(_ kind: Event.Kind, of turn: TurnRecorder) {
        turn.note(kind)
        tellAll(turn.event(kind))
    }

    // MARK: Functions

    private func tellCall(_ call: ToolCall, response id: String) -> [String: Value] {
        let written = (try? JSONEncoder().encode(call.arguments)) ?? Data("{}".utf8)  // such values are always encoded
        let arguments = Value.string(String(decoding: written, as: UTF8.self))
        var item: [String: Value] = [
            "id": .string(next("item")), "object": "realtime.item", "type": "function_call", "status": "in_progress",
            "call_id": .string(next("call")), "name": .string(call.name), "arguments": "",
        ]
        let place: [String: Value] = ["response_id": .string(id), "output_index": 0]
        let part = place.merging(["item_id": item["id"] ?? .null, "call_id": item["call_id"] ?? .null]) { $1 }
        let previous = items.last
        tell("response.output_item.added", place.merging(["item": .object(item)]) { $1 })
        tell("conversation.item.added", ["previous_item_id": previous, "item": .object(item)])
        tell("response.function_call_arguments.delta", part.merging(["delta": arguments]) { $1 })
        tell(
            "response.function_call_arguments.done", part.merging(["arguments": arguments, "name": .string(call.name)]) { $1 })
        item["arguments"] = arguments
        item["status"] = "completed"
        items.put(item)
        tell("response.output_item.done", place.merging(["item": .object(item)]) { $1 })
        tell("conversation.item.done", ["previous_item_id": previous, "item": .object(item)])
        return item
    }

    // MARK: Describing

    private func finish(_ id: String, _ status: String, _ output: [Value], _ settings: RealtimeSettings, error: String? = nil) {
        var described = described(id, status, output, settings).object ?? [:]
        if status == "cancelled" {
            described["status_details"] = ["type": "cancelled", "reason": .string(response?.reason ?? "client_cancelled")]
        }
        if let error {
            described["status_details"] = ["type": "failed", "error": ["type": "server_error", "code": .string(error)]]
        }
        described["usage"] = ["input_tokens": 0, "output_tokens": 0, "total_tokens": 0]
        tell("response.done", ["response": .object(described)])
        response = nil
    }

    private func described(_ id: String, _ status: String, _ output: [Value], _ settings: RealtimeSettings) -> Value {
        [
            "id": .string(id), "object": "realtime.response", "status": .string(status), "output": .list(output),
            "output_modalities": [settings.speaks ? "audio" : "text"],
        ]
    }
}
