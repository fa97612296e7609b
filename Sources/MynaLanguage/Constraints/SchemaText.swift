public import MynaStages

/// Text that satisfies a ``JSONSchema``, byte by byte.
///
/// For checking a text, or where a vocabulary is small; ``SchemaMasks`` does the same for large ones, quickly.
public struct SchemaText: TextConstraint {
    private let schema: JSONSchema
    private var states = PushdownStates()
    private var places: [PushdownStates.Place]

    /// Nothing is written yet.
    public init(_ schema: JSONSchema) {
        self.schema = schema
        let start = PushdownStates.Place(node: schema.grammar.start, stack: PushdownStates.bottom)
        places = states.reached(from: [start], in: schema.grammar)
    }

    public mutating func advance(_ byte: UInt8) -> Bool {
        let next = states.next(places, byte, in: schema.grammar)
        if next.isEmpty { return false }
        places = next
        return true
    }

    public var canEnd: Bool { places.first == PushdownStates.ended }

    /// Whether `text` satisfies the schema, written as the grammar writes it.
    public static func accepts(_ text: String, _ schema: JSONSchema) -> Bool {
        var walk = SchemaText(schema)
        return text.utf8.allSatisfy { walk.advance($0) } && walk.canEnd
    }
}
