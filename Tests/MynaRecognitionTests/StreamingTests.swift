import Foundation
import MynaAudio
import MynaEngine
import MynaStages
import MynaTestSupport
import Synchronization
import Testing
import Torch
import TorchNN

@testable import MynaRecognition

/// Many streams together against each alone: encoder, searches, and the whole recogniser on speech.
@Suite struct StreamingTests {
    /// Mel frames of a made-up signal.
    func mels(_ frames: Int, seed: Int) -> Tensor {
        .randn([frames, 80], generator: RandomGenerator(seed: UInt64(seed))) * 3 - 7
    }

    func tinyModel() throws -> FastConformerTransducer {
        try FastConformerTransducer.load(from: ModelFolder(Fixture.path("parity/recognition")))
    }

    @Test(arguments: 0..<4) func `the encoder gives each stream the same alone, among others and looked at`(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let model = try tinyModel()
        withoutGradients {
            let signals = (0..<12).map { mels(Int.random(in: 1...150, using: &random), seed: 100 * seed + $0) }
            var together = EncoderSlots(model.encoder, longestStep: 20)
            var outputs = signals.map { _ in [Tensor]() }
            var chunks = signals.map { _ in [Int]() }
            var positions = signals.map { _ in 0 }
            var slots = [Int: Int]()  // of the streams that have begun
            while positions.indices.contains(where: { positions[$0] <= signals[$0].size(0) }) {
                let open = signals.indices.filter { positions[$0] <= signals[$0].size(0) }
                let chosen = open.filter { _ in Bool.random(using: &random) }
                let isLook = Int.random(in: 0..<3, using: &random) == 0
                var rows: [EncoderSlots.Row] = []
                var ends: [Int] = []
                for stream in chosen {
                    let slot = slots[stream] ?? together.claim()
                    slots[stream] = slot
                    let (from, total) = (positions[stream], signals[stream].size(0))
                    let end = min(total + 1, from + Int.random(in: 1...80, using: &random))
                    rows.append(.init(slot: slot, mels: signals[stream].sliced(0, from, min(end, total)), isLast: end > total))
                    ends.append(end)
                }
                guard !rows.isEmpty else { continue }
                let (frames, counts) = together.step(rows, commit: !isLook)
                if isLook { continue }
                for (index, stream) in chosen.enumerated() {
                    positions[stream] = ends[index]
                    if counts[index] > 0 {
                        outputs[stream].append(frames.select(0, index: index).prefix(counts[index], axis: 0))
                        chunks[stream].append(counts[index])
                    }
                    if ends[index] > signals[stream].size(0), let slot = slots[stream] { together.release(slot) }
                }
            }
            for (stream, signal) in signals.enumerated() {
                let whole = model.encoder(signal.unsqueeze(0), lengths: [signal.size(0)], chunks: chunks[stream])
                let joined = Tensor.concatenated(outputs[stream], 0).unsqueeze(0)
                #expect(joined.shape == whole.shape)
                let difference = (joined - whole).abs().max().item()
                #expect(difference < 2e-5 * (1 + whole.abs().max().item()), "stream \(stream) in \(chunks[stream])")
            }
        }
    }

    @Test(arguments: [false, true]) func `searches give each stream the same alone and among others`(isBeam: Bool) throws {
        let model = try tinyModel()
        withoutGradients {
            let frames = Tensor.randn([9, 30, model.config.encoder_config.hidden_size], generator: RandomGenerator(seed: 8)) * 2
            let counts = [30, 1, 17, 0, 30, 29, 4, 11, 23]
            if isBeam {
                let fresh = { BeamDecoder(model, languageModel: nil) }
                var together = counts.map { _ in fresh() }
                BeamDecoder.accept(frames.prefix(20, axis: 1), counts: counts.map { min(20, $0) }, into: &together)
                BeamDecoder.accept(frames.sliced(1, 20), counts: counts.map { max(0, $0 - 20) }, into: &together)
                for (row, count) in counts.enumerated() {
                    var alone = fresh()
                    for t in 0..<count { alone.accept(frames.narrow(0, start: row, length: 1).narrow(1, start: t, length: 1)) }
                    #expect(together[row].tokens.map(\.id) == alone.tokens.map(\.id), "row \(row)")
                    let scores = zip(together[row].nBest, alone.nBest).map { abs($0.score - $1.score) }
                    #expect(scores.allSatisfy { $0 < 1e-3 }, "row \(row): \(scores)")
                }
                #expect(together[0].tokens.count > 3)
            } else {
                let fresh = { GreedyDecoder(model) }
                var together = counts.map { _ in fresh() }
                GreedyDecoder.accept(frames.prefix(20, axis: 1), counts: counts.map { min(20, $0) }, into: &together)
                GreedyDecoder.accept(frames.sliced(1, 20), counts: counts.map { max(0, $0 - 20) }, into: &together)
                for (row, count) in counts.enumerated() {
                    var alone = fresh()
                    for t in 0..<count { alone.accept(frames.narrow(0, start: row, length: 1).narrow(1, start: t, length: 1)) }
                    #expect(together[row].tokens.map(\.id) == alone.tokens.map(\.id), "row \(row)")
                    #expect(together[row].tokens.map(\.frame) == alone.tokens.map(\.frame), "row \(row)")
                }
                #expect(together[0].tokens.count > 3)
            }
        }
    }

