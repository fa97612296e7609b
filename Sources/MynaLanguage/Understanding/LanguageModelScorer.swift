public import MynaStages
internal import MynaText
internal import Torch
public import TorchNN

/// Tells how likely texts are by a language model that was trained on texts one behind the other (`myna train lm`).
///
/// The model lives on a thread of its own.
public actor LanguageModelScorer: TextScorer {
    private let thread: TensorThread
    private var language: LanguageModel?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Loads the model in `folder`.
    ///
    /// - Throws: what ``LanguageModel/init(contentsOf:dtype:device:packing:)`` throws.
    public init(contentsOf folder: ModelFolder, threads: Int? = nil) async throws {
        thread = TensorThread(name: "text scorer", threads: threads)
        try load(folder)
    }

    private func load(_ folder: ModelFolder) throws {
        let language = try LanguageModel(contentsOf: folder)
        guard !language.endTokens.isEmpty else {
            throw LanguageError.config(field: "eos_token_id", value: "none", expected: "the token between texts")
        }
        self.language = language
        _ = language.logProbabilities(of: ["turn on the light", "turn the light on"])  // the first pass allocates and is slow
    }

    public func logProbabilities(of texts: [String]) -> [Double] {
        guard let language else { fatalError("init loads the model or throws") }
        return language.logProbabilities(of: texts)
    }
}

extension LanguageModel {
    /// The natural logarithm of each text's probability between two ends of text.
    ///
    /// What a text has beyond the tokens that the model takes is judged from the middle of that many on.
    public func logProbabilities(of texts: [String]) -> [Double] {
        let end = endTokens[0]
        let longest = model.config.longestText
        // A text that is too long becomes several stretches; each but the first begins with tokens that are only read.
        var stretches: [(text: Int, tokens: [Int], read: Int)] = []
        for (index, text) in texts.enumerated() {
            let tokens = [end] + tokenizer.encode(text, findingAdded: false) + [end]
            var start = 0
            while true {
                let stop = min(tokens.count, start + longest + 1)
                stretches.append((index, Array(tokens[start..<stop]), start == 0 ? 1 : longest / 2 + 1))
                if stop == tokens.count { break }
                start = stop - longest / 2 - 1
            }
        }
        var sums = Array(repeating: 0.0, count: texts.count)
        withoutGradients {
            for group in stretches.chunked(16) {
                let length = (group.map(\.tokens.count).max() ?? 2) - 1
                let rows = group.flatMap { $0.tokens + Array(repeating: end, count: length + 1 - $0.tokens.count) }
                let ids = Tensor(rows, [group.count, length + 1])
                let states = model.states(ids.narrow(1, start: 0, length: length))
                let logits = model.logits(states).flatten(0, endDim: 1).to(.float32)
                let losses = logits.crossEntropyLoss(
                    target: ids.narrow(1, start: 1, length: length).reshape([-1]), reduction: 0
                ).array(Float.self)
                for (row, stretch) in group.enumerated() {
                    for place in stretch.read..<stretch.tokens.count {
                        sums[stretch.text] -= Double(losses[row * length + place - 1])
                    }
                }
            }
        }
        return sums
    }
}

extension Array {
    fileprivate func chunked(_ count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min(self.count, $0 + count)] }
    }
}
