internal import Foundation
public import MynaText

extension NGramModel {
    /// Counts texts in a recogniser's pieces: lines of plain text, or JSON lines with a field `text`.
    ///
    /// - Parameters:
    ///   - weights: how often each file's lines are counted.
    ///   - normalize: brings a text to the recogniser's form; nil leaves it out.
    public static func counted(
        files: [(path: String, weight: UInt32)], tokenizer: BytePairTokenizer, order: Int, normalize: (String) -> String?
    ) throws -> NGramModel {
        var model = NGramModel(order: order, vocabularySize: tokenizer.count)
        for (path, weight) in files {
            guard let data = FileManager.default.contents(atPath: path) else { throw RecognitionError.data("\(path): no such file") }
            for line in data.split(separator: UInt8(ascii: "\n")) {
                struct Row: Decodable { var text: String? }
                let text: String?
                if line.first == UInt8(ascii: "{") {
                    text = try JSONDecoder().decode(Row.self, from: line).text
                } else {
                    text = String(decoding: line, as: UTF8.self)
                }
                guard let words = text.flatMap(normalize) else { continue }
                model.add(tokenizer.encode(words, findingAdded: false), count: weight)
            }
        }
        model.prune()
        return model
    }
}
