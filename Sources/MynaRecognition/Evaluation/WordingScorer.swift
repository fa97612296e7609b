internal import Foundation
internal import MynaText
internal import Torch
public import TorchNN

/// Finds which of several sentences a recording most likely says: the one whose alignments, all together, the transducer gives
/// the highest probability.
public actor WordingScorer {
    /// The likeliest sentence and how sure that is.
    public struct Choice: Sendable, Equatable {
        public var sentence: String
        /// Natural logarithm of its probability for each of its pieces.
        public var perPiece: Double
        /// How much likelier it is than the next one, in natural logarithms; infinite where there is no other.
        public var margin: Double
    }

    private let thread: TensorThread
    private var loaded: (model: FastConformerTransducer, tokenizer: BytePairTokenizer, front: LogMel)?
    /// Sentences that are scored at a time.
    private static let together = 24

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Reads a recogniser's folder.
    public init(contentsOf folder: ModelFolder, threads: Int? = nil) async throws {
        thread = TensorThread(name: "wording", threads: threads)
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let model = try FastConformerTransducer.load(from: folder)
        let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: folder.file("tokenizer.json")))
        loaded = (model, tokenizer, LogMel(bins: model.config.encoder_config.num_mel_bins))
    }

    /// - Parameter samples: at 16 kHz.
    /// - Returns: nil where there is no sentence, or no whole frame of sound.
    public func likeliest(of sentences: [String], in samples: [Float]) -> Choice? {
        guard let loaded, !sentences.isEmpty else { return nil }
        let end = loaded.model.config.end_of_speech_token_id
        return withoutGradients {
            let mels = loaded.front(samples)
            guard mels.size(0) > 0 else { return nil }
            let frames = loaded.model.encoder(mels.unsqueeze(0), lengths: [mels.size(0)], chunks: [14])
            var scores: [Double] = []
            var counts: [Int] = []
            for start in stride(from: 0, to: sentences.count, by: Self.together) {
                let labels = sentences[start..<min(sentences.count, start + Self.together)].map {
                    loaded.tokenizer.encode($0) + (end.map { [$0] } ?? [])
                }
                let losses = loaded.model.loss(
                    frames.expand([labels.count, -1, -1]), frameCounts: labels.map { _ in frames.size(1) }, labels: labels)
                scores += losses.array(Float.self).map { -Double($0) }
                counts += labels.map(\.count)
            }
            let order = scores.indices.sorted { scores[$0] > scores[$1] }
            return Choice(
                sentence: sentences[order[0]], perPiece: scores[order[0]] / Double(max(1, counts[order[0]])),
                margin: order.count > 1 ? scores[order[0]] - scores[order[1]] : .infinity)
        }
    }
}
