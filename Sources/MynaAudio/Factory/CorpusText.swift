internal import Foundation
internal import MynaStages

/// Reads the text corpora, which lie as xz-compressed lines of JSON or plain text.
struct CorpusText {
    /// The folder with one subfolder a corpus.
    let folder: String

    /// The lines of a file; `xz` decompresses it.
    func lines(_ file: String) throws(AudioError) -> [Substring] {
        let path = "\(folder)/\(file)"
        guard access(path, R_OK) == 0 else { throw .missing(file: path) }
        guard let bytes = ChildProcess.output(["xz", "-dc", path]) else {
            throw .unreadable(file: path, reason: "xz cannot decompress it")
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// The JSON rows of a file.
    func rows(_ file: String) throws(AudioError) -> [[String: Value]] {
        var rows: [[String: Value]] = []
        for (i, line) in try lines(file).enumerated() {
            do {
                rows.append(try JSONDecoder().decode([String: Value].self, from: Data(line.utf8)))
            } catch {
                throw .badManifest(file: "\(folder)/\(file)", line: i + 1, reason: "is not a JSON object")
            }
        }
        return rows
    }

    /// The text of one field in each row.
    func field(_ name: String, _ file: String) throws(AudioError) -> [String] {
        try rows(file).compactMap { $0[name]?.string }
    }

    /// The words that a pronouncing dictionary knows, lower-case.
    func dictionary() throws(AudioError) -> Set<String> {
        var words = Set<String>()
        let path = "\(folder)/cmudict"
        let files: [String]
        do {
            files = try FileManager.default.contentsOfDirectory(atPath: path).filter {
                $0.contains("dict") && $0.hasSuffix(".xz")
            }
        } catch {
            throw .missing(file: path)
        }
        for file in files.sorted() {
            for line in try lines("cmudict/\(file)") {
                if let word = line.split(separator: " ", maxSplits: 1).first, word.utf8.allSatisfy({ $0 < 0x80 }) {
                    words.insert(word.prefix { $0 != "(" }.lowercased())
                }
            }
        }
        if words.count < 1000 { throw .empty(file: path) }
        return words
    }
}
