internal import Foundation
internal import MynaStages

extension CorpusImport {
    /// `SUBSET/SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt`, each line an id and its words, beside `ID.flac`.
    func importLibriSpeech(_ sink: ImportSink) throws(AudioError) {
        let lists = try Self.files(below: source) { $0.hasSuffix(".trans.txt") }
        guard !lists.isEmpty else {
            throw .unreadable(file: source, reason: "no folder in it has a .trans.txt: not LibriSpeech's form")
        }
        let genders = try speakerGenders(sink)
        for list in lists {
            let folder = splitPath(list).folder
            let subset = subset(of: folder)
            for (number, line) in numberedLines(try tableBytes(of: list)) {
                let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
                let id = String(words[0])
                let path = Self.firstFile(of: ["flac", "wav", "mp3", "ogg", "opus"].map { "\(folder)/\(id).\($0)" })
                let speaker = id.split(separator: "-").first.map(String.init)
                var utterance = ImportedUtterance(
                    id: id, path: path ?? "\(folder)/\(id).flac", text: words.count > 1 ? String(words[1]) : nil, speaker: speaker
                )
                utterance.gender = speaker.flatMap { genders[$0] }
                utterance.split = subset.flatMap { Self.split(in: $0) }
                if let subset { utterance.extra["subset"] = .string(subset) }
                try sink.add(utterance, from: list, line: number)
            }
        }
    }

    /// The nearest folder above, up to the corpus itself, that is named like a part of the corpus.
    private func subset(of folder: String) -> String? {
        let whole = URL(filePath: source).standardizedFileURL.lastPathComponent
        let below = folder.dropFirst(source.count).split(separator: "/").dropLast(2).map(String.init)
        return ([whole] + below).last { Self.split(in: $0) != nil }
    }

    /// `SPEAKERS.TXT` in the folder or up to two above it: `id | sex | subset | minutes | name`, comments after `;`.
    private func speakerGenders(_ sink: ImportSink) throws(AudioError) -> [String: String] {
        guard let path = Self.firstFile(of: ["", "/..", "/../.."].map { "\(source)\($0)/SPEAKERS.TXT" }) else { return [:] }
        var genders: [String: String] = [:]
        for (number, line) in numberedLines(try tableBytes(of: path)) where line.first != UInt8(ascii: ";") {
            let fields = String(decoding: line, as: UTF8.self).split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard fields.count >= 3, ["M", "F"].contains(fields[1]) else {
                sink.reject(path, number, "is not a speaker's id, M or F, and subset between bars")
                continue
            }
            genders[fields[0]] = fields[1].lowercased()
        }
        return genders
    }
}
