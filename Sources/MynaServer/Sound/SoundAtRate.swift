internal import MynaAudio
internal import MynaStages

/// A reply's sound, piece by piece, at the rate that its client reads.
actor SoundAtRate {
    private let target: Int
    private var resampler: Resampler?
    private var rate: Int?

    /// - Parameter target: in hertz.
    init(_ target: Int) { self.target = target }

    func resampled(_ frame: AudioFrame) throws -> [Float] {
        if rate != frame.sampleRate {
            rate = frame.sampleRate
            resampler = frame.sampleRate == target ? nil : try Resampler(from: frame.sampleRate, to: target)
        }
        return resampler?.process(frame.samples) ?? frame.samples
    }

    /// What the resampler still holds.
    func rest() -> [Float] { resampler?.finish() ?? [] }
}
