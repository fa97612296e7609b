internal import CTorch

/// libtorch's default random generator on the CPU: drop-out and initial weights draw from it.
public enum TorchRandom {
    /// Begins libtorch's default generator anew from `seed`.
    public static func seed(_ seed: UInt64) { check(ct_seed(seed), "manual_seed", []) }

    /// All that decides what is drawn next, as bytes; restoring it repeats the draws exactly.
    public static var state: [UInt8] {
        get {
            var out: ct_tensor?
            check(ct_rng_state(&out), "get_rng_state", [])
            return Tensor(taking: out).array(UInt8.self)
        }
        set {
            let state = Tensor(newValue)
            withExtendedLifetime(state) { check(ct_set_rng_state(state.handle), "set_rng_state", [state]) }
        }
    }
}

/// A random generator of its own: what it draws depends on its seed and its own draws alone.
///
/// `@unchecked Sendable`: libtorch locks it for each operator that draws. Sharing one between threads is safe, but then
/// the order of draws is whatever the threads made it.
public final class RandomGenerator: @unchecked Sendable {
    let handle: ct_generator
    /// Where tensors that draw from it must be.
    public let device: Device

    /// A generator of its own that draws the same from the same seed.
    public init(seed: UInt64, device: Device = .cpu) {
        var out: ct_generator?
        check(ct_generator_new(device.type, Int8(device.index), seed, &out), "generator", [])
        guard let out else { fatalError("libtorch gave no generator") }
        handle = out
        self.device = device
    }

    deinit { ct_generator_free(handle) }

    /// Begins anew from `seed`.
    public func seed(_ seed: UInt64) { check(ct_generator_seed(handle, seed), "manual_seed", []) }

    /// All that decides what it draws next, as bytes; restoring it repeats the draws exactly.
    public var state: [UInt8] {
        get {
            var out: ct_tensor?
            check(ct_generator_state(handle, &out), "get_state", [])
            return Tensor(taking: out).array(UInt8.self)
        }
        set {
            let state = Tensor(newValue)
            withExtendedLifetime(state) { check(ct_generator_set_state(handle, state.handle), "set_state", [state]) }
        }
    }
}
