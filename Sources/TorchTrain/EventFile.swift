internal import Foundation

/// Numbers by step in the record format that TensorBoard reads.
public struct EventFile {
    private let path: String

    /// Begins a new file in `folder`, named after the time it began, in seconds since 1970.
    public init(folder: String, began: Double) throws {
        path = folder + "/events.out.tfevents.\(Int(began)).myna"
        try append(Self.event(time: began, step: 0) { Self.bytes(3, Array("brain.Event:2".utf8)) })
    }

    /// Adds one point to each curve.
    public func write(_ values: [String: Double], step: Int, time: Double) throws {
        try append(
            Self.event(time: time, step: step) {
                let summary = values.sorted { $0.key < $1.key }.flatMap { name, value in
                    Self.bytes(
                        1, Self.bytes(1, Array(name.utf8)) + [2 << 3 | 5] + Self.little(Float(value).bitPattern))
                }
                return Self.bytes(5, summary)
            })
    }

    private func append(_ event: [UInt8]) throws {
        let length = Self.little(UInt64(event.count))
        let record =
            length + Self.little(Self.masked(length)) + event + Self.little(Self.masked(event))
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(filePath: path)) }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { file.closeFile() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(record))
    }

    // MARK: Protocol buffers

    private static func event(time: Double, step: Int, _ rest: () -> [UInt8]) -> [UInt8] {
        [1 << 3 | 1] + little(time.bitPattern) + [2 << 3] + varint(UInt64(step)) + rest()
    }

    private static func bytes(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        [field << 3 | 2] + varint(UInt64(content.count)) + content
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, out): (UInt64, [UInt8]) = (value, [])
        while rest >= 0x80 {
            out.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return out + [UInt8(rest)]
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    // MARK: Checksums

    /// CRC-32C by bits: events are small and few.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
    }

    /// As TFRecord stores checksums: turned and moved, as a sum over bytes that hold sums is weak.
    private static func masked(_ bytes: [UInt8]) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
