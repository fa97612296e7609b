import Foundation

/// JSON lines on their way to a file; each is there as soon as it is written.
final class LineFile {
    private let path: String
    private let handle: FileHandle

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path) else {
            throw CommandError("\(path): cannot be written", status: ExitStatus.cannotCreate)
        }
        self.path = path
        self.handle = handle
    }

    func write(_ row: some Encodable) throws {
        do {
            try handle.write(contentsOf: Data((try Output.text(row) + "\n").utf8))
        } catch {
            throw CommandError("\(path): cannot be written: \(error.localizedDescription)", status: ExitStatus.cannotCreate)
        }
    }

    func close() throws { try handle.close() }
}
