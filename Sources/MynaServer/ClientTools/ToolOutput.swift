internal import Foundation
internal import MynaStages

/// What a client's function gave back, as a sentence to be spoken.
///
/// No model writes it: a text is spoken as it is, an object's one telling field, or else its fields by name.
enum ToolOutput {
    static func text(_ output: String) -> String {
        let value: Value
        do { value = try JSONDecoder().decode(Value.self, from: Data(output.utf8)) } catch { return output }  // plain text
        return sentence(value)
    }

    private static let telling = ["message", "text", "answer", "speech", "summary", "result", "output", "error"]

    private static func sentence(_ value: Value) -> String {
        if let fields = value.object {
            if let text = telling.lazy.compactMap({ fields[$0]?.string }).first { return text }
            let parts = fields.sorted { $0.key < $1.key }.map { name, value in
                "\(ToolMatcher.nameWords(name).joined(separator: " ")): \(plain(value))"
            }
            return parts.isEmpty ? "Done." : parts.joined(separator: ", ") + "."
        }
        let text = plain(value)
        return text.isEmpty ? "Done." : text
    }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .null: "nothing"
        case .bool(let truth): truth ? "yes" : "no"
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .string(let text): text
        case .list(let values): values.map(plain).joined(separator: ", ")
        case .object(let fields): fields.sorted { $0.key < $1.key }.map { "\($0.key) \(plain($0.value))" }.joined(separator: ", ")
        }
    }
}
