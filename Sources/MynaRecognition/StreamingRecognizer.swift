internal import Foundation
public import MynaEngine
public import MynaStages
public import MynaText
public import Torch
public import TorchNN

/// How a recogniser listens.
public struct RecognizerOptions: Sendable {
    /// How many frames of 80 ms are encoded together and see each other: more is more accurate and later.
    public var lookahead: Scheduler.Lookahead
    public var search = Search.asTuned
    public var endOfSpeech = EndOfSpeechOptions()
    public var threads: Int?
    /// How many texts a transcript lists, of those that a beam still holds at its end; the beam is at least as wide.
    public var alternatives = 0
    /// What weights are held and multiplied in.
    public var dtype = DType.float32
    /// Where the model runs.
    public var device = Device.cpu
    /// Whether many live streams are to be held: the device is timed at the start, and streams it couldn't keep up with are
    /// refused.
    public var isServing = false
    /// Whether streams are heard together; without it each step is one stream's, which is slower and there to compare with.
    public var batches = true
    /// Share of all time that looking ahead at frames that still wait may take; 0 turns it off.
    public var lookShare = 0.2
    /// Seconds of the encoder's last frames that each stream keeps for a second pass (``StreamingRecognizer/evidence(in:_:)``).
    public var evidenceSeconds = 0.0
    /// Hears each stream again as a whole when it ends; nil leaves it at the words of the first pass.
    public var secondPass: SecondPass?
    /// The clock that frames wait by, in seconds; nil is the machine's. With another one nothing happens between frames.
    public var clock: (@Sendable () -> Double)?

    /// How words are searched for.
    public enum Search: Sendable {
        /// By the beam of the model folder's `decoding.json`, or the standard one.
        case asTuned
        case beam(BeamOptions)
        case greedy
    }

    /// 560 ms.
    public static let standardChunk = 7

    public init(lookahead: Scheduler.Lookahead = .fixed(standardChunk)) { self.lookahead = lookahead }
}

