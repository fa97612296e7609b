public import MynaStages

/// Frames of a microphone without the echo of what a loudspeaker plays meanwhile.
///
/// Both are at 16,000 Hz and run at once; where they drift apart, what was played too long ago is left out and what is missing is silence.
/// The sequence ends as the microphone's does.
public struct EchoCancelledFrames<Heard: AsyncSequence<AudioFrame, any Error>>: AsyncSequence {
    private let heard: Heard
    private let played: SampleRing
    private let canceller: EchoCanceller

    /// - Parameter played: what the loudspeaker was given, silence too, sample by sample.
    public init(_ heard: Heard, played: SampleRing, canceller: EchoCanceller) {
        (self.heard, self.played, self.canceller) = (heard, played, canceller)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(heard: heard.makeAsyncIterator(), played: played, canceller: canceller)
    }

    public struct Iterator: AsyncIteratorProtocol {
        var heard: Heard.AsyncIterator
        let played: SampleRing
        let canceller: EchoCanceller
        private var isFirst = true

        init(heard: Heard.AsyncIterator, played: SampleRing, canceller: EchoCanceller) {
            (self.heard, self.played, self.canceller) = (heard, played, canceller)
        }

        /// Samples that may wait beyond a frame before the oldest are left out: devices hand over in bursts.
        private static var slack: Int { EchoCanceller.sampleRate / 5 }

        public mutating func next() async throws -> AudioFrame? {
            guard let frame = try await heard.next() else { return nil }
            precondition(
                frame.sampleRate == EchoCanceller.sampleRate,
                "EchoCancelledFrames needs \(EchoCanceller.sampleRate) Hz, got \(frame.sampleRate)")
            let count = frame.samples.count
            // What was played before the microphone's first frame has no echo in it worth the wait.
            let surplus = played.count - count - (isFirst ? 0 : Self.slack)
            if surplus > 0 { _ = played.read(surplus) }
            isFirst = false
            var far = played.read(count)
            far += [Float](repeating: 0, count: count - far.count)
            // The last frame of a recording may be shorter than whole pieces.
            let rest = (EchoCanceller.piece - count % EchoCanceller.piece) % EchoCanceller.piece
            let padding = [Float](repeating: 0, count: rest)
            let clean = try canceller.clean(frame.samples + padding, played: far + padding)
            return AudioFrame(samples: Array(clean.prefix(count)), sampleRate: frame.sampleRate)
        }
    }
}
