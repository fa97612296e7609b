import Foundation
import MynaAudio
import MynaEngine
import MynaStages
import MynaTestSupport
import Testing
import Torch
import TorchNN

@testable import MynaRecognition

/// What is heard again at the end of a stream, and who chooses among what may have been said.
@Suite struct SecondPassTests {
    /// The words of the demo's recordings, heard in pieces of so many samples.
    private func heard(_ recognizer: StreamingRecognizer, _ name: String, piece: Int) async throws -> (
        text: String, partials: Int
    ) {
        let samples = try AudioReader.samples(path: Fixture.path("demo/\(name).wav"), at: LogMel.sampleRate)
        let stream = try await recognizer.listen()
        var events: [Event] = []
        for start in stride(from: 0, to: samples.count, by: piece) {
            let part = Array(samples[start..<min(samples.count, start + piece)])
            events += try await stream.hear(AudioFrame(samples: part, sampleRate: LogMel.sampleRate))
        }
        events += try await stream.finish()
        let text = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript.text } else { nil } }.last
        let partials = events.count { if case .wordsPartial = $0.kind { true } else { false } }
        return (try #require(text), partials)
    }

    private func recognizer(_ chunk: Int, _ pass: RecognizerOptions.SecondPass?) async throws -> StreamingRecognizer {
        var options = RecognizerOptions(lookahead: .fixed(chunk))
        options.threads = 1
        options.secondPass = pass
        return try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path), options: options)
    }

    @Test func `final words are the same whatever chunks the sound was first heard in`() async throws {
        let (short, long) = (try await recognizer(2, .init()), try await recognizer(14, .init()))
        for (name, words) in [
            ("1-action", "turn on the kitchen light"), ("2-question", "is the front door locked"),
            ("3-clarify", "turn on the lamp"),
        ] {
            let first = try await heard(short, name, piece: 1280)
            #expect(first.text == words && first.partials > 0)
            #expect(try await heard(long, name, piece: 16_000).text == first.text)
        }
        #expect(await short.secondPasses.made == 3)
    }

    @Test func `a stream that is too long, or has no words, keeps what the first pass heard`() async throws {
        var pass = RecognizerOptions.SecondPass()
        pass.longest = 1
        let (once, twice) = (try await recognizer(7, nil), try await recognizer(7, pass))
        let (a, b) = (try await heard(once, "1-action", piece: 1600), try await heard(twice, "1-action", piece: 1600))
        #expect(a.text == b.text)
        let silent = try await twice.listen()
        _ = try await silent.hear(AudioFrame(samples: Array(repeating: 0, count: 8000), sampleRate: 16_000))
        _ = try await silent.finish()
        #expect(await twice.secondPasses.made == 0)
    }

    @Test(.timeLimit(.minutes(2)))
    func `a stream that pauses is heard again before it ends, and once more if more is said`() async throws {
        var options = RecognizerOptions(lookahead: .dynamic(budget: 1.12))
        (options.threads, options.isServing, options.secondPass) = (1, true, .init())
        options.secondPass?.hearsAhead = true
        options.secondPass?.share = 100
        let recognizer = try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path), options: options)
        func sound(_ name: String) throws -> [Float] {
            try AudioReader.samples(path: Fixture.path("demo/\(name).wav"), at: LogMel.sampleRate)
        }
        let silence = Array(repeating: Float(0), count: 16_000)
        let stream = try await recognizer.listen()
        func hear(_ samples: [Float]) async throws {
            for start in stride(from: 0, to: samples.count, by: 640) {
                let part = Array(samples[start..<min(samples.count, start + 640)])
                _ = try await stream.hear(AudioFrame(samples: part, sampleRate: LogMel.sampleRate))
            }
        }
        func words() async throws -> [String] {
            try await stream.finish().compactMap { if case .wordsFinal(let heard) = $0.kind { heard.text } else { nil } }
        }
        try await hear(sound("1-action") + silence)
        while await recognizer.secondPasses.made == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let first = await recognizer.secondPasses.made
        try await hear(silence)
        #expect(await recognizer.secondPasses.made == first, "the same silence lasts")
        try await hear(sound("2-question") + silence)
        while await recognizer.secondPasses.made == first { try await Task.sleep(for: .milliseconds(1)) }
        let second = await recognizer.secondPasses.made
        #expect(try await words() == ["turn on the kitchen light is the front door locked"])
        #expect(await recognizer.secondPasses.made == second, "nothing was said after the last pause")
    }

    /// Hears what a script says.
    private struct Scripted: SpeechRecognizer, ListeningStream {
        let transcript: Transcript
        func listen() async throws -> any ListeningStream { self }
        func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream { self }
        func expect(_ sentences: [String]) async {}
        func hear(_ frame: AudioFrame) async throws -> [Event] { [] }
        func finish() async throws -> [Event] { [Event(time: 1, .wordsFinal(transcript))] }
    }

    /// Finds texts as likely as it was told.
    private struct Scorer: TextScorer {
        let scores: [String: Double]
        func logProbabilities(of texts: [String]) async throws -> [Double] { texts.map { scores[$0] ?? -100 } }
    }

    private func chosen(
        _ texts: [(String, Double, Double)], _ scores: [String: Double], listing: Int?, posteriorScale: Double? = nil
    )
        async throws -> Transcript
    {
        let alternatives = texts.map { text, acoustic, language in
            Alternative(
                text: text, acoustic: acoustic, language: language,
                words: text.split(separator: " ").map { Word(word: String($0), start: 0, end: 1, confidence: 1) })
        }
        let heard = Transcript(
            text: texts[0].0, words: alternatives[0].words, alternatives: texts.count > 1 ? alternatives : nil)
        let recognizer = RescoredRecognizer(
            Scripted(transcript: heard), by: Scorer(scores: scores),
            RescoringWeights(weight: 0.5, wordBonus: 1, searchWeight: 0.5, posteriorScale: posteriorScale),
            listing: listing)
        let events = try await recognizer.listen().finish()
        guard case .wordsFinal(let transcript) = try #require(events.first).kind else { throw RecognitionError.streamFinished }
        return transcript
    }

    @Test func `the likeliest of the listed texts is taken, all judges weighed, with its own words`() async throws {
        let texts = [("turn on the lime", -2.0, -4.0), ("turn on the light", -2.5, -4.0), ("turn on", -5.0, -1.0)]
        let scores = ["turn on the lime": -12.0, "turn on the light": -8, "turn on": -5]
        let transcript = try await chosen(texts, scores, listing: nil)
        #expect(transcript.text == "turn on the light" && transcript.words.map(\.word) == ["turn", "on", "the", "light"])
        #expect(transcript.alternatives == nil, "nobody asked for them")
        let listed = try await chosen(texts, scores, listing: 2)
        #expect(listed.alternatives?.map(\.text) == ["turn on the light", "turn on the lime"])
        #expect(listed.alternatives?.map(\.second) == [-8, -12])
        // −2.5 − 2 − 4 + 4
        #expect(listed.alternatives.map { abs($0[0].score + 4.5) < 1e-9 } == true)
        // Texts that are equally likely keep their order, and a single one is left alone.
        #expect(try await chosen(texts, [:], listing: nil).text == "turn on the lime")
        #expect(try await chosen([("yes", -1, -1)], [:], listing: 3).text == "yes")
    }

    @Test func `of texts with probabilities the one is taken of which the fewest words are expected to be wrong`() async throws {
        // The likeliest stands alone; two others agree with each other in all words but one.
        let texts = [("the big cat", -1.0, 0.0), ("a pig sat", -1.1, 0), ("a pig sits", -1.2, 0), ("a dig sat", -1.3, 0)]
        let scores = Dictionary(uniqueKeysWithValues: texts.map { ($0.0, 0.0) })
        #expect(try await chosen(texts, scores, listing: nil).text == "the big cat")
        let least = try await chosen(texts, scores, listing: 4, posteriorScale: 1)
        #expect(least.text == "a pig sat" && least.words.map(\.word) == ["a", "pig", "sat"])
        #expect(least.alternatives?.map(\.text) == ["a pig sat", "the big cat", "a pig sits", "a dig sat"])
        // As sure as can be, the likeliest is the least wrong.
        #expect(try await chosen(texts, scores, listing: nil, posteriorScale: 100).text == "the big cat")
    }
}