    @Test func `an end of speech that is told again is still the same end`() throws {
        var config = FastConformerConfig()
        (config.vocab_size, config.blank_token_id, config.decoder_hidden_size) = (8, 7, 16)
        config.end_of_speech_token_id = 2
        try withoutGradients {
            let model = FastConformerTransducer(ParameterStore().root, config)
            // Whatever sounds, the end is by far the likeliest and silence the next.
            let logits: [Float] = [-9, -9, 3, -9, -9, -9, -9, 0]
            _ = model.head.weight.copy_(Tensor.zeros(model.head.weight.shape))
            _ = try #require(model.head.bias).copy_(Tensor(logits, [8]))
            var decoder = BeamDecoder(model, languageModel: nil)
            decoder.accept(Tensor.zeros([1, 2, config.encoder_config.hidden_size]))
            let sum = logits.reduce(0) { $0 + exp(Double($1)) }
            let (end, blank) = (exp(3) / sum, 1 / sum)
            // In the first frame or in the second, and then anything that says nothing new.
            let expected = log(end * (blank + end) * (blank + end) + blank * end * (blank + end))
            let ended = try #require(decoder.nBest.first { $0.tokens.map(\.id) == [2] })
            #expect(abs(ended.acoustic - expected) < 1e-5)
            #expect(decoder.tokens.map(\.id) == [2])
        }
    }

