import Foundation
import MynaAudio
import MynaStages
import MynaTestSupport
import Testing
import Torch
import TorchNN
import TorchTrain

@testable import MynaRecognition

@Suite struct WakeWordTests {
    private let shipped = ModelFolder(Fixture.root.appending(path: "Models/myna-wake").path)

    private func recipe() -> WakeWordRecipe {
        var config = WakeWordConfig(phrases: ["jarvis", "computer"])
        (config.bins, config.width) = (16, 8)
        return WakeWordRecipe(
            model: config, manifests: [], noise: "", schedule: .init(peak: 0.01, warmupSteps: 1, decaySteps: 1, steps: 2))
    }

    @Test func `an output depends on as many frames before its own as the configuration says, and on none after`() {
        let config = recipe().model
        let store = ParameterStore()
        let model = WakeWordModel(store.root, config)
        withoutGradients {
            let mels = Tensor((0..<400 * 16).map { sin(Float($0) * 0.7) * 4 - 8 }, [1, 400, 16])
            let whole = model(mels)
            let from = 400 - config.context - 40
            let part = model(mels.narrow(1, start: from, length: 400 - from))
            let (a, b) = (whole.sliced(1, 90).array(Float.self), part.sliced(1, part.size(1) - 10).array(Float.self))
            #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
            let earlier = model(mels.prefix(360, axis: 1)).array(Float.self)
            #expect(zip(earlier, whole.array(Float.self)).allSatisfy { abs($0 - $1) < 1e-4 })
        }
    }

    @Test func `the loss is least where the phrase's own output is high about its end and all others are low`() {
        let training = WakeWordTraining(recipe(), folder: "") { _ in }
        let examples = [
            WakeWordTraining.Example(mels: [], phrase: 1, end: 160), WakeWordTraining.Example(mels: [], phrase: nil),
        ]
        func loss(_ change: (inout [Float]) -> Void) -> Double {
            var scores = [Float](repeating: -8, count: 2 * 64 * 2)
            change(&scores)
            return training.loss(Tensor(scores, [2, 64, 2]), examples).item()
        }
        let right = loss { $0[(0 * 64 + 42) * 2 + 1] = 8 }
        #expect(right < 0.01)
        #expect(loss { _ in } > 4, "missed")
        #expect(loss { $0[(0 * 64 + 42) * 2 + 0] = 8 } > 4, "another phrase")
        #expect(loss { $0[(0 * 64 + 10) * 2 + 1] = 8 } > 4, "far too early")
        #expect(loss { ($0[(0 * 64 + 42) * 2 + 1], $0[(1 * 64 + 30) * 2 + 0]) = (8, 8) } > right + 0.1, "a false alarm beside it")
    }

    @Test func `a recording is trimmed to where it is loud`() {
        let mels =
            [Float](repeating: -12, count: 100 * 4) + Array(repeating: 1, count: 30 * 4) + Array(repeating: -12, count: 80 * 4)
        #expect(WakeWordTraining.trimmed(mels, bins: 4).count == (5 + 30 + 7) * 4)
        #expect(WakeWordTraining.trimmed([], bins: 4).isEmpty)
    }

