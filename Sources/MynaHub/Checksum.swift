internal import Foundation

/// What the bytes of a file must add up to.
enum Checksum {
    case sha256(String)
    case gitBlob(String)

    var expected: String {
        switch self {
        case .sha256(let digits), .gitBlob(let digits): digits
        }
    }

    /// The same sum over what a file holds.
    func digest(of file: URL) throws(HubError) -> String {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }  // it was only read
            func eachPiece(_ body: (Data) -> Void) throws {
                while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty { body(data) }
            }
            switch self {
            case .sha256:
                var digest = SHA256()
                try eachPiece { digest.update($0) }
                return digest.finished()
            case .gitBlob:
                var digest = SHA1()
                digest.update("blob \(HubClient.size(of: file) ?? 0)\0".utf8)
                try eachPiece { digest.update($0) }
                return digest.finished()
            }
        } catch {
            throw .cannotWrite(file.path, reason: "it cannot be read back: \(error.localizedDescription)")
        }
    }
}

extension HubFile {
    /// The sum that the hub states, nil where it states none.
    var checksum: Checksum? {
        if let sha256 { return .sha256(sha256) }
        if let blob, blob.utf8.count == 40 { return .gitBlob(blob) }
        return nil
    }
}
