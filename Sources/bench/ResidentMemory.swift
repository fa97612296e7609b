import Foundation
import Torch

/// What of this process lies in the machine's memory, as Linux counts it.
enum ResidentMemory {
    /// In MiB.
    static func now() throws -> Double { try field("VmRSS") }

    /// How far it rises above where it was while `body` runs, in MiB.
    static func peak(_ body: () throws -> Void) throws -> Double {
        Torch.releaseMemory()
        let before = try now()
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))  // the high-water mark falls to what is there
        try body()
        return try field("VmHWM") - before
    }

    private static func field(_ name: String) throws -> Double {
        let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        guard let words = line?.split(whereSeparator: \.isWhitespace), words.count > 1, let kilobytes = Double(words[1]) else {
            throw BenchError.machine("/proc/self/status has no \(name)")
        }
        return kilobytes / 1024
    }
}
