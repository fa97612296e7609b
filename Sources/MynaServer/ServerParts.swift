public import MynaStages

/// What a server puts at its clients' disposal.
public struct ServerParts: Sendable {
    public var recognizer: any SpeechRecognizer
    public var synthesizer: any SpeechSynthesizer
    /// An assistant for one client, with a dialogue of its own; all act on the same home.
    public var assistant: @Sendable () async -> any Assistant
    /// The home as the page shows it: areas, and entities with their states.
    public var home: @Sendable () async -> Value
    /// Calls a service of the home: its name, the entity, and its data.
    public var call: @Sendable (String, String, [String: Value]) async throws -> Void

    public init(
        recognizer: any SpeechRecognizer, synthesizer: any SpeechSynthesizer,
        assistant: @escaping @Sendable () async -> any Assistant, home: @escaping @Sendable () async -> Value,
        call: @escaping @Sendable (String, String, [String: Value]) async throws -> Void
    ) {
        (self.recognizer, self.synthesizer, self.assistant) = (recognizer, synthesizer, assistant)
        (self.home, self.call) = (home, call)
    }
}

/// How a server listens, and whom it lets in.
public struct ServerOptions: Sendable {
    /// An IPv4 address of this machine; 0.0.0.0 is all of them.
    public var host = "127.0.0.1"
    public var port: UInt16 = 8420
    /// What clients must bring as a bearer token; nil lets everyone in who reaches the port.
    public var token: String?
    /// Origins besides its own whose pages may use the server, such as `https://home.example`.
    public var origins: Set<String> = []
    /// Live conversations at the same time.
    public var mostSessions = 64
    /// Bytes of one message or upload.
    public var mostBytes = 25 << 20

    public init() {}
}
