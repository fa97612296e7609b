internal import Foundation
internal import MynaAudio
internal import MynaStages
internal import MynaText
internal import Torch

/// What is known of one stream: the sound that waits, the search, and what was told so far.
///
/// Steps come from ``StreamingRecognizer``, for many streams at once.
final class Transcription {
    private(set) var slot: Int
    private(set) var mels: LogMel.Stream
    var search: Search
    /// Events that nobody has fetched yet.
    var events: [Event] = []
    /// How many texts the transcript lists.
    var alternatives = 0
    /// What its search looks out for, should it begin anew.
    var expected: ExpectedSpeech?

    /// Frames of the encoder that are kept for a second pass.
    var mostKept = 0
    private var kept: [Tensor] = []

    private let tokenizer: BytePairTokenizer
    private let endOfSpeechToken: Int?
    private let options: EndOfSpeechOptions
    private var detector: EndOfSpeechDetector
    private var pauses: PauseDetector
    private var resampler: Resampler?
    private var sampleRate: Int?
    private var fed = 0
    private var energies: [Float] = []  // of the mel frames behind the last frame told
    private var loudest = -Float.infinity
    private var frames = 0
    private var settled = (count: 0, text: "")
    private var partial = ""
    /// Whether words were written.
    private var started = false
    /// Where speech begins with sound, until it has.
    private var onset: OnsetDetector?
    private var hasToldStart = false
    /// Samples before the first of the encoder's frames: a stream may have begun anew.
    private var origin = 0
    /// The last sound, while nothing was said: what a stream that begins anew hears again, and what waits.
    private var recent: [Float] = []
    /// Samples that are kept for the second pass; none is made over a stream that has more.
    var mostSound = 0
    /// All sound since the stream began or began anew, while it is no more than that.
    private var sound: [Float]? = []
    /// What a second pass heard before a silence that lasted then.
    private var ahead: (silence: Int, decoder: BeamDecoder)?
    private(set) var ended = false
    private(set) var isFinished = false

    /// How words are searched for.
    enum Search {
        case greedy(GreedyDecoder), beam(BeamDecoder)
        /// For one phrase alone; it writes no words.
        case keyword(KeywordSpotter)

        /// Pieces that can no longer change, and those behind them.
        var tokens: (agreed: [DecodedToken], tail: [DecodedToken]) {
            switch self {
            case .greedy(let decoder): (decoder.tokens, [])
            case .beam(let decoder): (decoder.agreed, decoder.tail)
            case .keyword: ([], [])
            }
        }
    }

    init(
        slot: Int, front: LogMel, tokenizer: BytePairTokenizer, endOfSpeechToken: Int?, search: Search,
        _ options: EndOfSpeechOptions, beginsWithSound: Bool = false
    ) {
        onset = beginsWithSound ? OnsetDetector() : nil
        (self.slot, self.tokenizer, self.endOfSpeechToken) = (slot, tokenizer, endOfSpeechToken)
        (self.search, self.options) = (search, options)
        mels = LogMel.Stream(front)
        detector = EndOfSpeechDetector(options)
        pauses = PauseDetector(silenceBelow: options.silenceBelow)
    }

    /// Seconds heard so far.
    var time: Double { Double(fed) / Double(LogMel.sampleRate) }

    // MARK: Sound

    /// Takes sound at any rate.
    /// - Returns: whether speech has paused: what waits is to be heard at once, as it may be the end.
    func take(_ frame: AudioFrame) throws -> Bool {
        guard !ended else { throw RecognitionError.streamFinished }
        if let bad = frame.samples.firstIndex(where: { !$0.isFinite }) {
            throw RecognitionError.notFinite(atSecond: time + Double(bad) / Double(frame.sampleRate))
        }
        var hasPaused = false
        if frame.sampleRate != sampleRate {
            // A stream may change its rate.
            let next = frame.sampleRate == LogMel.sampleRate ? nil : try Resampler(from: frame.sampleRate, to: LogMel.sampleRate)
            hasPaused = append(try resampler?.finish() ?? [])
            (resampler, sampleRate) = (next, frame.sampleRate)
        }
        return append(try resampler?.process(frame.samples) ?? frame.samples) || hasPaused
    }

