#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What this machine's processor can do.
enum Processor {
    /// Whether it multiplies bfloat16 in instructions of its own; without them products in it take some ten times as long as in
    /// float32 on the CPU.
    ///
    /// Where there is no `/proc/cpuinfo` of an x86 processor to read, it is taken to.
    static let multipliesBFloat16: Bool = {
        guard let data = FileManager.default.contents(atPath: "/proc/cpuinfo") else { return true }
        return multipliesBFloat16(cpuinfo: String(decoding: data, as: UTF8.self))
    }()

    static func multipliesBFloat16(cpuinfo: String) -> Bool {
        guard let flags = cpuinfo.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return true }
        return flags.split(separator: " ").contains { ["avx512_bf16", "amx_bf16", "avx_ne_convert"].contains($0) }
    }
}
