internal import MynaStages
public import Foundation

/// An endless, repeatable supply of requests with their intents: what a language model learns to understand from.
///
/// Request `n` of a seed is always the same, so a training run can resume anywhere.
public struct RequestGenerator: Sendable {
    private let seed: UInt64
    private let split: RequestSplit
    private let core: Core

    /// - Parameters:
    ///   - vocabulary: what names and words there are; building a generator from it takes some milliseconds.
    ///   - split: which templates and names may be used.
    ///   - isMisheard: whether some words are as a recogniser miswrites them; speech is made from requests without.
    public init(
        seed: UInt64, split: RequestSplit = .train, vocabulary: RequestVocabulary = .builtIn, isMisheard: Bool = true
    ) {
        self.seed = seed
        self.split = split
        core = Core(vocabulary, split, isMisheard: isMisheard)
    }

    /// The request at `index`.
    public func request(_ index: Int) -> GeneratedRequest {
        var random = SeededRandom(seed: seed, item: index)
        while true {
            if let request = core.request(using: &random) { return request }
        }
    }
}

extension RequestGenerator {
    /// The sources of one split, ready to draw from.
    final class Core: Sendable {
        /// Templates or ready requests, drawn with one weight.
        enum Source: Sendable {
            case templates(TemplateGroup)
            case corpus(kind: String, [RequestDraft])
        }

        let expansion: RequestExpansion
        let disfluency: Disfluency
        /// What belongs to this split alone; for training, everything that may be trained on.
        let own: WeightedSources
        /// For the other splits: training's templates, to be filled with names that were held out.
        let shared: WeightedSources
        /// Sources of clauses that can be joined, begun falsely or said around others.
        let commands: WeightedSources
        /// These, fragments and wishes: what may follow "and then".
        let clauses: WeightedSources
        let isTraining: Bool
        let isMisheard: Bool
        let rules: [String: Int]

        init(_ vocabulary: RequestVocabulary, _ split: RequestSplit, isMisheard: Bool) {
            self.isMisheard = isMisheard
            let templates = RequestTemplates.all
            expansion = RequestExpansion(templates.patterns, drawing: vocabulary, for: split)
            disfluency = Disfluency(expansion, soundalikes: vocabulary.soundalikes)
            isTraining = split == .train
            func sources(_ split: RequestSplit, _ isWanted: (TemplateGroup) -> Bool = { _ in true }) -> WeightedSources {
                var sources = WeightedSources()
                for var group in templates.groups where isWanted(group) {
                    let all = group.templates.count
                    group.templates.removeAll { $0.split != split }
                    // A held-out template weighs what it would in the whole group.
                    let weight = group.weight * Double(group.templates.count) / Double(all)
                    if !group.templates.isEmpty { sources.add(.templates(group), weight: weight) }
                }
                return sources
            }
            var own = sources(split)
            for corpus in vocabulary.corpora {
                let requests = corpus.requests.filter { RequestSplit.of($0.words.joined(separator: " ")) == split }
                let weight = corpus.weight * Double(requests.count) / Double(max(1, corpus.requests.count))
                if !requests.isEmpty { own.add(.corpus(kind: corpus.kind, requests), weight: weight) }
            }
            self.own = own
            shared = sources(.train)
            commands = sources(.train) { $0.saying == .command && $0.states.isEmpty && $0.kind != "unsupported" }
            clauses = sources(.train) {
                [.command, .fragment, .statement].contains($0.saying) && $0.states.isEmpty
                    && ["home", "list", "timer"].contains($0.kind)
            }
            var rules: [String: Int] = [:]
            for name in ["attention", "asking", "thanking", "context", "joint", "iffy", "dropit", "later", "condition", "moment"]
            {
                rules[name] = templates.patterns.node(ofRule: name)
            }
            self.rules = rules
        }

        /// One request; nil where what was drawn makes none.
        func request(using random: inout SeededRandom) -> GeneratedRequest? {
            let sources = isTraining || random.chance(0.6) ? own : shared
            switch sources.draw(using: &random) {
            case .corpus(let kind, let requests):
                let id = "corpus/" + kind
                return finished(random.pick(requests), id: id, kind: kind, state: state(of: nil, using: &random), using: &random)
            case .templates(let group):
                let template = random.pick(group.templates)
                guard var draft = clause(template, using: &random) else { return nil }
                let state = state(of: group, using: &random)
                if template.saying == .command || template.saying == .fragment || template.saying == .statement {
                    compose(&draft, template, using: &random)
                } else if template.saying == .question {
                    frame(&draft, .question, using: &random)
                } else if random.chance(0.05) {
                    draft.insert(expansion.words(of: rules["attention"]!, using: &random), at: 0)
                }
                return finished(draft, id: template.id, kind: template.kind, state: state, using: &random)
            }
        }

        /// The words and meaning of one template.
        func clause(_ template: RequestTemplate, using random: inout SeededRandom) -> RequestDraft? {
            var draft = RequestDraft()
            draft.actions = template.action == RequestTemplate.noAction ? [] : [template.action]
            expansion.expand(template.node, into: &draft, using: &random)
            draft.mergeDeterminers()
            return draft.words.isEmpty || draft.words.count > 40 ? nil : draft
        }

        private func state(of group: TemplateGroup?, using random: inout SeededRandom) -> DialogueState {
            if let states = group?.states, !states.isEmpty {
                return DialogueState(rawValue: random.pick(states)) ?? .fresh
            }
            // A fragment after a question would be an answer to it.
            let mayFollowQuestion =
                group.map { $0.saying == .command || $0.saying == .question || $0.saying == .statement } ?? false
            switch random.below(100) {
            case 0..<16: return .acted
            case 16..<20: return mayFollowQuestion ? .askedWhich : .fresh
            case 20..<24: return mayFollowQuestion ? .askedConfirmation : .fresh
            case 24..<28: return mayFollowQuestion ? .askedValue : .fresh
            default: return .fresh
            }
        }

        /// The last touches: how it is spoken and heard, and whether it holds together.
        private func finished(
            _ draft: RequestDraft, id: String, kind: String, state: DialogueState, using random: inout SeededRandom
        ) -> GeneratedRequest? {
            var draft = draft
            roughen(&draft, using: &random)
            let intents = draft.intents()
            guard !draft.words.isEmpty, draft.words.count <= 60, intents.count <= IntentSchema.intentLimit else { return nil }
            for intent in intents {
                guard let action = IntentSchema.action(intent.action), IntentSchema.isAllowed(intent.action, in: state) else {
                    return nil
                }
                guard action.required.allSatisfy({ intent.slots[$0.rawValue] != nil }) else { return nil }
            }
            return GeneratedRequest(
                text: draft.words.joined(separator: " "), state: state, intents: intents, template: id, kind: kind)
        }
    }
}

/// Sources with weights.
struct WeightedSources: Sendable {
    private var sources: [RequestGenerator.Core.Source] = []
    private var cumulative: [Double] = []

    mutating func add(_ source: RequestGenerator.Core.Source, weight: Double) {
        sources.append(source)
        cumulative.append((cumulative.last ?? 0) + weight)
    }

    func draw(using random: inout SeededRandom) -> RequestGenerator.Core.Source { sources[random.index(cumulative: cumulative)] }
}

extension RequestGenerator {
    /// The folder of the shared data: `MYNA_DATA`, or `../shared/data`.
    public static var dataFolder: URL {
        URL(fileURLWithPath: ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data")
    }
}
