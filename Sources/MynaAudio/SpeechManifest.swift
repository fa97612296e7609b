public import MynaStages
internal import Foundation
internal import Synchronization

/// One utterance of a corpus: where its sound lies and what is known of it.
public struct Utterance: Sendable, Equatable {
    public var id: String
    /// Where in its file or member the utterance begins, in seconds; it then lasts ``duration``. All of it if nil.
    public var start: Double?
    /// In seconds, as the manifest has it.
    public var duration: Double?
    /// What was said, where it is known.
    public var text: String?
    public var speaker: String?
    /// As the manifest has it: a number or a span.
    public var age: String?
    public var gender: String?
    /// `train`, `dev` or `test`, where the manifest tells.
    public var split: String?
    /// False for speech that was cut off before the speaker had finished.
    public var complete: Bool
    /// The other fields of the row.
    public var extra: [String: Value]
    /// Where the sound is.
    public var sound: Sound

    /// Where the sound of an utterance lies.
    public enum Sound: Sendable, Equatable {
        case file(path: String)
        case member(archive: String, name: String)
    }
}

/// A list of utterances in JSON lines, with their sound in tar shards beside it or in plain files.
public struct SpeechManifest: Sendable {
    public let path: String
    public let utterances: [Utterance]
    private let archives: ArchiveShelf

    /// - Throws: ``AudioError`` naming the file and the line.
    public init(path: String) throws(AudioError) {
        self.path = path
        archives = ArchiveShelf()
        var utterances: [Utterance] = []
        let folder = splitPath(path).folder
        var roots: [String: String] = [:]
        try eachLine(of: path) { number, line throws(AudioError) in
            let row: [String: Value]
            do {
                row = try JSONDecoder().decode([String: Value].self, from: line)
            } catch {
                throw .badManifest(file: path, line: number, reason: "is not a JSON object")
            }
            utterances.append(try Utterance(row, folder: folder, manifest: path, line: number, roots: &roots))
        }
        self.utterances = utterances
    }

    /// The sound of an utterance, mono at `rate`; safe from several threads.
    public func samples(of utterance: Utterance, at rate: Int) throws(AudioError) -> [Float] {
        let reader =
            switch utterance.sound {
            case .file(let path): try AudioReader(path: path)
            case .member(let archive, let name):
                try AudioReader(bytes: archives.archive(archive).bytes(of: name), name: "\(archive):\(name)")
            }
        if let start = utterance.start, let duration = utterance.duration {
            return try reader.samples(from: start, lasting: duration, at: rate)
        }
        return try reader.resampled(to: rate)
    }
}

extension Utterance {
    private static let known: Set<String> = [
        "id", "start", "duration", "text", "speaker", "age", "gender", "split", "complete", "shard", "member", "audio", "path",
        "audio_filepath",
    ]

    init(_ row: [String: Value], folder: String, manifest: String, line: Int, roots: inout [String: String]) throws(AudioError) {
        func text(_ field: String) throws(AudioError) -> String? {
            switch row[field] {
            case nil, .null: return nil
            case .string(let value): return value
            case .number(let value): return Int(exactly: value).map { String($0) } ?? String(value)
            default: throw .badManifest(file: manifest, line: line, reason: "\"\(field)\" is neither text nor a number")
            }
        }
        switch row["duration"] {
        case nil, .null: duration = nil
        case .number(let seconds) where seconds >= 0 && seconds.isFinite: duration = seconds
        default: throw .badManifest(file: manifest, line: line, reason: "\"duration\" is not a number of seconds")
        }
        switch row["start"] {
        case nil, .null: start = nil
        case .number(let seconds) where seconds >= 0 && seconds.isFinite && duration != nil: start = seconds
        default:
            throw .badManifest(file: manifest, line: line, reason: "\"start\" is not a number of seconds with a \"duration\"")
        }
        self.text = try text("text")
        speaker = try text("speaker")
        age = try text("age")
        gender = try text("gender")
        split = try text("split")
        complete = row["complete"]?.bool ?? true
        extra = row.filter { !Utterance.known.contains($0.key) }
        let given = try text("id")
        if let shard = try text("shard") {
            guard let member = try text("member") else {
                throw .badManifest(file: manifest, line: line, reason: "has a \"shard\" and no \"member\"")
            }
            sound = .member(archive: Utterance.locate(shard, folder, &roots), name: member)
            id = given ?? member
            return
        }
        for field in ["audio", "path", "audio_filepath"] {
            guard let path = try text(field) else { continue }
            sound = .file(path: Utterance.locate(path, folder, &roots))
            id = given ?? path
            return
        }
        throw .badManifest(file: manifest, line: line, reason: "has neither \"shard\" nor \"audio\"")
    }

    /// A relative path starts at the manifest's folder, or at the one above when the manifest lies in `manifests/`.
    private static func locate(_ path: String, _ folder: String, _ roots: inout [String: String]) -> String {
        if path.hasPrefix("/") { return path }
        if let known = roots[path] { return known }
        let here = "\(folder)/\(path)"
        let above = "\(folder)/../\(path)"
        let found = access(here, F_OK) != 0 && access(above, F_OK) == 0 ? above : here
        roots[path] = found
        return found
    }
}

/// The archives opened so far, each once.
private final class ArchiveShelf: Sendable {
    private let open = Mutex<[String: TarArchive]>([:])

    func archive(_ path: String) throws(AudioError) -> TarArchive {
        try open.withLock { archives throws(AudioError) -> TarArchive in
            if let archive = archives[path] { return archive }
            let archive = try TarArchive(path: path)
            archives[path] = archive
            return archive
        }
    }
}

/// Calls `body` with each line of a file that is not blank, and its number from one.
func eachLine(of path: String, _ body: (Int, Data) throws(AudioError) -> Void) throws(AudioError) {
    let data: Data
    do {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
        throw access(path, F_OK) == 0 ? .unreadable(file: path, reason: "\(error)") : .missing(file: path)
    }
    var start = data.startIndex
    var number = 0
    while start < data.endIndex {
        let end = data[start...].firstIndex(of: 0x0a) ?? data.endIndex
        number += 1
        let line = data[start..<end]
        if line.contains(where: { $0 > 0x20 }) { try body(number, line) }
        start = end < data.endIndex ? data.index(after: end) : end
    }
}
