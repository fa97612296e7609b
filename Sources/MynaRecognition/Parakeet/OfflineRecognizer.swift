internal import MynaAudio
public import MynaStages
public import Torch
public import TorchNN

/// Recognises speech in whole stretches with a published offline model: words come when a stretch is over.
///
/// A stretch ends with the sound, or at the quietest place between 25 and 40 s, so that memory stays bounded.
public actor OfflineRecognizer: SpeechRecognizer {
    /// Samples at 16 kHz after which a stretch is cut, and those it has at least.
    static let (longest, shortest) = (40 * 16_000, 25 * 16_000)

    private let thread: TensorThread
    private var loaded: Loaded?

    private struct Loaded {
        var model: ParakeetModel
        var pieces: SpeechPieces
        var front: LogMel
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads a model folder in the published layout: `config.json`, `model.safetensors` and `tokenizer.json`.
    ///
    /// - Parameters:
    ///   - threads: cores the model may use; all if `nil`.
    ///   - dtype: what weights are held and multiplied in.
    ///   - device: where the model runs.
    public init(
        contentsOf folder: ModelFolder, threads: Int? = nil, dtype: DType = .float32, device: Device = .cpu
    ) async throws {
        thread = TensorThread(name: "recognizer", threads: threads)
        try load(folder, dtype, device)
    }

    private func load(_ folder: ModelFolder, _ dtype: DType, _ device: Device) throws {
        let model = try ParakeetModel.load(from: folder, dtype: dtype, device: device)
        let pieces = try SpeechPieces(contentsOf: folder)
        // Blank may have an entry of its own or none.
        guard (model.config.vocab_size - 1...model.config.vocab_size).contains(pieces.pieces.count) else {
            throw RecognitionError.configuration(
                field: "vocab_size", problem: "is \(model.config.vocab_size), the tokenizer has \(pieces.pieces.count) pieces")
        }
        loaded = Loaded(model: model, pieces: pieces, front: LogMel(bins: model.config.encoder_config.num_mel_bins))
    }

    public func listen() throws -> any ListeningStream { OfflineStream(self) }

    /// As ``listen()``: it hears whole stretches between pauses, and greedily.
    public func listen(until end: EndOfTurn, expecting sentences: [String]) throws -> any ListeningStream { try listen() }

    /// Greedy search over a published model has nothing to look out with.
    public func expect(_ sentences: [String]) {}

    /// The words of one stretch at 16 kHz that began at `start` seconds.
    fileprivate func words(in samples: [Float], from start: Double) -> [Word] {
        guard let loaded else { fatalError("init loads the model or throws") }
        return withoutGradients {
            let mels = MelNormalization.perFeature(loaded.front(samples))
            return loaded.pieces.words(loaded.model.tokens(of: mels), from: start)
        }
    }
}

/// One stream of an ``OfflineRecognizer``.
private actor OfflineStream: ListeningStream {
    private let recognizer: OfflineRecognizer
    private var resampler: Resampler?
    private var sampleRate: Int?
    private var samples: [Float] = []
    private var heard = 0  // samples before `samples`
    private var words: [Word] = []
    private var started = false
    private var finished = false

    init(_ recognizer: OfflineRecognizer) { self.recognizer = recognizer }

    func hear(_ frame: AudioFrame) async throws -> [Event] {
        guard !finished else { throw RecognitionError.streamFinished }
        if let bad = frame.samples.firstIndex(where: { !$0.isFinite }) {
            throw RecognitionError.notFinite(
                atSecond: Double(heard + samples.count) / Double(LogMel.sampleRate) + Double(bad) / Double(frame.sampleRate))
        }
        if frame.sampleRate != sampleRate {
            samples += resampler?.finish() ?? []  // a stream may change its rate
            resampler = frame.sampleRate == LogMel.sampleRate ? nil : try Resampler(from: frame.sampleRate, to: LogMel.sampleRate)
            sampleRate = frame.sampleRate
        }
        samples += resampler?.process(frame.samples) ?? frame.samples
        var events: [Event] = []
        while samples.count > OfflineRecognizer.longest {
            await write(upTo: Self.quietest(in: samples), &events)
        }
        return events
    }

    func finish() async throws -> [Event] {
        guard !finished else { throw RecognitionError.streamFinished }
        finished = true
        samples += resampler?.finish() ?? []
        var events: [Event] = []
        while samples.count > OfflineRecognizer.longest { await write(upTo: Self.quietest(in: samples), &events) }
        await write(upTo: samples.count, &events)
        if !words.isEmpty {
            events.append(Event(time: time, .endCandidate(reason: "input")))
            events.append(Event(time: time, .endDecided(reason: "input")))
        }
        let text = words.map(\.word).joined(separator: " ")
        events.append(Event(time: time, .wordsFinal(Transcript(text: text, words: words))))
        return events
    }

    /// Seconds whose words are known.
    private var time: Double { Double(heard) / Double(LogMel.sampleRate) }

    private func write(upTo end: Int, _ events: inout [Event]) async {
        let stretch = Array(samples[..<end])
        samples.removeFirst(end)
        let new = await recognizer.words(in: stretch, from: time)
        heard += end
        guard !new.isEmpty else { return }
        if !started {
            started = true
            events.append(Event(time: time, .speechStarted))
        }
        words += new
        let text = words.map(\.word).joined(separator: " ")
        events.append(Event(time: time, .wordsPartial(text: text, stable: text.count)))
    }

    /// The middle of the quietest 200 ms in which a stretch may end.
    private static func quietest(in samples: [Float]) -> Int {
        let window = LogMel.sampleRate / 5
        var best = (energy: Float.infinity, middle: OfflineRecognizer.longest)
        for start in stride(from: OfflineRecognizer.shortest, to: OfflineRecognizer.longest - window, by: window / 2) {
            let energy = samples[start..<start + window].reduce(0) { $0 + $1 * $1 }
            if energy < best.energy { best = (energy, start + window / 2) }
        }
        return best.middle
    }
}

/// Opens a model folder as the recogniser that its `config.json` names.
public enum AnyRecognizer {
    private struct Architecture: Decodable { var architectures: [String]? }

    /// A ``StreamingRecognizer`` for `NemotronAsrStreamingForRNNT`, an ``OfflineRecognizer`` for the published offline models.
    ///
    /// - Throws: ``RecognitionError/configuration(field:problem:)`` naming an architecture that is neither.
    public static func load(
        contentsOf folder: ModelFolder, options: RecognizerOptions = RecognizerOptions()
    ) async throws -> any SpeechRecognizer {
        let names = try folder.config(Architecture.self).architectures ?? FastConformerConfig().architectures
        guard names != FastConformerConfig().architectures else {
            return try await StreamingRecognizer(contentsOf: folder, options: options)
        }
        guard names.count == 1, ParakeetConfig.Kind(rawValue: names[0]) != nil else {
            let known = FastConformerConfig().architectures + ParakeetConfig.Kind.allCases.map(\.rawValue)
            throw RecognitionError.configuration(
                field: "architectures",
                problem: "is \(names.joined(separator: ", ")), which is none of \(known.joined(separator: ", "))")
        }
        return try await OfflineRecognizer(
            contentsOf: folder, threads: options.threads, dtype: options.dtype, device: options.device)
    }
}
