public import Foundation
#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif

/// Fetches models over a hub's plain HTTP interface into a ``ModelStore``.
///
/// A listing (`/api/models/OWNER/NAME/revision/REV?blobs=true`) names the files, `/OWNER/NAME/resolve/REV/FILE` gives each.
/// A file grows under a name of its own, goes on where an earlier run stopped, is checked by size and by the checksum of the
/// listing, and then takes its place at once.
public struct HubClient: Sendable {
    /// How far a pull has come.
    public struct Progress: Sendable {
        public var file: String
        /// Bytes of all files that are on disk, and of all files; nil where the hub does not say.
        public var done: Int64
        public var total: Int64?
    }

    public static let standardHub = "https://huggingface.co"
    static let partSuffix = ".myna-part"

    let base: URL
    let token: String?
    /// Tries of one request before it is given up, and the pause before the second, in seconds; it doubles.
    let (tries, pause): (Int, Double)
    let timeout: Double

    /// - Parameters:
    ///   - hub: `https://…` of the hub or a mirror; `MYNA_HUB` or the standard one if nil.
    ///   - token: sent to the hub itself and to nothing it redirects to; `MYNA_HUB_TOKEN` if nil.
    public init(hub: String? = nil, token: String? = nil, tries: Int = 5, pause: Double = 1, timeout: Double = 60)
        throws(HubError)
    {
        let environment = ProcessInfo.processInfo.environment
        let address = hub ?? environment["MYNA_HUB"] ?? Self.standardHub
        guard let url = URL(string: address), let scheme = url.scheme, ["http", "https"].contains(scheme), url.host != nil else {
            throw .badAddress(address)
        }
        base = url
        self.token = token ?? environment["MYNA_HUB_TOKEN"]
        (self.tries, self.pause, self.timeout) = (max(1, tries), pause, timeout)
    }

