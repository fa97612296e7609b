internal import Dispatch
internal import Foundation
internal import Synchronization

/// Makes batches on a thread of its own, a few ahead.
final class Prefetch<Batch: Sendable>: Sendable {
    private let queue = Mutex<(ready: [Batch], stopped: Bool)>(([], false))
    private let filled = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: 0)

    init(from first: Int, ahead: Int = 4, _ make: @escaping @Sendable (Int) -> Batch) {
        // Raised here, not at creation: a semaphore may not be let go below the value it was created with.
        for _ in 0..<ahead { free.signal() }
        let thread = Thread { self.fill(from: first, make) }
        thread.stackSize = 8 << 20
        thread.start()
    }

    private func fill(from first: Int, _ make: (Int) -> Batch) {
        // No operator's thread count is set here: libtorch would set MKL's for the whole process.
        for step in first... {
            free.wait()
            if queue.withLock({ $0.stopped }) { return }
            let batch = make(step)
            queue.withLock { $0.ready.append(batch) }
            filled.signal()
        }
    }

    func next() -> Batch {
        filled.wait()
        defer { free.signal() }
        return queue.withLock { $0.ready.removeFirst() }
    }

    func stop() {
        queue.withLock { $0.stopped = true }
        free.signal()
    }
}
