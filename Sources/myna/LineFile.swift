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

    /// The rows of such a file.
    static func rows<Row: Decodable>(of path: String, as type: Row.Type) throws -> [Row] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandError("\(path): cannot be read", status: ExitStatus.noInput)
        }
        return try data.split(separator: UInt8(ascii: "\n")).enumerated().map { number, line in
            do {
                return try JSONDecoder().decode(type, from: Data(line))
            } catch {
                throw CommandError("\(path): line \(number + 1) is no row of scores", status: ExitStatus.badData)
            }
        }
    }
}
