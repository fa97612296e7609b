public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Rotary positions (Su et al. 2021) in the half-rotated layout of Llama.
public struct RotaryPositions {
    /// Llama 3's stretching of slow rotations to longer contexts.
    public struct Scaling: Sendable, Equatable {
        public var factor: Double
        public var lowFrequencyFactor: Double
        public var highFrequencyFactor: Double
        public var originalPositions: Int

        /// The four numbers of `rope_scaling` in a Llama 3 configuration.
        public init(
            factor: Double = 8, lowFrequencyFactor: Double = 1, highFrequencyFactor: Double = 4, originalPositions: Int = 8192
        ) {
            (self.factor, self.originalPositions) = (factor, originalPositions)
            (self.lowFrequencyFactor, self.highFrequencyFactor) = (lowFrequencyFactor, highFrequencyFactor)
        }
    }

    let frequencies: [Double]

    /// - Parameter width: of one head; even.
    public init(width: Int, base: Double = 10_000, scaling: Scaling? = nil) {
        precondition(width % 2 == 0, "a head of odd width \(width) cannot be rotated")
        frequencies = (0..<width / 2).map { index in
            let frequency = pow(base, -2 * Double(index) / Double(width))
            guard let scaling else { return frequency }
            let turns = Double(scaling.originalPositions) * frequency / (2 * .pi)
            let share =
                (turns - scaling.lowFrequencyFactor) / (scaling.highFrequencyFactor - scaling.lowFrequencyFactor)
            let kept = min(1, max(0, share))
            return frequency * (kept + (1 - kept) / scaling.factor)
        }
    }

    /// Turns `[B, H, T, D]` whose first frame is at `start`.
    public func callAsFunction(_ x: Tensor, from start: Int = 0) -> Tensor {
        let (frames, half) = (x.size(2), frequencies.count)
        precondition(x.size(3) == 2 * half, "heads of \(x.size(3)) for rotations of \(2 * half)")
        let positions = Tensor.arange(.integer(start), .integer(start + frames), dtype: .float64, device: x.device)
        let table = positions.unsqueeze(1) * Tensor(frequencies).to(x.device)  // [T, D / 2]
        let (cosine, sine) = (table.cos().to(x.dtype), table.sin().to(x.dtype))
        let (a, b) = (x.prefix(half, axis: 3), x.suffix(half, axis: 3))
        return Tensor.concatenated([a * cosine - b * sine, b * cosine + a * sine], 3)
    }
}

/// Sinusoids of relative distance and the shift that lays them along a query (Dai et al. 2019).
public enum RelativePositions {
    /// `[2 T − 1, D]`: distances from `T − 1` down to `1 − T`, sine and cosine by turns.
    public static func table(length: Int, width: Int) -> Tensor {
        precondition(width % 2 == 0, "an odd width \(width)")
        let distances = Tensor.arange(.integer(length - 1), .integer(-length), step: -1, dtype: .float64)
        let frequencies = (Tensor.arange(0, .integer(width), step: 2, dtype: .float64) * (-log(10_000) / Double(width))).exp()
        let angles = distances.unsqueeze(1) * frequencies  // [2 T − 1, D / 2]
        return Tensor.stacked([angles.sin(), angles.cos()], -1).flatten(1).to(.float32)
    }

    /// `[B, H, T, 2 T − 1]` by distance to `[B, H, T, T]` by key.
    public static func shifted(_ scores: Tensor) -> Tensor {
        let (B, H, T, P) = (scores.size(0), scores.size(1), scores.size(2), scores.size(3))
        precondition(P == 2 * T - 1, "\(P) distances for \(T) frames")
        let padded = scores.constantPad([1, 0]).reshape([B, H, P + 1, T])
        return padded.sliced(2, 1).reshape([B, H, T, P]).prefix(T, axis: 3)
    }
}

/// Which earlier frames a frame attends to; itself always, later ones never.
public enum AttentionSpan: Sendable, Equatable {
    case full
    /// The last so many, itself included.
    case window(Int)
    /// Those of its own run of so many.
    case chunk(Int)

    /// The first position that the frame at `position` sees.
    func first(for position: Int) -> Int {
        switch self {
        case .full: 0
        case .window(let width): max(0, position - width + 1)
        case .chunk(let width): position / width * width
        }
    }
}

/// Causal attention with grouped heads (Ainslie et al. 2023): `[B, T, D]` to `[B, T, D]`.
///
/// Fed in pieces with one cache it gives the same as fed whole; the cache holds only what ``AttentionSpan`` can reach.
public struct Attention {
    /// Keys and values of the frames that can still be seen.
    public struct Cache {
        var keys: Tensor?  // [B, G, S, E]
        var values: Tensor?
        /// How many frames went by.
        public internal(set) var position = 0

        /// An empty cache: nothing has been heard or read yet.
        public init() {}
    }

