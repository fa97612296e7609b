public import MynaStages

/// One request and what came of it.
public struct Turn: Sendable {
    /// The words heard, or the text given.
    public var heard: String
    public var reply: Reply
    /// Everything that happened, in order.
    public var events: [Event]
    public var timings: Timings
    /// Why the reply could not be spoken to its end, where it couldn't; the request was acted on all the same.
    public var speechFailure: (any Error)?

    /// What was called, in the order it began.
    public var calls: [Call] { Call.all(in: events) }
    /// What changed in the home, in order.
    public var changes: [Change] { Change.all(in: events) }
}

extension Turn: Encodable {
    private enum CodingKeys: String, CodingKey {
        case heard, reply, calls, changes, events
        case timings = "timings_ms"
    }

    /// As `myna ask --json` writes it.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(heard, forKey: .heard)
        try fields.encode(reply.text, forKey: .reply)
        try fields.encode(calls, forKey: .calls)
        try fields.encode(changes, forKey: .changes)
        try fields.encode(events, forKey: .events)
        try fields.encode(timings, forKey: .timings)
    }
}

extension Turn {
    /// How long each stage took; `nil` where there was none.
    public struct Timings: Sendable, Equatable {
        /// The sound heard.
        public var audio: Duration?
        /// The recogniser's own work, on all of the sound.
        public var hear: Duration?
        /// From the end of the sound to its final words.
        public var words: Duration?
        /// From the words to what they ask for.
        public var understand: Duration?
        /// From what was asked for (or the words) to the reply's text.
        public var act: Duration?
        /// Speaking the reply, to its last sample.
        public var speak: Duration?
        /// From the end of the request to the last verified change in the home.
        public var change: Duration?
        /// From the end of the request to the reply's first sample.
        public var firstReplyAudio: Duration?
        /// The whole turn.
        public var turn: Duration
    }

    /// One call of a service or tool.
    public struct Call: Sendable, Equatable, Codable {
        public var name: String
        public var arguments: [String: Value]
        /// `nil` while it runs.
        public var result: String?

        public init(name: String, arguments: [String: Value], result: String?) {
            self.name = name
            self.arguments = arguments
            self.result = result
        }

        /// The calls that `events` tell of, in the order they began.
        public static func all(in events: [Event]) -> [Call] {
            var calls: [Call] = []
            for event in events {
                switch event.kind {
                case .callStarted(let name, let arguments):
                    calls.append(Call(name: name, arguments: arguments, result: nil))
                case .callFinished(let name, let result):
                    if let index = calls.firstIndex(where: { $0.name == name && $0.result == nil }) {
                        calls[index].result = result
                    }
                default: break
                }
            }
            return calls
        }
    }

    /// One device's state before and after.
    public struct Change: Sendable, Equatable, Codable {
        public var entity: String
        public var before: EntityState
        public var after: EntityState

        public init(entity: String, before: EntityState, after: EntityState) {
            self.entity = entity
            self.before = before
            self.after = after
        }

        /// The changes that `events` tell of, in order.
        public static func all(in events: [Event]) -> [Change] {
            events.compactMap { event in
                guard case .homeChanged(let entity, let before, let after) = event.kind else { return nil }
                return Change(entity: entity, before: before, after: after)
            }
        }
    }
}

extension Turn.Timings: Encodable {
    private enum CodingKeys: String, CodingKey {
        case audio, hear
        case words = "end_of_audio_to_words"
        case understand, act, speak
        case change = "end_of_audio_to_change"
        case requestToChange = "request_to_change"
        case firstReplyAudio = "first_reply_audio"
        case turn
    }

    /// Milliseconds by stage, to a tenth; a request that was read has `request_to_change` for `end_of_audio_to_change`.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        func put(_ duration: Duration?, _ key: CodingKeys) throws {
            if let duration { try fields.encode((duration.inSeconds * 10_000).rounded() / 10, forKey: key) }
        }
        try put(audio, .audio)
        try put(hear, .hear)
        try put(words, .words)
        try put(understand, .understand)
        try put(act, .act)
        try put(speak, .speak)
        try put(change, audio == nil ? .requestToChange : .change)
        try put(firstReplyAudio, .firstReplyAudio)
        try put(turn, .turn)
    }
}
