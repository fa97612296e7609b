internal import CTorch

/// A number of 16 bits with the exponent of a `Float`: its upper half, rounded to the nearest even.
public struct BFloat16: TensorElement, Hashable, CustomStringConvertible {
    /// Sign, eight bits of exponent, seven of fraction.
    public var bitPattern: UInt16

    /// The number with these bits.
    public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

    /// The nearest bfloat16, ties to even.
    public init(_ value: Float) {
        let bits = value.bitPattern
        // A NaN keeps its sign and stays one, whatever its lower half was.
        guard !value.isNaN else {
            bitPattern = UInt16(truncatingIfNeeded: bits >> 16) | 0x0040
            return
        }
        bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    public static var dtype: DType { .bfloat16 }
    public var description: String { Float(self).description }
}

extension Float {
    public init(_ value: BFloat16) { self = Float(bitPattern: UInt32(value.bitPattern) << 16) }
}

extension Int16: TensorElement { public static var dtype: DType { .int16 } }
#if !(os(macOS) && arch(x86_64))
    extension Float16: TensorElement { public static var dtype: DType { .float16 } }
#endif

/// Memory that Swift owns and tensors can be made over without a copy; freed when neither it nor such a tensor is left.
///
/// What one side writes, the other reads, so it stays on its tensors' executor.
public final class TensorBuffer<Element: TensorElement> {
    /// Valid as long as this object is held.
    public let elements: UnsafeMutableBufferPointer<Element>

    /// Memory for `count` elements, each `value`.
    public init(repeating value: Element, count: Int) {
        elements = .allocate(capacity: count)
        elements.initialize(repeating: value)
    }

    /// A copy of `values`.
    public init(_ values: [Element]) {
        elements = .allocate(capacity: values.count)
        _ = elements.initialize(from: values)
    }

    deinit { elements.deallocate() }

    /// The element at `index`; outside the buffer the program stops.
    public subscript(index: Int) -> Element {
        get {
            precondition(elements.indices.contains(index), "element \(index) of \(elements.count)")
            return elements[index]
        }
        set {
            precondition(elements.indices.contains(index), "element \(index) of \(elements.count)")
            elements[index] = newValue
        }
    }
}

extension Tensor {
    /// A tensor over a buffer's memory, which it keeps alive.
    public convenience init<Element: TensorElement>(sharing buffer: TensorBuffer<Element>, _ shape: [Int]) {
        self.init(sharing: UnsafeMutableRawBufferPointer(buffer.elements), shape, dtype: Element.dtype, keeping: buffer)
    }

    /// A tensor over memory that stays valid as long as `owner` lives; the tensor holds `owner`.
    ///
    /// The owner may be released on whichever thread releases the last tensor over it.
    public convenience init(
        sharing bytes: UnsafeMutableRawBufferPointer, _ shape: [Int], dtype: DType, keeping owner: AnyObject
    ) {
        let needed = shape.reduce(dtype.size, *)
        precondition(bytes.count == needed, "\(bytes.count) bytes do not fill \(dtype)\(shape)")
        precondition(Int(bitPattern: bytes.baseAddress) % dtype.size == 0, "memory for \(dtype) is not aligned to its elements")
        let context = Unmanaged.passRetained(owner).toOpaque()
        var out: ct_tensor?
        withInts(shape) { shapePointer in
            let release: ct_deleter = { context in
                if let context { Unmanaged<AnyObject>.fromOpaque(context).release() }
            }
            check(
                ct_from_memory(
                    bytes.baseAddress, shapePointer, Int64(shape.count), dtype.rawValue, release, context, &out), "from_memory",
                [])
        }
        self.init(taking: out)
    }

    /// Reads the elements in row order, without a copy.
    ///
    /// The tensor must be contiguous, on the CPU and of `Element`'s dtype.
    public func withUnsafeElements<Element: TensorElement, R>(
        of type: Element.Type, _ body: (UnsafeBufferPointer<Element>) throws -> R
    ) rethrows -> R {
        requireElements(of: type)
        return try withExtendedLifetime(self) {
            let start = UnsafeRawPointer(ct_data(handle))?.assumingMemoryBound(to: Element.self)
            return try body(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
        }
    }

    /// Reads and writes the elements in place, in row order.
    ///
    /// The tensor must be contiguous, on the CPU and of `Element`'s dtype; nothing is recorded for gradients.
    public func withUnsafeMutableElements<Element: TensorElement, R>(
        of type: Element.Type, _ body: (UnsafeMutableBufferPointer<Element>) throws -> R
    ) rethrows -> R {
        requireElements(of: type)
        return try withExtendedLifetime(self) {
            let start = ct_data(handle)?.assumingMemoryBound(to: Element.self)
            return try body(UnsafeMutableBufferPointer(start: start, count: start == nil ? 0 : count))
        }
    }

    private func requireElements<Element: TensorElement>(of type: Element.Type) {
        precondition(dtype == Element.dtype, "elements are \(dtype), not \(Element.dtype) (\(type))")
        precondition(
            isContiguous && device.isCPU, "only a contiguous tensor on the CPU is read in place, not \(shape) on \(device)")
    }
}
