public import Torch

/// Vectors rounded to the nearest of a table, which follows its members' mean (van den Oord et al. 2017, appendix A).
///
/// Reads `embed`, `embed_avg`, `cluster_size` and `inited`, as EnCodec's codebooks are kept.
public struct VectorQuantizer {
    let codes: Tensor  // [N, D]
    let sums: Tensor  // [N, D]
    let counts: Tensor  // [N]
    let decay: Double

    /// A codebook of `count` vectors of `width`; `decay` is that of its moving averages.
    public init(_ weights: Weights, count: Int, width: Int, decay: Double = 0.99) {
        codes = weights.buffer("embed", [count, width], .normal(1))
        sums = weights.buffer("embed_avg", [count, width], .zeros)
        counts = weights.buffer("cluster_size", [count], .ones)
        _ = weights.buffer("inited", [1], .ones)
        self.decay = decay
        if weights.store.isNew { _ = sums.copy_(codes) }
    }

    /// The nearest code of each vector: `[…, D]` to `[…]` int64.
    public func encode(_ x: Tensor) -> Tensor {
        withoutGradients {
            let flat = x.detach().reshape([-1, codes.size(1)])
            let distances = codes.square().sum([-1]) - flat.matmul(codes.t()) * 2  // less |x|², which changes no order
            return distances.argmin(-1).view(Array(x.shape.dropLast()))
        }
    }

    /// The vectors of codes: `[…]` to `[…, D]`.
    public func decode(_ indices: Tensor) -> Tensor { codes.embedding(indices: indices) }

    /// The nearest codes; gradients pass straight through to `x`.
    ///
    /// - Returns: `commitment` pulls `x` to its code.
    public func callAsFunction(_ x: Tensor, training: Bool = false) -> (quantized: Tensor, indices: Tensor, commitment: Tensor) {
        let indices = encode(x)
        let nearest = decode(indices).detach()
        if training { follow(x, indices) }
        return (x + (nearest - x).detach(), indices, (x - nearest).square().mean())
    }

    private func follow(_ x: Tensor, _ indices: Tensor) {
        withoutGradients {
            let (flat, members) = (x.detach().reshape([-1, codes.size(1)]), indices.reshape([-1]))
            let share = Scalar.floating(1 - decay)
            let ones = Tensor.ones([members.count], dtype: counts.dtype, device: counts.device)
            _ = counts.lerp_(Tensor.zeros(counts.shape, like: counts).indexAdd_(0, index: members, source: ones), weight: share)
            _ = sums.lerp_(Tensor.zeros(sums.shape, like: sums).indexAdd_(0, index: members, source: flat), weight: share)
            // Laplace smoothing: a code without members must not divide by zero.
            let total = counts.sum()
            let smooth = (counts + 1e-5) / (total + 1e-5 * Double(counts.count)) * total
            _ = codes.copy_(sums / smooth.unsqueeze(1))
        }
    }
}

/// Quantisers in a row, each of what the former left over (Zeghidour et al. 2021).
public struct ResidualVectorQuantizer {
    let layers: [VectorQuantizer]

    /// Reads `layers.N.codebook`.
    public init(_ weights: Weights, depth: Int, count: Int, width: Int, decay: Double = 0.99) {
        layers = (0..<depth).map {
            VectorQuantizer(weights / "layers" / $0 / "codebook", count: count, width: width, decay: decay)
        }
    }

    /// `[…, D]` to the sum of the codes, their indices `[Q, …]` and the mean commitment.
    public func callAsFunction(_ x: Tensor, training: Bool = false) -> (quantized: Tensor, indices: Tensor, commitment: Tensor) {
        var (rest, sum) = (x, Tensor.zeros(x.shape, like: x))
        var (indices, commitments): ([Tensor], [Tensor]) = ([], [])
        for layer in layers {
            let (_, index, commitment) = layer(rest)
            let nearest = layer.decode(index).detach().clone()  // as it was before `layer` moves
            if training { _ = layer(rest.detach(), training: true) }
            (rest, sum) = (rest - nearest, sum + nearest)
            indices.append(index)
            commitments.append(commitment)
        }
        return (x + (sum - x).detach(), Tensor.stacked(indices, 0), Tensor.stacked(commitments, 0).mean())
    }

    /// Codes `[Q, …]`, or the first of them, to `[…, D]`.
    public func decode(_ indices: Tensor) -> Tensor {
        precondition((1...layers.count).contains(indices.size(0)), "\(indices.size(0)) codes for \(layers.count) codebooks")
        return Tensor.stacked((0..<indices.size(0)).map { layers[$0].decode(indices.select(0, index: $0)) }, 0).sum([0])
    }
}