/// Spectra as other throats would have made them.
@Suite struct SpectralViewTests {
    @Test func `a view by 1 is the sound itself, and others are what training makes of it`() throws {
        let model = try StreamingTests().tinyModel()
        let mels = Tensor.randn([1, 30, 80], generator: RandomGenerator(seed: 4)) * 3 - 7
        let warps = [0.95, 1, 1.05]
        let views = SpectralViews(of: warps, bins: 80, like: model)(mels)
        #expect(views.shape == [3, 30, 80])
        #expect((views.select(0, index: 1) - mels.select(0, index: 0)).abs().max().item() < 1e-5)
        // Training's own warp, with nothing else changed.
        var strength = Augmentation.Strength()
        (strength.noiseShare, strength.frequencyMasks, strength.timeMasks) = (0, 0, 0)
        (strength.stretch, strength.gain, strength.tilt) = (1...1, 0...0, 0...0)
        var random = SeededRandom(seed: 1)
        for (index, warp) in warps.enumerated() {
            strength.warp = Float(warp)...Float(warp)
            let made = Augmentation(bins: 80, noises: []).apply(
                mels.array(), strength, .init(before: 0, after: 0), using: &random)
            let view: [Float] = views.select(0, index: index).contiguous().array()
            #expect(zip(made, view).allSatisfy { abs($0 - $1) < 1e-3 }, "by \(warp)")
        }
    }
}
