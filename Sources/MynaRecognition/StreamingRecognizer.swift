internal import Foundation
internal import MynaAudio
public import MynaStages
internal import MynaText
public import Torch
public import TorchNN

/// How a recogniser listens.
public struct RecognizerOptions: Sendable {
    /// Frames of 80 ms that are encoded together and see each other: more is more accurate and later.
    public var chunk: Int
    public var search = Search.asTuned
    public var endOfSpeech = EndOfSpeechOptions()
    public var threads: Int?
    /// How many texts a transcript lists, of those that a beam still holds at its end; the beam is at least as wide.
    public var alternatives = 0
    /// What weights are held and multiplied in.
    public var dtype = DType.float32

    /// How words are searched for.
    public enum Search: Sendable {
        /// By the beam of the model folder's `decoding.json`, or the standard one.
        case asTuned
        case beam(BeamOptions)
        case greedy
    }

    /// 560 ms.
    public static let standardChunk = 7

    public init(chunk: Int = standardChunk) { self.chunk = chunk }
}

/// Recognises speech as it comes: log-mel frames, cache-aware encoder, transducer search, end of speech.
///
/// The model lives on a thread of its own; each stream's state too. Streams are served one after another.
public actor StreamingRecognizer: SpeechRecognizer {
    private let thread: TensorThread
    private let options: RecognizerOptions
    private var loaded: Loaded?
    private var streams: [Int: Transcription] = [:]
    private var nextStream = 0

    struct Loaded {
        var model: FastConformerTransducer
        var tokenizer: BytePairTokenizer
        var front: LogMel
        var beam: BeamOptions?
        var languageModel: NGramModel?
        var expected: NGramMixture?
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads a model folder in the published layout: `config.json`, `model.safetensors`, `tokenizer.json`, and
    /// where it has them `ngram.bin` (`myna train ngram` writes it) and `decoding.json` (``BeamOptions``).
    public init(contentsOf folder: ModelFolder, options: RecognizerOptions = RecognizerOptions()) async throws {
        thread = TensorThread(name: "recognizer", threads: options.threads)
        self.options = options
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let model = try FastConformerTransducer.load(from: folder, dtype: options.dtype)
        let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: folder.file("tokenizer.json")))
        guard tokenizer.count == model.config.vocab_size - 1 else {
            throw RecognitionError.configuration(
                field: "vocab_size",
                problem: "is \(model.config.vocab_size), the tokenizer has \(tokenizer.count) pieces and blank")
        }
        var beam = try beam(in: folder)
        if let width = beam?.width { beam?.width = max(width, options.alternatives) }
        loaded = Loaded(
            model: model, tokenizer: tokenizer, front: LogMel(bins: model.config.encoder_config.num_mel_bins), beam: beam,
            languageModel: beam == nil ? nil : try ngrams(in: folder, for: tokenizer))
        // The first pass allocates and is slow.
        _ = try transcription().hear(AudioFrame(samples: Array(repeating: 0, count: 32_000), sampleRate: LogMel.sampleRate))
    }

    private func beam(in folder: ModelFolder) throws -> BeamOptions? {
        switch options.search {
        case .greedy: return nil
        case .beam(let options): return options
        case .asTuned:
            let defaults = BeamOptions()
            let isTuned = FileManager.default.fileExists(atPath: folder.file("decoding.json"))
            let tuned = isTuned ? try folder.config(over: defaults, from: "decoding.json") : defaults
            if let wrong = tuned.wrongField {
                throw RecognitionError.configuration(field: wrong.name, problem: wrong.problem)
            }
            return tuned
        }
    }

    private func ngrams(in folder: ModelFolder, for tokenizer: BytePairTokenizer) throws -> NGramModel? {
        let file = URL(filePath: folder.file("ngram.bin"))
        guard FileManager.default.fileExists(atPath: file.path) else { return nil }
        let model = try NGramModel(contentsOf: file)
        guard model.vocabularySize == tokenizer.count else {
            throw RecognitionError.data(
                "\(file.path): is over \(model.vocabularySize) pieces, the tokenizer has \(tokenizer.count)")
        }
        return model
    }

    /// Makes the beam look out for sentences, in streams that begin from now on. Without an n-gram model in the model folder
    /// it changes nothing.
    public func expect(_ sentences: [String]) {
        guard let loaded, let beam = loaded.beam, let general = loaded.languageModel else { return }
        var counts = NGramCounts(order: general.order, for: loaded.tokenizer)
        for sentence in sentences { counts.add(sentence, in: loaded.tokenizer) }
        var mixture = NGramMixture(general)
        if counts.sentences > 0 { mixture.add(counts.model(pruningBelow: 0), share: beam.expectedShare) }
        self.loaded?.expected = counts.sentences > 0 ? mixture : nil
    }

    public func listen() throws -> any ListeningStream {
        nextStream += 1
        streams[nextStream] = try transcription()
        return RecognitionStream(self, nextStream)
    }

    private func transcription() throws -> Transcription {
        guard let loaded else { fatalError("init loads the model or throws") }
        return Transcription(loaded, options)
    }

    fileprivate func hear(_ frame: AudioFrame, in stream: Int) throws -> [Event] {
        guard let state = streams[stream] else { throw RecognitionError.streamFinished }
        return try state.hear(frame)
    }

    fileprivate func finish(_ stream: Int) throws -> [Event] {
        guard let state = streams.removeValue(forKey: stream) else { throw RecognitionError.streamFinished }
        return try state.finish()
    }

    fileprivate func drop(_ stream: Int) { streams[stream] = nil }
}

