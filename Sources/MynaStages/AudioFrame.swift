/// A piece of mono sound on its way between two stages.
public struct AudioFrame: Sendable, Equatable {
    /// Amplitudes, nominally within −1…1.
    public var samples: [Float]
    /// In hertz.
    public var sampleRate: Int

    public init(samples: [Float], sampleRate: Int) {
        precondition(sampleRate > 0, "AudioFrame needs a positive sample rate, got \(sampleRate)")
        self.samples = samples
        self.sampleRate = sampleRate
    }

    /// How long the frame sounds.
    public var duration: Duration { .seconds(Double(samples.count) / Double(sampleRate)) }
}
