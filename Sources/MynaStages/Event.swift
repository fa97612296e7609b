/// One moment of a turn, as the command line, the page, logs, evaluations and tests all read it.
///
/// As JSON an event is flat: `{"time": seconds, "type": "words.partial", …}`.
public struct Event: Sendable, Equatable, Codable {
    /// Seconds since the turn began: audio time for what is heard, clock time for the rest.
    public var time: Double
    public var kind: Kind

    public init(time: Double, _ kind: Kind) {
        self.time = time
        self.kind = kind
    }

    /// What happened.
    public enum Kind: Sendable, Equatable {
        case speechStarted
        /// Words so far; the first `stable` characters will not change.
        case wordsPartial(text: String, stable: Int)
        case wordsFinal(Transcript)
        /// The speaker may have finished: `reason` is `token`, `pause` or `input`.
        case endCandidate(reason: String)
        case endDecided(reason: String)
        /// What the request was understood as, before grounding.
        case understood([Intent])
        case callStarted(name: String, arguments: [String: Value])
        case callFinished(name: String, result: String)
        case homeChanged(entity: String, before: EntityState, after: EntityState)
        /// A sentence of the reply, told before the whole of it is known: the parts so far are how the reply's text begins.
        case replyPart(String)
        case replyText(text: String, kind: ReplyKind)
        /// Reply sound began or went on: `seconds` of it in this piece.
        case replyAudio(seconds: Double)
        case turnFinished
    }
}

/// What sort of reply a turn got.
public enum ReplyKind: String, Sendable, Codable, CaseIterable {
    case done, answer, clarify, refuse, chat
}

/// The state of a device and its attributes.
public struct EntityState: Sendable, Equatable, Codable {
    public var state: String
    public var attributes: [String: Value]

    public init(state: String, attributes: [String: Value] = [:]) {
        self.state = state
        self.attributes = attributes
    }
}

extension Event {
    private enum CodingKeys: String, CodingKey {
        case time, type, text, stable, words, alternatives, reason, intents, name, arguments, result, entity, before, after, kind,
            seconds
    }

    /// The `type` of the JSON form.
    public var type: String {
        switch kind {
        case .speechStarted: "speech.started"
        case .wordsPartial: "words.partial"
        case .wordsFinal: "words.final"
        case .endCandidate: "end.candidate"
        case .endDecided: "end.decided"
        case .understood: "understood"
        case .callStarted: "call.started"
        case .callFinished: "call.finished"
        case .homeChanged: "home.changed"
        case .replyPart: "reply.part"
        case .replyText: "reply.text"
        case .replyAudio: "reply.audio"
        case .turnFinished: "turn.finished"
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(time, forKey: .time)
        try fields.encode(type, forKey: .type)
        switch kind {
        case .speechStarted, .turnFinished: break
        case .wordsPartial(let text, let stable):
            try fields.encode(text, forKey: .text)
            try fields.encode(stable, forKey: .stable)
        case .wordsFinal(let transcript):
            try fields.encode(transcript.text, forKey: .text)
            try fields.encode(transcript.words, forKey: .words)
            try fields.encodeIfPresent(transcript.alternatives, forKey: .alternatives)
        case .endCandidate(let reason), .endDecided(let reason): try fields.encode(reason, forKey: .reason)
        case .understood(let intents): try fields.encode(intents, forKey: .intents)
        case .callStarted(let name, let arguments):
            try fields.encode(name, forKey: .name)
            try fields.encode(arguments, forKey: .arguments)
        case .callFinished(let name, let result):
            try fields.encode(name, forKey: .name)
            try fields.encode(result, forKey: .result)
        case .homeChanged(let entity, let before, let after):
            try fields.encode(entity, forKey: .entity)
            try fields.encode(before, forKey: .before)
            try fields.encode(after, forKey: .after)
        case .replyPart(let text): try fields.encode(text, forKey: .text)
        case .replyText(let text, let kind):
            try fields.encode(text, forKey: .text)
            try fields.encode(kind, forKey: .kind)
        case .replyAudio(let seconds): try fields.encode(seconds, forKey: .seconds)
        }
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        time = try fields.decode(Double.self, forKey: .time)
        let type = try fields.decode(String.self, forKey: .type)
        kind =
            switch type {
            case "speech.started": .speechStarted
            case "words.partial":
                .wordsPartial(
                    text: try fields.decode(String.self, forKey: .text), stable: try fields.decode(Int.self, forKey: .stable))
            case "words.final":
                .wordsFinal(
                    Transcript(
                        text: try fields.decode(String.self, forKey: .text),
                        words: try fields.decode([Word].self, forKey: .words),
                        alternatives: try fields.decodeIfPresent([Alternative].self, forKey: .alternatives)))
            case "end.candidate": .endCandidate(reason: try fields.decode(String.self, forKey: .reason))
            case "end.decided": .endDecided(reason: try fields.decode(String.self, forKey: .reason))
            case "understood": .understood(try fields.decode([Intent].self, forKey: .intents))
            case "call.started":
                .callStarted(
                    name: try fields.decode(String.self, forKey: .name),
                    arguments: try fields.decode([String: Value].self, forKey: .arguments))
            case "call.finished":
                .callFinished(
                    name: try fields.decode(String.self, forKey: .name), result: try fields.decode(String.self, forKey: .result))
            case "home.changed":
                .homeChanged(
                    entity: try fields.decode(String.self, forKey: .entity),
                    before: try fields.decode(EntityState.self, forKey: .before),
                    after: try fields.decode(EntityState.self, forKey: .after))
            case "reply.part": .replyPart(try fields.decode(String.self, forKey: .text))
            case "reply.text":
                .replyText(
                    text: try fields.decode(String.self, forKey: .text), kind: try fields.decode(ReplyKind.self, forKey: .kind))
            case "reply.audio": .replyAudio(seconds: try fields.decode(Double.self, forKey: .seconds))
            case "turn.finished": .turnFinished
            default:
                throw DecodingError.dataCorruptedError(forKey: .type, in: fields, debugDescription: "no event is called \(type)")
            }
    }
}
