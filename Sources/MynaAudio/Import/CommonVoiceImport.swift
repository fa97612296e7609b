internal import Foundation
internal import MynaStages

extension CorpusImport {
    /// `train.tsv`, `dev.tsv` and `test.tsv`, or the one table that `source` is, with their sound in `clips/`.
    func importCommonVoice(_ sink: ImportSink) throws(AudioError) {
        let isFolder = Self.isFolder(source)
        let standard = ["train", "dev", "test"].map { "\(source)/\($0).tsv" }
        let tables = isFolder ? standard.filter { Self.firstFile(of: [$0]) != nil } : [source]
        guard !tables.isEmpty else {
            throw .unreadable(file: source, reason: "has no train.tsv, dev.tsv or test.tsv; another table is given by its name")
        }
        for table in tables {
            let (folder, name) = splitPath(table)
            let (header, rows) = try tabSeparated(table)
            let columns = Dictionary(zip(header, 0...)) { first, _ in first }
            guard columns["path"] != nil, columns["sentence"] != nil else {
                throw .badManifest(file: table, line: 1, reason: "has no columns \"path\" and \"sentence\"")
            }
            let split = ["train": "train", "dev": "dev", "test": "test"][name.replacingOccurrences(of: ".tsv", with: "")]
            for row in rows {
                guard row.fields.count == header.count else {
                    sink.reject(table, row.line, "has \(row.fields.count) columns, the header \(header.count)")
                    continue
                }
                func field(_ name: String) -> String? {
                    columns[name].map { row.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
                }
                guard let clip = field("path") else {
                    sink.reject(table, row.line, "has no path")
                    continue
                }
                // Early releases left the ending out.
                let file = clip.hasSuffix(".mp3") || clip.hasSuffix(".wav") || clip.hasSuffix(".flac") ? clip : "\(clip).mp3"
                var utterance = ImportedUtterance(
                    id: String(file.prefix { $0 != "." }), path: located(file, near: "\(folder)/clips"), text: field("sentence"),
                    speaker: field("client_id"))
                utterance.age = field("age").map { Self.decades[$0] ?? $0 }
                utterance.gender = field("gender").map { Self.genders[$0] ?? $0 }
                utterance.split = split
                for name in ["locale", "variant"] { utterance.extra[name] = field(name).map { .string($0) } }
                utterance.extra["accent"] = (field("accents") ?? field("accent")).map { .string($0) }
                try sink.add(utterance, from: table, line: row.line)
            }
        }
    }

    private static let decades = [
        "teens": "13-19", "twenties": "20-29", "thirties": "30-39", "fourties": "40-49", "forties": "40-49", "fifties": "50-59",
        "sixties": "60-69", "seventies": "70-79", "eighties": "80-89", "nineties": "90-99",
    ]

    private static let genders = ["male": "m", "male_masculine": "m", "female": "f", "female_feminine": "f"]
}
