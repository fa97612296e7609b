internal import Foundation
public import MynaStages
internal import Synchronization

/// What a server writes of its work, a line each; what people said stands in it only where that was asked for.
public struct ServerLog: Sendable {
    /// How lines are written.
    public enum Form: String, Sendable, CaseIterable {
        /// `2026-11-23T12:00:00Z session.opened session=3 protocol=realtime`
        case plain
        /// An object a line.
        case json
        case none
    }

    let form: Form
    let tellsWords: Bool
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - tellsWords: whether turns are told with the words of the request.
    ///   - write: takes each line, without its end.
    public init(_ form: Form, tellsWords: Bool = false, write: @escaping @Sendable (String) -> Void) {
        (self.form, self.tellsWords, self.write) = (form, tellsWords, write)
    }

    /// Writes nothing.
    public static let silent = ServerLog(.none) { _ in }

    /// Writes that something happened.
    public func note(_ event: String, _ fields: [(String, Value)] = []) {
        switch form {
        case .none: return
        case .plain:
            write(([Self.time(), event] + fields.map { "\($0)=\(Self.plain($1))" }).joined(separator: " "))
        case .json:
            var object = Dictionary(fields) { $1 }
            object["time"] = .string(Self.time())
            object["event"] = .string(event)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            if let data = try? encoder.encode(object) {  // such values are always encoded
                write(String(decoding: data, as: UTF8.self))
            }
        }
    }

    func note(_ turn: ServedTurn, session: Int?) {
        var fields: [(String, Value)] = session.map { [("session", .number(Double($0)))] } ?? []
        fields += [
            ("kind", .string(turn.kind)),
            ("words", .number(Double(turn.words.split(separator: " ").count))),
            ("ms", .number((turn.answering * 1000).rounded())),
        ]
        if turn.wasInterrupted { fields.append(("interrupted", true)) }
        if tellsWords { fields.append(("text", .string(turn.words))) }
        note("turn", fields)
    }

    private static func time() -> String { Date().ISO8601Format() }

    private static func plain(_ value: Value) -> String {
        switch value {
        case .null: "none"
        case .bool(let truth): "\(truth)"
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .string(let text):
            text.allSatisfy { $0.isASCII && !$0.isWhitespace && !$0.isNewline && $0 != "\"" && $0 != "=" }
                && !text.isEmpty ? text : "\(text.debugDescription)"
        case .list, .object: "…"
        }
    }
}

/// A truth that several tasks may see cleared.
final class Flag: Sendable {
    private let state = Mutex(true)

    var isSet: Bool { state.withLock { $0 } }
    func clear() { state.withLock { $0 = false } }
}
