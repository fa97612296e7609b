public import MynaStages
internal import MynaText

/// How well a model wrote the intents of requests whose intents are known.
public struct UnderstandingReport: Sendable {
    /// One request and what was written for it.
    public struct Row: Sendable {
        public var example: RequestExample
        public var written: String
        /// Whether the text came to its end within the limit.
        public var ended: Bool
        public var duration: Duration
        /// How often the model was asked.
        public var steps: Int

        public var isExact: Bool { ended && written == example.text }
    }

    public var rows: [Row] = []

    /// The share of requests whose intents were written exactly.
    public var exact: Double { rows.isEmpty ? 0 : Double(rows.filter(\.isExact).count) / Double(rows.count) }

    /// The time for a request that `share` of all stay below.
    public func duration(quantile share: Double) -> Duration {
        let sorted = rows.map(\.duration).sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}

extension LanguageModel {
    /// Writes the intents of each example; without a constraint the model writes freely.
    public func understood(
        _ examples: [RequestExample], _ format: RequestFormat,
        constraint: (@Sendable (String, DialogueState) -> any TextConstraint)?, limit: Int = 128
    ) throws(LanguageError) -> UnderstandingReport {
        let clock = ContinuousClock()
        var report = UnderstandingReport()
        for example in examples {
            let begin = clock.now
            let reading = try read(
                example.request, after: example.state, format, constraint: constraint, limit: limit)
            report.rows.append(
                .init(
                    example: example, written: reading.text, ended: reading.generation.ended, duration: clock.now - begin,
                    steps: reading.generation.steps))
        }
        return report
    }

    /// The mean time to find the tokens that `constraint` allows, over the tokens of each example's own text.
    public static func maskTime(
        _ examples: [RequestExample], _ format: RequestFormat,
        constraint: @Sendable (String, DialogueState) -> any TextConstraint
    ) throws(LanguageError) -> Duration {
        let clock = ContinuousClock()
        var (total, count) = (Duration.zero, 0)
        for example in examples {
            var walk = spacedQuotes(constraint(example.request, example.state))
            for token in try format.completion(example.text) {
                let begin = clock.now
                let allowed = format.trie.allowed(by: walk)
                total += clock.now - begin
                count += 1
                guard allowed.contains(token) || token == format.endToken && walk.canEnd else {
                    throw .deadEnd(written: example.text)
                }
                for byte in format.tokenizer.pieces[token] where token != format.endToken { _ = walk.advance(byte) }
            }
        }
        return count == 0 ? .zero : total / count
    }
}
