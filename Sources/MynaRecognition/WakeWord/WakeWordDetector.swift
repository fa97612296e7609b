internal import MynaAudio
internal import MynaEngine
public import MynaStages
internal import Torch
public import TorchNN

/// Spots the phrases of a wake-word model in streams of sound, on a thread of its own.
///
/// A stream's sound is looked at every 160 ms; how it is cut into frames changes nothing.
public actor WakeWordDetector: WakeWordSpotter {
    /// What a stream is at.
    private struct State {
        var sound: LogMel.Stream
        var resampler: Resampler?
        var rate = LogMel.sampleRate
        var recent: [Float]  // mel frames that outputs still depend on, and those that wait
        var outputs = 0
        var samples = 0
        var quietUntil: [Double]
    }

    /// Seconds after a phrase within which the same one is not heard again.
    private static let refractory = 1.0
    /// Mel frames that are looked at together.
    static let step = 16

    private let thread: TensorThread
    private let model: WakeWordModel
    private let front: LogMel
    private var states: [Int: State] = [:]
    private var next = 0

    /// What the model listens for.
    public nonisolated let config: WakeWordConfig

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads a model folder that `myna train wake-word` wrote.
    /// - Throws: ``ModelFolderError`` and ``WeightsError`` for one that is none, ``RecognitionError/configuration(field:problem:)`` for a wrong setting.
    public init(contentsOf folder: ModelFolder) async throws {
        thread = TensorThread(name: "wake word", threads: 1)
        config = try folder.config(WakeWordConfig.self)
        model = try withoutGradients { try WakeWordModel.load(from: folder) }
        front = LogMel(bins: model.config.bins)
    }

    public func listenForWakeWords() -> any WakeWordListening { listen() }

    /// Begins to listen to one stream.
    public func listen() -> WakeWordStream {
        next += 1
        let silence = Float(-16.6)  // the logarithm of 2⁻²⁴, which no sound at all has
        states[next] = State(
            sound: LogMel.Stream(front),
            recent: Array(repeating: silence, count: config.context * config.bins),
            quietUntil: config.phrases.map { _ in 0 })
        return WakeWordStream(self, next)
    }

    fileprivate func hear(_ frame: AudioFrame, in id: Int) throws -> [WakeWordDetection] {
        guard var state = states[id] else { throw RecognitionError.streamFinished }
        if let bad = frame.samples.firstIndex(where: { !$0.isFinite }) {
            let time = Double(state.samples) / Double(LogMel.sampleRate)
            throw RecognitionError.notFinite(atSecond: time + Double(bad) / Double(frame.sampleRate))
        }
        var samples: [Float] = []
        if frame.sampleRate != state.rate {
            let next = frame.sampleRate == LogMel.sampleRate ? nil : try Resampler(from: frame.sampleRate, to: LogMel.sampleRate)
            samples += try state.resampler?.finish() ?? []
            (state.resampler, state.rate) = (next, frame.sampleRate)
        }
        samples += try state.resampler?.process(frame.samples) ?? frame.samples
        state.sound.append(samples)
        state.samples += samples.count
        defer { states[id] = state }
        return detections(&state, config.thresholds)
    }

    fileprivate func finish(_ id: Int) throws -> [WakeWordDetection] {
        guard var state = states.removeValue(forKey: id) else { throw RecognitionError.streamFinished }
        state.sound.append(try state.resampler?.finish() ?? [])
        // Half a second of silence: outputs come a little after the word.
        state.sound.append(Array(repeating: 0, count: LogMel.sampleRate / 2))
        return detections(&state, config.thresholds)
    }

    fileprivate func drop(_ id: Int) { states[id] = nil }

    private func detections(_ state: inout State, _ thresholds: [Double]) -> [WakeWordDetection] {
        var found: [WakeWordDetection] = []
        while state.sound.ready >= Self.step {
            // Long pieces are looked at in stretches, so that memory stays bounded.
            let count = min(state.sound.ready / Self.step * Self.step, 4096)
            let scores = withoutGradients {
                state.recent += front.frames([state.sound.sound(count)]).array(Float.self)
                state.sound.drop(count)
                let frames = state.recent.count / config.bins
                let all = model(Tensor(state.recent, [1, frames, config.bins]))  // [1, frames / 4, phrases]
                return all.sliced(1, all.size(1) - count / WakeWordConfig.stride).array(Float.self)
            }
            state.recent.removeFirst(count * config.bins)
            for output in 0..<count / WakeWordConfig.stride {
                state.outputs += 1
                let time = Double(state.outputs * WakeWordConfig.stride * LogMel.hop) / Double(LogMel.sampleRate)
                for (index, phrase) in config.phrases.enumerated() {
                    let score = Double(scores[output * config.phrases.count + index])
                    guard score >= thresholds[index], time >= state.quietUntil[index] else { continue }
                    state.quietUntil[index] = time + Self.refractory
                    found.append(WakeWordDetection(phrase: phrase, time: time, score: score))
                }
            }
        }
        return found
    }

    /// The places in a whole recording at 16 kHz where each phrase may have been said: the scores, highest first, of all outputs above
    /// `floor` that no higher one is near, as near as a stream tells a phrase but once.
    public func peaks(in samples: [Float], above floor: Double) -> [[Double]] {
        let scores = scores(of: samples)
        let outputs = scores.count / config.phrases.count
        let near = Int(Self.refractory * Double(LogMel.sampleRate) / Double(WakeWordConfig.stride * LogMel.hop))
        return config.phrases.indices.map { phrase in
            func score(_ output: Int) -> Double { Double(scores[output * config.phrases.count + phrase]) }
            var taken = [Bool](repeating: false, count: outputs)
            let candidates = (0..<outputs).filter { score($0) > floor }.sorted { score($0) > score($1) }
            return candidates.compactMap { output in
                guard !taken[output] else { return nil }
                for other in max(0, output - near)..<min(outputs, output + near) { taken[other] = true }
                return score(output)
            }
        }
    }

    /// Outputs `[T, phrases]` of a whole recording, row by row.
    private func scores(of samples: [Float]) -> [Float] {
        withoutGradients {
            let mels = front(samples + Array(repeating: 0, count: LogMel.sampleRate / 2))
            let frames = mels.size(0) / WakeWordConfig.stride * WakeWordConfig.stride
            guard frames > 0 else { return [] }
            let silence = Tensor.full([1, config.context, config.bins], -16.6)
            let heard = Tensor.concatenated([silence, mels.prefix(frames, axis: 0).unsqueeze(0)], 1)
            return model(heard).sliced(1, config.context / WakeWordConfig.stride).array(Float.self)
        }
    }
}

/// One stream in which wake words are looked for; its state is let go when it finishes or nobody holds it.
public final class WakeWordStream: WakeWordListening {
    private let detector: WakeWordDetector
    private let id: Int

    fileprivate init(_ detector: WakeWordDetector, _ id: Int) { (self.detector, self.id) = (detector, id) }

    deinit {
        let (detector, id) = (detector, id)
        Task { await detector.drop(id) }
    }

    /// Takes the next sound, at any rate, and tells which phrases were heard.
    /// - Throws: ``RecognitionError`` for sound that is none, and after the end.
    public func hear(_ frame: AudioFrame) async throws -> [WakeWordDetection] {
        try await detector.hear(frame, in: id)
    }

    /// Says that no more sound will come, and tells the rest.
    public func finish() async throws -> [WakeWordDetection] { try await detector.finish(id) }
}
