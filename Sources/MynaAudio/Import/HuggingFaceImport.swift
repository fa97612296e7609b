internal import Foundation
internal import MynaStages

extension CorpusImport {
    private static let textColumns = ["transcription", "text", "sentence", "transcript", "normalized_text", "raw_text"]
    private static let speakerColumns = ["speaker_id", "speaker", "client_id"]

    /// A `metadata.csv` or `metadata.jsonl` in the folder or in its splits' folders, each row a `file_name` and its text.
    func importHuggingFace(_ sink: ImportSink) throws(AudioError) {
        let tables = try Self.files(below: source, depth: 3) { ["metadata.csv", "metadata.jsonl"].contains($0) }
        guard !tables.isEmpty else {
            throw .unreadable(file: source, reason: "no folder in it has a metadata.csv or metadata.jsonl")
        }
        for table in tables {
            if table.hasSuffix(".csv") {
                let (header, rows) = try commaSeparated(table)
                guard header.contains("file_name") else {
                    throw .badManifest(file: table, line: 1, reason: "has no column \"file_name\"")
                }
                for row in rows {
                    guard row.fields.count == header.count else {
                        sink.reject(table, row.line, "has \(row.fields.count) columns, the header \(header.count)")
                        continue
                    }
                    let fields = Dictionary(zip(header, row.fields.map { Value.string($0) })) { first, _ in first }
                    try add(fields, from: table, row.line, sink)
                }
            } else {
                for (number, line) in numberedLines(try tableBytes(of: table)) {
                    guard let fields = try? JSONDecoder().decode([String: Value].self, from: line) else {  // the line is told
                        sink.reject(table, number, "is not a JSON object")
                        continue
                    }
                    try add(fields, from: table, number, sink)
                }
            }
        }
    }

    private func add(_ fields: [String: Value], from table: String, _ line: Int, _ sink: ImportSink) throws(AudioError) {
        var fields = fields
        func taken(_ name: String) -> String? {
            switch fields.removeValue(forKey: name) {
            case .string(let text): text
            case .number(let number): Int(exactly: number).map { String($0) } ?? "\(number)"
            default: nil
            }
        }
        guard let name = taken("file_name"), !name.isEmpty else {
            sink.reject(table, line, "has no \"file_name\"")
            return
        }
        let folder = splitPath(table).folder
        // The first of the names that say what was said; the rest stays in the row.
        let text = Self.textColumns.first { fields[$0]?.string?.isEmpty == false }.flatMap(taken)
        let speaker = Self.speakerColumns.first { fields[$0] != nil }.flatMap(taken)
        var utterance = ImportedUtterance(id: taken("id") ?? "", path: located(name, near: folder), text: text, speaker: speaker)
        (utterance.age, utterance.gender) = (taken("age"), taken("gender"))
        utterance.split = taken("split") ?? Self.split(in: splitPath(folder).file)
        if utterance.split == nil { utterance.split = Self.split(in: splitPath(splitPath("\(folder)/\(name)").folder).file) }
        if utterance.id.isEmpty {
            // Files of two splits may have one name.
            let below = folder.hasPrefix(source + "/") ? folder.dropFirst(source.count + 1) + "/" : ""
            utterance.id = below + (name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name)
        }
        // What means something in our rows is not taken over from a column that may mean something else.
        for field in ["audio", "path", "audio_filepath", "shard", "member", "start", "duration", "complete", "corpus"] {
            fields[field] = nil
        }
        utterance.extra = fields
        try sink.add(utterance, from: table, line: line)
    }
}
