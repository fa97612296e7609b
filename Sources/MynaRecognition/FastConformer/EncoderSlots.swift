public import Torch
internal import TorchNN

/// The encoder's memory of many streams, and the step that moves any number of them on together.
///
/// Each stream has a slot: in every layer a ring of rows for the keys and values of its frames and one for the inputs of the
/// convolution. A step writes its frames into the rings and then reads what each frame may see; only counting the frames
/// commits them. So streams of any age run side by side, each with as many new frames as it has, and frames that were only
/// looked at leave nothing behind that counts.
///
/// S slots, B rows in a step, n frames of the longest row, P past frames, K = P + n keys, D hidden size, H heads.
public struct EncoderSlots {
    /// What a row of a step brings.
    public struct Row {
        public var slot: Int
        /// Mel frames `[F, bins]`: all that were not given before.
        public var mels: Tensor
        /// Whether the signal ends here.
        public var isLast: Bool

        public init(slot: Int, mels: Tensor, isLast: Bool = false) {
            (self.slot, self.mels, self.isLast) = (slot, mels, isLast)
        }
    }

    /// Frames of one stream that one step can take.
    public let longestStep: Int

    private let encoder: FastConformerEncoder
    private let ring: Int  // rows of a slot for keys and values
    private let convolutionRing: Int
    private var keysAndValues: [Tensor] = []  // a layer each: [S · ring + 2, 2 D]; the last rows: zeros, and what nobody reads
    private var convolutions: [Tensor] = []  // a layer each: [S · convolutionRing + 2, D]
    private var positions: [Tensor] = []  // a layer each: [H, D/H, …], distances from `farthest` down to 1 − longestStep
    private let farthest: Int
    private var frames: [Int] = []  // committed, of each slot
    private var mels: [Tensor] = []  // of each slot: those from eight times max(0, frames − 2) on
    private var free: [Int] = []

    /// - Parameter longestStep: frames of one stream that one step can take.
    public init(_ encoder: FastConformerEncoder, longestStep: Int) {
        self.encoder = encoder
        self.longestStep = longestStep
        ring = encoder.leftContext + longestStep
        convolutionRing = encoder.config.conv_kernel_size - 1 + longestStep
        farthest = encoder.leftContext + longestStep - 1
        let (dtype, device) = (encoder.dtype, encoder.device)
        let table = encoder.positions(keys: farthest + 1, like: .zeros([0], dtype: dtype, device: device)).prefix(
            farthest + longestStep, axis: 0)
        positions = encoder.blocks.map { $0.attention.projectedPositions(table) }
        keysAndValues = encoder.blocks.map { _ in .zeros([2, 2 * encoder.config.hidden_size], dtype: dtype, device: device) }
        convolutions = encoder.blocks.map { _ in .zeros([2, encoder.config.hidden_size], dtype: dtype, device: device) }
    }

    /// Frames of the stream in a slot that are committed.
    public func frames(of slot: Int) -> Int { frames[slot] }

    /// Frames that a stream would have in all after `melFrames`; `ended` counts those that reach beyond the end.
    static func frames(afterMels melFrames: Int, ended: Bool) -> Int {
        ended ? FastConformerConfig.frames(forMels: melFrames) : (melFrames + 7) / 8
    }

    /// A slot for a stream that has heard nothing.
    public mutating func claim() -> Int {
        if free.isEmpty { grow() }
        let slot = free.removeLast()
        frames[slot] = 0
        mels[slot] = .zeros([0, encoder.config.num_mel_bins], dtype: encoder.dtype, device: encoder.device)
        return slot
    }

    /// Gives a slot back.
    public mutating func release(_ slot: Int) { free.append(slot) }

    private mutating func grow() {
        let (before, after) = (frames.count, max(4, 2 * frames.count))
        func grown(_ rows: Tensor, _ each: Int) -> Tensor {
            .concatenated(
                [rows.prefix(before * each, axis: 0), .zeros([(after - before) * each + 2, rows.size(1)], like: rows)], 0)
        }
        keysAndValues = keysAndValues.map { grown($0, ring) }
        convolutions = convolutions.map { grown($0, convolutionRing) }
        frames += Array(repeating: 0, count: after - before)
        mels += Array(repeating: .zeros([0]), count: after - before)
        free += (before..<after).reversed()
    }

