internal import CTorch

/// A GPU's work recorded once and started again with one call, for steps so small that starting each kernel costs more than
/// running it.
///
/// The work is recorded with its addresses: the inputs lie in tensors that the graph owns, the outputs in tensors that each
/// replay overwrites. What `body` holds on to, such as weights, lives as long as the graph; writing into them in place is seen
/// by the next replay, replacing them is not. A recording may not depend on values (`item()`, a Swift `if` on a number) nor copy
/// to the CPU. Draws of the device's default generator go on from replay to replay; other generators' do not.
///
/// Untried on a GPU: the shim compiles and links against the CUDA builds of libtorch 2.11 and 2.12 and compiles with the headers
/// of 2.13, but no machine with a GPU has run it yet. Where ``isAvailable`` is false, making one throws.
public final class CUDAGraph {
    /// Whether graphs can be recorded here: a libtorch with CUDA, a shim compiled with CUDA's headers, and a GPU.
    public static var isAvailable: Bool { ct_cuda_graph_obstacle() == nil }

    private let graph: ct_cuda_graph
    private let inputs: [Tensor]
    private let outputs: [Tensor]
    /// Held for what it holds.
    private let body: ([Tensor]) -> [Tensor]

    /// Records what `body` does with `inputs`.
    ///
    /// No other thread may use the device meanwhile.
    ///
    /// - Parameters:
    ///   - inputs: at least one, all on one GPU; copied, so that they stay as they are.
    ///   - warmUps: how often `body` runs before it is recorded, since libraries choose kernels and take memory at first.
    /// - Throws: ``CUDAGraphError``.
    public init(_ inputs: [Tensor], warmUps: Int = 3, _ body: @escaping ([Tensor]) -> [Tensor]) throws(CUDAGraphError) {
        if let obstacle = ct_cuda_graph_obstacle() { throw .unavailable(reason: String(cString: obstacle)) }
        precondition(!inputs.isEmpty && warmUps >= 0, "a graph of \(inputs.count) inputs, warmed up \(warmUps) times")
        let device = inputs[0].device
        for (index, input) in inputs.enumerated() where input.device != device || input.device.type != Device.cuda().type {
            throw .wrongDevice(input: index, device: input.device)
        }
        let own = withoutGradients { inputs.map { $0.detach().clone() } }
        var made: ct_cuda_graph?
        try Self.succeed(ct_cuda_graph_new(Int8(device.index), &made), "preparing")
        guard let made else { fatalError("a graph was neither made nor refused") }
        do throws(CUDAGraphError) {
            for _ in 0..<warmUps { _ = body(own) }
            try Self.succeed(ct_cuda_graph_begin(made), "beginning to record")
            outputs = body(own)
            try Self.succeed(ct_cuda_graph_end(made), "recording")
        } catch {
            ct_cuda_graph_free(made)
            throw error
        }
        graph = made
        self.inputs = own
        self.body = body
    }

    deinit { ct_cuda_graph_free(graph) }

    /// Runs the recorded work on other values of the same shapes.
    ///
    /// - Returns: the same tensors each time, overwritten by the next replay: `clone()` what must stay.
    /// - Throws: ``CUDAGraphError/refused(step:problem:)``.
    public func replay(_ values: [Tensor]) throws(CUDAGraphError) -> [Tensor] {
        precondition(values.map(\.shape) == inputs.map(\.shape), "\(values.map(\.shape)) for \(inputs.map(\.shape))")
        withoutGradients { for (input, value) in zip(inputs, values) { input.copy_(value) } }
        try Self.succeed(ct_cuda_graph_replay(graph), "replaying")
        return outputs
    }

    private static func succeed(_ error: ct_error?, _ step: String) throws(CUDAGraphError) {
        if let error { throw .refused(step: step, problem: String(cString: error)) }
    }
}

/// Why work could not be recorded or replayed.
public enum CUDAGraphError: Error, Equatable, CustomStringConvertible {
    /// This machine, or its libtorch, has no CUDA graphs.
    case unavailable(reason: String)
    /// An input that is on no GPU, or on another one than the first.
    case wrongDevice(input: Int, device: Device)
    /// CUDA refused a step, for instance since the body copies to the CPU.
    case refused(step: String, problem: String)

    public var description: String {
        switch self {
        case .unavailable(let reason): "CUDA graphs are not available: \(reason)"
        case .wrongDevice(let input, let device): "CUDA graph: input \(input) is on \(device); all must be on one GPU"
        case .refused(let step, let problem): "CUDA graph, \(step): \(problem)"
        }
    }
}
