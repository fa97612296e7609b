internal import Torch
internal import TorchNN

/// Keys and values of several texts of different lengths, a slot each, so that they take their steps together.
///
/// Laid out `[slot, position, head, D]`: one write puts a token of every text in its place, and one text's past is a
/// stretch of memory that another slot can take over.
final class SlotCache {
    private let keys: [Tensor]  // one per layer, [S, capacity, Hkv, D]
    private let values: [Tensor]
    let slots: Int
    let capacity: Int
    private let width: Int  // Hkv · D

    init(_ model: CausalDecoder, slots: Int, capacity: Int) {
        let config = model.config
        (self.slots, self.capacity) = (slots, capacity)
        width = config.numKeyValueHeads * config.headDim
        let shape = [slots, capacity, config.numKeyValueHeads, config.headDim]
        func tensors() -> [Tensor] {
            model.layers.map { _ in .zeros(shape, dtype: model.cacheType, device: model.embedding.weight.device) }
        }
        (keys, values) = (tensors(), tensors())
    }

    /// Takes over the first `count` positions of another slot.
    func copy(from source: Int, to target: Int, count: Int) {
        guard source != target, count > 0 else { return }
        for tensors in [keys, values] {
            for tensor in tensors {
                tensor.select(0, index: target).narrow(0, start: 0, length: count).copy_(
                    tensor.select(0, index: source).narrow(0, start: 0, length: count))
            }
        }
    }

    /// Writes `[1, Hkv, T, D]` behind the first `start` positions of one slot, and gives all up to there, `[1, Hkv, S, D]`.
    func extend(layer: Int, slot: Int, from start: Int, _ key: Tensor, _ value: Tensor) -> (Tensor, Tensor) {
        let length = key.size(2)
        func put(_ tensor: Tensor, _ new: Tensor) -> Tensor {
            let own = tensor.narrow(0, start: slot, length: 1)
            own.narrow(1, start: start, length: length).copy_(new.transposed(1, 2))
            return own.narrow(1, start: 0, length: start + length).transposed(1, 2)
        }
        return (put(keys[layer], key), put(values[layer], value))
    }

    /// Where the next token of each row stands.
    struct Rows {
        let slots: [Int]
        let positions: [Int]
        let places: Tensor  // [B] int64, in slots laid end to end
        let all: Tensor  // [B] int64

        init(_ slots: [Int], at positions: [Int], capacity: Int, device: Device) {
            (self.slots, self.positions) = (slots, positions)
            places = Tensor(zip(slots, positions).map { $0 * capacity + $1 }, [slots.count]).to(device)
            all = Tensor(slots, [slots.count]).to(device)
        }

        /// The number of positions that the longest row has, this token's included.
        var length: Int { (positions.max() ?? 0) + 1 }
        var areNeighbours: Bool { zip(slots, slots.dropFirst()).allSatisfy { $1 == $0 + 1 } }
    }

    /// Writes one token of each row, `[B, Hkv, 1, D]`, and gives the rows' pasts, `[B, Hkv, S, D]`; beyond a row's own length
    /// stands what the mask must hide.
    func extend(layer: Int, _ rows: Rows, _ key: Tensor, _ value: Tensor) -> (Tensor, Tensor) {
        func put(_ tensor: Tensor, _ new: Tensor) -> Tensor {
            let B = rows.slots.count
            let flat = new.reshape([B, width]).to(tensor.dtype)
            tensor.view([slots * capacity, width]).indexCopy_(0, index: rows.places, source: flat)
            // Slots that lie side by side need no copy.
            let own =
                rows.areNeighbours
                ? tensor.narrow(0, start: rows.slots[0], length: B).narrow(1, start: 0, length: rows.length)
                : tensor.narrow(1, start: 0, length: rows.length).indexSelect(0, index: rows.all)
            return own.transposed(1, 2)
        }
        return (put(keys[layer], key), put(values[layer], value))
    }
}

extension CausalDecoder {
    /// The last token's state of a piece of one slot's text, `[1, E]`; `start` tokens stand before it.
    func state(after tokens: ArraySlice<Int>, slot: Int, from start: Int, _ cache: SlotCache) -> Tensor {
        let (T, device) = (tokens.count, embedding.weight.device)
        var x = embedding(Tensor(Array(tokens), [1, T]).to(device))  // [1, T, E]
        let angles = rotary.angles(from: start, count: T, dtype: x.dtype)
        let mask: AttentionMask =
            start > 0 && T > 1 ? .allowed(Tensor.ones([T, start + T], dtype: .bool, device: device).tril(start)) : .causal
        for (index, layer) in layers.enumerated() {
            x = layer(x, angles, mask, dropout: 0) { cache.extend(layer: index, slot: slot, from: start, $0, $1) }
        }
        return norm(x.suffix(1, axis: 1)).squeeze(1)
    }

    /// The states of one token of each row, `[B, E]`.
    func states(_ tokens: [Int], _ rows: SlotCache.Rows, _ cache: SlotCache) -> Tensor {
        let device = embedding.weight.device
        var x = embedding(Tensor(tokens, [tokens.count, 1]).to(device))  // [B, 1, E]
        let angles = rotary.angles(at: rows.positions, dtype: x.dtype)
        var mask = AttentionMask.causal  // one query of rows of one length sees everything
        if let first = rows.positions.first, rows.positions.contains(where: { $0 != first }) {
            let positions = Tensor(rows.positions, [tokens.count, 1, 1, 1]).to(device)
            let columns = Tensor.arange(.integer(0), .integer(rows.length), dtype: .int64, device: device)
            mask = .allowed(columns.le(positions))  // [B, 1, 1, S]
        }
        for (index, layer) in layers.enumerated() {
            x = layer(x, angles, mask, dropout: 0) { cache.extend(layer: index, rows, $0, $1) }
        }
        return norm(x).squeeze(1)
    }
}
