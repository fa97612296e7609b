public import Foundation
internal import Synchronization
public import Torch

/// The processes that train one model together, each with a part of every batch.
///
/// They are started by anything that sets `torchrun`'s variables (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT)
/// and meet in a `TCPStore` at MASTER_ADDR. Collectives run over Gloo on the CPU and over NCCL among GPUs, and block their thread;
/// all processes call them in the same order. One whose peer died throws at once, one whose peer is silent after the timeout.
public final class ProcessGroup: @unchecked Sendable {  // of one thread at a time: collectives have an order
    public let rank: Int
    public let size: Int
    /// The place among the processes of this machine, where it is told.
    public let localRank: Int
    /// Whether this is the process that writes files and speaks.
    public var isFirst: Bool { rank == 0 }

    private let gloo: Gloo
    private let group: OpaquePointer
    private let store: ProcessStore
    private let timeout: Duration
    private var gpus: NCCLGroup?

    /// The group that the environment names; `nil` for a process that trains alone.
    public static func fromEnvironment(
        _ environment: [String: String] = ProcessInfo.processInfo.environment, timeout: Duration = .seconds(1800)
    ) throws(DistributedError) -> ProcessGroup? {
        func number(_ name: String, in range: ClosedRange<Int>) throws(DistributedError) -> Int {
            guard let text = environment[name] else { throw .variable(name, problem: "is not set, though WORLD_SIZE is") }
            guard let value = Int(text), range.contains(value) else {
                throw .variable(name, problem: "is \"\(text)\", not \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        guard environment["WORLD_SIZE"] != nil else { return nil }
        let size = try number("WORLD_SIZE", in: 1...65_536)
        if size == 1 { return nil }
        guard let host = environment["MASTER_ADDR"], !host.isEmpty else {
            throw .variable("MASTER_ADDR", problem: "is not set, though WORLD_SIZE is")
        }
        return try ProcessGroup(
            rank: number("RANK", in: 0...size - 1), size: size,
            localRank: environment["LOCAL_RANK"] == nil ? 0 : number("LOCAL_RANK", in: 0...65_535),
            host: host, port: number("MASTER_PORT", in: 1...65_535),
            // torchrun's own process holds the store then.
            serves: environment["TORCHELASTIC_USE_AGENT_STORE"] != "True",
            attempt: environment["TORCHELASTIC_RESTART_COUNT"] ?? "0", timeout: timeout)
    }

    /// - Parameters:
    ///   - serves: whether the first process holds the store, rather than somebody else at that address.
    ///   - attempt: tells the meetings of a restarted training apart.
    public init(
        rank: Int, size: Int, localRank: Int = 0, host: String, port: Int, serves: Bool = true, attempt: String = "0",
        timeout: Duration
    ) throws(DistributedError) {
        (self.rank, self.size, self.localRank) = (rank, size, localRank)
        gloo = try Gloo.opened()
        self.timeout = timeout
        do {
            store = try ProcessStore(
                host: host, port: port, processes: size, serves: serves && rank == 0, timeout: timeout)
            let meeting = Meeting(store, prefix: "myna/\(attempt)/")
            group = try gloo.connect(rank: rank, size: size, host: Self.address(towards: host), timeout: timeout, meeting)
            try gloo.barrier(group)
            // The first process holds the store for all: it may go when all have met.
            Self.kept.withLock { $0.append(store) }
        } catch let error as DistributedError {
            throw error
        } catch {
            throw .rendezvous(address: "\(host):\(port)", problem: "\(error)")
        }
    }

    deinit { gloo.free(group) }

    private static let kept = Mutex<[ProcessStore]>([])

    /// Peers on this machine meet on its loop-back address, others on the address of this machine's name.
    private static func address(towards host: String) -> String {
        ["localhost", "127.0.0.1", "::1"].contains(host) ? "127.0.0.1" : ProcessInfo.processInfo.hostName
    }

    /// Replaces each tensor by its mean over the processes; all in one message.
    public func averaged(_ tensors: [Tensor]) throws(DistributedError) {
        guard !tensors.isEmpty else { return }
        if tensors[0].device.isCUDA {
            return try exchangeOnGPU(tensors) { (nccl, flat) throws(NCCLError) in
                try nccl.allReduceSum(flat)
                _ = flat.mul_(.floating(1 / Double(size)))
            }
        }
        try exchange(tensors) { (values) throws(DistributedError) in
            try gloo.allReduceSum(group, values)
            let share = 1 / Float(size)
            for index in values.indices { values[index] *= share }
        }
    }

    /// Sums of a few numbers over the processes.
    public func sum(_ numbers: [Float]) throws(DistributedError) -> [Float] {
        var numbers = numbers
        let count = numbers.count
        var failure: DistributedError?
        numbers.withUnsafeMutableBufferPointer { values in
            do throws(DistributedError) {
                try gloo.allReduceSum(group, UnsafeMutableBufferPointer(rebasing: values[0..<count]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return numbers
    }

    /// Gives each process the first one's values.
    public func broadcast(_ tensors: [Tensor]) throws(DistributedError) {
        guard !tensors.isEmpty else { return }
        if tensors[0].device.isCUDA {
            return try exchangeOnGPU(tensors) { (nccl, flat) throws(NCCLError) in try nccl.broadcast(flat) }
        }
        try exchange(tensors) { (values) throws(DistributedError) in try gloo.broadcast(group, values) }
    }

    /// Waits until every process is here.
    public func barrier() throws(DistributedError) { try gloo.barrier(group) }

    /// Hands the values of all tensors over as one block of float32 and puts back what came of it.
    private func exchange(
        _ tensors: [Tensor], _ body: (UnsafeMutableBufferPointer<Float>) throws(DistributedError) -> Void
    ) throws(DistributedError) {
        if let other = tensors.first(where: { !$0.device.isCPU }) {
            throw .unsupported("collectives on \(other.device) beside \(tensors[0].device)")
        }
        let flat = withoutGradients { Tensor.concatenated(tensors.map { $0.detach().to(.float32).flatten() }, 0) }
        var failure: DistributedError?
        flat.withUnsafeMutableElements(of: Float.self) { values in
            do throws(DistributedError) { try body(values) } catch { failure = error }
        }
        if let failure { throw failure }
        putBack(flat, tensors)
    }

    /// The same among GPUs, without a way over the CPU.
    private func exchangeOnGPU(
        _ tensors: [Tensor], _ body: (NCCLGroup, Tensor) throws(NCCLError) -> Void
    ) throws(DistributedError) {
        if let other = tensors.first(where: { $0.device != tensors[0].device }) {
            throw .unsupported("collectives on \(other.device) beside \(tensors[0].device)")
        }
        let flat = withoutGradients { Tensor.concatenated(tensors.map { $0.detach().to(.float32).flatten() }, 0) }
        do {
            let nccl = try gpus ?? NCCLGroup(store, rank: rank, size: size, timeout: timeout)
            gpus = nccl
            try body(nccl, flat)
        } catch let error as NCCLError {
            throw .peer(problem: error.description)
        } catch {
            throw .peer(problem: "\(error)")
        }
        putBack(flat, tensors)
    }

    private func putBack(_ flat: Tensor, _ tensors: [Tensor]) {
        withoutGradients {
            var start = 0
            for tensor in tensors {
                tensor.copy_(flat.narrow(0, start: start, length: tensor.count).view(tensor.shape))
                start += tensor.count
            }
        }
    }
}

/// Why processes cannot train together.
public enum DistributedError: Error, Equatable, CustomStringConvertible {
    /// A variable of the environment is missing or wrong.
    case variable(String, problem: String)
    /// The library of collectives cannot be opened.
    case library(String)
    case rendezvous(address: String, problem: String)
    /// A collective failed: a peer died, or was silent for too long.
    case peer(problem: String)
    case unsupported(String)

    public var description: String {
        switch self {
        case .variable(let name, let problem): "\(name) \(problem)"
        case .library(let problem): "the library of collectives: \(problem)"
        case .rendezvous(let address, let problem): "no meeting at \(address): \(problem)"
        case .peer(let problem): "another process of this training is gone or silent: \(problem)"
        case .unsupported(let what): "not supported: \(what)"
        }
    }
}
