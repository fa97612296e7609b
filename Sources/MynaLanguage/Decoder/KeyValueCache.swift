internal import Torch

/// Keys and values of the tokens a model has read, so that the next token costs one step.
///
/// It belongs to one text (or batch of texts of one length). Memory is taken once and written in place, so it cannot be
/// copied by accident: ``copy()`` says so.
public struct KeyValueCache: ~Copyable {
    var keys: [Tensor]  // one per layer, [B, Hkv, capacity, D]
    var values: [Tensor]
    /// How many tokens are in it.
    public internal(set) var count: Int
    public let capacity: Int

    init(keys: [Tensor], values: [Tensor], count: Int, capacity: Int) {
        self.keys = keys
        self.values = values
        self.count = count
        self.capacity = capacity
    }

    /// An independent cache with the same content.
    public borrowing func copy() -> KeyValueCache {
        KeyValueCache(keys: keys.map { $0.clone() }, values: values.map { $0.clone() }, count: count, capacity: capacity)
    }

    /// Forgets all tokens after the first `count`.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "a cache of \(self.count) tokens is cut to \(count)")
        self.count = count
    }

    /// Writes the new tokens' keys and values (`[B, Hkv, T, D]`) behind those of a layer, and gives all of them.
    mutating func extend(layer: Int, key: Tensor, value: Tensor) -> (Tensor, Tensor) {
        let length = key.size(2)
        keys[layer].narrow(2, start: count, length: length).copy_(key)
        values[layer].narrow(2, start: count, length: length).copy_(value)
        return (
            keys[layer].narrow(2, start: 0, length: count + length), values[layer].narrow(2, start: 0, length: count + length)
        )
    }
}
