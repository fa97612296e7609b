internal import Synchronization

/// Samples on their way from a sound device's callback to whoever reads them, in a ring of a fixed size.
///
/// One thread writes and one at a time reads. Neither waits, locks or allocates when it writes: a callback may do none of these.
/// What does not fit is dropped and counted, because only the reader may move the reading end.
///
/// `@unchecked Sendable`: the writer touches only the samples from the writing position to a round after the reading one, the
/// reader only those between the two, and each position is published after the samples were copied.
public final class SampleRing: @unchecked Sendable {
    private let samples: UnsafeMutableBufferPointer<Float>
    private let mask: Int
    private let writing = Atomic<Int>(0)
    private let reading = Atomic<Int>(0)
    private let lost = Atomic<Int>(0)

    /// - Parameter capacity: rounded up to a power of two.
    public init(capacity: Int) {
        precondition((1...1 << 30).contains(capacity), "a ring of \(capacity) samples")
        var size = 1
        while size < capacity { size *= 2 }
        samples = .allocate(capacity: size)
        samples.initialize(repeating: 0)
        mask = size - 1
    }

    deinit { samples.deallocate() }

    public var capacity: Int { samples.count }
    /// Samples that wait to be read.
    public var count: Int { writing.load(ordering: .acquiring) - reading.load(ordering: .acquiring) }
    /// Samples that found no room so far.
    public var droppedCount: Int { lost.load(ordering: .relaxed) }

    /// Appends what fits; only the writing thread may call it.
    public func write(_ new: UnsafeBufferPointer<Float>) {
        let from = writing.load(ordering: .relaxed)
        let free = samples.count - (from - reading.load(ordering: .acquiring))
        let taken = min(free, new.count)
        for index in 0..<taken { samples[(from + index) & mask] = new[index] }
        writing.store(from + taken, ordering: .releasing)
        if taken < new.count { lost.add(new.count - taken, ordering: .relaxed) }
    }

    /// Takes the oldest samples, at most `most`; only one thread at a time may call it.
    public func read(_ most: Int) -> [Float] {
        let from = reading.load(ordering: .relaxed)
        let taken = min(most, writing.load(ordering: .acquiring) - from)
        guard taken > 0 else { return [] }
        let result = (from..<from + taken).map { samples[$0 & mask] }
        reading.store(from + taken, ordering: .releasing)
        return result
    }
}
