internal import Foundation
internal import MynaStages

/// Lists a corpus in somebody else's form as a manifest of ours; the sound stays where it is.
///
/// Every row's sound is looked at: a row whose sound is missing, broken or too short, or that has no text, is told and left out.
public struct CorpusImport: Sendable {
    /// A form that corpora come in.
    public enum Form: String, CaseIterable, Sendable {
        /// Folders of flac files with a `.trans.txt` in each.
        case librispeech
        /// Tables of tab-separated values beside `clips/`.
        case commonVoice = "common-voice"
        /// `wav.scp`, `text`, and where they are there `segments`, `utt2spk` and `spk2gender`.
        case kaldi
        /// JSON lines, plain or gzipped: cuts, or recordings and supervisions.
        case lhotse
        /// Sound files with a `metadata.csv` or `metadata.jsonl`.
        case huggingFace = "hugging-face"
    }

    /// A row that was left out.
    public struct Problem: Sendable, Equatable, CustomStringConvertible {
        public var file: String
        /// From one; nil where it is not a line's fault.
        public var line: Int?
        public var reason: String

        public var description: String { line.map { "\(file):\($0): \(reason)" } ?? "\(file): \(reason)" }
    }

    /// What an import came to.
    public struct Report: Sendable, Equatable {
        public var utterances = 0
        public var seconds = 0.0
        /// Rows left out, the first ``CorpusImport/problemsKept`` of them.
        public var problems: [Problem] = []
        public var problemCount = 0
    }

    /// How many problems a report spells out.
    public static let problemsKept = 1000

    public var form: Form
    /// The corpus: a folder, or one of its files where the form has such.
    public var source: String
    /// What rows say in `corpus`.
    public var corpus: String
    /// The split of rows whose place tells none.
    public var split: String?
    /// Where relative paths of sound start; where the form says, if nil.
    public var audioRoot: String?

    public init(form: Form, source: String, corpus: String, split: String? = nil, audioRoot: String? = nil) {
        (self.form, self.source, self.corpus, self.split, self.audioRoot) = (form, source, corpus, split, audioRoot)
    }

    /// Writes the manifest, which appears when it is whole; with no good row it is not written.
    ///
    /// - Throws: ``AudioError`` where the corpus itself is missing or not of the form, or the manifest cannot be written.
    public func run(into manifest: String) throws(AudioError) -> Report {
        guard access(source, F_OK) == 0 else { throw .missing(file: source) }
        let sink = try ImportSink(manifest: manifest, corpus: corpus, split: split)
        switch form {
        case .librispeech: try importLibriSpeech(sink)
        case .commonVoice: try importCommonVoice(sink)
        case .kaldi: try importKaldi(sink)
        case .lhotse: try importLhotse(sink)
        case .huggingFace: try importHuggingFace(sink)
        }
        return try sink.finish()
    }

    // MARK: What the forms share

    /// A path of sound as a row of a file in `folder` has it.
    func located(_ path: String, near folder: String) -> String {
        if path.hasPrefix("/") { return path }
        if let audioRoot { return "\(audioRoot)/\(path)" }
        let here = "\(folder)/\(path)"
        return access(here, F_OK) != 0 && access(path, F_OK) == 0 ? path : here
    }

    /// The split that a file's or folder's name tells: `train-clean-100`, `cuts_dev.jsonl`, `validation`.
    static func split(in name: String) -> String? {
        for part in name.lowercased().split(whereSeparator: { "-_. ".contains($0) }) {
            switch part {
            case "train", "training": return "train"
            case "dev", "valid", "validation", "val": return "dev"
            case "test", "eval", "testing": return "test"
            default: continue
            }
        }
        return nil
    }