    /// Every frame that the rows' mel frames complete, each seeing those of its row and what the slot remembers.
    ///
    /// - Parameter commit: whether the frames count as heard. If not, the slots are as they were, and the same mel frames are
    ///   to be given again.
    /// - Returns: frames `[B, n, D]` and how many of them are each row's.
    public mutating func step(_ rows: [Row], commit: Bool = true) -> (frames: Tensor, counts: [Int]) {
        let width = encoder.config.hidden_size
        // Mel frames from the two frames before the new ones on: the stages reach that far back.
        let windows = rows.map { row in
            mels[row.slot].size(0) == 0 ? row.mels : Tensor.concatenated([mels[row.slot], row.mels], 0)
        }
        let bases = rows.map { max(0, frames[$0.slot] - 2) }
        let ends = rows.indices.map { Self.frames(afterMels: 8 * bases[$0] + windows[$0].size(0), ended: rows[$0].isLast) }
        let counts = rows.indices.map { max(0, ends[$0] - frames[rows[$0].slot]) }
        let longest = counts.max() ?? 0
        precondition(longest <= longestStep, "\(longest) frames in a step of at most \(longestStep)")
        defer {
            if commit {
                for (index, row) in rows.enumerated() {
                    let base = max(0, ends[index] - 2)
                    let taken = min(8 * (base - bases[index]), windows[index].size(0))
                    mels[row.slot] = taken > 0 ? windows[index].sliced(0, taken).clone() : windows[index]
                    frames[row.slot] += counts[index]
                }
            }
        }
        guard longest > 0 else { return (.zeros([rows.count, 0, width], dtype: encoder.dtype, device: encoder.device), counts) }
        var x = subsampled(rows, windows: windows, bases: bases, ends: ends, counts: counts, longest: longest)
        if encoder.config.scale_input { x = x * Double(width).squareRoot() }

        let plan = Plan(self, rows, counts: counts, longest: longest, device: encoder.device)
        for (index, block) in encoder.blocks.enumerated() {
            x = block.step(
                x, positions: positions[index].narrow(2, start: farthest - (plan.keys - 1), length: plan.keys + longest - 1),
                plan: plan, keysAndValues: keysAndValues[index], convolutions: convolutions[index])
        }
        return (x, counts)
    }

    /// The stages over each row's window, its new frames first: `[B, n, D]`.
    private func subsampled(
        _ rows: [Row], windows: [Tensor], bases: [Int], ends: [Int], counts: [Int], longest: Int
    ) -> Tensor {
        // A whole frame needs one mel frame of its own eight; the end of a signal needs all that are left.
        let lengths = rows.indices.map { rows[$0].isLast ? windows[$0].size(0) : max(0, 8 * (ends[$0] - 1 - bases[$0]) + 1) }
        let widest = lengths.max() ?? 0
        let padded = rows.indices.map { index in
            let used = windows[index].prefix(lengths[index], axis: 0)
            return lengths[index] == widest ? used : used.constantPad([0, 0, 0, widest - lengths[index]])
        }
        let stacked = rows.count == 1 ? padded[0].unsqueeze(0) : Tensor.stacked(padded, 0)
        let isEven = lengths.allSatisfy { $0 == widest }
        let all = encoder.subsampling(stacked, lengths: isEven ? nil : lengths)  // [B, …, D]
        let starts = rows.indices.map { frames[rows[$0].slot] - bases[$0] }
        if Set(starts).count == 1, starts[0] + longest <= all.size(1) { return all.narrow(1, start: starts[0], length: longest) }
        let made = all.size(1)
        let index = rows.indices.flatMap { row in (0..<longest).map { row * made + min(starts[row] + $0, made - 1) } }
        return all.flatten(0, endDim: 1).indexSelect(0, index: Tensor(index).to(encoder.device)).view([rows.count, longest, -1])
    }

    /// Which rows of the rings a step writes and reads; the same in every layer.
    struct Plan {
        let keys: Int
        let written: Tensor  // [B · n]
        let read: Tensor  // [B · K]
        let mask: Tensor?  // additive, [B, 1, 1, K]
        let convolutionWritten: Tensor  // [B · n]
        let convolutionRead: Tensor  // [B · (kernel − 1 + n)]

