public import MynaStages

extension Event {
    /// The event as a line that a person reads.
    public var line: String {
        let (subject, text): (String, String)
        switch kind {
        case .speechStarted: (subject, text) = ("hears", "speech")
        case .wordsPartial(let words, _): (subject, text) = ("hears", "\(words) …")
        case .wordsFinal(let transcript): (subject, text) = ("heard", transcript.text.isEmpty ? "nothing" : transcript.text)
        case .endCandidate(let reason): (subject, text) = ("end?", "by \(reason)")
        case .endDecided(let reason): (subject, text) = ("end", "by \(reason)")
        case .understood(let intents):
            (subject, text) = ("understood", intents.isEmpty ? "nothing" : intents.map(\.line).joined(separator: "; "))
        case .callStarted(let name, let arguments): (subject, text) = ("calls", "\(name) \(assignments(arguments))")
        case .callFinished(let name, let result): (subject, text) = ("called", "\(name): \(result)")
        case .homeChanged(let entity, let before, let after):
            (subject, text) = ("home", "\(entity): \(difference(before, after))")
        case .replyPart(let part): (subject, text) = ("says", "\(part) …")
        case .replyText(let reply, let kind): (subject, text) = ("says", "\(reply) (\(kind.rawValue))")
        case .replyAudio: (subject, text) = ("speaks", "")
        case .turnFinished: (subject, text) = ("done", "")
        }
        let padding = String(repeating: " ", count: max(1, 11 - subject.count))
        let line = "\(fixed(time, 2, width: 6)) s  \(subject)\(padding)\(text)"
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}

extension Intent {
    /// `action slot="words"`, slots in the order of their names.
    fileprivate var line: String {
        ([action] + slots.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }).joined(separator: " ")
    }
}

extension Value {
    /// As JSON writes it.
    fileprivate var line: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let value): value
        case .list(let values): "[\(values.map(\.line).joined(separator: ", "))]"
        case .object(let fields): "{\(assignments(fields))}"
        }
    }
}

private func assignments(_ fields: [String: Value]) -> String {
    fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.line)" }.joined(separator: " ")
}

/// What differs: `off → on`, and each attribute with its new value.
package func difference(_ before: EntityState, _ after: EntityState) -> String {
    var parts = before.state == after.state ? [] : ["\(before.state) → \(after.state)"]
    for name in Set(before.attributes.keys).union(after.attributes.keys).sorted() {
        let (old, new) = (before.attributes[name], after.attributes[name])
        if old != new { parts.append("\(name) \(old?.line ?? "none") → \(new?.line ?? "none")") }
    }
    return parts.isEmpty ? "unchanged" : parts.joined(separator: ", ")
}

/// `value` with `digits` decimals, filled up with spaces from the left.
package func fixed(_ value: Double, _ digits: Int, width: Int = 0) -> String {
    let scale = (0..<digits).reduce(1.0) { product, _ in product * 10 }
    let total = Int((abs(value) * scale).rounded())
    let (whole, rest) = total.quotientAndRemainder(dividingBy: Int(scale))
    let fraction = digits == 0 ? "" : "." + String(repeating: "0", count: digits - String(rest).count) + String(rest)
    let text = (value < 0 && total > 0 ? "-" : "") + String(whole) + fraction
    return String(repeating: " ", count: max(0, width - text.count)) + text
}
