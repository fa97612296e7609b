internal import MynaAssistant
internal import MynaLanguage
internal import MynaStages

extension RequestSource {
    /// Generated requests over the public word lists and sentences in the data folder.
    ///
    /// - Throws: `TextFileError` when the folder lacks a file.
    static func generated() throws -> RequestSource {
        let vocabulary = try RequestVocabulary(contentsOf: RequestGenerator.dataFolder)
        // One generator for each split; the seed of a call chooses where in its endless list to begin.
        let generators = Dictionary(
            uniqueKeysWithValues: Split.allCases.map { split in
                (split, RequestGenerator(seed: 1, split: RequestSplit(split), vocabulary: vocabulary))
            })
        return RequestSource(
            examples: { split, seed, count in
                guard let generator = generators[split] else { return [] }
                let first = Int(truncatingIfNeeded: seed &* 0x9E37_79B9_7F4A_7C15 >> 8)
                return (0..<count).map { RequestExample(generator.request(first + $0)) }
            },
            constraint: { IntentGrammar(request: $0, state: $1) }, parts: IntentSchema.textParts)
    }
}

extension RequestSplit {
    init(_ split: RequestSource.Split) {
        self =
            switch split {
            case .train: .train
            case .dev: .dev
            case .test: .test
            }
    }
}

extension RequestExample {
    init(_ request: GeneratedRequest) {
        self.init(request: request.text, state: request.state, text: IntentText.write(request.intents))
    }
}

extension IntentSchema {
    /// All that can stand outside quotes in a text of intents, in the parts that the language model's tokens are.
    static var textParts: [String] {
        let slots = IntentSlot.allCases.flatMap { slot in
            slot.members.map { members in members.map { " \(slot.rawValue)=\($0)" } } ?? [" \(slot.rawValue)=\""]
        }
        return actions.map(\.name) + slots + ["\"", "\n"]
    }
}
