import MynaStages

/// What must be so after a task or a turn of it.
struct Expectation: Sendable {
    /// An entity's state at the end: a state, and attributes or ranges of them.
    struct Change: Sendable {
        var entity: String
        var state: String?
        var attributes: [String: Value]
    }

    /// nil where the outcome is not known.
    var changes: [Change]?
    var allowedCalls: Set<String>?
    /// Ids, or `others`.
    var mustNotTouch: Set<String>
    /// The entities that are to be called, where only that is known.
    var target: Set<String>?
    var replies: Set<String>
    var mentionsAll: [String]
    var mentionsAny: [String]
    var mentionsNone: [String]
    var label: String?
    /// Attributes that do not count, by entity.
    var ignored: [String: Set<String>]

    init(fields: FieldReader) throws(HomeError) {
        try fields.only([
            "changes", "allowed_calls", "must_not_touch", "target", "reply", "reply_also_ok", "mentions_all", "mentions_any",
            "mentions_none", "reply_mentions_any", "reply_mentions_all", "reply_text", "intent", "label", "ignore",
        ])
        if fields.node("changes") != nil {
            var changes: [Change] = []
            for fields in try fields.mappings("changes") {
                try fields.only(["entity", "before", "after"])
                guard let after = try fields.mappingIfPresent("after") else { throw fields.error("after", .missing) }
                try after.only(["state", "attributes"])
                changes.append(
                    Change(
                        entity: try fields.string("entity"), state: try after.stringIfPresent("state"),
                        attributes: try after.values("attributes")))
            }
            self.changes = changes
        }
        allowedCalls = fields.has("allowed_calls") ? Set(try fields.strings("allowed_calls")) : nil
        mustNotTouch = Set(try fields.strings("must_not_touch"))
        target = fields.node("target") == nil ? nil : Set(try fields.strings("target"))
        let kinds = Set(ReplyKind.allCases.map(\.rawValue))
        replies = Set(try fields.strings("reply_also_ok"))
        if let reply = try fields.stringIfPresent("reply") { replies.insert(reply) } else { replies = [] }
        for reply in replies where !kinds.contains(reply) {
            throw fields.error("reply", .notAllowed(value: reply, allowed: kinds.sorted()))
        }
        mentionsAll = try fields.strings("mentions_all") + fields.strings("reply_mentions_all")
        mentionsAny = try fields.strings("mentions_any") + fields.strings("reply_mentions_any")
        mentionsNone = try fields.strings("mentions_none")
        label = try fields.stringIfPresent("label")
        ignored = (fields.valueIfPresent("ignore")?.object ?? [:]).mapValues(Self.names)
    }

    /// The attribute names in the forms that `ignore` takes.
    private static func names(_ value: Value) -> Set<String> {
        if let list = value.list { return Set(list.compactMap(\.string)) }
        let fields = value.object ?? [:]
        return Set(fields.keys).union(fields.values.flatMap { ($0.list ?? []).compactMap(\.string) })
    }

    /// The entities it names.
    var entities: Set<String> { Set((changes ?? []).map(\.entity)).union(target ?? []) }

    var isCheckable: Bool {
        changes != nil || target != nil || !mentionsAll.isEmpty || !mentionsAny.isEmpty || !mentionsNone.isEmpty
    }

    /// Everything that is not as expected, in words; empty where all is.
    func faults(before: [String: EntityState], after: [String: EntityState], calls: [CallRecord], reply: Reply) -> [String] {
        var faults: [String] = []
        for change in changes ?? [] {
            guard let state = after[change.entity] else { continue }
            if let expected = change.state, expected != state.state {
                faults.append("\(change.entity) is \(state.state), not \(expected)")
            }
            for (name, expected) in change.attributes.sorted(by: { $0.key < $1.key })
            where !(ignored[change.entity]?.contains(name) ?? false) {
                let value = state.attributes[name] ?? .null
                if !Self.fits(value, expected) {
                    faults.append("\(change.entity) has \(name) \(Self.text(value)), not \(Self.text(expected))")
                }
            }
        }
        for entity in touchedWrong(before: before, after: after) { faults.append("\(entity) changed") }
        if let allowedCalls {
            for call in calls where !allowedCalls.contains(call.name) { faults.append("called \(call.name)") }
        }
        if changes == nil, let target {
            let called = Set(calls.map(\.entity))
            if called.isEmpty { faults.append("nothing was called") }
            for entity in called.subtracting(target).sorted() { faults.append("called \(entity)") }
            if !called.isEmpty { for entity in target.subtracting(called).sorted() { faults.append("did not call \(entity)") } }
        }
        if !replies.isEmpty, !replies.contains(reply.kind.rawValue) {
            faults.append("the reply is \(reply.kind.rawValue), not \(replies.sorted().joined(separator: " or "))")
        }
        let text = reply.text.lowercased()
        for mention in mentionsAll where !text.contains(mention.lowercased()) {
            faults.append("the reply does not mention \(mention)")
        }
        if !mentionsAny.isEmpty, !mentionsAny.contains(where: { text.contains($0.lowercased()) }) {
            faults.append("the reply mentions none of \(mentionsAny.joined(separator: ", "))")
        }
        for mention in mentionsNone where text.contains(mention.lowercased()) { faults.append("the reply mentions \(mention)") }
        return faults
    }

    /// The entities that changed though they were not to.
    func touchedWrong(before: [String: EntityState], after: [String: EntityState]) -> [String] {
        let expected = Set((changes ?? []).map(\.entity)).union(changes == nil ? target ?? [] : [])
        guard changes != nil || target != nil || !mustNotTouch.isEmpty else { return [] }
        let guardsOthers = changes?.isEmpty ?? false || mustNotTouch.contains("others")
        return after.keys.filter { entity in
            guard mustNotTouch.contains(entity) || (guardsOthers && !expected.contains(entity)), !expected.contains(entity) else {
                return false
            }
            return without(before[entity], entity) != without(after[entity], entity)
        }.sorted()
    }

    private func without(_ state: EntityState?, _ entity: String) -> EntityState? {
        guard var state, let names = ignored[entity] else { return state }
        for name in names { state.attributes[name] = nil }
        return state
    }

    /// Whether a value is as expected: numbers nearly, ranges by `min` and `max`, objects by the fields that are named.
    static func fits(_ value: Value, _ expected: Value) -> Bool {
        switch (value, expected) {
        case (.number(let a), .number(let b)): return abs(a - b) <= 0.005 * max(1, abs(b))
        case (.number(let number), .object(let range)) where range["min"] != nil || range["max"] != nil:
            return number >= range["min"]?.number ?? -.infinity && number <= range["max"]?.number ?? .infinity
        case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy(fits)
        case (.object(let a), .object(let b)): return b.allSatisfy { fits(a[$0.key] ?? .null, $0.value) }
        case (.string(let a), .string(let b)): return a.lowercased() == b.lowercased()
        default: return value == expected
        }
    }

    private static func text(_ value: Value) -> String {
        switch value {
        case .null: "nothing"
        case .bool(let value): "\(value)"
        case .number(let value): Wording.number(value)
        case .string(let value): value
        case .list(let list): "[" + list.map(text).joined(separator: ", ") + "]"
        case .object(let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}
