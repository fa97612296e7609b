public import MynaStages

/// The samples of a ring as frames of 80 ms, or as long as is asked for, as they come.
///
/// Nothing is queued beyond the ring: a reader that is late finds more in it, up to its size. The sequence ends when its task is
/// cancelled, so that what was heard until then can still be used, or when the source says that it has ended and the ring is empty.
public struct RingFrames: AsyncSequence, Sendable {
    let ring: SampleRing
    let sampleRate: Int
    let clock: any Clock<Duration>
    /// Samples of a frame.
    let count: Int
    /// Why no more samples will come, nil while they may; asked when the ring runs dry.
    let end: @Sendable () -> End?

    /// How a source ends.
    public enum End: Sendable {
        case finished
        case failed(any Error)
    }

    public init(
        _ ring: SampleRing, sampleRate: Int, lasting duration: Duration = .milliseconds(80),
        clock: any Clock<Duration> = ContinuousClock(),
        end: @escaping @Sendable () -> End? = { nil }
    ) {
        (self.ring, self.sampleRate, self.clock, self.end) = (ring, sampleRate, clock, end)
        count = Swift.max(1, Int(Double(sampleRate) * (duration / .seconds(1))))
    }

    public func makeAsyncIterator() -> Iterator { Iterator(frames: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let frames: RingFrames

        public mutating func next() async throws -> AudioFrame? {
            let count = frames.count
            while !Task.isCancelled {
                // Asked first: samples that came before the end are still in the ring after it.
                let end = frames.end()
                if frames.ring.count >= count || (end != nil && frames.ring.count > 0) {
                    return AudioFrame(samples: frames.ring.read(count), sampleRate: frames.sampleRate)
                }
                switch end {
                case .finished: return nil
                case .failed(let error): throw error
                case nil: break
                }
                do {
                    try await frames.clock.sleep(for: .milliseconds(10))
                } catch {
                    return nil  // cancelled: the same end as above
                }
            }
            return nil
        }
    }
}
