internal import MynaStages

/// What a realtime client has asked for.
struct RealtimeSettings {
    /// A client's functions, and which may be called.
    struct Tools {
        /// As the client wrote them, to be told again.
        var written: [Value] = []
        var tools: [ClientTool] = []
        var choice = ToolChoice.auto
        var writtenChoice: Value = "auto"

        /// Functions that a session may offer.
        static let most = 128

        /// Takes over `tools` and `tool_choice` where `fields` has them.
        mutating func update(_ fields: [String: Value], in place: String) throws {
            if let value = fields["tools"], value != .null {
                guard let list = value.list, list.count <= Self.most else {
                    throw RealtimeError(
                        code: "invalid_value", "\(place).tools is not a list of at most \(Self.most)", param: "\(place).tools")
                }
                tools = try list.enumerated().map { index, value in
                    guard let fields = value.object, fields["type"] == "function", let tool = ClientTool(fields) else {
                        throw RealtimeError(
                            code: "invalid_value",
                            "\(place).tools[\(index)] is no function with a name and a schema of an object",
                            param: "\(place).tools[\(index)]")
                    }
                    return tool
                }
                written = list
            }
            if let value = fields["tool_choice"] {
                guard let choice = ToolChoice(value) else {
                    throw Self.badChoice(place, "is not auto, none, required or a function")
                }
                (self.choice, writtenChoice) = (choice, value == .null ? "auto" : value)
            }
            if case .function(let name) = choice, !tools.contains(where: { $0.name == name }) {
                throw Self.badChoice(place, "names \"\(name)\", which is none of the tools")
            }
        }

        private static func badChoice(_ place: String, _ problem: String) -> RealtimeError {
            RealtimeError(code: "invalid_value", "\(place).tool_choice \(problem)", param: "\(place).tool_choice")
        }
    }

    var isTranscription = false
    /// Nil where the client says itself when a turn is over.
    var turns: TurnDetection? = TurnDetection()
    var input = SoundFormat.pcm
    var output = SoundFormat.pcm
    var speaks = true
    var transcribes = true
    var prompt = TranscriptionPrompt()
    var instructions: String?
    var tools = Tools()

    /// Takes over the fields of `session`; on an error nothing is.
    mutating func update(_ session: [String: Value]) throws {
        var new = self
        if let type = session["type"]?.string {
            guard ["realtime", "transcription"].contains(type) else {
                throw Self.invalid("session.type", "is \"\(type)\", not \"realtime\" or \"transcription\"")
            }
            new.isTranscription = type == "transcription"
        }
        try new.takeModalities(session, in: "session")
        try new.tools.update(session, in: "session")
        if let text = session["instructions"]?.string { new.instructions = text }
        let audio = session["audio"]?.object ?? [:]
        let input = audio["input"]?.object ?? [:]
        if let format = input["format"]?.object { new.input = try SoundFormat(format, field: "session.audio.input.format") }
        if let format = audio["output"]?.object?["format"]?.object {
            new.output = try SoundFormat(format, field: "session.audio.output.format")
        }
        if let transcription = input["transcription"] {
            new.transcribes = transcription != .null
            if let text = transcription.object?["prompt"]?.string {
                guard let prompt = TranscriptionPrompt(text) else {
                    throw Self.invalid(
                        "session.audio.input.transcription.prompt",
                        "has \(text.count) characters, more than \(TranscriptionPrompt.longest)")
                }
                new.prompt = prompt
            }
        }
        switch input["turn_detection"] {
        case nil: break
        case .null?: new.turns = nil
        case .object(let detection)?: new.turns = try TurnDetection(detection)
        default: throw Self.invalid("session.audio.input.turn_detection", "is neither an object nor null")
        }
        // A transcription session is there for its words.
        if new.isTranscription { new.transcribes = true }
        self = new
    }

    /// For one response: what `response` says in the session's place.
    func changed(by response: [String: Value]) throws -> RealtimeSettings {
        var new = self
        try new.takeModalities(response, in: "response")
        try new.tools.update(response, in: "response")
        return new
    }

    private mutating func takeModalities(_ fields: [String: Value], in place: String) throws {
        guard let value = fields["output_modalities"], value != .null else { return }
        guard value == ["audio"] || value == ["text"] else {
            throw Self.invalid("\(place).output_modalities", "is neither [\"audio\"] nor [\"text\"]")
        }
        speaks = value == ["audio"]
    }

    private static func invalid(_ field: String, _ problem: String) -> RealtimeError {
        RealtimeError(code: "invalid_value", "\(field) \(problem)", param: field)
    }

    /// The session as clients are told of it.
    func described(id: String) -> Value {
        let input: Value = [
            "format": self.input.described, "turn_detection": turns?.described ?? .null,
            "transcription": transcribes ? ["model": "myna-asr", "prompt": .string(prompt.text)] : .null,
        ]
        if isTranscription {
            return [
                "id": .string(id), "object": "realtime.transcription_session", "type": "transcription", "audio": ["input": input],
            ]
        }
        return [
            "id": .string(id), "object": "realtime.session", "type": "realtime", "model": "myna",
            "output_modalities": [speaks ? "audio" : "text"], "instructions": .string(instructions ?? ""),
            "audio": ["input": input, "output": ["format": output.described, "voice": "stand-in", "speed": 1]],
            "tools": .list(tools.written), "tool_choice": tools.writtenChoice,
        ]
    }
}
