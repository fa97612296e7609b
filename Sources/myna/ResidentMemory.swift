import Foundation

/// What of this process lies in the machine's memory, as Linux counts it.
enum ResidentMemory {
    static func mebibytes() throws -> Double {
        let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { throw CommandError("/proc/self/status has no VmRSS", status: ExitStatus.unavailable) }
        return kilobytes / 1024
    }
}
