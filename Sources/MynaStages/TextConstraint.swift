/// Which texts may be written, byte by byte: what a sampler asks before each token.
///
/// A value type: the sampler copies it freely to try out tokens. Laws: a refused byte leaves the value as it was; from
/// every reachable value some continuation ends; the accepted texts do not depend on how bytes are grouped into tokens.
public protocol TextConstraint: Sendable {
    /// Takes one more byte of UTF-8; `false`: it may not stand here, and nothing changed.
    mutating func advance(_ byte: UInt8) -> Bool
    /// Whether the text so far may end here.
    var canEnd: Bool { get }
}
