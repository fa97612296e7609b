internal import MynaStages

/// What a realtime client has asked for.
struct RealtimeSettings {
    /// How turns are found: by the recogniser's own end-pointing, which both `server_vad` and `semantic_vad` ask for.
    struct Turns: Equatable {
        var kind = "semantic_vad"
        var responds = true
        var interrupts = true
    }

    var isTranscription = false
    /// Nil where the client says itself when a turn is over.
    var turns: Turns? = Turns()
    var speaks = true
    var transcribes = true
    var instructions: String?

    /// Takes over the fields of `session`; on an error nothing is.
    mutating func update(_ session: [String: Value]) throws {
        var new = self
        if let type = session["type"]?.string {
            guard ["realtime", "transcription"].contains(type) else {
                throw invalid("session.type", "is \"\(type)\", not \"realtime\" or \"transcription\"")
            }
            new.isTranscription = type == "transcription"
        }
        if let modalities = session["output_modalities"]?.list?.compactMap(\.string) {
            guard modalities == ["audio"] || modalities == ["text"] else {
                throw invalid("session.output_modalities", "is neither [\"audio\"] nor [\"text\"]")
            }
            new.speaks = modalities == ["audio"]
        }
        if let tools = session["tools"]?.list, !tools.isEmpty {
            throw invalid("session.tools", "holds functions of the client, which this assistant does not call yet")
        }
        if let text = session["instructions"]?.string { new.instructions = text }
        let audio = session["audio"]?.object ?? [:]
        for (name, side) in [("input", audio["input"]?.object), ("output", audio["output"]?.object)] {
            guard let format = side?["format"]?.object else { continue }
            guard format["type"]?.string == "audio/pcm", (format["rate"]?.number ?? 24_000) == 24_000 else {
                throw invalid("session.audio.\(name).format", "is not audio/pcm at 24000 Hz")
            }
        }
        let input = audio["input"]?.object ?? [:]
        if let transcription = input["transcription"] { new.transcribes = transcription != .null }
        switch input["turn_detection"] {
        case nil: break
        case .null?: new.turns = nil
        case .object(let detection)?:
            let kind = detection["type"]?.string ?? ""
            guard ["server_vad", "semantic_vad"].contains(kind) else {
                throw invalid("session.audio.input.turn_detection.type", "is \"\(kind)\", not server_vad or semantic_vad")
            }
            new.turns = Turns(
                kind: kind, responds: detection["create_response"]?.bool ?? true,
                interrupts: detection["interrupt_response"]?.bool ?? true)
        default: throw invalid("session.audio.input.turn_detection", "is neither an object nor null")
        }
        self = new
    }

    private func invalid(_ field: String, _ problem: String) -> RealtimeError {
        RealtimeError(code: "invalid_value", "\(field) \(problem)", param: field)
    }

    /// The session as clients are told of it.
    func described(id: String) -> Value {
        let detection: Value =
            turns.map {
                ["type": .string($0.kind), "create_response": .bool($0.responds), "interrupt_response": .bool($0.interrupts)]
            } ?? .null
        let format: Value = ["type": "audio/pcm", "rate": 24_000]
        let input: Value = [
            "format": format, "turn_detection": detection, "transcription": transcribes ? ["model": "myna-asr"] : .null,
        ]
        if isTranscription {
            return [
                "id": .string(id), "object": "realtime.transcription_session", "type": "transcription", "audio": ["input": input],
            ]
        }
        return [
            "id": .string(id), "object": "realtime.session", "type": "realtime", "model": "myna",
            "output_modalities": [speaks ? "audio" : "text"], "instructions": .string(instructions ?? ""),
            "audio": ["input": input, "output": ["format": format, "voice": "stand-in", "speed": 1]], "tools": [],
        ]
    }
}
