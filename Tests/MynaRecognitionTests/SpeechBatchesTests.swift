import Foundation
import MynaAudio
import MynaRecognition
import MynaTestSupport
import Testing
import Torch

@Suite struct SpeechBatchesTests {
    private static let endOfSpeech = 99

    /// Forty sounds of half a second to three seconds, every fourth of which is cut.
    private func withStore(_ body: (FeatureStore) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "batches-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var rows: [String] = []
        for index in 0..<40 {
            let writer = try WaveWriter(path: folder + "/\(index).wav", sampleRate: 16_000)
            try writer.write((0..<8_000 + index * 1_000).map { sin(Float($0) * 0.02 * Float(index + 3)) * 0.2 })
            try writer.finish()
            rows.append(
                #"{"id":"\#(index)","audio":"\#(index).wav","duration":\#(0.5 + Double(index) / 16),"text":"\#(index)","#
                    + #""complete":\#(index % 4 != 0),"split":"train"}"#)
        }
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: folder + "/sounds.jsonl"))
        try body(
            FeatureStore(
                manifest: folder + "/sounds.jsonl", split: "train", bins: 80, folder: folder + "/features", report: { _ in },
                text: { $0.text }))
    }

    private func batches(_ store: FeatureStore, isFinished: Bool) -> SpeechBatches {
        SpeechBatches(
            [.init(name: "sounds", share: 1, stores: [store], isFinished: isFinished, noise: 0.3)], noises: [], bins: 80,
            batchFrames: 4_000, chunkChoices: [7, 14], endOfSpeech: Self.endOfSpeech, seed: 5, encode: { [Int($0) ?? 0] })
    }

    @Test(arguments: [false, true])
    func `a batch is a function of its number, keeps its bound, comes in few sizes and is hardly padded`(isFinished: Bool) throws
    {
        try withStore { store in
            let batches = batches(store, isFinished: isFinished)
            var (valid, held) = (0, 0)
            for step in 0..<30 {
                let batch = batches.batch(step)
                let again = batches.batch(step)
                #expect(batch.lengths == again.lengths && batch.labels == again.labels && batch.chunks == again.chunks)
                #expect(batch.mels.array(Float.self) == again.mels.array(Float.self))
                #expect(batch.mels.size(1) % 32 == 0 && batch.mels.size(0) * batch.mels.size(1) <= 4_000)
                #expect(batch.lengths.count == batch.mels.size(0) && batch.lengths.allSatisfy { $0 <= batch.mels.size(1) })
                valid += batch.lengths.reduce(0, +)
                held += batch.mels.size(0) * batch.mels.size(1)
            }
            #expect(Double(valid) / Double(held) > 0.8)
        }
    }

    @Test func `an end of speech is told where an utterance is complete and silence follows it, never where it was cut`() throws {
        try withStore { store in
            let batches = batches(store, isFinished: false)
            var (told, untold) = (0, 0)
            for step in 0..<30 {
                for labels in batches.batch(step).labels {
                    let item = try #require(labels.first)
                    if labels.contains(Self.endOfSpeech) {
                        #expect(item % 4 != 0, "a cut utterance ends")
                        told += 1
                    } else if item % 4 != 0 {
                        untold += 1
                    }
                }
            }
            // 85 in 100 by draw.
            #expect(told > 3 * untold && untold > 0)
        }
    }
}
