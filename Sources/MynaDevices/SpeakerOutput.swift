internal import Synchronization

/// What a loudspeaker's callback plays: samples that wait, unless it is held or stopped, and silence.
///
/// ``fill(_:)`` is the callback's, and neither waits, locks nor allocates more than the samples it takes; all else is for other threads.
public final class SpeakerOutput: Sendable {
    /// Samples that wait to be played.
    public let waiting: SampleRing
    /// What was played, silence too.
    public let played: SampleRing
    private let isHeld = Atomic(false)
    private let isStopping = Atomic(false)
    private let count = Atomic<Int>(0)
    private let stops = Atomic<Int>(0)

    /// - Parameter sampleRate: in hertz; two seconds may wait.
    public init(sampleRate: Int) {
        waiting = SampleRing(capacity: 2 * sampleRate)
        played = SampleRing(capacity: 2 * sampleRate)
    }

    /// Puts the next samples in `room`.
    public func fill(_ room: UnsafeMutableBufferPointer<Float>) {
        if isStopping.load(ordering: .acquiring) {
            _ = waiting.read(waiting.count)
            isStopping.store(false, ordering: .releasing)
        }
        let samples = isHeld.load(ordering: .acquiring) ? [] : waiting.read(room.count)
        for index in room.indices { room[index] = index < samples.count ? samples[index] : 0 }
        count.add(samples.count, ordering: .relaxed)
        played.write(UnsafeBufferPointer(room))
    }

    /// Plays silence until ``goOn()``; what waits stays.
    public func hold() { isHeld.store(true, ordering: .releasing) }

    public func goOn() { isHeld.store(false, ordering: .releasing) }

    /// Throws away what waits, at the next call of ``fill(_:)``; ends a hold.
    public func stop() {
        stops.add(1, ordering: .releasing)
        isStopping.store(true, ordering: .releasing)
        isHeld.store(false, ordering: .releasing)
    }

    /// How often it was stopped: who is still writing what belongs to before gives up.
    public var stopCount: Int { stops.load(ordering: .acquiring) }

    /// Whether what waited at ``stop()`` is gone.
    public var hasStopped: Bool { !isStopping.load(ordering: .acquiring) }

    /// Samples other than silence that were played since the last call.
    public func takePlayedCount() -> Int { count.exchange(0, ordering: .relaxed) }
}