    func recognizer(_ lookahead: Scheduler.Lookahead = .fixed(7), _ change: (inout RecognizerOptions) -> Void = { _ in })
        async throws -> StreamingRecognizer
    {
        var options = RecognizerOptions(lookahead: lookahead)
        options.threads = 2
        change(&options)
        return try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path), options: options)
    }

    func speech() throws -> [[Float]] {
        try ["1-action", "2-question", "3-clarify"].map {
            try AudioReader.samples(path: Fixture.path("demo/\($0).wav"), at: LogMel.sampleRate)
        }
    }

    func transcript(_ events: [Event]) -> String? {
        events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript.text } else { nil } }.last
    }

    @Test(arguments: [2, 64]) func `a stream's words are the same alone and among others in random order`(count: Int) async throws
    {
        let recognizer = try await recognizer()
        let speech = try speech()
        var alone: [String?] = []
        for samples in speech {
            let stream = try await recognizer.listen()
            let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: LogMel.sampleRate))
            alone.append(transcript(events + (try await stream.finish())))
        }
        #expect(alone.allSatisfy { !($0 ?? "").isEmpty })
        let heard = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            for index in 0..<count {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(index))
                    let samples = speech[index % 3]
                    let stream = try await recognizer.listen()
                    var events: [Event] = []
                    var position = 0
                    while position < samples.count {
                        let end = min(samples.count, position + Int.random(in: 160...16_000, using: &random))
                        events += try await stream.hear(
                            AudioFrame(samples: Array(samples[position..<end]), sampleRate: LogMel.sampleRate))
                        position = end
                        if Bool.random(using: &random) { await Task.yield() }
                    }
                    return (index, transcript(events + (try await stream.finish())))
                }
            }
            return try await group.reduce(into: [Int: String?]()) { $0[$1.0] = $1.1 }
        }
        for (index, text) in heard { #expect(text == alone[index % 3], "stream \(index)") }
        let metrics = await recognizer.metrics
        #expect(metrics.frames > 0)
    }

    /// A clock that stands still until it is moved on.
    final class HandClock: Sendable {
        private let time = Mutex(0.0)
        var now: Double { time.withLock { $0 } }
        func move(to seconds: Double) { time.withLock { $0 = seconds } }
    }

    /// Streams speech in real time on a virtual clock; final words and the time of the first partial.
    func streamed(_ samples: [Float], _ lookahead: Scheduler.Lookahead, lookShare: Double) async throws -> (
        String?, Double?, SchedulerMetrics
    ) {
        let clock = HandClock()
        let recognizer = try await recognizer(lookahead) {
            $0.clock = { clock.now }
            $0.lookShare = lookShare
        }
        let stream = try await recognizer.listen()
        var events: [Event] = []
        var first: Double?
        for start in stride(from: 0, to: samples.count, by: 1280) {
            clock.move(to: Double(start + 1280) / 16_000)
            let new = try await stream.hear(
                AudioFrame(samples: Array(samples[start..<min(samples.count, start + 1280)]), sampleRate: LogMel.sampleRate))
            if first == nil, new.contains(where: { if case .wordsPartial = $0.kind { true } else { false } }) {
                first = clock.now
            }
            events += new
        }
        return (transcript(events + (try await stream.finish())), first, await recognizer.metrics)
    }

    @Test func `looking again shows words earlier and never changes what is committed`() async throws {
        let samples = try speech()[0]
        let without = try await streamed(samples, .dynamic(budget: 0.9), lookShare: 0)
        let with = try await streamed(samples, .dynamic(budget: 0.9), lookShare: 1)
        #expect(without.0 == with.0)
        #expect(without.2.lookedFrames == 0)
        #expect(with.2.lookedFrames > 0)
        #expect(with.2.frames == without.2.frames)
        let (early, late) = (try #require(with.1), try #require(without.1))
        #expect(early < late)
    }

    @Test(arguments: [Scheduler.Lookahead.fixed(7), .fixed(14), .dynamic(budget: 0.24), .dynamic(budget: 0.9)])
    func `looking again shows no word of live streams later`(lookahead: Scheduler.Lookahead) async throws {
        let recognizer = try await recognizer()
        let speech = try speech().enumerated().map { LiveSimulation.Speech(samples: $1, start: 0.43 * Double($0)) }
        let free = StepCost(base: 0, perFrame: 0, full: 1000)
        let without = try await recognizer.hear(speech, in: LiveSimulation(cost: free, lookahead: lookahead, lookShare: 0))
        let with = try await recognizer.hear(speech, in: LiveSimulation(cost: free, lookahead: lookahead, lookShare: 1))
        for (without, with) in zip(without, with) {
            #expect(!without.text.isEmpty)
            #expect(without.text == with.text)
            #expect(without.frameDelays == with.frameDelays)
            #expect(zip(without.wordDelays, with.wordDelays).allSatisfy { $0 >= $1 })
        }
        let earlier = zip(without, with).contains { zip($0.wordDelays, $1.wordDelays).contains { $0 > $1 } }
        #expect(earlier || lookahead == .dynamic(budget: 0.24))
        guard case .fixed(let chunk) = lookahead else { return }
        // What live streams hear is what each hears alone.
        for (speech, heard) in zip(speech, with) {
            let stream = try await self.recognizer(.fixed(chunk)).listen()
            let events = try await stream.hear(AudioFrame(samples: speech.samples, sampleRate: 16_000))
            #expect(transcript(events + (try await stream.finish())) == heard.text)
        }
    }

    @Test func `a second pass reads the last frames and pieces of its own stream, and no more of them than it asked for`()
        async throws
    {
        let (whole, some) = (try await recognizer { $0.evidenceSeconds = 600 }, try await recognizer { $0.evidenceSeconds = 1 })
        let samples = try speech()[0]
        let streams = [try await whole.listen(), try await some.listen(), try await some.listen()]
        for start in stride(from: 0, to: samples.count, by: 4000) {
            for stream in streams.prefix(2) {
                _ = try await stream.hear(
                    AudioFrame(samples: Array(samples[start..<min(samples.count, start + 4000)]), sampleRate: 16_000))
            }
        }
        let all = try await whole.evidence(in: streams[0]) { ($0.states.shape, $0.states.array(), $0.firstFrame, $0.pieces) }
        let last = try await some.evidence(in: streams[1]) { ($0.states.shape, $0.states.array(), $0.firstFrame, $0.pieces) }
        #expect(all.0[0] > 13 && all.2 == 0 && last.0 == [13, all.0[1]] && last.2 == all.0[0] - 13)
        #expect(zip(all.1.suffix(last.1.count), last.1).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(all.3.map(\.id) == last.3.map(\.id) && all.3.count > 3)
        #expect(all.3.allSatisfy { (0..<all.0[0]).contains($0.frame) && (0...1).contains($0.probability) })
        #expect(try await some.evidence(in: streams[2]) { $0.states.shape[0] + $0.pieces.count } == 0)
        await #expect(throws: RecognitionError.streamFinished) { try await some.evidence(in: streams[0]) { _ in } }
        _ = try await streams[1].finish()
        await #expect(throws: RecognitionError.streamFinished) { try await some.evidence(in: streams[1]) { _ in } }
    }

    @Test func `what one stream expects is heard in it and changes nothing in others`() async throws {
        let recognizer = try await recognizer {
            var beam = BeamOptions()
            beam.expectedWeight = 2
            $0.search = .beam(beam)
            $0.alternatives = 8
        }
        let samples = try speech()[0]
        func texts(expecting sentences: [String]) async throws -> [String] {
            let stream = try await recognizer.listen(until: EndOfTurn(), expecting: sentences)
            let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: LogMel.sampleRate))
            let finals = (events + (try await stream.finish())).compactMap { event in
                if case .wordsFinal(let transcript) = event.kind { transcript } else { nil }
            }
            return finals.flatMap { [$0.text] + ($0.alternatives ?? []).map(\.text) }
        }
        let alone = try await texts(expecting: [])
        #expect(alone[0] == "turn on the kitchen light")
        async let expecting = texts(expecting: ["toggle the kitchen light"])
        async let beside = texts(expecting: [])
        #expect(try await beside == alone)
        let heard = try await expecting
        // So strong a pull, far above what serves, may double letters; the word is another all the same.
        #expect(heard.first?.hasPrefix("tog") == true, "\(alone), then \(heard)")
        #expect(try await texts(expecting: []) == alone, "what was expected once is forgotten")
    }

    @Test func `what is wrong with one stream is told to it alone`() async throws {
        let recognizer = try await recognizer()
        let samples = try speech()[0]
        let (good, bad) = (try await recognizer.listen(), try await recognizer.listen())
        let half = samples.count / 2
        var events = try await good.hear(AudioFrame(samples: Array(samples[..<half]), sampleRate: 16_000))
        await #expect(throws: RecognitionError.notFinite(atSecond: 0.5)) {
            _ = try await bad.hear(
                AudioFrame(samples: Array(repeating: 0, count: 8000) + [.nan], sampleRate: 16_000))
        }
        // It may go on with sound that is right, at other rates too.
        _ = try await bad.hear(AudioFrame(samples: [0.5], sampleRate: 192_000))
        _ = try await bad.hear(AudioFrame(samples: [], sampleRate: 8000))
        _ = try await bad.hear(AudioFrame(samples: Array(repeating: 1, count: 900), sampleRate: 8000))
        let end = try await bad.finish()
        #expect(transcript(end) != nil)
        await #expect(throws: RecognitionError.streamFinished) {
            _ = try await bad.hear(AudioFrame(samples: [0], sampleRate: 16_000))
        }
        await #expect(throws: RecognitionError.streamFinished) { _ = try await bad.finish() }
        events += try await good.hear(AudioFrame(samples: Array(samples[half...]), sampleRate: 16_000))
        events += try await good.finish()
        let other = try await recognizer.listen()
        let alone = try await other.hear(AudioFrame(samples: samples, sampleRate: 16_000)) + (try await other.finish())
        #expect(transcript(events) == transcript(alone))
    }

    @Test func `a stream that hears nothing ends with no words`() async throws {
        let recognizer = try await recognizer()
        for samples in [[], [0.1], Array(repeating: Float(0), count: 400), Array(repeating: Float(0), count: 40_000)] {
            let stream = try await recognizer.listen()
            let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: 16_000)) + (try await stream.finish())
            #expect(transcript(events) == "", "\(samples.count) samples")
        }
    }
}
