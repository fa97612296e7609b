/// Hears words in sound.
public protocol SpeechRecognizer: Sendable {
    /// Begins to listen to one stream.
    func listen() async throws -> any ListeningStream
    /// Looks out for sentences that are likely here, such as requests with the names of this home, in place of those it was
    /// told before. One that can't does nothing.
    func expect(_ sentences: [String]) async
}

/// One stream being listened to; its events carry audio time since the stream began.
///
/// Laws: how the sound is cut into frames changes nothing; every stream ends with one `words.final`, also when
/// nothing was said; after ``finish()`` the stream takes no more sound.
public protocol ListeningStream: Sendable {
    /// Takes the next sound, at any rate, and tells what it led to.
    func hear(_ frame: AudioFrame) async throws -> [Event]
    /// Says that no more sound will come, and tells the rest.
    func finish() async throws -> [Event]
}

/// Turns a request into the intents it holds.
public protocol RequestUnderstanding: Sendable {
    /// The intents in `request`, in the order of the sentence; empty when none was understood.
    func intents(in request: String, after state: DialogueState) async throws -> [Intent]
}

/// What a person said, and where.
public struct Request: Sendable, Equatable {
    public var text: String
    /// The resident's id, where it is known.
    public var speaker: String?
    /// The id of the area the person stands in, where it is known.
    public var area: String?

    public init(text: String, speaker: String? = nil, area: String? = nil) {
        self.text = text
        self.speaker = speaker
        self.area = area
    }
}

/// What the assistant says back.
public struct Reply: Sendable, Equatable {
    public var text: String
    public var kind: ReplyKind

    public init(text: String, kind: ReplyKind) {
        self.text = text
        self.kind = kind
    }
}

/// Answers one person's requests, turn after turn.
public protocol Assistant: Sendable {
    /// Acts on `request` and says what it did; `report` hears each event as it happens.
    func reply(to request: Request, report: @Sendable (Event.Kind) async -> Void) async throws -> Reply
}

/// Speaks text.
public protocol SpeechSynthesizer: Sendable {
    /// Speaks `text` into `sink`, a piece at a time; waits while `sink` does.
    func speak(_ text: String, into sink: @Sendable (AudioFrame) async throws -> Void) async throws
}
