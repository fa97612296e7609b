internal import CTorch

/// A number that an operator takes beside its tensors; it keeps whether it was whole.
public enum Scalar: Sendable, Equatable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    case floating(Double)
    case integer(Int)

    public init(floatLiteral value: Double) { self = .floating(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A floating-point number.
    public init(_ value: Double) { self = .floating(value) }
    /// A floating-point number.
    public init(_ value: Float) { self = .floating(Double(value)) }
    /// An integer.
    public init(_ value: Int) { self = .integer(value) }

    var c: ct_scalar {
        switch self {
        case .floating(let value): ct_scalar(floating: value, integer: 0, kind: 0)
        case .integer(let value): ct_scalar(floating: 0, integer: Int64(value), kind: 1)
        }
    }
}
