import Foundation
import Synchronization
import Testing

@testable import MynaHub

/// A made-up hub with one model; its faults are set by each test.
private final class MadeUpHub: Sendable {
    struct Faults: Sendable {
        /// Bytes after which each answer with weights is cut, one a request.
        var cuts: [Int] = []
        var ignoresRange = false
        var wrongChecksum = false
        var listingStatus = 200
        var fileStatus = 200
        var busyAnswers = 0
        var extraName: String?
        var hidesSizes = false
        var config = MadeUpHub.config
    }

    static let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
    static let config = Array("{\"architectures\": [\"ParakeetForCTC\"]}".utf8)
    let faults: Mutex<Faults>

    init(_ faults: Faults = Faults()) { self.faults = Mutex(faults) }

    func answer(_ request: LocalServer.Request) -> LocalServer.Response {
        var faults = faults.withLock { $0 }
        defer { self.faults.withLock { $0 = faults } }
        if faults.busyAnswers > 0 {
            faults.busyAnswers -= 1
            return .init(status: 503)
        }
        let path = request.path.split(separator: "?")[0]
        if path == "/api/models/made/up/revision/main" {
            guard faults.listingStatus == 200 else { return .init(status: faults.listingStatus) }
            var digest = SHA256()
            digest.update(Self.weights)
            let sum = faults.wrongChecksum ? String(repeating: "0", count: 64) : digest.finished()
            var blob = SHA1()
            blob.update(Array("blob \(faults.config.count)\0".utf8) + faults.config)
            let size = faults.hidesSizes ? "" : ", \"size\": \(faults.config.count), \"blobId\": \"\(blob.finished())\""
            var siblings = [
                "{\"rfilename\": \"config.json\"\(size)}", "{\"rfilename\": \"weights.bin\", \"size\": 5}",
                """
                {"rfilename": "parts/model.safetensors", "size": \(Self.weights.count),
                 "lfs": {"sha256": "\(sum)", "size": \(Self.weights.count)}}
                """,
            ]
            if let name = faults.extraName { siblings.append("{\"rfilename\": \"\(name)\", \"size\": 3}") }
            return .init(body: Array("{\"id\": \"made/up\", \"siblings\": [\(siblings.joined(separator: ", "))]}".utf8))
        }
        if path == "/made/up/resolve/main/config.json" {
            return faults.fileStatus == 200 ? .init(body: faults.config) : .init(status: faults.fileStatus)
        }
        if path == "/made/up/resolve/main/parts/model.safetensors" {  // as the hub does: elsewhere
            return .init(status: 302, headers: ["Location": "/storage/weights"])
        }
        guard path == "/storage/weights" else { return .init(status: 404) }
        let cut = faults.cuts.isEmpty ? nil : faults.cuts.removeFirst()
        if let range = request.headers["range"], !faults.ignoresRange, let from = Int(range.dropFirst(6).dropLast()) {
            guard from < Self.weights.count else { return .init(status: 416) }
            return .init(
                status: 206, headers: ["Content-Range": "bytes \(from)-\(Self.weights.count - 1)/\(Self.weights.count)"],
                body: Array(Self.weights[from...]), cutAfter: cut)
        }
        return .init(body: Self.weights, cutAfter: cut)
    }
}

