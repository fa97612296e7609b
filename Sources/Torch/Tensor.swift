internal import CTorch

/// An array of numbers with a shape, on a device, through which gradients can flow.
///
/// Operators that libtorch offers are in Generated/Operators.swift under the field's names. A wrong shape, dtype or
/// device traps with the operator and the shapes; what a file or a person can cause throws instead. A tensor is not
/// `Sendable`: it stays on its model's executor, or is handed over whole.
public final class Tensor {
    /// The reference this object owns.
    let handle: ct_tensor

    /// Takes over a reference that libtorch gave.
    init(taking handle: ct_tensor?) {
        guard let handle else { fatalError("libtorch gave no tensor") }
        self.handle = handle
    }

    deinit { ct_release(handle) }

    static func list(taking list: ct_tensor_list) -> [Tensor] {
        defer { ct_list_free(list) }
        return (0..<Int(list.count)).map { Tensor(taking: list.items[$0]) }
    }
}

// What a tensor is.
extension Tensor {
    /// The length of each axis.
    public var shape: [Int] { (0..<rank).map { Int(ct_size(handle, Int64($0))) } }
    /// How many axes there are.
    public var rank: Int { Int(ct_dim(handle)) }
    /// How many elements there are.
    public var count: Int { Int(ct_numel(handle)) }
    public var dtype: DType {
        guard let dtype = DType(rawValue: ct_dtype(handle)) else { fatalError("a tensor of dtype \(ct_dtype(handle))") }
        return dtype
    }
    public var device: Device { Device(type: ct_device_type(handle), index: Swift.max(0, Int(ct_device_index(handle)))) }
    public var isContiguous: Bool { ct_is_contiguous(handle) }

    /// The length of one axis, counted from the end where negative; allocates nothing.
    public func size(_ axis: Int) -> Int {
        let resolved = axis < 0 ? axis + rank : axis
        precondition(resolved >= 0 && resolved < rank, "axis \(axis) of a tensor of rank \(rank)")
        return Int(ct_size(handle, Int64(resolved)))
    }
}

// Making tensors.
extension Tensor {
    /// A copy of `values`, in rows of `shape`.
    public convenience init<Element: TensorElement>(_ values: [Element], _ shape: [Int]) {
        precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
        var out: ct_tensor?
        values.withUnsafeBytes { bytes in
            withInts(shape) {
                check(ct_from_bytes(bytes.baseAddress, $0, Int64(shape.count), Element.dtype.rawValue, &out), "from_bytes", [])
            }
        }
        self.init(taking: out)
    }

    /// A vector of `values`.
    public convenience init<Element: TensorElement>(_ values: [Element]) { self.init(values, [values.count]) }

    /// A copy of raw bytes as elements of `dtype`.
    public convenience init(bytes: UnsafeRawBufferPointer, _ shape: [Int], dtype: DType) {
        precondition(bytes.count == shape.reduce(1, *) * dtype.size, "\(bytes.count) bytes do not fill \(dtype)\(shape)")
        var out: ct_tensor?
        withInts(shape) {
            check(ct_from_bytes(bytes.baseAddress, $0, Int64(shape.count), dtype.rawValue, &out), "from_bytes", [])
        }
        self.init(taking: out)
    }

    /// A new tensor with `value` everywhere.
    public static func full(_ shape: [Int], _ value: Scalar, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
        var out: ct_tensor?
        withInts(shape) {
            check(ct_full($0, Int64(shape.count), value.c, dtype.rawValue, device.type, Int8(device.index), &out), "full", [])
        }
        return Tensor(taking: out)
    }

    /// A new tensor of zeros.
    public static func zeros(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
        full(shape, 0, dtype: dtype, device: device)
    }

    /// A new tensor of ones.
    public static func ones(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
        full(shape, 1, dtype: dtype, device: device)
    }

    /// Zeros of another tensor's dtype and device.
    public static func zeros(_ shape: [Int], like other: Tensor) -> Tensor {
        zeros(shape, dtype: other.dtype, device: other.device)
    }

    /// Memory that holds whatever was there; fill it before reading.
    public static func empty(_ shape: [Int], dtype: DType = .float32, device: Device = .cpu) -> Tensor {
        var out: ct_tensor?
        withInts(shape) {
            check(ct_empty($0, Int64(shape.count), dtype.rawValue, device.type, Int8(device.index), &out), "empty", [])
        }
        return Tensor(taking: out)
    }

