import Foundation
import MynaAudio
import MynaEngine
import MynaStages
import MynaTestSupport
import Testing
import TorchNN

@testable import MynaRecognition

@Suite struct KeywordSpotterTests {
    private func detections(of phrase: String, in file: String, piece: Int = 1280) async throws -> [KeywordDetection] {
        let recognizer = try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path),
            options: RecognizerOptions(lookahead: .fixed(4)))
        let samples = try AudioReader.samples(path: Fixture.path("demo/\(file).wav"), at: LogMel.sampleRate)
        let stream = try await recognizer.listen(for: phrase)
        var found: [KeywordDetection] = []
        for start in stride(from: 0, to: samples.count, by: piece) {
            let part = Array(samples[start..<min(samples.count, start + piece)])
            found += try await stream.hear(AudioFrame(samples: part, sampleRate: LogMel.sampleRate))
        }
        return found + (try await stream.finish())
    }

    @Test func `a phrase is found once where it is said, and nowhere else`() async throws {
        let found = try await detections(of: "kitchen light", in: "1-action")
        #expect(found.count == 1)
        #expect(found.allSatisfy { (1.2...2.4).contains($0.time) }, "\(found)")
        let cut = try await detections(of: "kitchen light", in: "1-action", piece: 7001)
        #expect(cut.map(\.time) == found.map(\.time))
        #expect(zip(cut, found).allSatisfy { abs($0.score - $1.score) < 1e-3 }, "\(cut), \(found)")
        for (phrase, file) in [("kitchen light", "2-question"), ("front door", "1-action"), ("computer", "3-clarify")] {
            #expect(try await detections(of: phrase, in: file).isEmpty, "\(phrase) in \(file)")
        }
        #expect(try await detections(of: "front door", in: "2-question").count == 1)
    }

    @Test func `a phrase without letters is refused by name`() async throws {
        let error = await #expect(throws: RecognitionError.self) { try await detections(of: "?!", in: "1-action") }
        #expect("\(try #require(error))".contains("?!"))
    }
}