    /// No more sound will come.
    func end() throws {
        guard !ended else { throw RecognitionError.streamFinished }
        _ = append(try resampler?.finish() ?? [])
        ended = true
        mels.end()
    }

    /// Silence, to time steps with.
    func append(silence count: Int) { _ = append(Array(repeating: 0, count: count)) }

    private func append(_ samples: [Float]) -> Bool {
        fed += samples.count
        if !started { recent += samples }
        if let kept = sound?.count {
            if kept + samples.count <= mostSound { sound?.append(contentsOf: samples) } else { sound = nil }
        }
        if onset?.heard(samples) == true {
            onset = nil
            detector.began(at: time)
            tellStart(at: time)
        }
        mels.append(samples)
        return pauses.heard(samples, counts: detector.mayDecide)
    }

    // MARK: Beginning anew

    /// Silence after which a stream begins anew, in frames: behind longer ones the model tells ends of speech late or not at all, as
    /// it has learned from sound that begins with at most 0.6 s of it.
    static let longestSilence = 25
    /// Frames that are heard again then, in which a first word may have begun.
    private static let heardAgain = 7

    /// Whether nothing has been said for so long that it is better to begin anew.
    var isStale: Bool {
        if case .keyword = search { return false }
        return !started && !ended && frames >= Self.longestSilence
    }

    /// Forgets the silence so far but for its end.
    /// - Parameters:
    ///   - slot: one in which nothing was heard.
    ///   - search: one that has heard nothing.
    func beginAnew(slot: Int, front: LogMel, search: Search) {
        (self.slot, self.search) = (slot, search)
        origin = fed - recent.count
        sound = recent.count <= mostSound ? recent : nil
        (frames, energies, kept) = (0, [], [])
        mels = LogMel.Stream(front)
        mels.append(recent)
    }

    /// Keeps no more sound than beginning anew needs.
    private func trimRecent() {
        guard !started else { return recent = [] }
        let from = origin + (frames - Self.heardAgain) * 8 * LogMel.hop
        recent.removeFirst(min(recent.count, max(0, from - (fed - recent.count))))
    }

    /// Frames of 80 ms that the sound so far completes, in all, since the stream began or began anew.
    var completed: Int { EncoderSlots.frames(afterMels: mels.produced + mels.ready, ended: ended) }

    /// Mel frames that a step over so many frames needs.
    func melsNeeded(_ frames: Int, isLast: Bool) -> Int {
        isLast ? mels.ready : max(0, 8 * (self.frames + frames - 1) + 1 - mels.produced)
    }

    // MARK: Steps

    /// A step has committed frames: `energies` are those of the mel frames it took.
    func committed(_ count: Int, search: Search, energies new: ArraySlice<Float>) {
        mels.drop(new.count)
        self.search = search
        let before = frames
        frames += count
        energies += new
        for energy in new {
            // A loudness that fades slowly, so that one bang does not make all speech after it silence.
            loudest = max(energy, loudest - 0.005)
        }
        for frame in before..<frames { tell(frame) }
        trimRecent()
        tellPartial(search)
    }

    /// Keeps the last frames `[n, D]` that a step has committed.
    func keep(_ new: Tensor) {
        guard mostKept > 0, new.size(0) > 0 else { return }
        // Copied: a view would keep all streams' frames of the step.
        kept.append(last(mostKept, of: new).clone())
        let surplus = kept.dropFirst().reduce(0) { $0 + $1.size(0) }
        if surplus >= mostKept { kept.removeFirst() }
    }

    private func last(_ count: Int, of frames: Tensor) -> Tensor { frames.suffix(min(count, frames.size(0)), axis: 0) }

    /// What a second pass can read of the last frames.
    func evidence(width: Int) -> SpeechEvidence {
        let (agreed, tail) = search.tokens
        let states = kept.isEmpty ? Tensor.zeros([0, width]) : last(mostKept, of: Tensor.concatenated(kept, 0))
        return SpeechEvidence(
            states: states, firstFrame: frames - states.size(0),
            pieces: (agreed + tail).map { SpeechEvidence.Piece(id: $0.id, frame: $0.frame, probability: $0.probability) },
            endOfSpeech: endOfSpeechToken)
    }

