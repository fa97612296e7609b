public import Foundation

/// Reads files of lines, as they stand or compressed by `xz`, through that command; the product never does at run time.
public enum TextFile {
    /// The lines of a file that are not empty.
    ///
    /// - Throws: ``TextFileError``, naming the file.
    public static func lines(_ file: URL) throws(TextFileError) -> [Substring] {
        guard FileManager.default.isReadableFile(atPath: file.path) else { throw .missing(file.path) }
        let bytes: Data
        if file.pathExtension == "xz" {
            bytes = try decompressed(file)
        } else {
            do { bytes = try Data(contentsOf: file) } catch { throw .unreadable(file.path, error.localizedDescription) }
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    private static func decompressed(_ file: URL) throws(TextFileError) -> Data {
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
        return bytes
    }

    /// Reads one JSON object a line.
    ///
    /// - Throws: ``TextFileError``, naming the file and the line.
    public static func rows<Row: Decodable>(
        _ file: URL, as row: Row.Type, where isWanted: (Substring) -> Bool = { _ in true }
    ) throws(TextFileError) -> [Row] {
        let decoder = JSONDecoder()
        var rows: [Row] = []
        for (index, line) in try lines(file).enumerated() where isWanted(line) {
            do {
                rows.append(try decoder.decode(Row.self, from: Data(line.utf8)))
            } catch {
                throw .unreadable(file.path, "line \(index + 1): \(error)")
            }
        }
        return rows
    }
}

/// Why a file of texts cannot be read.
public enum TextFileError: Error, CustomStringConvertible {
    case missing(String)
    case unreadable(String, String)

    public var description: String {
        switch self {
        case .missing(let path):
            "\(path) is missing; where it belongs to the shared data, MYNA_DATA must name their folder"
        case .unreadable(let path, let problem): "\(path): \(problem)"
        }
    }
}
