import MynaAudio
import Testing

@Suite struct TarArchiveTests {
    private func archive(_ folder: ScratchFolder) throws -> String {
        let path = "\(folder.path)/a.tar"
        let writer = try TarWriter(path: path)
        for i in 0..<9 { try writer.add("member-\(i).bin", [UInt8](repeating: UInt8(i), count: i * 300)) }
        try writer.finish()
        return path
    }

    @Test("members come back as they were put in, in any order and from several tasks")
    func roundTrip() async throws {
        let folder = try ScratchFolder()
        let archive = try TarArchive(path: archive(folder))
        #expect(archive.names == (0..<9).map { "member-\($0).bin" })
        let all = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for i in (0..<9).reversed() { group.addTask { (i, try archive.bytes(of: "member-\(i).bin")) } }
            var all: [Int: [UInt8]] = [:]
            for try await (i, bytes) in group { all[i] = bytes }
            return all
        }
        for i in 0..<9 { #expect(all[i] == [UInt8](repeating: UInt8(i), count: i * 300)) }
        #expect(throws: AudioError.noMember(file: archive.path, member: "other")) { try archive.bytes(of: "other") }
    }

    @Test("missing, empty, foreign and cut archives are refused")
    func refused() throws {
        let folder = try ScratchFolder()
        #expect(throws: AudioError.missing(file: "\(folder.path)/none.tar")) { try TarArchive(path: "\(folder.path)/none.tar") }
        let empty = try folder.file("empty.tar", [])
        #expect(throws: AudioError.empty(file: empty)) { try TarArchive(path: empty) }
        let foreign = try folder.file("foreign.tar", [UInt8](repeating: 65, count: 2000))
        #expect { try TarArchive(path: foreign) } throws: { error in
            if case .badArchive(file: foreign, offset: 0, reason: _)? = error as? AudioError { true } else { false }
        }
        _ = try archive(folder)
        let cut = try folder.file("cut.tar", try folder.bytes("a.tar").prefix(6000))
        #expect { try TarArchive(path: cut) } throws: { error in
            if case .truncated(file: cut, _, _, _)? = error as? AudioError { true } else { false }
        }
    }

    @Test("a damaged archive throws or reads: it never crashes")
    func fuzz() throws {
        let folder = try ScratchFolder()
        _ = try archive(folder)
        let original = try folder.bytes("a.tar")
        var dice = Dice(state: 3)
        var refused = 0
        for _ in 0..<200 {
            var bytes = original
            for _ in 0..<4 { bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice) }
            bytes.removeLast(Int.random(in: 0..<2000, using: &dice))
            let path = try folder.file("damaged.tar", bytes)
            do {
                let archive = try TarArchive(path: path)
                for name in archive.names { #expect(try archive.bytes(of: name).count <= bytes.count) }
            } catch is AudioError {
                refused += 1
            }
        }
        #expect(refused > 20)
    }
}
