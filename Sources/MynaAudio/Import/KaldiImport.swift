internal import Foundation

extension CorpusImport {
    /// One line's first word and the rest.
    private struct Entry {
        var line: Int
        var rest: String
    }

    /// `wav.scp` with plain paths, `text`, and where they are there `segments`, `utt2spk` and `spk2gender`.
    func importKaldi(_ sink: ImportSink) throws(AudioError) {
        let (sounds, order) = try entries("wav.scp", sink)
        let (texts, _) = try entries("text", sink)
        let (speakers, _) = try entries("utt2spk", sink, isOptional: true)
        let (genders, _) = try entries("spk2gender", sink, isOptional: true)
        let (segments, segmentOrder) = try entries("segments", sink, isOptional: true)
        let isCut = access("\(source)/segments", F_OK) == 0
        let list = isCut ? "\(source)/segments" : "\(source)/wav.scp"
        for id in isCut ? segmentOrder : order {
            guard let entry = isCut ? segments[id] : sounds[id] else { continue }
            var utterance = ImportedUtterance(id: id, path: "")
            var recording = id
            if isCut {
                let fields = entry.rest.split(separator: " ")
                guard fields.count >= 3, let start = Double(fields[1]), let end = Double(fields[2]), start.isFinite, end.isFinite
                else {
                    sink.reject(list, entry.line, "is not a segment, a recording, a start and an end in seconds")
                    continue
                }
                recording = String(fields[0])
                utterance.start = start
                utterance.duration = end < 0 ? nil : end - start  // −1 is the end of the recording
            }
            guard let sound = sounds[recording] else {
                sink.reject(list, entry.line, "\(source)/wav.scp has no recording \"\(recording)\"")
                continue
            }
            if let reason = Self.notAPath(sound.rest) {
                sink.reject("\(source)/wav.scp", sound.line, "\"\(recording)\" \(reason)")
                continue
            }
            utterance.path = located(sound.rest, near: source)
            utterance.text = texts[id]?.rest
            utterance.speaker = speakers[id]?.rest
            utterance.gender = utterance.speaker.flatMap { genders[$0]?.rest }
            try sink.add(utterance, from: list, line: entry.line)
        }
        let known = isCut ? segments : sounds
        for (id, entry) in texts.sorted(by: { $0.value.line < $1.value.line }) where known[id] == nil {
            sink.reject("\(source)/text", entry.line, "\(list) has no \"\(id)\"")
        }
    }

    /// Why an entry of `wav.scp` is not a file that can be opened.
    private static func notAPath(_ text: String) -> String? {
        if text.isEmpty { return "has no path" }
        if text.hasSuffix("|") { return "is made by a command, not a path; write its sound to files first" }
        if let colon = text.lastIndex(of: ":"), Int(text[text.index(after: colon)...]) != nil {
            return "lies inside an archive, not in a file of its own"
        }
        return nil
    }

    private func entries(
        _ name: String, _ sink: ImportSink, isOptional: Bool = false
    ) throws(AudioError) -> (byID: [String: Entry], order: [String]) {
        let path = "\(source)/\(name)"
        if isOptional, access(path, F_OK) != 0 { return ([:], []) }
        var (byID, order): ([String: Entry], [String]) = ([:], [])
        for (number, line) in numberedLines(try tableBytes(of: path)) {
            let words = String(decoding: line, as: UTF8.self).split(maxSplits: 1) { $0 == " " || $0 == "\t" }
            let id = String(words[0])
            let rest = words.count > 1 ? words[1].trimmingCharacters(in: .whitespaces) : ""
            if byID[id] != nil {
                sink.reject(path, number, "\"\(id)\" is there already")
                continue
            }
            byID[id] = Entry(line: number, rest: rest)
            order.append(id)
        }
        return (byID, order)
    }
}
