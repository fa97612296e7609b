import Foundation
import MynaAudio
import MynaStages
import MynaTestSupport
import MynaText
import Testing
import TorchNN

@testable import MynaRecognition

@Suite struct SentenceGraphTests {
    let tokenizer: BytePairTokenizer
    static let folder = Fixture.root.appending(path: "Models/myna-asr")

    init() throws { tokenizer = try BytePairTokenizer(contentsOf: Self.folder.appending(path: "tokenizer.json")) }

    private func drawn(_ random: inout SeededRandom) -> ClosedSentences {
        let words = ["turn", "the", "lamp", "lamps", "a", "an", "on", "one", "off", "of", "kitchen", "kit", "to", "two", "light"]
        let wordings = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in words.randomElement(using: &random) }
                        .joined(separator: " ")
                }
            }
        }
        return ClosedSentences(wordings: wordings)
    }

    private func written(_ sentences: ClosedSentences) -> Set<String> {
        Set(
            sentences.wordings.flatMap { wording in
                wording.reduce([""]) { starts, phrases in
                    starts.flatMap { start in phrases.map { start.isEmpty ? $0 : start + " " + $0 } }
                }
            })
    }

    @Test func `its ways are the sentences and no others`() throws {
        for seed in 0..<60 {
            var random = SeededRandom(seed: UInt64(seed))
            let sentences = drawn(&random)
            let all = written(sentences)
            let graph = try #require(SentenceGraph(sentences, in: tokenizer))
            for sentence in all {
                var place: SentenceGraph.Place? = graph.start
                for piece in tokenizer.encode(sentence, findingAdded: false) {
                    place = place.flatMap { graph.step(piece, from: $0) }
                }
                #expect(place.map(graph.mayEnd) == true, "\(sentence)")
            }
            // A walk along whatever it allows only ever ends with one of them.
            for _ in 0..<30 {
                var (place, pieces) = (graph.start, [Int]())
                while true {
                    let allowed = (0..<tokenizer.count).filter { graph.step($0, from: place) != nil }
                    if graph.mayEnd(place) {
                        let text = tokenizer.decode(pieces).trimmingCharacters(in: .whitespaces)
                        #expect(all.contains(text), "\(text)")
                    }
                    guard let piece = allowed.randomElement(using: &random), let next = graph.step(piece, from: place) else {
                        #expect(graph.mayEnd(place), "a way that leads nowhere")
                        break
                    }
                    (place, pieces) = (next, pieces + [piece])
                }
            }
        }
    }

    @Test func `what letters can't write, and nothing at all, make no graph`() {
        #expect(SentenceGraph(ClosedSentences(wordings: [[["turn"], ["灯"]]]), in: tokenizer) == nil)
        #expect(SentenceGraph(ClosedSentences(wordings: []), in: tokenizer) == nil)
    }

    @Test func `whatever sounds, one of the sentences is heard or nothing`() async throws {
        let recognizer = try await StreamingRecognizer(contentsOf: ModelFolder(Self.folder.path))
        let sentences = ClosedSentences(wordings: [[["make me", "brew"], ["a", "an"], ["mocha", "americano", "latte"]]])
        try await recognizer.hear(only: sentences)
        let all = written(sentences)
        var random = SeededRandom(seed: 4)
        var heard: [String] = []
        for _ in 0..<6 {
            // Noise in bursts, which the recogniser takes for words of some kind.
            let samples = (0..<24_000).map { sample in
                (sample / 1600) % 3 == 0 ? 0 : Float.random(in: -0.3...0.3, using: &random) * sin(Float(sample) * 0.05)
            }
            let stream = try await recognizer.listen()
            let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: 16_000)) + stream.finish()
            for case .wordsFinal(let transcript) in events.map(\.kind) { heard.append(transcript.text) }
        }
        #expect(heard.count == 6)
        #expect(heard.allSatisfy { $0.isEmpty || all.contains($0) }, "\(heard)")

        try await recognizer.hear(only: nil)
        var options = RecognizerOptions()
        options.search = .greedy
        let greedy = try await StreamingRecognizer(contentsOf: ModelFolder(Self.folder.path), options: options)
        await #expect(throws: RecognitionError.self) { try await greedy.hear(only: sentences) }
    }

    @Test func `what is expected leans towards none of the closed sentences`() async throws {
        var options = RecognizerOptions()
        options.alternatives = 8
        let recognizer = try await StreamingRecognizer(contentsOf: ModelFolder(Self.folder.path), options: options)
        try await recognizer.hear(
            only: ClosedSentences(wordings: [[["turn", "switch"], ["on", "off"], ["the"], ["lamp", "light", "kitchen light"]]]))
        let samples = try AudioReader.samples(path: Fixture.root.appending(path: "Fixtures/demo/1-action.wav").path, at: 16_000)
        func heard() async throws -> Transcript? {
            let stream = try await recognizer.listen()
            let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: 16_000)) + stream.finish()
            return events.lazy.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }.first
        }
        let before = try await heard()
        await recognizer.expect(Array(repeating: "switch off the lamp", count: 20))
        let after = try await heard()
        #expect(before?.text == "turn on the kitchen light")
        #expect((before?.alternatives?.count ?? 0) > 1)
        #expect(before?.alternatives == after?.alternatives)
    }
}
