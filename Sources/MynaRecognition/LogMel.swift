internal import Foundation
public import Torch

/// The log-mel front end of the published streaming checkpoints.
///
/// 16 kHz; pre-emphasis 0.97; windows of 400 samples (Hann, symmetric) every 160 in transforms of 512; power; 80 mel
/// bands of the Slaney scale, 0 to 8 kHz; log(x + 2⁻²⁴); no normalisation. A frame is centred on its hop, so it needs
/// 256 samples beyond it: ``Stream`` holds those back, and pieces equal the whole.
public struct LogMel {
    public static let sampleRate = 16_000
    public static let hop = 160
    static let transform = 512
    static let window = 400
    static let preEmphasis: Float = 0.97

    let filters: Tensor  // [M, 257]
    let hann: Tensor  // [400]
    public let bins: Int

    public init(bins: Int = 80) {
        self.bins = bins
        filters = Tensor(Self.slaneyFilters(bins: bins), [bins, Self.transform / 2 + 1])
        hann = Tensor((0..<Self.window).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(Self.window - 1))) })
    }

    /// The frames of a whole signal: samples to `[⌊N / 160⌋, M]`.
    public func callAsFunction(_ samples: [Float]) -> Tensor {
        var stream = Stream(self)
        return Tensor.concatenated([stream.accept(samples), stream.finish()], 0)
    }

    /// The spectra of pieces of padded, pre-emphasised sound that start at a frame's window: `[B, F, M]`, F the frames of the
    /// longest piece; what lies behind a shorter one's frames means nothing.
    func frames(_ pieces: [ArraySlice<Float>]) -> Tensor {
        let longest = pieces.map(\.count).max() ?? 0
        guard longest >= Self.transform else { return .zeros([pieces.count, 0, bins]) }
        var sound: [Float] = []
        sound.reserveCapacity(longest * pieces.count)
        for piece in pieces {
            sound += piece
            sound.append(contentsOf: repeatElement(0, count: longest - piece.count))
        }
        let spectrum = Tensor(sound, [pieces.count, longest]).stft(
            nFft: Self.transform, hopLength: Self.hop, winLength: Self.window, window: hann, normalized: false, onesided: true,
            returnComplex: true)
        let power = spectrum.viewAsReal().square().sum([-1])  // [B, 257, F]
        return (filters.matmul(power) + 0x1p-24).log().transposed(1, 2).contiguous()  // [B, F, M]
    }

    /// One signal on its way: tells how many frames are certain, and hands them out when asked.
    public struct Stream {
        private let front: LogMel
        private var buffer: [Float]  // pre-emphasised, starting where the next frame's window starts
        private var last: Float = 0  // the sample before the next one
        private var received = 0
        private var ended = false
        /// Frames handed out so far.
        public private(set) var produced = 0

        public init(_ front: LogMel) {
            self.front = front
            buffer = Array(repeating: 0, count: LogMel.transform / 2)
        }

        /// Frames that could be handed out.
        public var ready: Int {
            // A frame that begins in the very last hop is not counted by the whole transform: ⌊N / hop⌋ frames in all.
            let left = received / LogMel.hop - produced
            if ended { return left }
            return buffer.count < LogMel.transform ? 0 : min(left, (buffer.count - LogMel.transform) / LogMel.hop + 1)
        }

        /// Takes samples at 16 kHz.
        public mutating func append(_ samples: [Float]) {
            buffer.reserveCapacity(buffer.count + samples.count)
            for sample in samples {
                buffer.append(received == 0 ? sample : sample - LogMel.preEmphasis * last)
                last = sample
                received += 1
            }
        }

        /// No more samples will come: frames whose windows reach beyond the end are ready too.
        public mutating func end() {
            ended = true
            buffer.append(contentsOf: repeatElement(0, count: LogMel.transform))
        }

        /// The sound that the next frames are made from, for ``LogMel/frames(_:)``.
        func sound(_ frames: Int) -> ArraySlice<Float> {
            frames == 0 ? [] : buffer.prefix((frames - 1) * LogMel.hop + LogMel.transform)
        }

        /// The next frames have been handed out.
        mutating func drop(_ frames: Int) {
            produced += frames
            buffer.removeFirst(min(buffer.count, frames * LogMel.hop))
        }

        /// Takes samples at 16 kHz and gives the frames that are now certain: `[F, M]`.
        public mutating func accept(_ samples: [Float]) -> Tensor {
            append(samples)
            return take()
        }

        /// Gives the frames whose windows reach beyond the end.
        public mutating func finish() -> Tensor {
            end()
            return take()
        }

        private mutating func take() -> Tensor {
            let count = ready
            guard count > 0 else { return .zeros([0, front.bins]) }
            let frames = front.frames([sound(count)]).select(0, index: 0)
            drop(count)
            return frames
        }
    }

    /// Triangles on Slaney's mel scale (linear below 1 kHz, logarithmic above), each of unit area.
    static func slaneyFilters(bins: Int) -> [Float] {
        func mel(_ hertz: Double) -> Double { hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) * 27 / log(6.4) }
        func hertz(_ mel: Double) -> Double { mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27) }
        let top = mel(Double(sampleRate) / 2)
        let edges = (0..<bins + 2).map { hertz(top * Double($0) / Double(bins + 1)) }
        let frequencies = (0...transform / 2).map { Double($0) * Double(sampleRate) / Double(transform) }
        return (0..<bins).flatMap { bin in
            let (low, centre, high) = (edges[bin], edges[bin + 1], edges[bin + 2])
            return frequencies.map { f in
                Float(max(0, min((f - low) / (centre - low), (high - f) / (high - centre))) * 2 / (high - low))
            }
        }
    }
}
