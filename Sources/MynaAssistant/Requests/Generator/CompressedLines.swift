internal import Foundation

/// Reads the lines of an xz file through the `xz` command; the product never does at run time.
enum CompressedLines {
    static func read(_ file: URL) throws(RequestDataError) -> [Substring] {
        guard FileManager.default.isReadableFile(atPath: file.path) else { throw .missing(file.path) }
        // Not through `Process`: where several start at once, it may miss the end of one and wait for ever.
        let quoted = "'" + file.path.replacingOccurrences(of: "'", with: "'\\''") + "'"
        guard let pipe = popen("exec xz -dc \(quoted)", "r") else {
            throw .unreadable(file.path, "cannot run xz: \(String(cString: strerror(errno)))")
        }
        var bytes = Data()
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&piece, 1, piece.count, pipe), count > 0 { bytes.append(contentsOf: piece[..<count]) }
        let status = pclose(pipe)
        guard status == 0 else { throw .unreadable(file.path, "xz ended with \(status >> 8)") }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    /// Reads one JSON object a line.
    static func rows<Row: Decodable>(
        _ file: URL, as row: Row.Type, where isWanted: (Substring) -> Bool = { _ in true }
    ) throws(RequestDataError) -> [Row] {
        let decoder = JSONDecoder()
        var rows: [Row] = []
        for (index, line) in try read(file).enumerated() where isWanted(line) {
            do {
                rows.append(try decoder.decode(Row.self, from: Data(line.utf8)))
            } catch {
                throw .unreadable(file.path, "line \(index + 1): \(error)")
            }
        }
        return rows
    }
}

/// Why the data that requests are made with cannot be read.
public enum RequestDataError: Error, CustomStringConvertible {
    case missing(String)
    case unreadable(String, String)

    public var description: String {
        switch self {
        case .missing(let path): "\(path) is missing; MYNA_DATA must name the folder of the shared data"
        case .unreadable(let path, let problem): "\(path): \(problem)"
        }
    }
}
