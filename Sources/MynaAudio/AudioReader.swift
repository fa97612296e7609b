internal import CSndfile
internal import Foundation

/// Reads a sound file (wav, flac, ogg, opus, mp3, …) a piece at a time, mixed to mono at the file's own rate.
///
/// Memory does not grow with the length of the file. A reader belongs to one task at a time.
public final class AudioReader {
    /// What the file is called in errors.
    public let name: String
    /// In hertz.
    public let sampleRate: Int
    public let channelCount: Int
    /// Samples a channel, where the header tells.
    public let frameCount: Int?

    private let handle: OpaquePointer
    private let memory: MemoryFile?
    private let countIsExact: Bool
    private var position = 0
    private var interleaved: [Float] = []

    /// Opens a file.
    public convenience init(path: String) throws(AudioError) {
        guard let size = try fileSize(path) else { throw .missing(file: path) }
        if size == 0 { throw .empty(file: path) }
        try checkCompleteness(of: FileBytes(path: path, count: size), name: path)
        var info = SF_INFO()
        let handle = sf_open(path, Int32(SFM_READ), &info)
        try self.init(handle, info, name: path, memory: nil)
    }

    /// Opens a file that is held in memory; `name` is what errors call it.
    public convenience init(bytes: [UInt8], name: String) throws(AudioError) {
        if bytes.isEmpty { throw .empty(file: name) }
        try checkCompleteness(of: ArrayBytes(bytes: bytes), name: name)
        let memory = MemoryFile(bytes)
        var info = SF_INFO()
        var calls = MemoryFile.calls
        let handle = sf_open_virtual(&calls, Int32(SFM_READ), &info, Unmanaged.passUnretained(memory).toOpaque())
        try self.init(handle, info, name: name, memory: memory)
    }

    private init(_ handle: OpaquePointer?, _ info: SF_INFO, name: String, memory: MemoryFile?) throws(AudioError) {
        guard let handle else {
            throw .notAudio(file: name, reason: String(cString: sf_strerror(nil)))
        }
        self.handle = handle
        self.memory = memory
        self.name = name
        sampleRate = Int(info.samplerate)
        channelCount = Int(info.channels)
        frameCount = info.frames > 0 && info.frames < Int64.max / 2 ? Int(info.frames) : nil
        // The lengths of flac and wav are exact; those of lossy streams may miss the mark by a packet.
        let kind = Int(info.format) & Int(SF_FORMAT_TYPEMASK)
        countIsExact = kind == Int(SF_FORMAT_FLAC)
        if info.frames == 0 { throw .empty(file: name) }
        if sampleRate <= 0 || channelCount <= 0 {
            throw .notAudio(file: name, reason: "\(sampleRate) Hz, \(channelCount) channels")
        }
    }

    deinit { sf_close(handle) }

    /// The next samples, at most `count` of them; empty when the file has ended.
    ///
    /// - Throws: ``AudioError`` when the file breaks off or holds what is not a number.
    public func read(_ count: Int) throws(AudioError) -> [Float] {
        precondition(count > 0, "read needs a positive count, got \(count)")
        let needed = count * channelCount
        if interleaved.count < needed { interleaved = [Float](repeating: 0, count: needed) }
        let got = interleaved.withUnsafeMutableBufferPointer { sf_readf_float(handle, $0.baseAddress, sf_count_t(count)) }
        if sf_error(handle) != 0 {
            throw .unreadable(file: name, reason: String(cString: sf_strerror(handle)))
        }
        let frames = Int(max(0, got))
        if frames == 0, countIsExact, let frameCount, position < frameCount {
            throw .truncated(file: name, expected: frameCount, got: position, unit: "samples")
        }
        let channels = channelCount
        var mono = [Float](repeating: 0, count: frames)
        var sum: Float = 0
        interleaved.withUnsafeBufferPointer { input in
            if channels == 1 {
                for i in 0..<frames {
                    mono[i] = input[i]
                    sum += input[i] * 0
                }
            } else {
                let scale = 1 / Float(channels)
                for i in 0..<frames {
                    var total: Float = 0
                    for c in 0..<channels { total += input[i * channels + c] }
                    mono[i] = total * scale
                    sum += total * 0
                }
            }
        }
        if sum != 0 || sum.isNaN, let bad = mono.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(file: name, second: Double(position + bad) / Double(sampleRate))
        }
        position += frames
        return mono
    }

    /// All that is left of the file.
    public func readAll() throws(AudioError) -> [Float] {
        var all: [Float] = []
        if let frameCount, frameCount < 1 << 28 { all.reserveCapacity(frameCount) }
        while true {
            let piece = try read(1 << 16)
            if piece.isEmpty { return all }
            all += piece
        }
    }

    /// The whole file as mono samples at `rate`.
    public static func samples(path: String, at rate: Int) throws(AudioError) -> [Float] {
        try AudioReader(path: path).resampled(to: rate)
    }

    /// The whole of a file in memory as mono samples at `rate`.
    public static func samples(bytes: [UInt8], name: String, at rate: Int) throws(AudioError) -> [Float] {
        try AudioReader(bytes: bytes, name: name).resampled(to: rate)
    }

    /// A stretch of the file as mono samples at `rate`, in seconds from the file's beginning.
    ///
    /// - Throws: ``AudioError/truncated(file:expected:got:unit:)`` where the file ends before the stretch begins.
    public func samples(from start: Double, lasting duration: Double, at rate: Int) throws(AudioError) -> [Float] {
        let (first, count) = (Int(start * Double(sampleRate)), Int((duration * Double(sampleRate)).rounded()))
        guard first <= frameCount ?? .max, sf_seek(handle, sf_count_t(first), SEEK_SET) == sf_count_t(first) else {
            throw .truncated(file: name, expected: first, got: frameCount ?? 0, unit: "samples")
        }
        position = first
        let resampler = rate == sampleRate ? nil : try Resampler(from: sampleRate, to: rate)
        var all: [Float] = []
        var left = count
        while left > 0 {
            let piece = try read(min(left, 1 << 16))
            if piece.isEmpty { break }
            left -= piece.count
            all += resampler?.process(piece) ?? piece
        }
        return all + (resampler?.finish() ?? [])
    }

    /// All that is left of the file, at another rate.
    func resampled(to rate: Int) throws(AudioError) -> [Float] {
        if rate == sampleRate { return try readAll() }
        let resampler = try Resampler(from: sampleRate, to: rate)
        var all: [Float] = []
        while true {
            let piece = try read(1 << 16)
            if piece.isEmpty { return all + resampler.finish() }
            all += resampler.process(piece)
        }
    }
}

/// The size of a file, nil where there is none.
func fileSize(_ path: String) throws(AudioError) -> Int? {
    var status = stat()
    if stat(path, &status) != 0 {
        if errno == ENOENT { return nil }
        throw .unreadable(file: path, reason: String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw .unreadable(file: path, reason: "it is a folder") }
    // A pipe tells no size; whatever comes is read.
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : Int.max
}