    @Test func `the shipped detector hears each of its phrases once however the sound is cut, and refuses what is no sound`()
        async throws
    {
        let detector = try await WakeWordDetector(contentsOf: shipped)
        let path = Fixture.path("wake-word/jarvis.wav")
        let samples = try AudioReader.samples(path: path, at: LogMel.sampleRate)
        func heard(cutting most: Int, seed: UInt64) async throws -> [WakeWordDetection] {
            var random = SeededRandom(seed: seed)
            let stream = await detector.listen()
            var (found, start) = ([WakeWordDetection](), 0)
            while start < samples.count {
                let end = min(samples.count, start + Int.random(in: 1...most, using: &random))
                found += try await stream.hear(AudioFrame(samples: Array(samples[start..<end]), sampleRate: LogMel.sampleRate))
                start = end
            }
            return found + (try await stream.finish())
        }
        let whole = try await heard(cutting: samples.count, seed: 0)
        #expect(whole.map(\.phrase) == ["jarvis"])
        #expect((0.2...Double(samples.count) / 16_000 + 0.5).contains(whole[0].time))
        for seed in 1...3 {
            let cut = try await heard(cutting: 4_000, seed: UInt64(seed))
            #expect(cut.map(\.phrase) == ["jarvis"])
            #expect(abs(cut[0].time - whole[0].time) < 1e-9)
        }
        let stream = await detector.listen()
        await #expect(throws: RecognitionError.notFinite(atSecond: 0)) {
            _ = try await stream.hear(AudioFrame(samples: [.nan], sampleRate: 16_000))
        }
        _ = try await stream.finish()
        await #expect(throws: RecognitionError.streamFinished) { _ = try await stream.finish() }
        await #expect(throws: ModelFolderError.self) { _ = try await WakeWordDetector(contentsOf: ModelFolder("/nowhere")) }
    }

    @Test(arguments: [16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
    func `a phrase is heard at any rate that holds the band of speech, clipped too`(rate: Int) async throws {
        let detector = try await WakeWordDetector(contentsOf: shipped)
        let samples = try AudioReader.samples(path: Fixture.path("wake-word/jarvis.wav"), at: rate)
        for gain: Float in rate == 48_000 ? [1, 3] : [1] {
            let stream = await detector.listen()
            var found: [WakeWordDetection] = []
            for start in stride(from: 0, to: samples.count, by: rate / 50) {
                let piece = samples[start..<min(samples.count, start + rate / 50)].map { max(-1, min(1, gain * $0)) }
                found += try await stream.hear(AudioFrame(samples: piece, sampleRate: rate))
            }
            found += try await stream.finish()
            #expect(found.map(\.phrase) == ["jarvis"], "at \(rate) Hz, \(gain) times as loud")
        }
    }

    @Test func `a whole recording's places are told once each, highest first, as a stream tells them`() async throws {
        let detector = try await WakeWordDetector(contentsOf: shipped)
        let samples = try AudioReader.samples(path: Fixture.path("wake-word/jarvis.wav"), at: LogMel.sampleRate)
        let pause = [Float](repeating: 0, count: 2 * LogMel.sampleRate)
        let index = try #require(detector.config.phrases.firstIndex(of: "jarvis"))
        let peaks = await detector.peaks(
            in: pause + samples + pause + samples.map { $0 / 2 }, above: detector.config.thresholds[index])
        #expect(peaks[index].count == 2)
        #expect(peaks[index] == peaks[index].sorted(by: >))
        let stream = await detector.listen()
        let heard = try await stream.hear(AudioFrame(samples: pause + samples + pause, sampleRate: LogMel.sampleRate))
        #expect(heard.map(\.phrase) == ["jarvis"])
        #expect(await detector.peaks(in: [], above: 0).allSatisfy(\.isEmpty))
    }

    @Test func `a recipe that cannot be is refused by the field`() throws {
        func refuses(_ field: String, _ change: (inout WakeWordRecipe) -> Void) {
            var recipe = recipe()
            change(&recipe)
            #expect(throws: RecognitionError.self) { try recipe.check() }
            do { try recipe.check() } catch { #expect("\(error)".contains(field), "\(error)") }
        }
        try recipe().check()
        refuses("madeShare") { $0.madeShare = 1.5 }
        refuses("hardShare") { $0.hardShare = 0.3 }
        refuses("batch") { $0.batch = 0 }
        refuses("made") { $0.made = .init(data: "", said: 0, near: 3) }
    }

    @Test func `examples hold the phrase where they say, and near phrases and hard sound have none`() {
        var recipe = recipe()
        (recipe.phraseShare, recipe.nearShare) = (0.5, 1)
        let training = WakeWordTraining(recipe, folder: "") { _ in }
        let bins = recipe.model.bins
        // A phrase is loud, what is near one is half as loud, and all else is quiet.
        let phrase = [Float](repeating: 6, count: 40 * bins)
        let material = WakeWordTraining.Material(
            bins: bins, said: [[phrase], []], made: [[], [phrase]], near: [[Float](repeating: 3, count: 40 * bins)], others: [],
            ends: [], augmentation: Augmentation(bins: bins, noises: []))
        var random = SeededRandom(seed: 5)
        var phrases = Set<Int?>()
        for _ in 0..<200 {
            // Other speech is asked for at times, and there is none here.
            let example = training.example(from: material, using: &random)
            #expect(example.mels.count == WakeWordTraining.frames * bins && example.mels.allSatisfy { $0.isFinite })
            if let place = example.phrase { #expect((0...1).contains(place) && example.end > 30) }
            phrases.insert(example.phrase)
        }
        #expect(phrases == [0, 1, nil])
    }
}