        init(_ slots: EncoderSlots, _ rows: [Row], counts: [Int], longest: Int, device: Device) {
            let committed = rows.map { slots.frames[$0.slot] }
            let past = min(slots.encoder.leftContext, committed.max() ?? 0)
            keys = past + longest
            let reach = slots.encoder.config.conv_kernel_size - 1

            func indices(_ ring: Int, from first: Int, to end: Int, zeros: Int, count: (Int) -> Int) -> [Int] {
                rows.indices.flatMap { row in
                    (first..<end).map { offset in
                        let frame = committed[row] + offset
                        return frame < 0 || offset >= count(row) ? zeros : rows[row].slot * ring + frame % ring
                    }
                }
            }
            let (zeros, convolutionZeros) = (slots.frames.count * slots.ring, slots.frames.count * slots.convolutionRing)
            written = Tensor(indices(slots.ring, from: 0, to: longest, zeros: zeros + 1) { counts[$0] }).to(device)
            read = Tensor(indices(slots.ring, from: -past, to: longest, zeros: zeros) { counts[$0] }).to(device)
            convolutionWritten = Tensor(
                indices(slots.convolutionRing, from: 0, to: longest, zeros: convolutionZeros + 1) { counts[$0] }
            ).to(device)
            convolutionRead = Tensor(
                indices(slots.convolutionRing, from: -reach, to: longest, zeros: convolutionZeros) { counts[$0] }
            ).to(device)
            if committed.allSatisfy({ $0 >= past }), counts.allSatisfy({ $0 == longest }) {
                mask = nil
            } else {
                let values = rows.indices.flatMap { row in
                    (-past..<longest).map { committed[row] + $0 < 0 || $0 >= counts[row] ? Float(-1e9) : 0 }
                }
                mask = Tensor(values, [rows.count, 1, 1, keys]).to(device)
            }
        }
    }
}

extension ConformerBlock {
    /// New frames `[B, n, D]` of streams in slots, to the same; writes what later steps read into the rings.
    func step(_ input: Tensor, positions: Tensor, plan: EncoderSlots.Plan, keysAndValues: Tensor, convolutions: Tensor) -> Tensor
    {
        var x = input
        x = x + feedForward1(norms[0](x), dropout: 0) * 0.5
        x = x + attention.step(norms[1](x), positions: positions, plan: plan, keysAndValues: keysAndValues)
        x = x + convolution.step(norms[2](x), plan: plan, ring: convolutions)
        x = x + feedForward2(norms[3](x), dropout: 0) * 0.5
        return norms[4](x)
    }
}

extension RelativeAttention {
    /// Sinusoids `[N, D]` as the scores read them: `[H, D/H, N]`.
    func projectedPositions(_ table: Tensor) -> Tensor {
        position(table).view([-1, heads, headWidth]).permute([1, 2, 0]).contiguous()
    }

    func step(_ x: Tensor, positions: Tensor, plan: EncoderSlots.Plan, keysAndValues: Tensor) -> Tensor {
        let (batch, frames) = (x.size(0), x.size(1))
        let width = heads * headWidth
        let own = Tensor.concatenated([key(x), value(x)], -1).view([batch * frames, 2 * width])
        _ = keysAndValues.indexCopy_(0, index: plan.written, source: own)
        let all = keysAndValues.indexSelect(0, index: plan.read).view([batch, plan.keys, 2, heads, headWidth])
        let k = all.select(2, index: 0).permute([0, 2, 3, 1])  // [B, H, D/H, K]
        let v = all.select(2, index: 1).transposed(1, 2)  // [B, H, K, D/H]
        let q = query(x).view([batch, frames, heads, headWidth])
        let content = (q + biasU).transposed(1, 2).matmul(k)  // [B, H, n, K]
        let relative = shifted((q + biasV).transposed(1, 2).matmul(positions), keys: plan.keys)
        var scores = (content + relative) * (1 / Double(headWidth).squareRoot())
        if let mask = plan.mask { scores = scores + mask }
        return output(scores.softmax(-1).matmul(v).transposed(1, 2).flatten(2))
    }
}

extension ConvolutionModule {
    func step(_ x: Tensor, plan: EncoderSlots.Plan, ring: Tensor) -> Tensor {
        let (batch, frames, width) = (x.size(0), x.size(1), x.size(2))
        let gated = x.linear(weight: gateWeight.squeeze(-1), bias: gateBias).glu(-1)  // [B, n, D]
        _ = ring.indexCopy_(0, index: plan.convolutionWritten, source: gated.reshape([batch * frames, width]))
        let all = ring.indexSelect(0, index: plan.convolutionRead).view([batch, kernel - 1 + frames, width])
        return finished(all.transposed(1, 2))
    }
}
