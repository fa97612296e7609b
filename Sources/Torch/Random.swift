internal import CTorch

/// libtorch's default random generator on the CPU: drop-out and initial weights draw from it.
public enum TorchRandom {
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
