internal import Torch
internal import TorchNN

/// How the weights of products are used: whole, kept in fewer bits, or with an adapter's change; never both of these.
struct WeightUse {
    var packing: WeightPacking?
    var adapter: LowRankAdapter?
}

/// Products of one input with several weights: plain ones side by side, or packed into one.
///
/// Packed weights are scaled output by output, so joining them changes no number and saves calls.
struct Projections {
    /// What the weights have in common.
    struct Form {
        var inputs: Int
        var bias: Bool
        /// Standard deviation of new weights.
        var deviation: Double
        var use: WeightUse

        init(inputs: Int, bias: Bool, _ deviation: Double, _ use: WeightUse) {
            (self.inputs, self.bias, self.deviation, self.use) = (inputs, bias, deviation, use)
        }
    }

    private let plain: [Linear]
    /// The same with what an adapter changes in them, where there is one.
    private let changed: [LowRankLinear?]
    private let packed: PackedLinear?
    private let widths: [Int]
    /// Whether the weights have fewer bits; they are then for inference only.
    var isPacked: Bool { packed != nil }

    /// Reads or makes `name.weight` `[width, inputs]`, and `name.bias`, of each part.
    init(_ weights: Weights, _ parts: [(name: String, width: Int)], _ form: Form) {
        widths = parts.map(\.width)
        let linears = parts.map { part in
            Linear(weights / part.name, from: form.inputs, to: part.width, bias: form.bias, initial: .normal(form.deviation))
        }
        changed = zip(parts, linears).map { form.use.adapter?.layer(at: (weights / $0.name).path, around: $1) }
        // What four bits cannot hold stays as it is.
        guard let packing = form.use.packing,
            PackedLinear.takes(inputs: form.inputs, outputs: widths.reduce(0, +), packing)
        else {
            (plain, packed) = (linears, nil)
            return
        }
        let whole = Linear(
            weight: .concatenated(linears.map(\.weight), 0),
            bias: form.bias ? .concatenated(linears.compactMap(\.bias), 0) : nil)
        (plain, packed) = ([], PackedLinear(whole, packing))
        for part in parts { (weights / part.name).release() }
    }

    /// Over a weight `[O, I]` that something else keeps too.
    ///
    /// The scores of the vocabulary take eight bits even where the rest has four: most of the loss would come from here.
    init(tied weight: Tensor, _ packing: WeightPacking?) {
        let linear = Linear(weight: weight, bias: nil)
        widths = [weight.size(0)]
        packed = packing.map { _ in PackedLinear(linear, .int8) }
        changed = [nil]
        plain = packed == nil ? [linear] : []
    }

    /// `silu(first) · second` of two parts of one width, `[…, I]` to `[…, width]`.
    func gated(_ x: Tensor) -> Tensor {
        if let packed { return packed.gated(x) }
        return product(0, x).silu() * product(1, x)
    }

    private func product(_ index: Int, _ x: Tensor) -> Tensor { changed[index].map { $0(x) } ?? plain[index](x) }

    /// `[…, I]` to `[…, width]` of each part.
    func callAsFunction(_ x: Tensor) -> [Tensor] {
        guard let packed else { return plain.indices.map { product($0, x) } }
        let whole = packed(x)
        guard widths.count > 1 else { return [whole] }
        var start = 0
        return widths.map { width in
            defer { start += width }
            return whole.narrow(-1, start: start, length: width)
        }
    }
}
