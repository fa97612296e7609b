internal import Foundation
internal import Synchronization

/// A thread that runs one actor's jobs, so that tensors and libtorch's thread-local modes stay in one place.
///
/// An actor that owns a model names it as its `unownedExecutor`. The thread ends when nothing holds this object.
public final class TensorThread: SerialExecutor {
    private let queue = Queue()

    /// - Parameters:
    ///   - name: shown by debuggers.
    ///   - threads: how many cores an operator may use; nil leaves libtorch's choice.
    public init(name: String, threads: Int? = nil) {
        queue.owner.withLock { $0 = WeakOwner(owner: self) }
        let queue = queue
        let thread = Thread {
            Torch.prepareThread()
            if let threads { Torch.threads = threads }
            queue.run()
        }
        thread.name = name
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit {
        queue.jobs.withLock { $0.ended = true }
        queue.waiting.signal()
    }

    /// Adds a job to the end of the thread's queue; jobs run one at a time, in order.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.jobs.withLock { $0.list.append(job) }
        queue.waiting.signal()
    }

    private struct Jobs {
        var list: [UnownedJob] = []
        var ended = false
    }

    private struct WeakOwner {
        weak var owner: TensorThread?
    }

    /// What thread and executor share; the thread holds the executor only while a job runs.
    private final class Queue: Sendable {
        let jobs = Mutex(Jobs())
        let owner = Mutex(WeakOwner(owner: nil))
        let waiting = DispatchSemaphore(value: 0)

        func run() {
            while true {
                waiting.wait()
                let (job, ended) = jobs.withLock { jobs in
                    (jobs.list.isEmpty ? nil : jobs.list.removeFirst(), jobs.ended)
                }
                if let job, let executor = owner.withLock({ $0.owner }) {
                    job.runSynchronously(on: executor.asUnownedSerialExecutor())
                } else if ended {
                    return
                }
            }
        }
    }
}
