internal import MynaStages

/// How a clause becomes a sentence: politeness, conditions, delays, several clauses, and the marks of speech.
extension RequestGenerator.Core {
    /// Says a command with whatever people say around one.
    func compose(_ draft: inout RequestDraft, _ template: RequestTemplate, using random: inout SeededRandom) {
        let mayWait = draft.actions.allSatisfy { IntentSchema.action($0)?.slots.contains(.delay) == true }
        let joins = template.saying == .command ? 0.16 : template.saying == .fragment ? 0.12 : 0.07
        if random.chance(joins), template.kind != "unsupported" {
            join(&draft, using: &random)
            frame(&draft, template.saying, using: &random)
        } else if mayWait, random.chance(0.11) {
            restrict(&draft, saying: template.saying, using: &random)
        } else if template.saying == .command, draft.actions.count == 1, random.chance(0.025) {
            frame(&draft, .command, using: &random, after: false)
            breakOff(&draft, using: &random)
        } else if template.saying == .command, random.chance(0.012) {
            draft.append(RequestDraft(expansion.words(of: rules["dropit"]!, using: &random), ""))
            draft = RequestDraft(draft.words, "cancel")
        } else {
            frame(&draft, template.saying, using: &random)
        }
        if random.chance(0.02), template.saying != .statement {
            draft.insert(expansion.words(of: rules["context"]!, using: &random), at: 0)
        }
    }

    /// Words before and after that mean nothing to the assistant.
    func frame(
        _ draft: inout RequestDraft, _ saying: RequestTemplate.Class, using random: inout SeededRandom, after: Bool = true
    ) {
        let canAsk = saying == .command && !Self.notVerbs.contains(draft.words[0])
        if canAsk, random.chance(0.36) { draft.insert(expansion.words(of: rules["asking"]!, using: &random), at: 0) }
        let attention = saying == .answer ? 0.03 : 0.1
        if random.chance(attention) { draft.insert(expansion.words(of: rules["attention"]!, using: &random), at: 0) }
        let thanking = saying == .command ? 0.14 : saying == .fragment ? 0.08 : 0.03
        if after, random.chance(thanking) {
            draft.insert(expansion.words(of: rules["thanking"]!, using: &random), at: draft.words.count)
        }
    }

    /// Puts one or two more clauses after the first.
    private func join(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        for _ in 0..<(random.chance(0.25) ? 2 : 1) {
            let sources = random.chance(0.3) ? clauses : commands
            guard case .templates(let group) = sources.draw(using: &random) else { continue }
            let template = random.pick(group.templates)
            if random.chance(0.05) {
                draft.insert(expansion.words(of: rules["thanking"]!, using: &random), at: draft.words.count)
            }
            guard let next = clause(template, using: &random), draft.actions.count + next.actions.count <= 6,
                draft.words.count + next.words.count < 36
            else { continue }
            if !Self.notVerbs.contains(next.words[0]) || random.chance(0.3) {
                draft.insert(expansion.words(of: rules["joint"]!, using: &random), at: draft.words.count)
            } else {
                draft.insert(["and"], at: draft.words.count)
            }
            draft.append(next)
        }
    }

    /// Says when, or on what condition.
    private func restrict(_ draft: inout RequestDraft, saying: RequestTemplate.Class, using random: inout SeededRandom) {
        var when = RequestDraft()
        when.actions = draft.actions
        let isBefore: Bool
        switch random.below(10) {
        case 0..<5:
            isBefore = random.chance(0.55)
            if random.chance(0.1) {
                when.words = ["unless"]
                expansion.expand(rules["condition"]!, into: &when, using: &random)
                addCondition(to: &when, from: 0)
            } else {
                when.words = expansion.words(of: rules["iffy"]!, using: &random)
                let start = when.words.count
                expansion.expand(rules["condition"]!, into: &when, using: &random)
                addCondition(to: &when, from: start)
                if isBefore, random.chance(0.3) { when.words.append("then") }
            }
        case 5..<8:
            isBefore = random.chance(0.35)
            expansion.expand(rules["later"]!, into: &when, using: &random)
        default:
            isBefore = random.chance(0.3)
            expansion.expand(rules["moment"]!, into: &when, using: &random)
        }
        when.mergeDeterminers()
        if isBefore {
            let canAsk = saying == .command && !Self.notVerbs.contains(draft.words[0])
            if canAsk, random.chance(0.15) { draft.insert(expansion.words(of: rules["asking"]!, using: &random), at: 0) }
            draft.insert(when.words, at: 0)
            draft.spans += when.spans
        } else {
            frame(&draft, saying, using: &random, after: false)
            let offset = draft.words.count
            draft.words += when.words
            draft.spans += when.spans.map {
                var span = $0
                span.range = (span.range.lowerBound + offset)..<(span.range.upperBound + offset)
                return span
            }
        }
    }

    private func addCondition(to draft: inout RequestDraft, from start: Int) {
        draft.spans.removeAll()
        for intent in draft.actions.indices {
            draft.spans.append(.init(intent: intent, slot: .condition, range: start..<draft.words.count, pattern: -1))
        }
    }

    /// Stops before the last slot or inside it, where the words before tell the action.
    private func breakOff(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        guard let last = draft.spans.max(by: { $0.range.upperBound < $1.range.upperBound }),
            last.range.upperBound == draft.words.count, last.range.lowerBound > 0
        else { return }
        let position = random.chance(0.6) ? last.range.lowerBound : last.range.lowerBound + random.below(last.range.count)
        let action = IntentSchema.action(draft.actions[0])
        let required = action?.required ?? []
        guard position > 0, draft.marks.allSatisfy({ !required.contains($0.slot) || $0.position <= position }) else { return }
        draft.cut(at: position)
    }

    /// Marks of speech and of hearing.
    func roughen(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        if random.chance(0.035) { disfluency.correctSlot(&draft, using: &random) }
        if random.chance(0.012), case .templates(let group) = commands.draw(using: &random),
            let other = clause(random.pick(group.templates), using: &random)
        {
            disfluency.restart(&draft, after: other, using: &random)
        }
        if random.chance(0.055) { disfluency.hesitate(&draft, using: &random) }
        if random.chance(0.02) { disfluency.stutter(&draft, using: &random) }
        if isMisheard, random.chance(0.11) {
            disfluency.mishear(&draft, using: &random)
            if !draft.words.isEmpty, random.chance(0.3) { disfluency.mishear(&draft, using: &random) }
        }
    }

    /// First words that "could you" cannot stand before.
    private static let notVerbs: Set<String> = [
        "i", "i'm", "i'd", "it's", "it", "we", "we're", "time", "the", "my", "our", "in", "on", "at", "inside", "over", "around",
        "throughout", "across", "all", "upstairs", "downstairs", "outside", "everywhere", "here", "except", "apart", "other",
        "besides",
        "how", "what", "if", "no", "next", "previous", "last", "back", "stop", "timer", "countdown", "new", "when", "whats",
        "what's",
        "ready", "enough", "pick", "let", "let's", "reading", "using", "did", "who", "where", "which", "this", "that", "use",
        "is",
        "there", "download", "can", "are", "do", "could", "would", "please", "another", "up", "you", "nobody", "music",
        "remember",
        "don't", "remind", "volume", "half", "halfway", "to", "for", "wake",
    ]
}
