internal import CTorch

/// Traps when libtorch refused an operator: a wrong shape, dtype or device here is a programmer's error.
///
/// The message names the operator, what libtorch said, and the shapes it was given.
@inline(__always)
func check(_ error: ct_error?, _ operation: String, _ tensors: @autoclosure () -> [Tensor?]) {
    if let error { trap(error, operation, tensors()) }
}

@inline(never)
private func trap(_ error: ct_error, _ operation: String, _ tensors: [Tensor?]) -> Never {
    let message = String(cString: error)  // before anything else calls libtorch and overwrites it
    let shapes = tensors.map { $0.map { "\($0.dtype)\($0.shape) on \($0.device)" } ?? "nil" }.joined(separator: ", ")
    fatalError("\(operation)(\(shapes)): \(message)")
}

func withInts<R>(_ values: [Int], _ body: (UnsafePointer<Int64>) -> R) -> R {
    values.withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: Int64.self) { body($0.baseAddress ?? emptyInts) }
    }
}

/// What an empty list points at: never read, but not null, since null means "none given".
nonisolated(unsafe) private let emptyInts = UnsafePointer(UnsafeMutablePointer<Int64>.allocate(capacity: 1))

func withOptionalInts<R>(_ values: [Int]?, _ body: (UnsafePointer<Int64>?) -> R) -> R {
    if let values { withInts(values) { body($0) } } else { body(nil) }
}

func withOptional<R>(_ value: Int?, _ body: (UnsafePointer<Int64>?) -> R) -> R {
    guard let value else { return body(nil) }
    return withUnsafePointer(to: Int64(value)) { body($0) }
}

func withOptional<R>(_ value: Double?, _ body: (UnsafePointer<Double>?) -> R) -> R {
    guard let value else { return body(nil) }
    return withUnsafePointer(to: value) { body($0) }
}

func withOptional<R>(_ value: Scalar?, _ body: (UnsafePointer<ct_scalar>?) -> R) -> R {
    guard let value else { return body(nil) }
    return withUnsafePointer(to: value.c) { body($0) }
}

func withHandles<R>(_ tensors: [Tensor?], _ body: (UnsafePointer<ct_tensor?>) -> R) -> R {
    withExtendedLifetime(tensors) {
        let handles: [ct_tensor?] = tensors.map { $0?.handle }
        return handles.withUnsafeBufferPointer { body($0.baseAddress ?? emptyHandles) }
    }
}

nonisolated(unsafe) private let emptyHandles = UnsafePointer(UnsafeMutablePointer<ct_tensor?>.allocate(capacity: 1))
