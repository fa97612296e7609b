import Foundation
import MynaAudio
import MynaStages

/// The sound of a file, of standard input (`-`), or of headerless samples on it, in frames of 80 ms.
///
/// Files and headerless samples are read as they are taken, so memory does not grow with their length; a pipe that holds a whole
/// file is read to its end first, up to ``pipeLimit``.
struct SoundInput: AsyncSequence, Sendable {
    /// The most bytes that are read from a pipe that holds a file.
    static let pipeLimit = 1 << 30

    let path: String
    /// The rate of headerless 16-bit mono samples, little end first; nil reads a sound file.
    var rawRate: Int?
    /// Gives each frame no sooner than a microphone would.
    var live = false

    /// What the sound is called.
    var name: String { path == "-" ? "standard input" : path }

    func makeAsyncIterator() -> Iterator { Iterator(input: self) }

    struct Iterator: AsyncIteratorProtocol {
        let input: SoundInput
        private var source: ((Int) throws -> [Float])?
        private var sampleRate = 0
        private var began: ContinuousClock.Instant?
        private var given = Duration.zero

        init(input: SoundInput) { self.input = input }

        mutating func next() async throws -> AudioFrame? {
            try Task.checkCancellation()
            if source == nil { try open() }
            guard let samples = try source?(sampleRate * 80 / 1000), !samples.isEmpty else { return nil }
            let frame = AudioFrame(samples: samples, sampleRate: sampleRate)
            if input.live {
                let beginning = began ?? .now
                began = beginning
                given += frame.duration
                try await Task.sleep(until: beginning + given, clock: .continuous)
            }
            return frame
        }

        private mutating func open() throws {
            if let rate = input.rawRate {
                sampleRate = rate
                source = { try rawSamples($0) }
                return
            }
            let reader: AudioReader
            if input.path != "-" {
                reader = try AudioReader(path: input.path)
            } else if isRegularFile(descriptor: STDIN_FILENO) {
                reader = try AudioReader(path: "/dev/stdin")
            } else {
                let bytes = try FileHandle.standardInput.read(upToCount: SoundInput.pipeLimit + 1) ?? Data()
                guard bytes.count <= SoundInput.pipeLimit else {
                    throw CommandError(
                        "standard input: holds more than \(SoundInput.pipeLimit >> 20) MiB; give the file's name, or --raw")
                }
                reader = try AudioReader(bytes: Array(bytes), name: input.name)
            }
            sampleRate = reader.sampleRate
            source = { try reader.read($0) }
        }
    }
}

/// Up to `count` headerless samples from standard input; empty at its end.
private func rawSamples(_ count: Int) throws -> [Float] {
    var bytes = Data()
    while bytes.count < count * 2 {
        guard let more = try FileHandle.standardInput.read(upToCount: count * 2 - bytes.count), !more.isEmpty else { break }
        bytes += more
    }
    return stride(from: 0, to: bytes.count - 1, by: 2).map { offset in
        let low = UInt16(bytes[bytes.startIndex + offset])
        let high = UInt16(bytes[bytes.startIndex + offset + 1])
        return Float(Int16(bitPattern: high << 8 | low)) / 32768
    }
}

private func isRegularFile(descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Reply sound on its way to a file, which appears when it is whole; without a path the sound goes nowhere.
actor ReplyFile {
    private let path: String?
    private var writer: WaveWriter?

    /// - Throws: ``CommandError`` if a file could not be made there.
    init(path: String?) throws {
        self.path = path
        guard let path else { return }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandError("\(path): cannot be written: no folder to write to", status: ExitStatus.cannotCreate)
        }
    }

    func write(_ frame: AudioFrame) throws {
        guard let path else { return }
        let writer = try writer ?? WaveWriter(path: path, sampleRate: frame.sampleRate)
        self.writer = writer
        try writer.write(frame.samples)
    }

    /// Completes the file, where any sound came.
    func finish() throws {
        try writer?.finish()
        writer = nil
    }
}
