internal import CSndfile
internal import Foundation

/// Bytes in memory that libsndfile reads as if they were a file.
final class MemoryFile {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private func read(_ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
        let n = min(count, bytes.count - position)
        if n <= 0 { return 0 }
        bytes.withUnsafeBytes { target.copyMemory(from: $0.baseAddress! + position, byteCount: n) }
        position += n
        return n
    }

    private func seek(_ offset: Int, _ whence: Int32) -> Int {
        let origin =
            switch whence {
            case SEEK_SET: 0
            case SEEK_CUR: position
            default: bytes.count
            }
        let (target, overflow) = origin.addingReportingOverflow(offset)
        if overflow || target < 0 { return -1 }
        position = min(target, bytes.count)
        return position
    }

    private static func file(_ data: UnsafeMutableRawPointer?) -> MemoryFile {
        Unmanaged<MemoryFile>.fromOpaque(data!).takeUnretainedValue()
    }

    /// What libsndfile calls; its user data is the unretained file.
    static var calls: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(MemoryFile.file($0).bytes.count) },
            seek: { offset, whence, data in sf_count_t(MemoryFile.file(data).seek(Int(offset), whence)) },
            read: { target, count, data in sf_count_t(MemoryFile.file(data).read(target!, Int(count))) },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(MemoryFile.file($0).position) })
    }
}

/// Bytes of a file at any place, wherever they lie.
protocol ByteSource {
    var count: Int { get }
    /// The bytes of `range`, fewer where the file ends.
    func bytes(_ range: Range<Int>) -> [UInt8]
}

struct ArrayBytes: ByteSource {
    let bytes: [UInt8]
    var count: Int { bytes.count }
    func bytes(_ range: Range<Int>) -> [UInt8] { Array(bytes[range.clamped(to: 0..<bytes.count)]) }
}

struct FileBytes: ByteSource {
    let path: String
    let count: Int

    func bytes(_ range: Range<Int>) -> [UInt8] {
        if count == Int.max { return [] }  // a pipe is not read ahead
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        let range = range.clamped(to: 0..<count)
        var buffer = [UInt8](repeating: 0, count: range.count)
        fseek(file, range.lowerBound, SEEK_SET)
        let got = fread(&buffer, 1, buffer.count, file)
        return Array(buffer.prefix(got))
    }
}

/// Throws when a wav or an Ogg file ends before its own headers say so; libsndfile itself would be silent about it.
func checkCompleteness(of source: some ByteSource, name: String) throws(AudioError) {
    let head = source.bytes(0..<12)
    if head.starts(with: Array("RIFF".utf8)), head.dropFirst(8).starts(with: Array("WAVE".utf8)) {
        try checkWave(source, name: name)
    } else if head.starts(with: Array("OggS".utf8)) {
        try checkOgg(source, name: name)
    }
}

private func checkWave(_ source: some ByteSource, name: String) throws(AudioError) {
    var offset = 12
    while offset + 8 <= source.count {
        let header = source.bytes(offset..<offset + 8)
        guard header.count == 8 else { return }
        let size = header[4...7].reversed().reduce(0) { $0 << 8 | Int($1) }
        if header.starts(with: Array("data".utf8)) {
            let there = source.count - offset - 8
            // Programs that write to a pipe leave the size open: zero or as large as it gets.
            if size >= 0x7fff_0000 || (size == 0 && there > 0) { return }
            if size > there { throw .truncated(file: name, expected: size, got: there, unit: "bytes of sound") }
            return
        }
        offset += 8 + size + size % 2
    }
    throw .empty(file: name)
}

private func checkOgg(_ source: some ByteSource, name: String) throws(AudioError) {
    let tail = source.bytes(max(0, source.count - 66_000)..<source.count)
    let mark = Array("OggS".utf8)
    var start = tail.count - 27
    while start >= 0 {
        if tail[start] == mark[0], tail[start..<start + 4].elementsEqual(mark) {
            let segments = Int(tail[start + 26])
            let table = tail.dropFirst(start + 27).prefix(segments)
            let length = 27 + segments + table.reduce(0) { $0 + Int($1) }
            if table.count < segments || start + length > tail.count {
                throw .truncated(file: name, expected: length, got: tail.count - start, unit: "bytes in the last page")
            }
            if tail[start + 5] & 4 == 0 {
                throw .truncated(file: name, expected: 1, got: 0, unit: "final pages")
            }
            return
        }
        start -= 1
    }
}
