/// Spots wake words in sound.
public protocol WakeWordSpotter: Sendable {
    /// Begins to listen to one stream.
    func listenForWakeWords() async -> any WakeWordListening
}

/// One stream in which wake words are looked for. How its sound is cut into frames changes nothing.
public protocol WakeWordListening: Sendable {
    /// Takes the next sound, at any rate, and tells which phrases were heard.
    func hear(_ frame: AudioFrame) async throws -> [WakeWordDetection]
    /// Says that no more sound will come, and tells the rest.
    func finish() async throws -> [WakeWordDetection]
}

/// Where a wake word was heard.
public struct WakeWordDetection: Sendable, Equatable {
    public var phrase: String
    /// About its end, in seconds since the stream began.
    public var time: Double
    /// Log-odds that it was said.
    public var score: Double

    public init(phrase: String, time: Double, score: Double) {
        (self.phrase, self.time, self.score) = (phrase, time, score)
    }
}
