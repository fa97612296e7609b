public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One layer of long short-term memory (Hochreiter & Schmidhuber 1997) in PyTorch's layout.
///
/// Written over `linear`: libtorch's own repacks its weights at every call, which costs milliseconds a step.
public struct LSTM {
    /// What a batch of sequences remembers between steps.
    public struct State {
        public var hidden: Tensor  // [B, H]
        public var cell: Tensor  // [B, H]

        /// A state of [layers, B, width] each.
        public init(hidden: Tensor, cell: Tensor) {
            self.hidden = hidden
            self.cell = cell
        }
    }

    let inputWeight: Tensor  // [4 H, I]
    let hiddenWeight: Tensor  // [4 H, H]
    let inputBias: Tensor  // [4 H]
    let hiddenBias: Tensor  // [4 H]
    let width: Int

    /// Reads `weight_ih_lN`, `weight_hh_lN`, `bias_ih_lN` and `bias_hh_lN`.
    public init(_ weights: Weights, from inputs: Int, width: Int, layer: Int = 0) {
        let bound = 1 / sqrt(Double(width))
        inputWeight = weights.tensor("weight_ih_l\(layer)", [4 * width, inputs], .uniform(bound))
        hiddenWeight = weights.tensor("weight_hh_l\(layer)", [4 * width, width], .uniform(bound))
        inputBias = weights.tensor("bias_ih_l\(layer)", [4 * width], .uniform(bound))
        hiddenBias = weights.tensor("bias_hh_l\(layer)", [4 * width], .uniform(bound))
        self.width = width
    }

    /// The state of `batch` sequences that have seen nothing.
    public func initialState(batch: Int) -> State {
        State(hidden: .zeros([batch, width], like: hiddenWeight), cell: .zeros([batch, width], like: hiddenWeight))
    }

    /// One step: `[B, I]` to `[B, H]`.
    public func step(_ x: Tensor, _ state: inout State) -> Tensor {
        advance(x.linear(weight: inputWeight, bias: inputBias), &state)
    }

    /// A whole sequence: `[B, U, I]` to `[B, U, H]`.
    public func callAsFunction(_ x: Tensor, _ state: inout State) -> Tensor {
        let inputs = x.linear(weight: inputWeight, bias: inputBias)  // [B, U, 4 H]
        var outputs: [Tensor] = []
        for u in 0..<x.size(1) { outputs.append(advance(inputs.select(1, index: u), &state)) }
        return Tensor.stacked(outputs, 1)  // [B, U, H]
    }

    private func advance(_ projected: Tensor, _ state: inout State) -> Tensor {
        let gates = (projected + state.hidden.linear(weight: hiddenWeight, bias: hiddenBias)).chunk(4, dim: 1)  // 4 × [B, H]
        state.cell = gates[1].sigmoid() * state.cell + gates[0].sigmoid() * gates[2].tanh()
        state.hidden = gates[3].sigmoid() * state.cell.tanh()
        return state.hidden
    }
}