/// Recognises speech as it comes, many streams together: log-mel frames, cache-aware encoder, transducer search, end of speech.
///
/// The model lives on a thread of its own. Sound that comes in is kept until the scheduler starts a step, which moves all
/// streams on that have something waiting; with fixed chunks a stream's words are the same alone and among others.
public actor StreamingRecognizer: SpeechRecognizer {
    private let thread: TensorThread
    private let options: RecognizerOptions
    private let clock: @Sendable () -> Double
    private var loaded: Loaded?
    private var expectedSentences: [String] = []
    private var lastExpected: (sentences: [String], expected: ExpectedSpeech?)?
    private var scheduler = Scheduler(.init(cost: StepCost(base: 0.004, perFrame: 0.0005, full: 64)))
    private var streams: [Int: Transcription] = [:]
    private var waiters: [Int: [CheckedContinuation<Void, Never>]] = [:]
    private var nextStream = 0
    private var isRunning = false
    private var alarm: Task<Void, Never>?
    private var watchers = StepWatchers()
    /// Streams that have paused, to be heard again as if they had ended when there is nothing else to do.
    private var pausing: [Int] = []
    /// When the next second pass may begin where live streams are served.
    private var nextSecondPass = -Double.infinity
    /// Seconds that second passes took since the step began.
    private var passing = 0.0
    /// Second passes, and those for which there was no time.
    public private(set) var secondPasses = (made: 0, missed: 0)

    private struct Loaded {
        var model: FastConformerTransducer
        var tokenizer: BytePairTokenizer
        var front: LogMel
        var slots: EncoderSlots
        var views: SpectralViews
        var beam: BeamOptions?
        var languageModel: NGramModel?
        var expected: ExpectedSpeech?
        var sentences: SentenceGraph?
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads a model folder in the published layout: `config.json`, `model.safetensors`, `tokenizer.json`, and
    /// where it has them `ngram.bin` (`myna train ngram` writes it) and `decoding.json` (``BeamOptions``).
    public init(contentsOf folder: ModelFolder, options: RecognizerOptions = RecognizerOptions()) async throws {
        thread = TensorThread(name: "recognizer", threads: options.threads)
        self.options = options
        let start = ContinuousClock.now
        clock = options.clock ?? { (ContinuousClock.now - start) / .seconds(1) }
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let model = try FastConformerTransducer.load(from: folder, dtype: options.dtype, device: options.device)
        let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: folder.file("tokenizer.json")))
        guard tokenizer.count == model.config.vocab_size - 1 else {
            throw RecognitionError.configuration(
                field: "vocab_size",
                problem: "is \(model.config.vocab_size), the tokenizer has \(tokenizer.count) pieces and blank")
        }
        var beam = try beam(in: folder)
        // Where all is heard again at the end, the alternatives are that pass's.
        if let width = beam?.width, options.secondPass == nil { beam?.width = max(width, options.alternatives) }
        var longest = scheduler.options.mostPerSession
        if case .fixed(let chunk) = options.lookahead { longest = max(longest, chunk) }
        withoutGradients {
            loaded = Loaded(
                model: model, tokenizer: tokenizer, front: LogMel(bins: model.config.encoder_config.num_mel_bins),
                slots: EncoderSlots(model.encoder, longestStep: longest),
                views: SpectralViews(
                    of: options.secondPass?.warps ?? [1], bins: model.config.encoder_config.num_mel_bins, like: model), beam: beam
            )
        }
        loaded?.languageModel = beam == nil ? nil : try ngrams(in: folder, for: tokenizer)
        setUpScheduler(scheduler.options.cost)
        warmUp()
    }

    /// The first pass allocates and is slow; a server also learns here what its device can do.
    private func warmUp() {
        _ = seconds(streams: 1)
        guard options.isServing else { return }
        let timings = [1, 2, 4, 8, 16, 32, 64].map { streams in
            (streams * RecognizerOptions.standardChunk, min(seconds(streams: streams), seconds(streams: streams)))
        }
        setUpScheduler(StepCost(timings: timings))
    }

    private func setUpScheduler(_ cost: StepCost) {
        var settings = Scheduler.Options(cost: cost)
        settings.lookShare = options.lookShare
        if !options.batches { settings.mostPerStep = 1 }
        scheduler = Scheduler(settings)
    }

    /// What a step of so many streams takes, each with a standard chunk of silence.
    private func seconds(streams count: Int) -> Double {
        let chunk = RecognizerOptions.standardChunk
        let made = (0..<count).map { _ in transcription() }
        defer { made.forEach(release) }
        for stream in made {
            stream.append(silence: chunk * 8 * LogMel.hop + LogMel.hop * 4)
        }
        let start = ContinuousClock.now
        run(made.map { ($0, chunk, false) }, commit: true)
        return (ContinuousClock.now - start) / .seconds(1)
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
        expectedSentences = sentences
        lookOut()
    }

    private func lookOut() {
        lastExpected = nil
        guard let loaded, let beam, let general = loaded.languageModel else { return }
        self.loaded?.expected = ExpectedSpeech(expectedSentences, beside: general, in: loaded.tokenizer, beam)
    }

    /// How streams that begin now are searched; nil is greedily.
    private var beam: BeamOptions? {
        if case .asTuned = options.search, loaded?.sentences != nil { return loaded?.beam?.forClosedSentences }
        return loaded?.beam
    }

    /// Lets nothing but these sentences be heard, in streams that begin from now on; nil lets anything be heard again.
    ///
    /// A search without a beam can't do it.
    /// - Throws: ``RecognitionError/configuration(field:problem:)`` where it can't, or a phrase can't be written in the model's pieces.
    public func hear(only sentences: ClosedSentences?) throws {
        if let sentences {
            guard let loaded, loaded.beam != nil else {
                throw RecognitionError.configuration(field: "search", problem: "is greedy: closed sentences need a beam")
            }
            guard let graph = SentenceGraph(sentences, in: loaded.tokenizer) else {
                throw RecognitionError.configuration(
                    field: "sentences", problem: "hold none, or a phrase that letters can't write")
            }
            self.loaded?.sentences = graph
        } else {
            loaded?.sentences = nil
        }
        if !expectedSentences.isEmpty { lookOut() }
    }

    /// What the scheduler has decided so far.
    public var metrics: SchedulerMetrics { scheduler.metrics }

    // MARK: Streams

    /// Begins to listen to one stream.
    /// - Throws: ``MynaEngine/AdmissionError`` where a serving recogniser couldn't keep up with one more.
    public func listen() throws -> any ListeningStream { try listen(until: EndOfTurn(), expecting: []) }

    /// As ``listen()``; what `end` leaves open is as the options say. `sentences` are looked out for in this stream alone;
    /// without an n-gram model in the model folder they change nothing.
    public func listen(until end: EndOfTurn, expecting sentences: [String]) throws -> any ListeningStream {
        nextStream += 1
        try scheduler.admit(nextStream, lookahead: options.lookahead, isLive: options.isServing, at: clock())
        streams[nextStream] = transcription(until: end, expecting: sentences)
        return RecognitionStream(self, nextStream)
    }

    func transcription(until end: EndOfTurn = EndOfTurn(), expecting sentences: [String] = []) -> Transcription {
        let expected = expected(beside: sentences)
        let stream = transcription(until: end) { search($0, expecting: expected) }
        stream.expected = expected
        return stream
    }

    /// A search for words.
    private func search(_ loaded: Loaded, expecting expected: ExpectedSpeech?, width: Int = 0) -> Transcription.Search {
        guard var beam else { return .greedy(GreedyDecoder(loaded.model)) }
        beam.width = max(beam.width, width)
        return .beam(
            BeamDecoder(
                loaded.model, languageModel: loaded.languageModel, expected: expected,
                sentences: loaded.sentences, options: beam))
    }

    /// The model, with a slot in which nothing was heard.
    private func claimed() -> (Loaded, slot: Int) {
        guard let loaded else { fatalError("init loads the model or throws") }
        return (loaded, withoutGradients { self.loaded?.slots.claim() ?? 0 })
    }

    /// What all streams look out for, and these sentences.
    private func expected(beside sentences: [String]) -> ExpectedSpeech? {
        guard let loaded, !sentences.isEmpty, let beam, let general = loaded.languageModel else { return loaded?.expected }
        if let last = lastExpected, last.sentences == sentences { return last.expected }
        let expected = ExpectedSpeech(
            sentences, beside: general, in: loaded.tokenizer, beam, after: loaded.expected)
        // A session's next turn looks out for the same.
        lastExpected = (sentences, expected ?? loaded.expected)
        return lastExpected?.expected
    }

    private func transcription(until end: EndOfTurn = EndOfTurn(), search: (Loaded) -> Transcription.Search) -> Transcription {
        let (loaded, slot) = claimed()
        let search = withoutGradients { search(loaded) }
        var endOfSpeech = options.endOfSpeech
        endOfSpeech.pause = end.pause ?? endOfSpeech.pause
        endOfSpeech.afterToken = end.afterGuess ?? min(endOfSpeech.afterToken, endOfSpeech.pause)
        let stream = Transcription(
            slot: slot, front: loaded.front, tokenizer: loaded.tokenizer,
            endOfSpeechToken: loaded.model.config.end_of_speech_token_id, search: search, endOfSpeech,
            beginsWithSound: end.beginsWithSound)
        stream.alternatives = options.alternatives
        stream.mostSound = Int((options.secondPass?.longest ?? 0) * Double(LogMel.sampleRate))
        stream.mostKept = Int((options.evidenceSeconds / 0.08).rounded(.up))
        return stream
    }

    /// Begins to look for a phrase in one stream, with ``KeywordStream/standardThreshold`` unless told otherwise.
    ///
    /// It shares its steps with the streams whose words are heard, and costs less than they do.
    /// - Throws: ``RecognitionError/configuration(field:problem:)`` for a phrase that the model's pieces can't write, and as ``listen()``.
    public func listen(for phrase: String, threshold: Double = KeywordStream.standardThreshold) throws -> KeywordStream {
        guard let loaded, let letters = SpokenForm.letters(of: phrase), !letters.isEmpty else {
            throw RecognitionError.configuration(field: "phrase", problem: "\"\(phrase)\" has no letters that can be heard")
        }
        let pieces = loaded.tokenizer.encode(letters, findingAdded: false)
        nextStream += 1
        try scheduler.admit(nextStream, lookahead: options.lookahead, isLive: options.isServing, at: clock())
        streams[nextStream] = transcription { .keyword(KeywordSpotter(pieces, threshold: threshold, in: $0.model)) }
        return KeywordStream(RecognitionStream(self, nextStream), self, nextStream)
    }

    /// Lets a second pass judge what one stream heard last, such as whether its speaker has finished, on the model's thread.
    ///
    /// - Parameter stream: one that this recogniser listens to.
    /// - Throws: ``RecognitionError/streamFinished`` for one that has ended or is another's; what `body` throws.
    public func evidence<R: Sendable>(
        in stream: any ListeningStream, _ body: @Sendable (SpeechEvidence) throws -> R
    ) throws -> R {
        guard let stream = stream as? RecognitionStream, stream.recognizer === self, let heard = streams[stream.id] else {
            throw RecognitionError.streamFinished
        }
        return try withoutGradients { try body(heard.evidence(width: loaded?.model.config.encoder_config.hidden_size ?? 0)) }
    }

    func detections(in id: Int) -> [KeywordDetection] { streams[id]?.fetchDetections() ?? [] }

    fileprivate func hear(_ frame: AudioFrame, in id: Int) async throws -> [Event] {
        var events: [Event] = []
        // A long piece is taken in steps, so that memory stays bounded. An empty one may still tell of a wrong rate.
        for start in stride(from: 0, to: max(1, frame.samples.count), by: 1 << 17) {
            guard let stream = streams[id] else { throw RecognitionError.streamFinished }
            let piece = frame.samples[start..<min(frame.samples.count, start + 1 << 17)]
            let before = stream.completed
            let hasPaused = try stream.take(AudioFrame(samples: Array(piece), sampleRate: frame.sampleRate))
            scheduler.arrived(stream.completed - before, for: id, at: clock())
            if hasPaused {
                scheduler.paused(id)
                if hearsAhead, !pausing.contains(id) { pausing.append(id) }
            }
            await served(id)
            events += fetch(stream)
        }
        return events
    }

    fileprivate func finish(_ id: Int) async throws -> [Event] {
        guard let stream = streams[id] else { throw RecognitionError.streamFinished }
        let before = stream.completed
        try stream.end()
        scheduler.arrived(stream.completed - before, for: id, at: clock())
        scheduler.finished(id)
        await served(id)
        let events = fetch(stream)
        if case .keyword = stream.search { return events }  // what it found is fetched first
        drop(id)
        return events
    }

    private func fetch(_ stream: Transcription) -> [Event] {
        defer { stream.events = [] }
        return stream.events
    }

    func drop(_ id: Int) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        scheduler.remove(id, at: clock())
        release(stream)
        for waiter in waiters.removeValue(forKey: id) ?? [] { waiter.resume() }
    }

    func release(_ stream: Transcription) { loaded?.slots.release(stream.slot) }

    // MARK: Steps

    /// Comes back when nothing of the stream waits that should have run.
    private func served(_ id: Int) async {
        if !isRunning {
            isRunning = true
            if options.clock == nil { Task { await runSteps() } } else { await runSteps() }
        }
        guard isWaiting(id) else { return }
        await withCheckedContinuation { waiters[id, default: []].append($0) }
    }

    /// Whether whoever feeds the stream is to wait: for a whole chunk, or where it brings sound faster than it is heard.
    private func isWaiting(_ id: Int) -> Bool {
        guard let stream = streams[id] else { return false }
        if stream.ended { return !stream.isFinished }
        switch options.lookahead {
        case .fixed(let chunk): return scheduler.waiting(id) >= chunk
        case .dynamic: return scheduler.waiting(id) >= 2 * scheduler.options.mostPerSession
        }
    }

    private func runSteps() async {
        while true {
            guard let step = scheduler.next(at: clock()) else {
                guard !pausing.isEmpty else { break }
                hearAhead(pausing.removeFirst())
                await Task.yield()
                continue
            }
            let start = clock()
            passing = 0
            let rows = step.rows.compactMap { row in
                streams[row.session].map { (stream: $0, frames: row.frames, isLast: row.isLast) }
            }
            run(rows, commit: step.commits)
            for row in step.rows { renew(row.session) }
            let end = clock()
            // Second passes have a share of their own, and say nothing of what steps cost.
            scheduler.ran(step, seconds: end - start - passing, at: end)
            if isWatched { watchers.tell(told(step, from: start, to: end)) }
            for row in step.rows where !isWaiting(row.session) {
                for waiter in waiters.removeValue(forKey: row.session) ?? [] { waiter.resume() }
            }
            // Whoever brought sound meanwhile is heard before the next step is drawn up.
            await Task.yield()
        }
        isRunning = false
        setAlarm()
    }

    public func steps() async -> AsyncStream<EngineStep>? {
        watchers.add { [weak self] number in Task { await self?.leave(number) } }
    }

    private func leave(_ number: Int) { watchers.remove(number) }
    /// Whether anybody looks on.
    var isWatched: Bool { !watchers.isEmpty }

    private func told(_ step: Scheduler.Step, from start: Double, to end: Double) -> EngineStep {
        EngineStep(
            start: start, seconds: end - start, trigger: step.trigger.rawValue,
            rows: step.rows.map { .init(stream: $0.session, frames: $0.frames, waiting: scheduler.waiting($0.session)) },
            streams: streams.count, load: scheduler.load)
    }

    /// Lets a live stream that has heard nothing but silence for long begin anew.
    private func renew(_ id: Int) {
        guard case .dynamic = options.lookahead, let stream = streams[id], stream.isStale else { return }
        release(stream)
        let (loaded, slot) = claimed()
        stream.beginAnew(slot: slot, front: loaded.front, search: withoutGradients { search(loaded, expecting: stream.expected) })
        scheduler.arrived(stream.completed - scheduler.waiting(id), for: id, at: clock())
    }

    /// Looks again when a frame's time is up though nothing came.
    private func setAlarm() {
        alarm?.cancel()
        alarm = nil
        guard options.clock == nil, let wake = scheduler.wake() else { return }
        let pause = max(0, wake - clock())
        alarm = Task { [weak self] in
            do { try await Task.sleep(for: .seconds(pause)) } catch { return }  // another alarm took its place
            await self?.rouse()
        }
    }

    private func rouse() async {
        guard !isRunning else { return }
        isRunning = true
        await runSteps()
    }

    /// Moves streams on together by the frames that each has.
    func run(_ rows: [(stream: Transcription, frames: Int, isLast: Bool)], commit: Bool) {
        guard let loaded, !rows.isEmpty else { return }
        withoutGradients {
            let needed = rows.map { $0.stream.melsNeeded($0.frames, isLast: $0.isLast) }
            let mels = loaded.front.frames(zip(rows, needed).map { $0.stream.mels.sound($1) })  // [B, F, M]
            let energies = mels.size(1) > 0 ? mels.logsumexp([2]).array(Float.self) : []
            let inputs = rows.indices.map { index in
                EncoderSlots.Row(
                    slot: rows[index].stream.slot,
                    mels: mels.select(0, index: index).prefix(needed[index], axis: 0).to(loaded.model.dtype).to(
                        loaded.model.device),
                    isLast: rows[index].isLast)
            }
            guard let (frames, counts) = self.loaded?.slots.step(inputs, commit: commit) else { return }
            let searches = searched(rows.map(\.stream.search), frames, counts)
            for (index, row) in rows.enumerated() {
                guard commit else {
                    row.stream.looked(searches[index])
                    continue
                }
                let start = index * mels.size(1)
                row.stream.committed(counts[index], search: searches[index], energies: energies[start..<start + needed[index]])
                row.stream.keep(frames.select(0, index: index).prefix(counts[index], axis: 0))
                if row.isLast {
                    hearAgain(row.stream)
                    row.stream.finish()
                }
            }
        }
    }

    private var hearsAhead: Bool { options.secondPass?.hearsAhead == true }

    /// Hears a stream again that has paused; what it finds is its last words if nothing more is said.
    private func hearAhead(_ id: Int) {
        guard let stream = streams[id], let silence = stream.silence, stream.heardAhead == nil else { return }
        guard let decoder = withoutGradients({ secondPass(over: stream) }) else { return }
        stream.heardAhead(decoder, before: silence)
    }

    /// Hears a stream again that has ended.
    private func hearAgain(_ stream: Transcription) {
        if let decoder = stream.heardAhead ?? secondPass(over: stream) { stream.heardAgain(decoder) }
    }

    /// Searches all of a stream's sound once more, as one chunk; nil where there are no words or is no time.
    private func secondPass(over stream: Transcription) -> BeamDecoder? {
        guard let pass = options.secondPass, let loaded, let sound = stream.soundOfWords(upToSilence: hearsAhead) else {
            return nil
        }
        let begin = clock()
        // Where steps hardly keep up, the first words have to do.
        guard !options.isServing || (begin >= nextSecondPass && scheduler.load < Scheduler.crowded) else {
            secondPasses.missed += 1
            return nil
        }
        var mels = LogMel.Stream(loaded.front)
        mels.append(sound)
        mels.end()
        let input = loaded.front.frames([mels.sound(mels.ready)]).to(loaded.model.dtype).to(loaded.model.device)
        let views = loaded.views
        let frames = loaded.model.encoder(
            views(input), lengths: Array(repeating: input.size(1), count: views.count),
            chunks: [FastConformerConfig.frames(forMels: input.size(1))]
        ).mean([0], keepdim: true)
        guard case .beam(var decoder) = search(loaded, expecting: stream.expected, width: max(pass.width, options.alternatives))
        else { return nil }
        decoder.accept(frames)
        secondPasses.made += 1
        let seconds = clock() - begin
        passing += seconds
        // The time it took is its share of the time until the next one may begin.
        nextSecondPass = max(nextSecondPass, begin - 1) + seconds / pass.share
        return decoder
    }

    /// Searches all streams' new frames, together those that are searched in the same way.
    private func searched(_ searches: [Transcription.Search], _ frames: Tensor, _ counts: [Int]) -> [Transcription.Search] {
        var (greedy, beams) = ([GreedyDecoder](), [BeamDecoder]())
        var (greedyRows, beamRows) = ([Int](), [Int]())
        var searched = searches
        for (row, search) in searches.enumerated() {
            switch search {
            case .greedy(let decoder):
                greedy.append(decoder)
                greedyRows.append(row)
            case .beam(let decoder):
                beams.append(decoder)
                beamRows.append(row)
            case .keyword(var spotter):
                guard let model = loaded?.model else { continue }
                spotter.accept(frames.select(0, index: row).narrow(0, start: 0, length: counts[row]), with: model)
                searched[row] = .keyword(spotter)
            }
        }
        func chosen(_ rows: [Int]) -> (Tensor, [Int]) {
            rows.count == searches.count
                ? (frames, counts) : (frames.indexSelect(0, index: Tensor(rows).to(frames.device)), rows.map { counts[$0] })
        }
        if !greedy.isEmpty {
            let (frames, counts) = chosen(greedyRows)
            GreedyDecoder.accept(frames, counts: counts, into: &greedy)
            for (row, decoder) in zip(greedyRows, greedy) { searched[row] = .greedy(decoder) }
        }
        if !beams.isEmpty {
            let (frames, counts) = chosen(beamRows)
            BeamDecoder.accept(frames, counts: counts, into: &beams)
            for (row, decoder) in zip(beamRows, beams) { searched[row] = .beam(decoder) }
        }
        return searched
    }
}

/// One stream of a ``StreamingRecognizer``; its state is let go when it finishes or nobody holds it.
final class RecognitionStream: ListeningStream {
    let recognizer: StreamingRecognizer
    let id: Int
    var number: Int? { id }

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