/// One stream of a ``StreamingRecognizer``; its state is let go when it finishes or nobody holds it.
private final class RecognitionStream: ListeningStream {
    private let recognizer: StreamingRecognizer
    private let id: Int

    init(_ recognizer: StreamingRecognizer, _ id: Int) {
        self.recognizer = recognizer
        self.id = id
    }

    deinit {
        let (recognizer, id) = (recognizer, id)
        Task { await recognizer.drop(id) }
    }

    func hear(_ frame: AudioFrame) async throws -> [Event] { try await recognizer.hear(frame, in: id) }
    func finish() async throws -> [Event] { try await recognizer.finish(id) }
}

/// What is known of one stream: from samples to words and events.
final class Transcription {
    private let model: FastConformerTransducer
    private let tokenizer: BytePairTokenizer
    private let options: RecognizerOptions
    private var mels: LogMel.Stream
    private var encoder: FastConformerEncoder.State
    private var search: Search
    private var detector: EndOfSpeechDetector
    private var resampler: Resampler?
    private var sampleRate: Int?
    private var waiting: [Tensor] = []  // mel frames [F, M] not yet encoded
    private var waitingCount = 0
    private var fed = 0
    private var energies: [Float] = []  // of mel frames, for silence
    private var loudest = -Float.infinity
    private var framesTold = 0
    private var tokensTold = 0
    private var partial = ""
    private var started = false
    private var finished = false

    private enum Search { case greedy(GreedyDecoder), beam(BeamDecoder) }

    init(_ loaded: StreamingRecognizer.Loaded, _ options: RecognizerOptions) {
        model = loaded.model
        tokenizer = loaded.tokenizer
        self.options = options
        mels = LogMel.Stream(loaded.front)
        let model = loaded.model
        (encoder, search) = withoutGradients {
            (
                model.encoder.initialState(batch: 1, like: .zeros([0], dtype: model.dtype, device: model.device)),
                loaded.beam.map {
                    .beam(BeamDecoder(model, languageModel: loaded.languageModel, expected: loaded.expected, options: $0))
                }
                    ?? .greedy(GreedyDecoder(model))
            )
        }
        detector = EndOfSpeechDetector(options.endOfSpeech)
    }

    func hear(_ frame: AudioFrame) throws -> [Event] {
        guard !finished else { throw RecognitionError.streamFinished }
        if let bad = frame.samples.firstIndex(where: { !$0.isFinite }) {
            throw RecognitionError.notFinite(atSecond: Double(fed) / 16_000 + Double(bad) / Double(frame.sampleRate))
        }
        var events: [Event] = []
        if frame.sampleRate != sampleRate {
            try take(resampler?.finish() ?? [], &events)  // a stream may change its rate
            resampler = frame.sampleRate == LogMel.sampleRate ? nil : try Resampler(from: frame.sampleRate, to: LogMel.sampleRate)
            sampleRate = frame.sampleRate
        }
        // A long piece is taken in steps, so that memory stays bounded.
        for start in stride(from: 0, to: frame.samples.count, by: 1 << 17) {
            let piece = Array(frame.samples[start..<min(frame.samples.count, start + 1 << 17)])
            try take(resampler?.process(piece) ?? piece, &events)
        }
        return events
    }

    func finish() throws -> [Event] {
        guard !finished else { throw RecognitionError.streamFinished }
        var events: [Event] = []
        try take(resampler?.finish() ?? [], &events)
        finished = true
        withoutGradients {
            add(mels.finish())
            encode(final: true, &events)
        }
        let transcript = transcript()
        if !detector.decided, !transcript.words.isEmpty {
            events.append(Event(time: time, .endCandidate(reason: "input")))
            events.append(Event(time: time, .endDecided(reason: "input")))
        }
        events.append(Event(time: time, .wordsFinal(transcript)))
        return events
    }

    /// Seconds heard so far.
    private var time: Double { Double(fed) / Double(LogMel.sampleRate) }

    private func take(_ samples: [Float], _ events: inout [Event]) throws {
        guard !samples.isEmpty else { return }
        withoutGradients {
            fed += samples.count
            add(mels.accept(samples))
            encode(final: false, &events)
        }
    }

    private func add(_ frames: Tensor) {
        guard frames.size(0) > 0 else { return }
        for energy in frames.logsumexp([1]).array(Float.self) {
            energies.append(energy)
            // A loudness that fades slowly, so that one bang does not make all speech after it silence.
            loudest = max(energy, loudest - 0.005)
        }
        waiting.append(frames.to(model.dtype))
        waitingCount += frames.size(0)
    }

