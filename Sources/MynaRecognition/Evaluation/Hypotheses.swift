internal import Foundation

/// What another recogniser heard: JSON lines `{"id", "text"}`, and `"seconds"` where it measured its time.
public struct Hypotheses: Sendable {
    /// What was heard in one utterance.
    public struct Hypothesis: Sendable, Decodable {
        public var text: String
        public var seconds: Double?
    }

    private struct Row: Decodable {
        var id: String
        var text: String
        var seconds: Double?
    }

    public let path: String
    private var byID: [String: Hypothesis] = [:]

    /// - Throws: ``RecognitionError/data(_:)`` naming the file and the line.
    public init(path: String) throws(RecognitionError) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path) else { throw .data("\(path): no such file of hypotheses") }
        let decoder = JSONDecoder()
        for (index, line) in data.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated()
        where line.contains(where: { $0 > 0x20 }) {
            let row: Row
            do {
                row = try decoder.decode(Row.self, from: Data(line))
            } catch {
                throw .data("\(path):\(index + 1): is not an object with \"id\" and \"text\"")
            }
            if byID.updateValue(Hypothesis(text: row.text, seconds: row.seconds), forKey: row.id) != nil {
                throw .data("\(path):\(index + 1): \"\(row.id)\" has a hypothesis already")
            }
        }
    }

    /// What was heard in the utterance of that id.
    public subscript(id: String) -> Hypothesis? { byID[id] }
}
