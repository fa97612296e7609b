internal import Foundation

/// 16-bit little-endian samples, as realtime clients send and read them.
enum PCM16 {
    static let rate = 24_000

    /// - Returns: nil for an odd number of bytes.
    static func samples(_ data: Data) -> [Float]? {
        guard data.count % 2 == 0 else { return nil }
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map {
                Float(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self))) / 32_768
            }
        }
    }

    static func data(_ samples: [Float]) -> Data {
        var data = Data(capacity: 2 * samples.count)
        for sample in samples {
            withUnsafeBytes(of: Int16(max(-32_768, min(32_767, (sample * 32_768).rounded()))).littleEndian) {
                data.append(contentsOf: $0)
            }
        }
        return data
    }

    /// A whole WAVE file.
    static func wave(_ samples: [Float], rate: Int) -> Data {
        let sound = data(samples)
        var file = Data("RIFF".utf8)
        func append(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) } }
        func append(_ value: UInt16) { withUnsafeBytes(of: value.littleEndian) { file.append(contentsOf: $0) } }
        append(UInt32(36 + sound.count))
        file += Data("WAVEfmt ".utf8)
        append(UInt32(16))
        append(UInt16(1))
        append(UInt16(1))
        append(UInt32(rate))
        append(UInt32(2 * rate))
        append(UInt16(2))
        append(UInt16(16))
        file += Data("data".utf8)
        append(UInt32(sound.count))
        return file + sound
    }
}
