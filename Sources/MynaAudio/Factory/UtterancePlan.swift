/// Everything drawn for one utterance before anything is spoken: the same from the same seed and index.
struct UtterancePlan {
    /// How the speech sits in time.
    enum Form {
        case whole
        /// Broken off after so many words.
        case cut(after: Int)
        /// A silence inside.
        case paused(after: Int, seconds: Double)
        /// Two sentences with a silence between.
        case joined(gap: Double)
    }

    var index: Int
    var form: Form
    var sentences: [SentencePool.Sentence]
    var voice: FactoryVoice
    /// Continues the draws for what comes after the voice.
    var random: FactoryRandom

    /// Draws utterance `index`; `attempt` counts the draws that could not be spoken.
    init(index: Int, attempt: Int, pool: SentencePool, options: SpeechFactory.Options) {
        self.index = index
        var random = FactoryRandom(seed: options.seed, stream: UInt64(index) << 8 | UInt64(attempt))
        let sentence = pool.draw(&random)
        sentences = [sentence]
        // An engine that failed is not asked again.
        let engines = attempt == 0 || options.engines.count == 1 ? options.engines : [options.engines[0]]
        voice = FactoryVoice.draw(engines, options.voices, &random)
        let count = sentence.spoken.split(separator: " ").count
        form = .whole
        let point = random.uniform(0...1)
        if options.conditions == .drawn && count >= 3 && sentence.kind != .word {
            if point < 0.12 {
                let after = 1 + random.index(count - 1)
                let text = PlainWords.text(sentence.spoken.split(separator: " ").prefix(after).joined(separator: " "))
                // A fragment may be a whole sentence of another split.
                if after <= 2 || DataSplit(of: text) == pool.split { form = .cut(after: after) }
            } else if point < 0.22 {
                form = .paused(after: 1 + random.index(count - 1), seconds: random.uniform(0.3...1.2))
            }
        }
        if options.conditions == .drawn, point >= 0.94, count <= 12, options.phrases.isEmpty {
            let second = pool.draw(&random)
            if second.spoken.split(separator: " ").count <= 10 {
                sentences.append(second)
                form = .joined(gap: random.uniform(0.4...1))
            }
        }
        self.random = random
    }

    /// What the engine is asked to say.
    var lines: [EngineRunner.Line] {
        sentences.map { sentence in
            switch form {
            case .cut(let after), .paused(let after, _):
                EngineRunner.Line(voice: voice, spoken: sentence.spoken, pauseAfter: after)
            case .whole, .joined: EngineRunner.Line(voice: voice, spoken: sentence.spoken, pauseAfter: nil)
            }
        }
    }

    /// What a recogniser should write.
    var text: String {
        switch form {
        case .cut(let after): PlainWords.text(sentences[0].spoken.split(separator: " ").prefix(after).joined(separator: " "))
        default: sentences.map { PlainWords.text($0.spoken) }.joined(separator: " ")
        }
    }
}
