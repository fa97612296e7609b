public import MynaStages

/// What may be written next.
public enum AllowedTokens: Sendable {
    case list([Int])
    case mask(TokenMask)
}

/// Holds what a model writes to some form, token by token; a value, so that each text has its own.
public protocol TokenConstraint {
    /// The tokens that may follow, the end apart.
    func allowed() -> AllowedTokens
    /// Whether what was written is whole.
    var canEnd: Bool { get }
    /// Takes one of the allowed tokens.
    mutating func take(_ token: Int)
}

/// Holds to a ``TextConstraint`` by walking over the whole vocabulary: for small ones, or narrow constraints.
public struct TrieConstraint: TokenConstraint {
    private var text: any TextConstraint
    private let trie: TokenTrie
    private let pieces: [[UInt8]]

    /// - Parameter pieces: the bytes of each token.
    public init(_ text: any TextConstraint, _ trie: TokenTrie, pieces: [[UInt8]]) {
        (self.text, self.trie, self.pieces) = (text, trie, pieces)
    }

    public func allowed() -> AllowedTokens { .list(trie.allowed(by: text)) }

    public var canEnd: Bool { text.canEnd }

    public mutating func take(_ token: Int) {
        for byte in pieces[token] { _ = text.advance(byte) }  // the trie has just asked
    }
}

/// Holds to a JSON Schema.
public struct SchemaConstraint: TokenConstraint {
    private let masks: SchemaMasks
    private var state: SchemaMasks.State

    /// Nothing is written yet.
    public init(_ masks: SchemaMasks) { (self.masks, state) = (masks, masks.start) }

    public func allowed() -> AllowedTokens { .mask(masks.mask(state)) }

    public var canEnd: Bool { masks.canEnd(state) }

    public mutating func take(_ token: Int) {
        guard let next = masks.advance(state, token) else { preconditionFailure("token \(token) is not allowed here") }
        state = next
    }
}