@Suite(.serialized) final class HubTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)")
    private var store: ModelStore { ModelStore(root) }

    deinit { try? FileManager.default.removeItem(at: root) }  // a left-over would only take room

    private func start(_ hub: MadeUpHub) throws -> (LocalServer, HubClient) {
        let server = try LocalServer { hub.answer($0) }
        return (server, try HubClient(hub: server.address, token: "secret", tries: 4, pause: 0.01, timeout: 20))
    }

    @Test func `a file without large storage that changed on the hub is fetched anew, also where its size did not`() async throws
    {
        let hub = MadeUpHub()
        let (server, client) = try start(hub)
        let model = try ModelName("made/up")
        _ = try await client.pull(model, into: store)
        let other = Array("{\"architectures\": [\"ParakeetForTDT\"]}".utf8)
        #expect(other.count == MadeUpHub.config.count)
        hub.faults.withLock { $0.config = other }
        let folder = try await client.pull(model, into: store)
        #expect(try Data(contentsOf: folder.appending(path: "config.json")) == Data(other))
        // A hub that states neither size nor checksum: nothing is gone on with, and a finished pull is reused.
        hub.faults.withLock { $0.hidesSizes = true }
        _ = try await client.pull(model, into: store)
        #expect(try Data(contentsOf: folder.appending(path: "config.json")) == Data(other))
        withExtendedLifetime(server) {}
    }

    private func weights(in folder: URL) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "parts/model.safetensors")))
    }

    @Test func `a model is fetched whole, reused without its files being asked again, and found offline`() async throws {
        let (server, client) = try start(MadeUpHub())
        let model = try ModelName("made/up")
        #expect(throws: HubError.notKept("made/up", folder: root.path)) { try self.store.kept(model) }
        let reported = Mutex<[Int64]>([])
        let folder = try await client.pull(model, into: store) { progress in reported.withLock { $0.append(progress.done) } }
        #expect(try weights(in: folder) == MadeUpHub.weights)
        #expect(try Data(contentsOf: folder.appending(path: "config.json")) == Data(MadeUpHub.config))
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "weights.bin").path), "is not needed")
        #expect(reported.withLock { $0.last } == Int64(MadeUpHub.weights.count + MadeUpHub.config.count))
        #expect(try store.kept(model) == folder)
        let asked = server.seen.count
        #expect(try await client.pull(model, into: store) == folder)
        #expect(server.seen.count == asked + 1, "only the listing")
        #expect(server.seen.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
    }

    @Test func `cut transfers go on where they stopped`() async throws {
        let hub = MadeUpHub(.init(cuts: [100_000, 50_000]))
        let (server, client) = try start(hub)
        #expect(try weights(in: await client.pull(ModelName("made/up"), into: store)) == MadeUpHub.weights)
        let ranges = server.seen.filter { $0.path == "/storage/weights" }.map { $0.headers["range"] }
        #expect(ranges == [nil, "bytes=100000-", "bytes=150000-"])
    }

    @Test func `a later run goes on from what an earlier one kept, and a server without ranges gives all`() async throws {
        for ignoresRange in [false, true] {
            let folder = store.folder(of: try ModelName("made/up")).appending(path: "parts")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(MadeUpHub.weights[..<1234]).write(to: folder.appending(path: "model.safetensors.myna-part"))
            let (server, client) = try start(MadeUpHub(.init(ignoresRange: ignoresRange)))
            #expect(try weights(in: await client.pull(ModelName("made/up"), into: store)) == MadeUpHub.weights)
            #expect(server.seen.contains { $0.headers["range"] == "bytes=1234-" })
            try FileManager.default.removeItem(at: root)
        }
    }

    @Test func `what was kept of another file is thrown away and fetched anew`() async throws {
        let folder = store.folder(of: try ModelName("made/up")).appending(path: "parts")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(repeating: 7, count: 5000).write(to: folder.appending(path: "model.safetensors.myna-part"))
        let (server, client) = try start(MadeUpHub())
        #expect(try weights(in: await client.pull(ModelName("made/up"), into: store)) == MadeUpHub.weights)
        withExtendedLifetime(server) {}
    }

    @Test func `a wrong checksum is told and nothing takes the file's place`() async throws {
        let (server, client) = try start(MadeUpHub(.init(wrongChecksum: true)))
        let model = try ModelName("made/up")
        do {
            _ = try await client.pull(model, into: store)
            Issue.record("was taken")
        } catch let HubError.wrongChecksum(file, expected, got) {
            #expect(file.hasSuffix("parts/model.safetensors"))
            #expect(expected != got)
        }
        #expect(throws: HubError.self) { try self.store.kept(model) }
        #expect(!FileManager.default.fileExists(atPath: store.folder(of: model).appending(path: "parts/model.safetensors").path))
        withExtendedLifetime(server) {}
    }

    @Test func `a busy server is asked again`() async throws {
        let (server, client) = try start(MadeUpHub(.init(busyAnswers: 2)))
        #expect(try weights(in: await client.pull(ModelName("made/up"), into: store)) == MadeUpHub.weights)
        withExtendedLifetime(server) {}
    }

    @Test(arguments: [404, 401, 403, 500, 418])
    func `an answer that refuses is named`(status: Int) async throws {
        for faults in [MadeUpHub.Faults(listingStatus: status), MadeUpHub.Faults(fileStatus: status)] {
            let (server, client) = try start(MadeUpHub(faults))
            do {
                _ = try await client.pull(ModelName("made/up"), into: store)
                Issue.record("was taken")
            } catch let error as HubError {
                switch (status, error) {
                case (404, .notFound(let address)), (401, .notAllowed(let address, 401)), (403, .notAllowed(let address, 403)),
                    (500, .refused(let address, 500)), (418, .refused(let address, 418)):
                    #expect(address.contains("made/up"))
                default: Issue.record("\(error)")
                }
                #expect(server.seen.count <= 5, "tries are bounded")
            }
        }
    }

    @Test(arguments: [
        "../evil.json", "/etc/evil.json", "a/../../evil.json", "a//evil.json", "./evil.json", "a\\\\evil.json", ".myna-pull.json",
        "a/\\u0000.json", "x.myna-part", "",
    ])
    func `a file name that leads elsewhere is refused before anything is fetched`(name: String) async throws {
        let (server, client) = try start(MadeUpHub(.init(extraName: name)))
        await #expect(throws: HubError.self) { try await client.pull(ModelName("made/up"), into: self.store) }
        #expect(server.seen.count == 1)
        #expect(!FileManager.default.fileExists(atPath: root.path))
    }

    @Test(arguments: ["", "a", "a/b/c", "../b", "a/..", "a/.b", "a b/c", "a/b?c", "/a", "a/"])
    func `a model's name that is none is refused`(name: String) {
        #expect(throws: HubError.badName(name)) { try ModelName(name) }
    }

    @Test func `addresses and revisions are checked, an absent hub is named`() async throws {
        #expect(throws: HubError.badAddress("ftp://x")) { try HubClient(hub: "ftp://x") }
        #expect(throws: HubError.self) { try ModelName("a/b", revision: "../c") }
        let client = try HubClient(hub: "http://127.0.0.1:1", tries: 2, pause: 0.01, timeout: 5)
        do {
            _ = try await client.pull(ModelName("made/up"), into: store)
            Issue.record("was taken")
        } catch let HubError.unreachable(address, _) {
            #expect(address.contains("127.0.0.1:1"))
        }
    }

    @Test func `git names its files by SHA-1`() {
        for (text, digest) in [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("blob 3\u{0}abc", "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f"),
        ] {
            var sum = SHA1()
            for byte in text.utf8 { sum.update([byte]) }
            #expect(sum.finished() == digest)
        }
    }

    @Test func `digests are those of the standard`() {
        func digest(_ text: String, pieces: Int = 1) -> String {
            var digest = SHA256()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: max(1, bytes.count / pieces)) {
                digest.update(bytes[start..<min(bytes.count, start + max(1, bytes.count / pieces))])
            }
            return digest.finished()
        }
        #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let long = String(repeating: "a", count: 100_000)
        #expect(digest(long) == digest(long, pieces: 777))
        for length in 50...70 {
            let text = String(repeating: "x", count: length)
            #expect(digest(text) == digest(text, pieces: length))
        }
    }
}
