/// Which texts may be written, known byte by byte; a language model's decoding is held to it.
///
/// A value type: whoever looks ahead copies it.
public protocol TextConstraint: Sendable {
    /// Takes the next byte; false, and unchanged, when no allowed text goes on with it.
    mutating func advance(_ byte: UInt8) -> Bool
    /// Whether what was taken so far is a whole allowed text.
    var canEnd: Bool { get }
}
