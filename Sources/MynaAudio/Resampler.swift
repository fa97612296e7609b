public import MynaStages
internal import CSoxr

/// Changes the rate of a mono stream; feeding it in pieces gives the same samples as feeding it whole.
///
/// A resampler belongs to one task at a time; after ``finish()`` it takes no more.
public final class Resampler {
    private let handle: OpaquePointer
    private let ratio: Double
    private var finished = false

    /// - Throws: ``AudioError/unsupportedRate(from:to:)`` where a rate is not positive or the ratio is out of bounds.
    public init(from inputRate: Int, to outputRate: Int) throws(AudioError) {
        guard inputRate > 0, outputRate > 0, inputRate <= 10_000_000, outputRate <= 10_000_000,
            let handle = Resampler.handle(Double(inputRate), Double(outputRate))
        else { throw .unsupportedRate(from: inputRate, to: outputRate) }
        self.handle = handle
        ratio = Double(outputRate) / Double(inputRate)
    }

    /// A resampler that writes `ratio` samples for each it reads; nil where libsoxr refuses the ratio.
    init?(ratio: Double) {
        guard let handle = Resampler.handle(1, ratio) else { return nil }
        self.handle = handle
        self.ratio = ratio
    }

    private static func handle(_ inputRate: Double, _ outputRate: Double) -> OpaquePointer? {
        var error: soxr_error_t?
        var format = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
        var quality = soxr_quality_spec(UInt(SOXR_20_BITQ), 0)
        var runtime = soxr_runtime_spec(1)
        let handle = soxr_create(inputRate, outputRate, 1, &error, &format, &quality, &runtime)
        return error == nil ? handle : nil
    }

    deinit { soxr_delete(handle) }

    /// Takes the next samples and gives those that are ready.
    public func process(_ samples: [Float]) -> [Float] {
        precondition(!finished, "a resampler takes nothing after finish()")
        return samples.isEmpty ? [] : run(samples)
    }

    /// The samples still held back; ends the stream.
    public func finish() -> [Float] {
        precondition(!finished, "finish() is called once")
        finished = true
        var all: [Float] = []
        while true {
            let piece = run(nil)
            if piece.isEmpty { return all }
            all += piece
        }
    }

    /// `samples` with `ratio` samples for each; nil where the ratio is out of bounds.
    static func whole(_ samples: [Float], ratio: Double) -> [Float]? {
        guard let resampler = Resampler(ratio: ratio) else { return nil }
        return resampler.process(samples) + resampler.finish()
    }

    private func run(_ samples: [Float]?) -> [Float] {
        let room = Int((Double(samples?.count ?? 0) * ratio).rounded(.up)) + 8192
        var output: [Float] = []
        var used = 0
        while true {
            var consumed = 0
            let piece = [Float](unsafeUninitializedCapacity: room) { buffer, count in
                var written = 0
                if let samples {
                    samples.withUnsafeBufferPointer {
                        _ = soxr_process(
                            handle, $0.baseAddress! + used, samples.count - used, &consumed, buffer.baseAddress, room, &written)
                    }
                } else {
                    _ = soxr_process(handle, nil, 0, nil, buffer.baseAddress, room, &written)
                }
                count = written
            }
            used += consumed
            if output.isEmpty { output = piece } else { output += piece }
            // Draining is repeated by finish(); feeding is done when all is taken and nothing more came out full.
            guard let samples, used < samples.count || piece.count == room else { return output }
            if used >= samples.count { continue }
        }
    }
}

/// Frames at another rate; how they are cut changes nothing, and what the resampler holds back comes at the end.
public struct ResampledFrames<Frames: AsyncSequence<AudioFrame, any Error>>: AsyncSequence {
    private let frames: Frames
    private let sampleRate: Int

    /// - Parameter sampleRate: in hertz.
    public init(_ frames: Frames, at sampleRate: Int) { (self.frames, self.sampleRate) = (frames, sampleRate) }

    public func makeAsyncIterator() -> Iterator { Iterator(frames: frames.makeAsyncIterator(), sampleRate: sampleRate) }

    public struct Iterator: AsyncIteratorProtocol {
        private var frames: Frames.AsyncIterator
        private let sampleRate: Int
        private var resampler: Resampler?
        private var rate: Int?
        private var hasEnded = false

        fileprivate init(frames: Frames.AsyncIterator, sampleRate: Int) { (self.frames, self.sampleRate) = (frames, sampleRate) }

        /// - Throws: ``AudioError/unsupportedRate(from:to:)``, and what the frames throw.
        public mutating func next() async throws -> AudioFrame? {
            while !hasEnded {
                guard let frame = try await frames.next() else {
                    hasEnded = true
                    guard let rest = resampler?.finish(), !rest.isEmpty else { return nil }
                    return AudioFrame(samples: rest, sampleRate: sampleRate)
                }
                if frame.sampleRate == sampleRate, resampler == nil { return frame }
                var samples: [Float] = []
                if frame.sampleRate != rate {
                    samples += resampler?.finish() ?? []
                    resampler = try Resampler(from: frame.sampleRate, to: sampleRate)
                    rate = frame.sampleRate
                }
                samples += resampler?.process(frame.samples) ?? []
                if !samples.isEmpty { return AudioFrame(samples: samples, sampleRate: sampleRate) }
            }
            return nil
        }
    }
}