    /// Encodes as many whole chunks as wait, and at the end the rest.
    private func encode(final: Bool, _ events: inout [Event]) {
        var pending = waiting.isEmpty ? nil : Tensor.concatenated(waiting, 0).unsqueeze(0)  // [1, F, M]
        // The first chunk of n frames takes 1 + 8 (n − 1) mel frames, the next ones 8 n.
        while let all = pending {
            let need = 8 * options.chunk - (encoder.frames == 0 ? 7 : 0)
            guard all.size(1) >= need else { break }
            step(all.prefix(need, axis: 1), final: false, &events)
            pending = all.size(1) > need ? all.sliced(1, need) : nil
        }
        if final {
            step(pending, final: true, &events)
            pending = nil
        }
        waiting = pending.map { [$0.select(0, index: 0)] } ?? []
        waitingCount = pending?.size(1) ?? 0
    }

    private func step(_ chunk: Tensor?, final: Bool, _ events: inout [Event]) {
        guard let frames = model.encoder.step(chunk, &encoder, final: final) else { return }
        switch search {
        case .greedy(var decoder):
            decoder.accept(frames)
            search = .greedy(decoder)
        case .beam(var decoder):
            decoder.accept(frames)
            search = .beam(decoder)
        }
        tell(&events)
    }

    private var tokens: [DecodedToken] {
        switch search {
        case .greedy(let decoder): decoder.tokens
        case .beam(let decoder): decoder.hypotheses.first?.tokens ?? []
        }
    }

    /// Turns what is new into events, in the order of audio time.
    private func tell(_ events: inout [Event]) {
        let tokens = tokens
        let end = model.config.end_of_speech_token_id
        let text = tokenizer.decode(tokens.map(\.id).filter { $0 != end }).trimmingCharacters(in: .whitespaces)
        var position = min(tokensTold, tokens.count)
        for frame in framesTold..<encoder.frames {
            let time = min(Double(frame + 1) * 0.08, self.time)  // the last frame may reach past the end of the sound
            while position < tokens.count, tokens[position].frame <= frame {
                detector.wrote(endOfSpeech: tokens[position].id == end, at: time)
                if !started, tokens[position].id != end {
                    started = true
                    events.append(Event(time: time, .speechStarted))
                }
                position += 1
            }
            let heard = energies[min(8 * frame, energies.count)..<min(8 * frame + 8, energies.count)].max() ?? loudest
            let threshold = loudest - Float(options.endOfSpeech.silenceBelow * log(10) / 10)
            for signal in detector.passed(time, isSilent: heard < threshold) {
                switch signal {
                case .candidate(let reason): events.append(Event(time: time, .endCandidate(reason: reason)))
                case .decided(let reason): events.append(Event(time: time, .endDecided(reason: reason)))
                }
            }
        }
        framesTold = encoder.frames
        tokensTold = tokens.count
        if text != partial {
            partial = text
            // The last word may still grow; with a beam the words before may still change too.
            let stable: Int =
                if case .greedy = search {
                    text.lastIndex(of: " ").map { text.distance(from: text.startIndex, to: $0) } ?? 0
                } else { 0 }
            events.append(Event(time: time, .wordsPartial(text: text, stable: stable)))
        }
    }

    private func transcript() -> Transcript {
        let end = model.config.end_of_speech_token_id
        var words: [Word] = []
        var ids: [Int] = []
        var (first, last) = (0, 0)
        var confidence = 1.0
        func close() {
            let text = tokenizer.decode(ids).trimmingCharacters(in: .whitespaces)
            if !text.isEmpty {
                words.append(Word(word: text, start: Double(first) * 0.08, end: Double(last + 1) * 0.08, confidence: confidence))
            }
            (ids, confidence) = ([], 1)
        }
        for token in tokens where token.id != end {
            if tokenizer.pieces[token.id].first == UInt8(ascii: " ") || ids.isEmpty {
                close()
                first = token.frame
            }
            ids.append(token.id)
            last = token.frame
            confidence = min(confidence, token.probability)
        }
        close()
        return Transcript(text: words.map(\.word).joined(separator: " "), words: words, alternatives: alternatives())
    }

    /// The beam's texts, each once with its best path, where they are asked for.
    private func alternatives() -> [Alternative]? {
        guard options.alternatives > 0, case .beam(let decoder) = search else { return nil }
        let end = model.config.end_of_speech_token_id
        var texts: Set<String> = []
        var found: [Alternative] = []
        for hypothesis in decoder.hypotheses {
            let ids = hypothesis.tokens.map(\.id).filter { $0 != end }
            let text = tokenizer.decode(ids).trimmingCharacters(in: .whitespaces)
            if texts.insert(text).inserted {
                found.append(Alternative(text: text, acoustic: hypothesis.acoustic, language: hypothesis.language))
            }
        }
        return Array(found.prefix(options.alternatives))
    }
}
