import Foundation
import Synchronization

/// Standard output, a line at a time and at once; a failure to write is kept until someone can throw it.
final class Output: Sendable {
    static let standard = Output()
    private let failure = Mutex<String?>(nil)

    /// Writes a line.
    func line(_ text: String = "") { self.text(text + "\n") }

    /// Writes a text as it is.
    func text(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            failure.withLock { $0 = $0 ?? "\(error.localizedDescription)" }
        }
    }

    /// Writes `value` as one line of JSON.
    func json(_ value: some Encodable) throws { line(try Output.text(value)) }

    /// - Throws: ``CommandError`` if a line could not be written.
    func check() throws {
        if let reason = failure.withLock({ $0 }) {
            throw CommandError("standard output: cannot be written: \(reason)", status: ExitStatus.cannotCreate)
        }
    }

    /// `value` as JSON on one line, fields in the order of their names.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
