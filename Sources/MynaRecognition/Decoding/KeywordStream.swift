public import MynaStages

/// Where a phrase was heard.
public struct KeywordDetection: Sendable, Equatable {
    /// Its end, in seconds since the stream began.
    public var time: Double
    /// The logarithm of how likely the phrase is beside whatever else it may be, for each piece: 0 is certain.
    public var score: Double
}

/// One stream in which a phrase is looked for.
public struct KeywordStream: Sendable {
    /// Chosen on the dev split of the wake words; see docs/experiments.
    public static let standardThreshold = -1.5

    private let stream: RecognitionStream
    private let recognizer: StreamingRecognizer
    private let id: Int

    init(_ stream: RecognitionStream, _ recognizer: StreamingRecognizer, _ id: Int) {
        (self.stream, self.recognizer, self.id) = (stream, recognizer, id)
    }

    /// Takes the next sound, at any rate, and tells where the phrase was heard.
    public func hear(_ frame: AudioFrame) async throws -> [KeywordDetection] {
        _ = try await stream.hear(frame)
        return await recognizer.detections(in: id)
    }

    /// Says that no more sound will come, and tells the rest.
    public func finish() async throws -> [KeywordDetection] {
        _ = try await stream.finish()
        defer { Task { [recognizer, id] in await recognizer.drop(id) } }
        return await recognizer.detections(in: id)
    }
}
