/// Hears words in sound.
public protocol SpeechRecognizer: Sendable {
    /// Begins to listen to one stream.
    func listen() async throws -> any ListeningStream
    /// As ``listen()``, with a say in when the speaker is taken to have finished, and in what is likely in this stream beside
    /// what ``expect(_:)`` told. One that has no such choice ignores it.
    func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream
    /// Looks out for sentences that are likely here, such as requests with the names of this home, in place of those it was
    /// told before. One that can't does nothing.
    func expect(_ sentences: [String]) async
    /// The steps in which the streams of all who are heard run together, from now on; nil where there are no such steps.
    func steps() async -> AsyncStream<EngineStep>?
}

extension SpeechRecognizer {
    public func steps() async -> AsyncStream<EngineStep>? { nil }
}

/// How long to wait before a speaker is taken to have finished, in seconds; nil is the recogniser's own choice.
public struct EndOfTurn: Sendable, Equatable {
    /// The silence after the recogniser's guess, from the words, that a request is whole.
    public var afterGuess: Double?
    /// The silence that ends a turn whatever the words.
    public var pause: Double?
    /// Whether speech begins with sound that is loud for long enough, before any word of it is known: earlier, and at a cough too.
    public var beginsWithSound: Bool

    public init(afterGuess: Double? = nil, pause: Double? = nil, beginsWithSound: Bool = false) {
        (self.afterGuess, self.pause, self.beginsWithSound) = (afterGuess, pause, beginsWithSound)
    }
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
    /// What the stream is called in the steps of ``SpeechRecognizer/steps()``; nil where there are none.
    var number: Int? { get }
}

extension ListeningStream {
    public var number: Int? { nil }
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
    /// What else may have been said, where it was heard and not read: texts with their scores, likeliest first, `text` among them.
    public var alternatives: [Alternative]

    public init(text: String, speaker: String? = nil, area: String? = nil, alternatives: [Alternative] = []) {
        self.text = text
        self.speaker = speaker
        self.area = area
        self.alternatives = alternatives
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
    ///
    /// One that words a long reply tells it a sentence at a time as `reply.part`, each with the space before it; joined they are
    /// how the reply's text begins.
    func reply(to request: Request, report: @escaping @Sendable (Event.Kind) async -> Void) async throws -> Reply
    /// Learns that its last reply, `reply`, was broken off: the person heard no more of it than `heard`.
    func wasInterrupted(_ reply: String, after heard: String) async
    /// Waits until there is something to say that nobody asks for at the moment, such as that a timer has ended, and gives it; nil
    /// where there never will be, or when it is cancelled. One caller at a time.
    func announcement() async -> String?
}

extension Assistant {
    public func wasInterrupted(_ reply: String, after heard: String) async {}
    public func announcement() async -> String? { nil }
}

/// Speaks text.
public protocol SpeechSynthesizer: Sendable {
    /// Speaks `text` into `sink`, a piece at a time; waits while `sink` does.
    func speak(_ text: String, into sink: @Sendable (AudioFrame) async throws -> Void) async throws
}
