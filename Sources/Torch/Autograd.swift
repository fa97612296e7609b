internal import CTorch

extension Tensor {
    /// Whether operators on this tensor are recorded for ``backward(_:)``.
    public var requiresGrad: Bool {
        get { ct_requires_grad(handle) }
        set { check(ct_set_requires_grad(handle, newValue), "set_requires_grad", [self]) }
    }

    /// What ``backward(_:)`` added up for this leaf so far.
    public var grad: Tensor? {
        get {
            var out: ct_tensor?
            check(ct_grad(handle, &out), "grad", [self])
            return out.map { Tensor(taking: $0) }
        }
        set { check(ct_set_grad(handle, newValue?.handle), "set_grad", [self, newValue]) }
    }

    /// Adds the gradient of this tensor to every leaf it was made from.
    ///
    /// - Parameter gradient: of the same shape; may be left out for a single element.
    public func backward(_ gradient: Tensor? = nil) {
        check(ct_backward(handle, gradient?.handle), "backward", [self, gradient])
    }
}

/// Runs `body` without recording for gradients.
///
/// The mode belongs to the calling thread, so `body` cannot be asynchronous.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
    let before = ct_set_grad_mode(false)
    defer { _ = ct_set_grad_mode(before) }
    return try body()
}

/// Runs `body` with recording for gradients, also inside ``withoutGradients(_:)``.
public func withGradients<R>(_ body: () throws -> R) rethrows -> R {
    let before = ct_set_grad_mode(true)
    defer { _ = ct_set_grad_mode(before) }
    return try body()
}

/// Runs `body` with matrix products and the like in `dtype`, as libtorch's autocast chooses them; `nil` leaves all as it is.
public func withAutocast<R>(_ dtype: DType?, on device: Device = .cpu, _ body: () throws -> R) rethrows -> R {
    guard let dtype else { return try body() }
    let before = ct_set_autocast(device.type, dtype.rawValue)
    // Weights are cached once cast, whatever to: a scope of another dtype must not find them.
    if before >= 0, before != dtype.rawValue { ct_clear_autocast_cache() }
    defer {
        _ = ct_set_autocast(device.type, before)
        if before != dtype.rawValue { ct_clear_autocast_cache() }
    }
    return try body()
}

/// Runs `body` with every operator refused whose result may differ from run to run.
///
/// The switch is the whole process's: scopes nest, but other threads see it too.
public func withDeterministicAlgorithms<R>(_ body: () throws -> R) rethrows -> R {
    let before = ct_deterministic()
    ct_set_deterministic(true)
    defer { ct_set_deterministic(before) }
    return try body()
}
