internal import CTorch

/// Collectives among GPUs over NCCL: the processes of one training, each with a GPU of its own.
///
/// Untried on a GPU: the shim compiles and links against the CUDA builds of libtorch 2.11 and 2.12, but no machine with two GPUs
/// has run it yet. Where ``obstacle`` tells of one, making a group throws.
public final class NCCLGroup {
    private let group: ct_nccl

    /// Why there is no NCCL here; nil where there is.
    public static var obstacle: String? { ct_nccl_obstacle().map { String(cString: $0) } }

    /// Joins the processes that meet in `store`; they find each other at the first collective.
    public init(_ store: ProcessStore, rank: Int, size: Int, timeout: Duration) throws(NCCLError) {
        if let obstacle = Self.obstacle { throw NCCLError(problem: obstacle) }
        var made: ct_nccl?
        try store.withHandle { (handle) throws(NCCLError) in
            try Self.succeed(ct_nccl_new(handle, Int64(rank), Int64(size), Int64(timeout / .milliseconds(1)), &made))
        }
        guard let made else { fatalError("a group was neither made nor refused") }
        group = made
    }

    deinit { ct_nccl_free(group) }

    /// Replaces the tensor, on this process's GPU, by its sum over the processes.
    public func allReduceSum(_ tensor: Tensor) throws(NCCLError) {
        try Self.succeed(ct_nccl_all_reduce_sum(group, tensor.handle))
    }

    /// Gives each process the first one's tensor.
    public func broadcast(_ tensor: Tensor) throws(NCCLError) { try Self.succeed(ct_nccl_broadcast(group, tensor.handle)) }

    private static func succeed(_ error: ct_error?) throws(NCCLError) {
        if let error { throw NCCLError(problem: String(cString: error)) }
    }
}

/// GPUs cannot work together here, or a collective among them failed.
public struct NCCLError: Error, Equatable, CustomStringConvertible {
    public var problem: String
    public var description: String { "NCCL: \(problem)" }
}