    /// A step has only looked ahead. That someone speaks is told at once, so that a reply stops early.
    func looked(_ search: Search) {
        if !started, let first = (search.tokens.agreed + search.tokens.tail).first(where: { $0.id != endOfSpeechToken }) {
            started = true
            tellStart(at: endTime(of: first.frame))
        }
        tellPartial(search, settles: false)
    }

    /// Where a keyword was heard since the last call.
    func fetchDetections() -> [KeywordDetection] {
        guard case .keyword(var spotter) = search else { return [] }
        if isFinished { spotter.finish() }
        defer { search = .keyword(spotter) }
        return spotter.fetch().map { KeywordDetection(time: Double($0.frame + 1) * 0.08, score: $0.score) }
    }

    /// What a second pass can hear, where words were found in it and it is not too long: all sound, or that before a silence which
    /// still lasts.
    func soundOfWords(upToSilence: Bool) -> [Float]? {
        guard started, case .beam = search, let sound, !sound.isEmpty else { return nil }
        guard upToSilence, let silence = pauses.since else { return sound }
        return Array(sound.dropLast(fed - silence))
    }

    /// Where the silence that lasts was long enough for a pause, in samples; nil while somebody speaks.
    var silence: Int? { pauses.since }

    /// Keeps the words of a second pass over what was said before a silence, should that be all.
    func heardAhead(_ decoder: BeamDecoder, before silence: Int) { ahead = (silence, decoder) }

    /// The words of a second pass that was made ahead of the end, if nothing has been said since.
    var heardAhead: BeamDecoder? { ahead.flatMap { $0.silence == pauses.since ? $0.decoder : nil } }

    /// A second pass has heard everything: its words stand, if it found any.
    func heardAgain(_ decoder: BeamDecoder) {
        if decoder.tokens.contains(where: { $0.id != endOfSpeechToken }) { search = .beam(decoder) }
    }

    /// Tells how the stream ended.
    func finish() {
        isFinished = true
        if case .beam(var decoder) = search {
            decoder.finish()
            search = .beam(decoder)
        }
        let transcript = transcript()
        if !detector.decided, !transcript.words.isEmpty {
            events.append(Event(time: time, .endCandidate(reason: "input")))
            events.append(Event(time: time, .endDecided(reason: "input")))
        }
        events.append(Event(time: time, .wordsFinal(transcript)))
    }

    private func tellStart(at time: Double) {
        if !hasToldStart { events.append(Event(time: time, .speechStarted)) }
        hasToldStart = true
    }

    /// When a frame began, in seconds since the stream did.
    private func start(of frame: Int) -> Double { Double(origin) / Double(LogMel.sampleRate) + Double(frame) * 0.08 }

    private func endTime(of frame: Int) -> Double { min(start(of: frame + 1), time) }  // the last may reach past the sound

    /// When the last piece of a word up to a frame was said, and whether the end-of-speech token follows it.
    private func written(upTo frame: Int) -> (lastWord: Double?, endsInToken: Bool) {
        let (agreed, tail) = search.tokens
        var endsInToken = false
        for token in [tail.reversed(), agreed.reversed()].joined() where token.frame <= frame {
            guard token.id == endOfSpeechToken else { return (endTime(of: token.frame), endsInToken) }
            endsInToken = true
        }
        return (nil, false)
    }

    /// Turns what is new in a frame into events, in the order of audio time.
    private func tell(_ frame: Int) {
        let time = endTime(of: frame)
        let (lastWord, endsInToken) = written(upTo: frame)
        detector.wrote(lastWord: lastWord, endsInToken: endsInToken)
        if !started, lastWord != nil {
            started = true
            tellStart(at: time)
        }
        // Frame t is complete with mel frame 8 t.
        let own = frame == 0 ? 1 : 8
        let heard = energies.prefix(own).max() ?? loudest
        energies.removeFirst(min(own, energies.count))
        let threshold = loudest - Float(options.silenceBelow * log(10) / 10)
        for signal in detector.passed(time, isSilent: heard < threshold) {
            switch signal {
            case .candidate(let reason): events.append(Event(time: time, .endCandidate(reason: reason)))
            case .decided(let reason): events.append(Event(time: time, .endDecided(reason: reason)))
            }
        }
    }

    private func beginsWord(_ token: DecodedToken) -> Bool { tokenizer.pieces[token.id].first == UInt8(ascii: " ") }