    /// All files below a folder that `wants` takes, by name; folders deeper than eight are not looked into.
    static func files(below folder: String, depth: Int = 8, _ wants: (String) -> Bool) throws(AudioError) -> [String] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw .unreadable(file: folder, reason: "\(error.localizedDescription)")
        }
        var found: [String] = []
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            if isFolder(path) {
                if depth > 0 { found += try files(below: path, depth: depth - 1, wants) }
            } else if wants(name) {
                found.append(path)
            }
        }
        return found
    }

    static func firstFile(of paths: [String]) -> String? {
        for path in paths where access(path, F_OK) == 0 { return path }
        return nil
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// One utterance as a corpus describes it.
struct ImportedUtterance {
    var id: String
    var path: String
    /// Where in the sound it lies, in seconds; all of it if nil.
    var start: Double?
    var duration: Double?
    var text: String?
    var speaker: String?
    var age: String?
    var gender: String?
    var split: String?
    var extra: [String: Value] = [:]
}

/// Looks at the rows of an import and writes the good ones.
final class ImportSink {
    private var report = CorpusImport.Report()
    private let manifest: String
    private let draft: String
    private let folder: String
    private let corpus: String
    private let split: String?
    private let file: FileHandle
    private var lines = Data()
    private var ids: Set<String> = []
    private var lengths: [String: Result<Double?, AudioError>] = [:]
    private let encoder = JSONEncoder()

    init(manifest: String, corpus: String, split: String?) throws(AudioError) {
        (self.manifest, self.corpus, self.split) = (manifest, corpus, split)
        folder = URL(filePath: splitPath(manifest).folder).standardizedFileURL.path
        draft = draftPath(manifest)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard FileManager.default.createFile(atPath: draft, contents: nil), let file = FileHandle(forWritingAtPath: draft) else {
            throw .unwritable(file: manifest, reason: String(cString: strerror(errno)))
        }
        self.file = file
    }

    deinit { unlink(draft) }  // nothing where it took its place

    func reject(_ file: String, _ line: Int?, _ reason: String) {
        report.problemCount += 1
        if report.problems.count < CorpusImport.problemsKept {
            report.problems.append(.init(file: file, line: line, reason: reason))
        }
    }

    func add(_ utterance: ImportedUtterance, from file: String, line: Int?) throws(AudioError) {
        let text = (utterance.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !utterance.id.isEmpty else { return reject(file, line, "has no id") }
        guard !text.isEmpty else { return reject(file, line, "\"\(utterance.id)\" has no text") }
        guard !ids.contains(utterance.id) else { return reject(file, line, "\"\(utterance.id)\" is there already") }
        let length: Double?
        switch soundLength(utterance.path) {
        case .failure(let error): return reject(file, line, "\(error)")
        case .success(let seconds): length = seconds
        }
        let start = utterance.start ?? 0
        guard let duration = utterance.duration ?? length.map({ $0 - start }) else {
            return reject(file, line, "\(utterance.path): does not tell its length")
        }
        guard start >= 0, start.isFinite, duration > 0, duration.isFinite else {
            return reject(file, line, "\"\(utterance.id)\" lasts \(duration) s from \(start) s")
        }
        // Tables round, and lossy files may end a packet early.
        if let length, start + duration > length + 0.25 {
            let end = Self.rounded(start + duration)
            return reject(file, line, "\"\(utterance.id)\" ends at \(end) s, and its sound at \(Self.rounded(length)) s")
        }
        ids.insert(utterance.id)
        var row = utterance.extra.filter { $0.value != .null && $0.value != .string("") }
        row["id"] = .string(utterance.id)
        row["audio"] = .string(relative(utterance.path))
        if let start = utterance.start { row["start"] = .number(Self.rounded(start)) }
        row["duration"] = .number(Self.rounded(duration))
        row["text"] = .string(text)
        row["corpus"] = .string(corpus)
        for (field, value) in [
            ("speaker", utterance.speaker), ("age", utterance.age), ("gender", utterance.gender),
            ("split", utterance.split ?? split),
        ] {
            if let value, !value.isEmpty { row[field] = .string(value) }
        }
        try write(row)
        report.utterances += 1
        report.seconds += duration
    }

    func finish() throws(AudioError) -> CorpusImport.Report {
        guard report.utterances > 0 else { return report }
        try flush()
        do {
            try file.close()
        } catch {
            throw .unwritable(file: manifest, reason: "\(error.localizedDescription)")
        }
        try moveIntoPlace(draft, manifest)
        return report
    }

    private func write(_ row: [String: Value]) throws(AudioError) {
        do {
            lines += try encoder.encode(row) + [0x0a]
        } catch {
            throw .unwritable(file: manifest, reason: "a row is no JSON: \(error)")
        }
        if lines.count > 1 << 20 { try flush() }
    }

    private func flush() throws(AudioError) {
        do {
            try file.write(contentsOf: lines)
        } catch {
            throw .unwritable(file: manifest, reason: "\(error.localizedDescription)")
        }
        lines = Data()
    }

    /// How long a sound file is, asked once of each; many utterances may lie in one recording.
    private func soundLength(_ path: String) -> Result<Double?, AudioError> {
        if let known = lengths[path] { return known }
        let result: Result<Double?, AudioError>
        do {
            let reader = try AudioReader(path: path)
            result = .success(reader.frameCount.map { Double($0) / Double(reader.sampleRate) })
        } catch {
            result = .failure(error)
        }
        if lengths.count > 4096 { lengths = [:] }
        lengths[path] = result
        return result
    }

    /// Below the manifest's folder a path is relative, so that the corpus can be moved with it.
    private func relative(_ path: String) -> String {
        let whole = URL(filePath: path).standardizedFileURL.path
        return whole.hasPrefix(folder + "/") ? String(whole.dropFirst(folder.count + 1)) : whole
    }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