    let (query, key, value, output): (Linear, Linear, Linear, Linear)
    let (heads, groups, headWidth): (Int, Int, Int)
    let rotary: RotaryPositions?
    let span: AttentionSpan

    /// Reads `q_proj`, `k_proj`, `v_proj` and `o_proj`.
    public init(
        _ weights: Weights, width: Int, heads: Int, groups: Int? = nil, headWidth: Int? = nil, bias: Bool = false,
        rotary: RotaryPositions? = nil, span: AttentionSpan = .full
    ) {
        let (groups, headWidth) = (groups ?? heads, headWidth ?? width / heads)
        precondition(heads % groups == 0, "\(heads) heads do not share \(groups) keys")
        switch span {
        case .window(let width), .chunk(let width): precondition(width > 0, "a span of \(width) frames")
        case .full: break
        }
        query = Linear(weights / "q_proj", from: width, to: heads * headWidth, bias: bias)
        key = Linear(weights / "k_proj", from: width, to: groups * headWidth, bias: bias)
        value = Linear(weights / "v_proj", from: width, to: groups * headWidth, bias: bias)
        output = Linear(weights / "o_proj", from: heads * headWidth, to: width, bias: bias)
        (self.heads, self.groups, self.headWidth, self.rotary, self.span) = (heads, groups, headWidth, rotary, span)
    }

    /// Attends over a whole sequence: [B, T, width] to [B, T, width].
    public func callAsFunction(_ x: Tensor) -> Tensor {
        var cache = Cache()
        return step(x, &cache)
    }

    /// The frames after those that `cache` has seen.
    public func step(_ x: Tensor, _ cache: inout Cache) -> Tensor {
        precondition(x.rank == 3, "expected [B, T, D], got \(x.shape)")
        let (B, T, start) = (x.size(0), x.size(1), cache.position)
        guard T > 0 else { return x }
        func split(_ projected: Tensor, _ count: Int) -> Tensor {
            projected.view([B, T, count, headWidth]).transposed(1, 2)  // [B, count, T, E]
        }
        var (q, k) = (split(query(x), heads), split(key(x), groups))
        var v = split(value(x), groups)
        if let rotary { (q, k) = (rotary(q, from: start), rotary(k, from: start)) }
        if let keys = cache.keys, let values = cache.values {
            (k, v) = (Tensor.concatenated([keys, k], 2), Tensor.concatenated([values, v], 2))
        }
        let total = start + T
        let held = k.size(2)
        let offset = total - held  // the position of the first key
        // What the cache holds is what the first new frame sees, so one new frame needs no mask; and where nothing lies
        // before the first frame and all lies within the span, libtorch's own causal order is it.
        let isPlain = offset == start && span.first(for: total - 1) <= offset
        let attended = q.scaledDotProductAttention(
            key: k, value: v, attnMask: T == 1 || isPlain ? nil : mask(offset: offset, rows: start..<total, like: q),
            isCausal: T > 1 && isPlain, enableGqa: heads != groups)
        let kept = total - max(offset, min(total, span.first(for: total)))
        (cache.keys, cache.values) = (k.suffix(kept, axis: 2), v.suffix(kept, axis: 2))
        cache.position = total
        return output(attended.transposed(1, 2).reshape([B, T, heads * headWidth]))
    }
}

extension Attention {
    /// True where the frames at `rows` see the keys from `offset` on: `[T, S]`, made where `x` is.
    private func mask(offset: Int, rows: Range<Int>, like x: Tensor) -> Tensor {
        let keys = Tensor.arange(.integer(offset), .integer(rows.upperBound), device: x.device)
        let queries = Tensor.arange(.integer(rows.lowerBound), .integer(rows.upperBound), device: x.device).unsqueeze(1)
        let past = keys.le(queries)
        switch span {
        case .full: return past
        case .window(let width): return past.logicalAnd(keys.gt(queries.subtracting(.integer(width))))
        case .chunk(let width): return past.logicalAnd(keys.ge(queries - queries.remainder(.integer(width))))
        }
    }
}

/// `down(silu(gate(x)) · up(x))` (Shazeer 2020).
public struct GatedMLP {
    let (gate, up, down): (Linear, Linear, Linear)

    /// Reads `gate_proj`, `up_proj` and `down_proj`.
    public init(_ weights: Weights, width: Int, inner: Int, bias: Bool = false) {
        gate = Linear(weights / "gate_proj", from: width, to: inner, bias: bias)
        up = Linear(weights / "up_proj", from: width, to: inner, bias: bias)
        down = Linear(weights / "down_proj", from: inner, to: width, bias: bias)
    }

    /// […, width] to […, width]; a SiLU gates the inner width.
    public func callAsFunction(_ x: Tensor) -> Tensor { down(gate(x).silu() * up(x)) }
}