    /// The identity matrix.
    public static func eye(_ size: Int, dtype: DType = .float32, device: Device = .cpu) -> Tensor {
        ones([size], dtype: dtype, device: device).diagEmbed()
    }

    /// `start`, `start + step`, … below `end`.
    public static func arange(
        _ start: Scalar, _ end: Scalar, step: Scalar = 1, dtype: DType = .int64, device: Device = .cpu
    ) -> Tensor {
        var out: ct_tensor?
        check(ct_arange(start.c, end.c, step.c, dtype.rawValue, device.type, Int8(device.index), &out), "arange", [])
        return Tensor(taking: out)
    }

    /// Draws from the normal distribution, of the default generator where none is given.
    public static func randn(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, generator: RandomGenerator? = nil
    ) -> Tensor {
        var out: ct_tensor?
        withInts(shape) {
            check(
                ct_randn(
                    $0, Int64(shape.count), dtype.rawValue, device.type, Int8(device.index), generator?.handle, &out), "randn", []
            )
        }
        return Tensor(taking: out)
    }

    /// Draws from 0..<1.
    public static func rand(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu, generator: RandomGenerator? = nil
    ) -> Tensor {
        var out: ct_tensor?
        withInts(shape) {
            check(
                ct_rand(
                    $0, Int64(shape.count), dtype.rawValue, device.type, Int8(device.index), generator?.handle, &out), "rand", [])
        }
        return Tensor(taking: out)
    }

    /// Draws whole numbers from `low..<high`.
    public static func randint(
        _ low: Int, _ high: Int, _ shape: [Int], device: Device = .cpu, generator: RandomGenerator? = nil
    ) -> Tensor {
        var out: ct_tensor?
        withInts(shape) {
            check(
                ct_randint(
                    Int64(low), Int64(high), $0, Int64(shape.count), device.type, Int8(device.index), generator?.handle, &out),
                "randint", [])
        }
        return Tensor(taking: out)
    }

    /// The whole numbers below `count`, shuffled.
    public static func randperm(_ count: Int, generator: RandomGenerator? = nil) -> Tensor {
        var out: ct_tensor?
        check(ct_randperm(Int64(count), generator?.handle, &out), "randperm", [])
        return Tensor(taking: out)
    }
}

// Moving and reading.
extension Tensor {
    /// The same values in another type; itself where it is of that type.
    public func to(_ dtype: DType) -> Tensor {
        var out: ct_tensor?
        check(ct_to(handle, dtype.rawValue, -1, 0, &out), "to", [self])
        return Tensor(taking: out)
    }

    /// The same values on another device; itself where it is there.
    public func to(_ device: Device) -> Tensor {
        var out: ct_tensor?
        check(ct_to(handle, -1, device.type, Int8(device.index), &out), "to", [self])
        return Tensor(taking: out)
    }

    /// The one element of a tensor, as a floating number.
    public func item() -> Double {
        var out = 0.0
        check(ct_item(handle, &out), "item", [self])
        return out
    }

    /// The one element of a tensor, as a whole number.
    public func itemInt() -> Int {
        var out: Int64 = 0
        check(ct_item_int(handle, &out), "item", [self])
        return Int(out)
    }

    /// Its elements in row order, converted to `Element`; waits for the device.
    public func array<Element: TensorElement>(_ type: Element.Type = Float.self) -> [Element] {
        detach().to(.cpu).to(Element.dtype).withBytes { Array($0.bindMemory(to: Element.self)) }
    }

    /// Reads the elements' bytes in row order without a copy where the tensor is contiguous and on the CPU.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let plain = to(.cpu).contiguous()
        return try withExtendedLifetime(plain) {
            try body(UnsafeRawBufferPointer(start: ct_data(plain.handle), count: plain.count * plain.dtype.size))
        }
    }

    /// Writes the elements' bytes in place.
    ///
    /// The tensor must be contiguous and on the CPU.
    public func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        precondition(
            isContiguous && device.isCPU, "only a contiguous tensor on the CPU is written in place, not \(shape) on \(device)")
        return try withExtendedLifetime(self) {
            try body(UnsafeMutableRawBufferPointer(start: ct_data(handle), count: count * dtype.size))
        }
    }
}