    private func text(_ tokens: some Sequence<DecodedToken>) -> String {
        tokenizer.decode(tokens.map(\.id).filter { $0 != endOfSpeechToken })
    }

    private func tellPartial(_ search: Search, settles: Bool = true) {
        let (agreed, tail) = search.tokens
        // Words that are agreed on to their end are decoded once; what a look agreed on may yet change.
        if settles,
            let last = agreed.indices.reversed().prefix(while: { $0 >= settled.count }).first(where: { beginsWord(agreed[$0]) }),
            last > settled.count
        {
            settled.text += text(agreed[settled.count..<last])
            settled.count = last
        }
        let all = settled.text + text(agreed[min(settled.count, agreed.count)...]) + text(tail)
        let trimmed = all.drop { $0 == " " }
        guard trimmed != partial[...] else { return }
        partial = String(trimmed)
        let stable = settled.text.drop { $0 == " " }.count
        events.append(Event(time: time, .wordsPartial(text: partial, stable: min(stable, partial.count))))
    }

    /// The words of pieces with their times.
    private func words(of tokens: [DecodedToken]) -> [Word] {
        var words: [Word] = []
        var ids: [Int] = []
        var (first, last) = (0, 0)
        var confidence = 1.0
        func close() {
            let text = tokenizer.decode(ids).trimmingCharacters(in: .whitespaces)
            if !text.isEmpty {
                words.append(Word(word: text, start: start(of: first), end: start(of: last + 1), confidence: confidence))
            }
            (ids, confidence) = ([], 1)
        }
        for token in tokens where token.id != endOfSpeechToken {
            if beginsWord(token) || ids.isEmpty {
                close()
                first = token.frame
            }
            ids.append(token.id)
            last = token.frame
            confidence = min(confidence, token.probability)
        }
        close()
        return words
    }

    private func transcript() -> Transcript {
        let (agreed, tail) = search.tokens
        let words = words(of: agreed + tail)
        return Transcript(text: words.map(\.word).joined(separator: " "), words: words, alternatives: likeliest())
    }

    /// The beam's texts, each once with its best path, where they are asked for.
    private func likeliest() -> [Alternative]? {
        guard alternatives > 0, case .beam(let decoder) = search else { return nil }
        var texts: Set<String> = []
        var found: [Alternative] = []
        for hypothesis in decoder.nBest {
            let words = words(of: hypothesis.tokens)
            let text = words.map(\.word).joined(separator: " ")
            if texts.insert(text).inserted {
                found.append(
                    Alternative(text: text, acoustic: hypothesis.acoustic, language: hypothesis.language, words: words))
            }
        }
        return Array(found.prefix(alternatives))
    }
}

/// Notices that speech has paused, from sound alone and before any word of it is known, so that what waits can be heard at once.
struct PauseDetector {
    private let ratio: Float  // of powers
    private var loudest: Float = 0
    private var sum: Float = 0
    private var count = 0
    private var quiet = 0  // pieces of 10 ms
    private var pieces = 0
    /// Samples until the first 200 ms of the pause that lasts were over; nil where none lasts.
    private(set) var since: Int?
    private static let piece = LogMel.sampleRate / 100
    private static let pause = 20
    private static let frame = 8

    init(silenceBelow decibels: Double) { ratio = Float(pow(10, -decibels / 10)) }

    /// - Parameter counts: whether a further frame matters at so many seconds of a pause.
    /// - Returns: whether the first 200 ms of a pause were completed in these samples, or a further frame that matters.
    mutating func heard(_ samples: [Float], counts: (_ silence: Double) -> Bool) -> Bool {
        var hasPaused = false
        for sample in samples {
            sum += sample * sample
            count += 1
            guard count == Self.piece else { continue }
            pieces += 1
            loudest = max(sum, loudest * 0.995)
            quiet = sum < ratio * loudest ? quiet + 1 : 0
            if quiet == 0 { since = nil }
            if quiet == Self.pause { since = pieces * Self.piece }
            let further = quiet - Self.pause
            let matters = further == 0 || (further > 0 && further.isMultiple(of: Self.frame) && counts(Double(quiet) / 100))
            hasPaused = hasPaused || matters
            (sum, count) = (0, 0)
        }
        return hasPaused
    }
}
