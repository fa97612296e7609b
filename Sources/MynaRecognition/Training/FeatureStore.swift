internal import MynaStages
internal import Foundation
public import MynaAudio
internal import Synchronization
internal import Torch

/// The log-mel frames of many utterances, kept on disk in half precision and mapped.
///
/// One file of frames and one index a shard, made once: training reads frames thousands of times faster than it
/// could decode sound.
public final class FeatureStore: Sendable {
    /// One utterance's frames and what is known of it.
    public struct Item: Sendable {
        public var id: String
        public var text: String
        public var complete: Bool
        public var frames: Int
        let offset: Int
        let file: Int
    }

    public let items: [Item]
    public let bins: Int
    private let files: [Data]

    private struct Row: Codable {
        var id: String
        var text: String
        var complete: Bool
        var frames: Int
        var offset: Int
    }

    /// Opens the features of a manifest, making those that are missing.
    ///
    /// - Parameters:
    ///   - folder: where features are kept.
    ///   - keep: which utterances; rows without usable text are left out in any case.
    public init(
        manifest path: String, split: String?, bins: Int, folder: String, threads: Int = 2, report: @Sendable (String) -> Void,
        text: @Sendable (Utterance) -> String?
    ) throws {
        self.bins = bins
        let manifest = try SpeechManifest(path: path)
        let chosen = manifest.utterances.filter { split == nil || $0.split == split }
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        var byShard: [(key: String, rows: [Utterance])] = []
        for utterance in chosen {
            let key =
                switch utterance.sound {
                case .member(let archive, _): URL(filePath: archive).deletingPathExtension().lastPathComponent
                case .file: "files"
                }
            if byShard.last?.key == key {
                byShard[byShard.count - 1].rows.append(utterance)
            } else {
                byShard.append((key, [utterance]))
            }
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var items: [Item] = []
        var files: [Data] = []
        for shard in byShard {
            // Other rows, words or places are other features: a cache that has gone stale is never read.
            let content = shard.rows.map { "\($0.sound) \($0.id) \(text($0) ?? "")\n" }.joined().stableHash
            let stem = "\(folder)/\(name)-\(shard.key)-\(bins)-\(String(content, radix: 16))"
            if !FileManager.default.fileExists(atPath: stem + ".json") {
                try Self.make(shard.rows, of: manifest, bins: bins, stem: stem, threads: threads, report: report, text: text)
            }
            let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: URL(filePath: stem + ".json")))
            items += rows.map {
                Item(id: $0.id, text: $0.text, complete: $0.complete, frames: $0.frames, offset: $0.offset, file: files.count)
            }
            files.append(try Data(contentsOf: URL(filePath: stem + ".mel"), options: .alwaysMapped))
        }
        self.items = items
        self.files = files
    }

    /// The frames of an item as floats, row by row: `frames × bins`.
    public func frames(_ item: Item) -> [Float] {
        let count = item.frames * bins
        return files[item.file].withUnsafeBytes { bytes in
            let halves = UnsafeRawBufferPointer(rebasing: bytes[item.offset..<item.offset + 2 * count]).bindMemory(
                to: Float16.self)
            return halves.map(Float.init)
        }
    }

    private static func make(
        _ rows: [Utterance], of manifest: SpeechManifest, bins: Int, stem: String, threads: Int,
        report: @Sendable (String) -> Void,
        text: @Sendable (Utterance) -> String?
    ) throws {
        let made = Mutex<[Int: (row: Row, bytes: Data)]>([:])
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let front = LogMel(bins: bins)
            for index in stride(from: thread, to: rows.count, by: threads) {
                guard let words = text(rows[index]) else { continue }
                do {
                    let mels = front(try manifest.samples(of: rows[index], at: LogMel.sampleRate))
                    let bytes = mels.to(.float16).withBytes { Data($0) }
                    let row = Row(
                        id: rows[index].id, text: words, complete: rows[index].complete, frames: mels.size(0), offset: 0)
                    made.withLock { $0[index] = (row, bytes) }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        for failure in failures.withLock({ $0 }).prefix(5) { report("left out: \(failure)") }
        var all = Data()
        var index: [Row] = []
        let results = made.withLock { $0 }
        for position in rows.indices {
            guard case (var row, let bytes)? = results[position] else { continue }
            row.offset = all.count
            all.append(bytes)
            index.append(row)
        }
        try all.write(to: URL(filePath: stem + ".mel"), options: .atomic)
        try JSONEncoder().encode(index).write(to: URL(filePath: stem + ".json"), options: .atomic)
        report("features of \(index.count) of \(rows.count) utterances: \(stem)")
    }
}
