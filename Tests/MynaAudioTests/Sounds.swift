import Foundation

/// A folder that is gone when the test is.
final class ScratchFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/myna-audio-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // What stays behind in the system's temporary folder harms no other test.
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }

    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path) } }

    func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: "\(path)/\(name)"))) }
}

func tone(_ count: Int, frequency: Double = 440, rate: Int = 16000, amplitude: Double = 0.4) -> [Float] {
    (0..<count).map { Float(amplitude * sin(2 * Double.pi * frequency * Double($0) / Double(rate))) }
}

/// A repeatable source of chance.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 33
    }
}

extension Array where Element == Float {
    var rootMeanSquare: Double { (reduce(0) { $0 + Double($1 * $1) } / Double(Swift.max(1, count))).squareRoot() }
}

/// A wav file byte by byte, of 16-bit samples unless `format` says 3 (32-bit float).
func waveBytes(channels: Int, rate: Int, format: Int = 1, _ data: [UInt8], promised: Int? = nil) -> [UInt8] {
    func little(_ value: Int, _ width: Int) -> [UInt8] { (0..<width).map { UInt8(value >> (8 * $0) & 0xff) } }
    let width = format == 3 ? 4 : 2
    let size = promised ?? data.count
    return Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(format, 2)
        + little(channels, 2) + little(rate, 4) + little(rate * channels * width, 4) + little(channels * width, 2)
        + little(8 * width, 2) + Array("data".utf8) + little(size, 4) + data
}

extension ScratchFolder {
    /// Moves files within the folder, making the folders they go to.
    func move(_ moves: [String: String]) throws {
        for (from, to) in moves {
            let target = URL(filePath: "\(path)/\(to)")
            try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.moveItem(at: URL(filePath: "\(path)/\(from)"), to: target)
        }
    }
}
