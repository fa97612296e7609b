internal import CSndfile
internal import Foundation

/// Writes a mono wav or flac file of 16-bit samples, a piece at a time.
///
/// The file appears under its own name only when ``finish()`` has written it whole; a writer that is dropped leaves nothing.
public final class WaveWriter {
    private let path: String
    private let draft: String
    private var handle: OpaquePointer?

    /// - Throws: ``AudioError/unwritable(file:reason:)``.
    public init(path: String, sampleRate: Int) throws(AudioError) {
        self.path = path
        draft = draftPath(path)
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = 1
        let kind = path.hasSuffix(".flac") ? SF_FORMAT_FLAC : SF_FORMAT_WAV
        info.format = Int32(kind | SF_FORMAT_PCM_16)
        handle = sf_open(draft, Int32(SFM_WRITE), &info)
        if handle == nil { throw .unwritable(file: path, reason: String(cString: sf_strerror(nil))) }
    }

    deinit {
        if let handle {
            sf_close(handle)
            unlink(draft)
        }
    }

    /// Appends samples; those beyond −1…1 are clipped.
    public func write(_ samples: [Float]) throws(AudioError) {
        precondition(handle != nil, "a finished file takes no more samples")
        let pcm = pcm16(samples)
        let written = sf_writef_short(handle, pcm, sf_count_t(pcm.count))
        if written != sf_count_t(pcm.count) { throw .unwritable(file: path, reason: String(cString: sf_strerror(handle))) }
    }

    /// Completes the file and puts it in place of any former one.
    public func finish() throws(AudioError) {
        precondition(handle != nil, "finish() is called once")
        let status = sf_close(handle)
        handle = nil
        if status != 0 {
            unlink(draft)
            throw .unwritable(file: path, reason: String(cString: sf_error_number(status)))
        }
        try moveIntoPlace(draft, path)
    }

    /// Writes all of `samples` as one file.
    public static func write(_ samples: [Float], sampleRate: Int, to path: String) throws(AudioError) {
        let writer = try WaveWriter(path: path, sampleRate: sampleRate)
        try writer.write(samples)
        try writer.finish()
    }
}

/// `samples` as 16-bit integers, clipped.
func pcm16(_ samples: [Float]) -> [Int16] {
    samples.map { Int16(max(-32768, min(32767, ($0 * 32768).rounded(.toNearestOrEven)))) }
}

/// The bytes of a flac file of mono 16-bit samples.
func flacBytes(_ samples: [Float], sampleRate: Int) -> [UInt8]? {
    var info = SF_INFO()
    info.samplerate = Int32(sampleRate)
    info.channels = 1
    info.format = Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
    let memory = GrowingFile()
    var calls = GrowingFile.calls
    guard let handle = sf_open_virtual(&calls, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(memory).toOpaque()) else {
        return nil
    }
    let pcm = pcm16(samples)
    let written = sf_writef_short(handle, pcm, sf_count_t(pcm.count))
    let status = sf_close(handle)
    return written == sf_count_t(pcm.count) && status == 0 ? withExtendedLifetime(memory) { memory.bytes } : nil
}

/// A file in memory that libsndfile writes.
private final class GrowingFile {
    private(set) var bytes: [UInt8] = []
    private var position = 0

    private static func file(_ data: UnsafeMutableRawPointer?) -> GrowingFile {
        Unmanaged<GrowingFile>.fromOpaque(data!).takeUnretainedValue()
    }

    private func write(_ source: UnsafeRawBufferPointer) {
        let end = position + source.count
        if end > bytes.count { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
        bytes.withUnsafeMutableBytes {
            $0.baseAddress!.advanced(by: position).copyMemory(from: source.baseAddress!, byteCount: source.count)
        }
        position = end
    }

    static var calls: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(GrowingFile.file($0).bytes.count) },
            seek: { offset, whence, data in
                let file = GrowingFile.file(data)
                file.position = Int(offset) + (whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.position : file.bytes.count)
                return sf_count_t(file.position)
            },
            read: { _, _, _ in 0 },
            write: { source, count, data in
                if count > 0 { GrowingFile.file(data).write(UnsafeRawBufferPointer(start: source, count: Int(count))) }
                return count
            },
            tell: { sf_count_t(GrowingFile.file($0).position) })
    }
}

/// The name of a file while it is being written: beside the final one, and unlike any other writer's.
func draftPath(_ path: String) -> String {
    let (folder, file) = splitPath(path)
    return "\(folder)/.\(getpid())-\(UInt32.random(in: 0 ... .max))-\(file)"
}

func splitPath(_ path: String) -> (folder: String, file: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
}

/// Puts a finished draft under its own name, and its bytes on the disk first.
func moveIntoPlace(_ draft: String, _ path: String) throws(AudioError) {
    let descriptor = open(draft, O_RDONLY)
    if descriptor >= 0 {
        fsync(descriptor)
        close(descriptor)
    }
    if rename(draft, path) != 0 {
        let reason = String(cString: strerror(errno))
        unlink(draft)
        throw .unwritable(file: path, reason: reason)
    }
}
