internal import Torch

/// Spectra as throats of other lengths would have made them: bands moved as training moves them.
struct SpectralViews {
    private let moved: Tensor  // [V, M, M]

    /// - Parameters:
    ///   - warps: by how much bands are scaled, 1 for the sound as it is.
    ///   - model: whose input the views are.
    init(of warps: [Double], bins: Int, like model: FastConformerTransducer) {
        precondition(!warps.isEmpty && bins > 1, "views by \(warps) of \(bins) bands")
        moved = Tensor.stacked(warps.map { Self.matrix($0, bins) }, 0).to(model.dtype).to(model.device)
    }

    /// How many views there are.
    var count: Int { moved.size(0) }

    /// Log-mel frames `[1, F, M]` as every view has them: `[V, F, M]`.
    func callAsFunction(_ mels: Tensor) -> Tensor { mels.matmul(moved) }

    private static func matrix(_ warp: Double, _ bins: Int) -> Tensor {
        let top = Double(bins - 1)
        // Below the knee bands scale by `warp`; above it they run linearly to the top, so nothing falls outside.
        let knee = Double(bins) * 0.8
        var weights = Array(repeating: Float(0), count: bins * bins)
        for bin in 0..<bins {
            let x = Double(bin)
            let y = x <= knee ? x * warp : knee * warp + (x - knee) * (top - knee * warp) / (top - knee)
            let low = min(max(Int(y), 0), bins - 2)
            let share = Float(min(max(y - Double(low), 0), 1))
            weights[low * bins + bin] = 1 - share
            weights[(low + 1) * bins + bin] = share
        }
        return Tensor(weights, [bins, bins])
    }
}
