extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor { a.adding(b) }
    public static func - (a: Tensor, b: Tensor) -> Tensor { a.subtracting(b) }
    public static func * (a: Tensor, b: Tensor) -> Tensor { a.multiplied(by: b) }
    public static func / (a: Tensor, b: Tensor) -> Tensor { a.divided(by: b) }
    public static func + (a: Tensor, b: Double) -> Tensor { a.adding(.floating(b)) }
    public static func - (a: Tensor, b: Double) -> Tensor { a.subtracting(.floating(b)) }
    public static func * (a: Tensor, b: Double) -> Tensor { a.multiplied(by: .floating(b)) }
    public static func / (a: Tensor, b: Double) -> Tensor { a.divided(by: .floating(b)) }
    public static prefix func - (a: Tensor) -> Tensor { a.negated() }

    /// `axis[start..<end]`; a negative bound counts from the end.
    public func sliced(_ axis: Int, _ start: Int, _ end: Int? = nil) -> Tensor { slice(axis, start: start, end: end) }

    /// The first `count` along an axis.
    public func prefix(_ count: Int, axis: Int) -> Tensor { narrow(axis, start: 0, length: count) }

    /// The last `count` along an axis.
    public func suffix(_ count: Int, axis: Int) -> Tensor { narrow(axis, start: size(axis) - count, length: count) }
}