    /// Fetches what is missing of a model and gives its folder.
    ///
    /// - Parameters:
    ///   - report: hears how far it has come, often.
    ///   - wants: which files; those that a recogniser or a language model is loaded from if not given.
    public func pull(
        _ model: ModelName, into store: ModelStore = ModelStore(), report: @escaping @Sendable (Progress) -> Void = { _ in },
        wants: @Sendable (String) -> Bool = HubClient.isNeeded
    ) async throws -> URL {
        let files = try await listing(of: model).filter { wants($0.name) }
        guard !files.isEmpty else {
            throw HubError.badListing("\(model)", reason: "has none of the files that a model is loaded from")
        }
        let folder = store.folder(of: model)
        let sizes = files.map(\.size)
        let total = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) }
        var done: Int64 = 0
        for file in files {
            try Task.checkCancellation()
            let before = done
            let place = folder.appending(path: file.name)
            try makeFolder(place.deletingLastPathComponent())
            if try !isThere(file, at: place, receipt: folder) {
                try await fetch(file, of: model, to: place) { bytes in
                    report(Progress(file: file.name, done: before + bytes, total: total))
                }
            }
            done += Self.size(of: place) ?? 0
            report(Progress(file: file.name, done: done, total: total))
        }
        let receipt = folder.appending(path: ModelStore.receipt)
        do {
            try JSONEncoder().encode(files).write(to: receipt, options: .atomic)
        } catch {
            throw HubError.cannotWrite(receipt.path, reason: "\(error.localizedDescription)")
        }
        return folder
    }

    /// Weights in safetensors, settings, tokenizers and cards; no second copy of the weights in other forms.
    public static func isNeeded(_ name: String) -> Bool {
        [".safetensors", ".json", ".txt", ".md", ".model"].contains { name.hasSuffix($0) } || name == "ngram.bin"
            || name == "LICENSE"
    }

    // MARK: One file

    /// Whether a file of an earlier pull may stay: a listed checksum is checked, otherwise the size must agree.
    private func isThere(_ file: HubFile, at place: URL, receipt folder: URL) throws -> Bool {
        guard let size = Self.size(of: place), file.size == nil || size == file.size else { return false }
        guard let sum = file.checksum else {
            // Without a checksum only a file of a finished pull is known to be whole.
            return FileManager.default.fileExists(atPath: folder.appending(path: ModelStore.receipt).path)
        }
        return try sum.digest(of: place) == sum.expected
    }

    private func fetch(
        _ file: HubFile, of model: ModelName, to place: URL, report: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let address = base.appending(path: model.owner).appending(path: model.name).appending(path: "resolve")
            .appending(path: model.revision).appending(path: file.name)
        let part = URL(filePath: place.path + Self.partSuffix)
        // What was kept of a file without a checksum may be of an older one.
        if file.checksum == nil { try remove(part) }
        var lastFailure: HubError?
        var restarted = false
        for attempt in 0..<tries {
            if attempt > 0 { try await Task.sleep(for: .seconds(pause * Double(1 << min(attempt - 1, 5)))) }
            do throws(any Error) {
                // A part that is already as long as the file came from a run that was stopped before its check.
                let have = Self.size(of: part) ?? 0
                if file.size == nil || have != file.size {
                    if let size = file.size, have > size { try remove(part) }
                    try await Transfer(to: part, expecting: file.size, timeout: timeout, report: report)
                        .run(request(address), address: "\(address)")
                }
                try verify(part, file, named: place.path)
                try replace(place, with: part)
                return
            } catch {
                guard let error = error as? HubError else { throw error }
                switch error {
                case .unreachable, .wrongSize: lastFailure = error
                case .refused(_, let status) where status >= 500 || status == 429: lastFailure = error
                case .refused(_, 416), .wrongChecksum:
                    // What was kept is not the beginning of this file: once more from nothing.
                    try remove(part)
                    lastFailure = error
                    if restarted { throw error }
                    restarted = true
                default: throw error
                }
            }
        }
        throw lastFailure ?? .unreachable("\(address)", reason: "no answer")
    }

    private func verify(_ part: URL, _ file: HubFile, named name: String) throws {
        let size = Self.size(of: part) ?? 0
        if let expected = file.size, size != expected { throw HubError.wrongSize(name, expected: expected, got: size) }
        if let sum = file.checksum {
            let got = try sum.digest(of: part)
            if got != sum.expected { throw HubError.wrongChecksum(name, expected: sum.expected, got: got) }
        }
    }

    // MARK: The listing

    private func listing(of model: ModelName) async throws -> [HubFile] {
        struct Listing: Decodable {
            struct LFS: Decodable {
                var sha256: String?
                var size: Int64?
            }
            struct Sibling: Decodable {
                var rfilename: String
                var size: Int64?
                var blobId: String?
                var lfs: LFS?
            }
            var siblings: [Sibling]?
        }
        let address = base.appending(path: "api/models").appending(path: model.owner).appending(path: model.name)
            .appending(path: "revision").appending(path: model.revision)
            .appending(queryItems: [URLQueryItem(name: "blobs", value: "true")])
        let data = try await answer(to: address)
        let siblings: [Listing.Sibling]
        do {
            siblings = try JSONDecoder().decode(Listing.self, from: data).siblings ?? []
        } catch {
            throw HubError.badListing("\(address)", reason: "the answer is not a list of a model's files")
        }
        return try siblings.map { sibling in
            let file = HubFile(
                name: sibling.rfilename, size: sibling.lfs?.size ?? sibling.size, sha256: sibling.lfs?.sha256?.lowercased(),
                blob: sibling.lfs == nil ? sibling.blobId?.lowercased() : nil)
            guard file.isSafe else { throw HubError.unsafeName(model: "\(model)", name: file.name) }
            return file
        }
    }

    /// A small answer, whole.
    private func answer(to address: URL) async throws -> Data {
        let place = FileManager.default.temporaryDirectory.appending(path: "myna-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }  // a left-over in the temporary folder harms nothing
        for attempt in 1... {
            do throws(any Error) {
                try await Transfer(to: place, expecting: nil, timeout: timeout, limit: 64 << 20) { _ in }
                    .run(request(address), address: "\(address)")
                return try Data(contentsOf: place)
            } catch {
                guard let error = error as? HubError else { throw error }
                switch error {
                case .unreachable where attempt < tries: break
                case .refused(_, let status) where attempt < tries && (status >= 500 || status == 429): break
                default: throw error
                }
                try remove(place)
                try await Task.sleep(for: .seconds(pause * Double(1 << min(attempt - 1, 5))))
            }
        }
        preconditionFailure("the loop ends by return or throw")
    }

    private func request(_ address: URL) -> URLRequest {
        var request = URLRequest(url: address, timeoutInterval: timeout)
        request.setValue("myna", forHTTPHeaderField: "User-Agent")
        // Ranges are of the file's own bytes.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        if let token, !token.isEmpty { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        return request
    }

    // MARK: Disk

    static func size(of file: URL) -> Int64? {
        // A file that is not there has no size.
        (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber)?.int64Value
    }

    private func makeFolder(_ folder: URL) throws(HubError) {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw .cannotWrite(folder.path, reason: "\(error.localizedDescription)")
        }
    }

    private func remove(_ file: URL) throws(HubError) {
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        do {
            try FileManager.default.removeItem(at: file)
        } catch {
            throw .cannotWrite(file.path, reason: "\(error.localizedDescription)")
        }
    }

    /// One rename: the place holds the old file or the whole new one.
    private func replace(_ place: URL, with part: URL) throws(HubError) {
        guard rename(part.path, place.path) == 0 else {
            throw .cannotWrite(place.path, reason: String(cString: strerror(errno)))
        }
    }
}
