extension Tensor {
    /// Sum, element by element; shapes broadcast.
    public static func + (a: Tensor, b: Tensor) -> Tensor { a.adding(b) }
    /// Difference, element by element; shapes broadcast.
    public static func - (a: Tensor, b: Tensor) -> Tensor { a.subtracting(b) }
    /// Product, element by element; shapes broadcast. Not the matrix product: that is ``matmul(_:)``.
    public static func * (a: Tensor, b: Tensor) -> Tensor { a.multiplied(by: b) }
    /// True quotient, element by element; shapes broadcast.
    public static func / (a: Tensor, b: Tensor) -> Tensor { a.divided(by: b) }
    /// Each element plus a number; an integer tensor becomes float32.
    public static func + (a: Tensor, b: Double) -> Tensor { a.adding(.floating(b)) }
    /// Each element less a number; an integer tensor becomes float32.
    public static func - (a: Tensor, b: Double) -> Tensor { a.subtracting(.floating(b)) }
    /// Each element times a number; an integer tensor becomes float32.
    public static func * (a: Tensor, b: Double) -> Tensor { a.multiplied(by: .floating(b)) }
    /// Each element over a number; an integer tensor becomes float32.
    public static func / (a: Tensor, b: Double) -> Tensor { a.divided(by: .floating(b)) }
    /// Each element with its sign turned.
    public static prefix func - (a: Tensor) -> Tensor { a.negated() }

    /// `axis[start..<end]`; a negative bound counts from the end.
    public func sliced(_ axis: Int, _ start: Int, _ end: Int? = nil) -> Tensor { slice(axis, start: start, end: end) }

    /// The first `count` along an axis.
    public func prefix(_ count: Int, axis: Int) -> Tensor { narrow(axis, start: 0, length: count) }

    /// The last `count` along an axis.
    public func suffix(_ count: Int, axis: Int) -> Tensor { narrow(axis, start: size(axis) - count, length: count) }
}
