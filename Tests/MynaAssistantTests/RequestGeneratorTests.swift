import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct RequestGeneratorTests {
    private static let generator = RequestGenerator(seed: 1)
    private static let requests = (0..<6000).map { generator.request($0) }

    @Test("the same seed gives the same requests at any place, another seed others")
    func deterministic() {
        let again = RequestGenerator(seed: 1)
        #expect(again.request(4321) == Self.requests[4321])
        #expect((0..<50).map { again.request($0) } == Array(Self.requests[..<50]))
        let other = RequestGenerator(seed: 2)
        #expect((0..<50).map { other.request($0).text } != Self.requests[..<50].map(\.text))
    }

    @Test("requests are words as a recogniser writes them")
    func spokenForm() {
        let letters = Set("abcdefghijklmnopqrstuvwxyz' ")
        for request in Self.requests {
            #expect(request.text.allSatisfy(letters.contains), "\(request.text)")
            #expect(request.text == request.text.split(separator: " ").joined(separator: " "))
        }
    }

    @Test("every action, every slot, every state and every kind occurs")
    func breadth() {
        var slots: Set<String> = []
        for intent in Self.requests.flatMap(\.intents) { slots.formUnion(intent.slots.keys.map { "\(intent.action) \($0)" }) }
        #expect(Set(Self.requests.flatMap(\.intents).map(\.action)) == Set(IntentSchema.actions.map(\.name)))
        #expect(Set(Self.requests.map(\.state)) == Set(DialogueState.allCases))
        #expect(Set(Self.requests.map(\.kind)).count >= 12)
        // Place and target of timers, and times of questions, are rare; the rest of what the schema allows must be there.
        let known = IntentSchema.actions.reduce(0) { $0 + $1.slots.count }
        #expect(slots.count > known * 6 / 10, "\(slots.count) of \(known)")
    }

    @Test("there are many templates, some of them held out, and none is shared")
    func heldOut() {
        let templates = RequestTemplates.all.groups.flatMap(\.templates)
        #expect(templates.count >= 300)
        #expect(Set(templates.map(\.id)).count == templates.count)
        let counts = Dictionary(grouping: templates, by: \.split).mapValues(\.count)
        #expect(counts[.dev, default: 0] >= templates.count / 60)
        #expect(counts[.test, default: 0] >= templates.count / 60)
        let trained = Set(Self.requests.map(\.template))
        #expect(trained.isDisjoint(with: templates.filter { $0.split != .train }.map(\.id)))
    }

    @Test("names that are held out are never drawn for training, and are for their split")
    func heldOutNames() {
        let entries = (0..<1000).map { ["name\($0)"] }
        var random = SeededRandom(seed: 1)
        let train = DrawnList(entries, ownCount: 100, split: .train)
        let test = DrawnList(entries, ownCount: 100, split: .test)
        var (trained, tested): (Set<String>, Set<String>) = ([], [])
        for _ in 0..<4000 {
            trained.insert(train.draw(using: &random)[0])
            tested.insert(test.draw(using: &random)[0])
        }
        #expect(trained.allSatisfy { RequestSplit.of($0) == .train })
        let held = entries.map { $0[0] }.filter { RequestSplit.of($0) == .test }
        #expect(!held.isEmpty)
        #expect(tested.isSuperset(of: held))
        #expect(tested.allSatisfy { RequestSplit.of($0) != .dev })
    }

    @Test("requests vary: hardly any is the same twice, and half the targets are new")
    func variety() {
        let texts = Set(Self.requests.map(\.text))
        #expect(texts.count > Self.requests.count * 4 / 5)
        let targets = Self.requests.flatMap(\.intents).compactMap { $0.slots["target"] }
        #expect(Set(targets).count > targets.count / 2)
    }

    @Test(
        "one template gives the intents it says",
        arguments: [
            ("turn_on: turn on {target:the desk lamp} in {*place:the hall}", "turn_on target=\"desk lamp\" place=\"hall\""),
            ("set: make {target:it} {property=color} {value:dark red}", "set target=\"it\" property=color value=\"dark red\""),
            (
                "turn_on: {target:a fan} on and &turn_off& {target:my radio} off {*place:upstairs}",
                "turn_on target=\"fan\" place=\"upstairs\"\nturn_off target=\"my radio\" place=\"upstairs\""
            ),
            ("timer_start: {duration:an hour}", "timer_start duration=\"an hour\""),
            ("unsupported: book a table {time:now}", "unsupported"),
        ])
    func template(line: String, text: String) throws {
        var patterns = PatternSet()
        let colon = try #require(line.firstIndex(of: ":"))
        let node = try patterns.read(String(line[line.index(after: colon)...]))
        var draft = RequestDraft()
        draft.actions = [String(line[..<colon])]
        var random = SeededRandom(seed: 1)
        RequestExpansion(patterns, drawing: .builtIn, for: .train).expand(node, into: &draft, using: &random)
        #expect(IntentText.write(draft.intents()) == text)
    }

    @Test(
        "a pattern that is wrong says where",
        arguments: ["turn (on", "turn on)", "{colour:red}", "{property=shine}", "<n:5>", "a|[b"])
    func wrongPatterns(text: String) {
        var patterns = PatternSet()
        #expect(throws: PatternError.self) { _ = try patterns.read(text) }
    }
}

@Suite struct RequestDraftTests {
    private func draft() -> RequestDraft {
        var draft = RequestDraft("turn on the big lamp in the hall".split(separator: " ").map(String.init), "turn_on")
        draft.fill(.target, 2..<5)
        draft.fill(.place, 6..<8)
        return draft
    }

    private func slots(_ draft: RequestDraft) -> [String: String] { draft.intents()[0].slots }

    @Test("words put in, taken out, split and merged leave every slot with its own words")
    func edits() {
        var inserted = draft()
        inserted.insert(["um"], at: 2)
        inserted.insert(["well"], at: 0)
        #expect(slots(inserted) == ["target": "big lamp", "place": "hall"])
        var removed = draft()
        removed.remove(at: 2)
        #expect(slots(removed) == ["target": "big lamp", "place": "hall"])
        var split = draft()
        split.replace(at: 4, with: ["la", "mp"])
        #expect(slots(split) == ["target": "big la mp", "place": "hall"])
        var merged = draft()
        merged.merge(at: 3)
        #expect(slots(merged) == ["target": "biglamp", "place": "hall"])
        var inside = draft()
        inside.insert(["um"], at: 4)
        #expect(slots(inside) == ["target": "big um lamp", "place": "hall"])
    }

    @Test("a cut keeps what was said before it")
    func cut() {
        var before = draft()
        before.cut(at: 6)
        #expect(slots(before) == ["target": "big lamp"])
        var within = draft()
        within.cut(at: 4)
        #expect(within.words == ["turn", "on", "the", "big"])
        #expect(slots(within) == ["target": "big"])
    }

    @Test("random edits never lose or mix up the words of a slot")
    func randomEdits() {
        let request = RequestGenerator(seed: 9)
        for index in 0..<300 {
            let made = request.request(index)
            let padded = " \(made.text) "
            for intent in made.intents {
                for (slot, words) in intent.slots where IntentSlot(rawValue: slot)?.members == nil {
                    #expect(!words.isEmpty)
                    #expect(padded.contains(" \(words) "), "\(made)")
                }
            }
        }
    }
}
