internal import Foundation
public import Torch
public import TorchNN

/// The shape of a wake-word model, and what it listens for.
public struct WakeWordConfig: Codable, Sendable, Equatable {
    /// The phrases, in lower case; the model's outputs in this order.
    public var phrases: [String]
    /// For each phrase the score from which it counts as heard.
    public var thresholds: [Double]
    /// Mel bands of a frame of 10 ms.
    public var bins = 80
    /// Channels of each block.
    public var width = 48
    /// Dilations of the blocks on frames of 20 ms, then of those on frames of 40 ms.
    public var fineDilations = [1, 2, 4]
    public var coarseDilations = [1, 2, 4, 8]

    public init(phrases: [String]) {
        self.phrases = phrases
        thresholds = phrases.map { _ in 0 }
    }

    /// Mel frames of one output.
    static let stride = 4

    /// Mel frames before an output's own that it depends on, rounded up to whole outputs.
    var context: Int {
        let fine = 4 + 2 * 2 * fineDilations.reduce(0, +) + 2  // the first convolution and pairs of 20 ms
        let frames = fine + 4 * 2 * coarseDilations.reduce(0, +)
        return (frames + Self.stride - 1) / Self.stride * Self.stride
    }

    /// Puts other thresholds in place of those in a model's folder, by phrase.
    public static func write(thresholds: [String: Double], in folder: ModelFolder) throws {
        var config = try folder.config(WakeWordConfig.self)
        for (index, phrase) in config.phrases.enumerated() {
            if let threshold = thresholds[phrase] { config.thresholds[index] = threshold }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(config).write(to: URL(filePath: folder.file("config.json")), options: .atomic)
    }

    /// The first field that no model can have.
    var wrongField: (name: String, problem: String)? {
        if phrases.isEmpty { return ("phrases", "is empty") }
        if thresholds.count != phrases.count {
            return ("thresholds", "has \(thresholds.count) values for \(phrases.count) phrases")
        }
        if !(1...128).contains(bins) { return ("bins", "is \(bins), not within 1 to 128") }
        if !(1...1024).contains(width) { return ("width", "is \(width), not within 1 to 1024") }
        for dilation in fineDilations + coarseDilations where !(1...64).contains(dilation) {
            return ("dilations", "hold \(dilation), not within 1 to 64")
        }
        return nil
    }
}

/// Scores of phrases from log-mel frames: causal convolutions with growing dilation, each beside a way round it.
struct WakeWordModel {
    let config: WakeWordConfig
    private let entry: Conv1d
    private let entryNorm: BatchNorm
    private let blocks: [(convolution: Conv1d, norm: BatchNorm)]
    private let exit: Conv1d

    init(_ weights: Weights, _ config: WakeWordConfig) {
        self.config = config
        entry = Conv1d(weights / "entry", from: config.bins, to: config.width, kernel: 5, stride: 2, causal: true)
        entryNorm = BatchNorm(weights / "entry_norm", channels: config.width)
        blocks = (config.fineDilations + config.coarseDilations).enumerated().map { index, dilation in
            let block = weights / "blocks" / index
            return (
                Conv1d(block / "conv", from: config.width, to: config.width, kernel: 3, dilation: dilation, causal: true),
                BatchNorm(block / "norm", channels: config.width)
            )
        }
        exit = Conv1d(weights / "exit", from: config.width, to: config.phrases.count, kernel: 1)
    }

    static func load(from folder: ModelFolder) throws -> WakeWordModel {
        let config = try folder.config(WakeWordConfig.self)
        if let wrong = config.wrongField { throw RecognitionError.configuration(field: wrong.name, problem: wrong.problem) }
        let store = try folder.weights()
        let model = WakeWordModel(store.root, config)
        try store.finish()
        return model
    }

    /// Log-mel frames `[B, F, M]`, F a multiple of four, to scores `[B, F / 4, phrases]`: log-odds that a phrase ends about here.
    func callAsFunction(_ mels: Tensor, dropout: Double = 0) -> Tensor {
        let isTraining = dropout > 0
        // About zero mean and unit deviation for speech at any usual level.
        var x = ((mels + 8) / 4).transposed(1, 2)
        x = entryNorm(entry(x), training: isTraining).relu()
        for (index, block) in blocks.enumerated() {
            if index == config.fineDilations.count {
                x = x.view([x.size(0), x.size(1), x.size(2) / 2, 2]).amax([3])
            }
            let inner = block.norm(block.convolution(x), training: isTraining).relu()
            x = x + (isTraining ? inner.dropout(dropout, train: true) : inner)
        }
        return exit(x).transposed(1, 2)
    }
}
