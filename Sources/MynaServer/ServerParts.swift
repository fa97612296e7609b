public import Foundation
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
    /// The port of the Wyoming protocol, on the same address; nil doesn't offer it.
    public var wyomingPort: UInt16?
    /// What clients must bring as a bearer token; nil lets everyone in who reaches the port.
    public var token: String?
    /// PEM files of the certificate, with its chain, and of its key: with both, HTTP and web sockets are over TLS.
    public var certificate: String?
    public var key: String?
    /// Origins besides its own whose pages may use the server, such as `https://home.example`.
    public var origins: Set<String> = []
    /// Live conversations at the same time, and apart from these as many Wyoming connections.
    public var mostSessions = 64
    /// Bytes of one message or upload.
    public var mostBytes = 25 << 20
    /// How long replies on their way may take to be spoken to their end once the server is told to stop.
    public var drain = Duration.seconds(5)
    public var log = ServerLog.silent
    /// Where turns are told of as traces; nil is nowhere.
    public var traces: TraceOptions?

    public init() {}

    /// When the certificate expires, after both files were read and checked as for serving; nil without TLS.
    ///
    /// - Throws: ``ServerError`` that names the file which is missing or wrong.
    public func certificateExpiry() throws(ServerError) -> Date? { try identity()?.expires }

    /// Who the server is over TLS; nil without it.
    ///
    /// - Throws: ``ServerError`` that names the file which is missing or wrong.
    func identity() throws(ServerError) -> TLSIdentity? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try TLSIdentity(certificate: certificate, key: key)
        case (let certificate?, nil): throw .badTLS(path: certificate, problem: "its key is not given (tls-key)")
        case (nil, let key?): throw .badTLS(path: key, problem: "its certificate is not given (tls-certificate)")
        }
    }
}

/// Why a server could not serve.
public enum ServerError: Error, Equatable, CustomStringConvertible {
    /// An address that is not free or not of this machine, and what the system says of it.
    case cannotListen(address: String, problem: String)
    /// A setting that is not as its schema asks: where it stands, its name, and what is wrong.
    case badSetting(place: String, name: String, problem: String)
    case noFile(path: String)
    /// A file of settings that can't be read at all.
    case badFile(path: String, problem: String)
    /// A certificate or its key that TLS can't be offered with.
    case badTLS(path: String, problem: String)

    public var description: String {
        switch self {
        case .cannotListen(let address, let problem): "\(address): cannot listen: \(problem)"
        case .badSetting(let place, let name, let problem): "\(place): \(name) \(problem)"
        case .noFile(let path): "\(path): no such file"
        case .badFile(let path, let problem), .badTLS(let path, let problem): "\(path): \(problem)"
        }
    }
}
