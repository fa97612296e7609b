import Synchronization

/// Something that is done once by whoever comes first.
final class Once: Sendable {
    private let isDone = Mutex(false)

    /// True for the first who asks, false for all others.
    func isFirst() -> Bool {
        isDone.withLock { done in
            defer { done = true }
            return !done
        }
    }
}
