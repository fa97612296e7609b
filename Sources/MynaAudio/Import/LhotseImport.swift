internal import Foundation
internal import MynaStages

/// A recording as Lhotse lists it.
private struct Recording: Decodable {
    struct Source: Decodable {
        var type: String
        var source: String?
        var channels: [Int]?
    }
    var id: String
    var sources: [Source]
    var transforms: [Value]?

    /// The one file it is, or why it is none.
    var file: Result<String, Reason> {
        if let transforms, !transforms.isEmpty { return .failure("has transforms, which are made as it is read") }
        guard sources.count == 1, sources[0].type == "file", let path = sources[0].source else {
            return .failure("is not one file: \(sources.map(\.type).joined(separator: ", "))")
        }
        if sources[0].channels?.count ?? 1 > 1 {
            return .failure("has \(sources[0].channels?.count ?? 0) channels; one is taken")
        }
        return .success(path)
    }
}

private struct Reason: Error, ExpressibleByStringInterpolation {
    var text: String
    init(stringLiteral value: String) { text = value }
}

private struct Supervision: Decodable {
    var id: String
    var recording_id: String?
    var start: Double
    var duration: Double
    var text: String?
    var language: String?
    var speaker: String?
    var gender: String?

    /// As our manifests have it.
    var plainGender: String? {
        switch gender?.lowercased() {
        case "m", "male": "m"
        case "f", "female": "f"
        default: gender
        }
    }
}

private struct Cut: Decodable {
    var id: String
    var type: String?
    var start: Double?
    var duration: Double?
    var supervisions: [Supervision]?
    var recording: Recording?
}

extension CorpusImport {
    /// What the rows of a Lhotse manifest are.
    private enum Kind { case cuts, recordings, supervisions }

    /// Cuts, where there are any; otherwise supervisions with the recordings they name.
    func importLhotse(_ sink: ImportSink) throws(AudioError) {
        let files =
            Self.isFolder(source)
            ? try Self.files(below: source, depth: 2) { $0.hasSuffix(".jsonl") || $0.hasSuffix(".jsonl.gz") } : [source]
        var lists: [(kind: Kind, path: String, rows: [(number: Int, line: Data)])] = []
        for file in files {
            let rows = numberedLines(try tableBytes(of: file))
            if let first = rows.first, let kind = Self.kind(of: first.line) { lists.append((kind, file, rows)) }
        }
        let cuts = lists.filter { $0.kind == .cuts }
        if !cuts.isEmpty {
            for list in cuts { try importCuts(list.path, list.rows, sink) }
            return
        }
        guard lists.contains(where: { $0.kind == .recordings }), lists.contains(where: { $0.kind == .supervisions }) else {
            throw .unreadable(
                file: source, reason: "holds neither cuts nor both recordings and supervisions, as JSON lines of Lhotse's")
        }
        var recordings: [String: (path: String, recording: Recording)] = [:]
        for list in lists where list.kind == .recordings {
            for (number, line) in list.rows {
                guard let recording = Self.decoded(Recording.self, line) else {
                    sink.reject(list.path, number, "is not a recording with \"id\" and \"sources\"")
                    continue
                }
                recordings[recording.id] = (list.path, recording)
            }
        }
        for list in lists where list.kind == .supervisions {
            for (number, line) in list.rows {
                guard let said = Self.decoded(Supervision.self, line), let id = said.recording_id else {
                    sink.reject(
                        list.path, number, "is not a supervision with \"id\", \"recording_id\", \"start\" and \"duration\"")
                    continue
                }
                guard let (path, recording) = recordings[id] else {
                    sink.reject(list.path, number, "\"\(said.id)\" is of a recording \"\(id)\" that is not listed")
                    continue
                }
                try add([said], as: said.id, said.start, said.duration, of: recording, listedIn: path, list.path, number, sink)
            }
        }
    }

    private func importCuts(_ path: String, _ rows: [(number: Int, line: Data)], _ sink: ImportSink) throws(AudioError) {
        for (number, line) in rows {
            guard let cut = Self.decoded(Cut.self, line) else {
                sink.reject(path, number, "is not a cut with an \"id\"")
                continue
            }
            guard cut.type ?? "MonoCut" == "MonoCut", let recording = cut.recording, let duration = cut.duration else {
                sink.reject(path, number, "\"\(cut.id)\" is no cut from one recording (\(cut.type ?? "no type"))")
                continue
            }
            let said = (cut.supervisions ?? []).sorted { $0.start < $1.start }
            try add(said, as: cut.id, cut.start ?? 0, duration, of: recording, listedIn: path, path, number, sink)
        }
    }

    private func add(
        _ said: [Supervision], as id: String, _ start: Double, _ duration: Double, of recording: Recording,
        listedIn list: String, _ path: String, _ line: Int, _ sink: ImportSink
    ) throws(AudioError) {
        switch recording.file {
        case .failure(let reason): sink.reject(path, line, "\"\(id)\": the recording \"\(recording.id)\" \(reason.text)")
        case .success(let file):
            var utterance = ImportedUtterance(
                id: id, path: located(file, near: splitPath(list).folder), start: start, duration: duration)
            utterance.text = said.compactMap(\.text).joined(separator: " ")
            // What belongs to one person is said of one person only.
            if Set(said.map(\.speaker)).count == 1 {
                (utterance.speaker, utterance.gender) = (said[0].speaker, said[0].plainGender)
            }
            utterance.split = Self.split(in: splitPath(path).file)
            utterance.extra["language"] = said.first?.language.map { .string($0) }
            try sink.add(utterance, from: path, line: line)
        }
    }

    private static func kind(of line: Data) -> Kind? {
        guard let row = decoded([String: Value].self, line) else { return .cuts }  // its rows will tell what is wrong
        if row["sources"] != nil { return .recordings }
        if row["recording_id"] != nil { return .supervisions }
        return row["recording"] != nil || row["type"]?.string?.hasSuffix("Cut") == true ? .cuts : nil
    }

    /// Nil where a line is no such row; the caller says so.
    private static func decoded<Row: Decodable>(_ type: Row.Type, _ line: Data) -> Row? {
        try? JSONDecoder().decode(type, from: line)
    }
}
