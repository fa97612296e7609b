import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct IntentTextTests {
    @Test("intents are written with their slots in the schema's order, quoted where they were copied")
    func written() {
        let intents = [
            Intent("set", ["value": "twenty percent", "target": "lamp by the sofa", "property": "brightness"]), Intent("undo"),
        ]
        #expect(
            IntentText.write(intents) == "set target=\"lamp by the sofa\" property=brightness value=\"twenty percent\"\nundo")
        #expect(IntentText.write([]).isEmpty)
    }

    @Test("what was written reads back the same, for random intents")
    func roundTrip() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<500 {
            let intents = (0..<random.below(4)).map { _ in Self.intent(&random) }
            #expect(try IntentText.parse(IntentText.write(intents)) == intents)
        }
        #expect(try IntentText.parse("").isEmpty)
    }

    private static func intent(_ random: inout SeededRandom) -> Intent {
        let action = random.pick(IntentSchema.actions)
        var intent = Intent(action.name)
        for slot in action.slots where action.required.contains(slot) || random.chance(0.4) {
            intent.slots[slot.rawValue] =
                slot.members.map { random.pick($0) }
                ?? (0...random.below(3)).map { _ in InventedWord.draw(using: &random) }.joined(separator: " ")
        }
        return intent
    }

    @Test(
        "what is not a list of intents is refused, naming the line and the fault",
        arguments: [
            ("fly target=\"lamp\"", IntentTextError(line: 1, problem: .unknownAction("fly"))),
            ("undo\nyes target=\"lamp\"", .init(line: 2, problem: .slotNotAllowed(action: "yes", slot: "target"))),
            ("turn_on place=\"hall\" target=\"lamp\"", .init(line: 1, problem: .slotOrder(action: "turn_on", slot: "target"))),
            ("turn_on target=\"a\" target=\"b\"", .init(line: 1, problem: .slotOrder(action: "turn_on", slot: "target"))),
            ("adjust property=volume", .init(line: 1, problem: .slotMissing(action: "adjust", slot: "direction"))),
            ("chat kind=rude", .init(line: 1, problem: .notAMember(slot: "kind", value: "rude"))),
            ("turn_on target=lamp", .init(line: 1, problem: .notQuoted(slot: "target"))),
            ("turn_on target=\"lamp", .init(line: 1, problem: .notQuoted(slot: "target"))),
            ("turn_on target=\"\"", .init(line: 1, problem: .notWords(slot: "target", value: ""))),
            ("turn_on target=\"a  b\"", .init(line: 1, problem: .notWords(slot: "target", value: "a  b"))),
            ("turn_on target=\"lamp\"x", .init(line: 1, problem: .malformed("turn_on target=\"lamp\"x"))),
            ("turn_on ", .init(line: 1, problem: .malformed("turn_on "))),
            ("undo\n", .init(line: 2, problem: .unknownAction(""))),
            (Array(repeating: "undo", count: 9).joined(separator: "\n"), .init(line: 9, problem: .tooMany)),
        ])
    func refused(text: String, error: IntentTextError) {
        #expect(throws: error) { try IntentText.parse(text) }
    }
}

@Suite struct IntentScoringTests {
    @Test("a request is exact only when every intent and slot is; slots count right, wrong and missed")
    func counts() {
        var scoring = IntentScoring()
        let lamp = Intent("turn_on", ["target": "lamp", "place": "hall"])
        scoring.add(predicted: [lamp], expected: [lamp], kind: "home")
        scoring.add(predicted: [Intent("turn_on", ["target": "lamps"])], expected: [lamp], kind: "home")
        scoring.add(predicted: [lamp, Intent("undo")], expected: [Intent("undo")], kind: "followup")
        #expect(scoring.requests == 3)
        #expect(scoring.exact == 1)
        #expect(scoring.actionsExact == 2)
        #expect(scoring.slots["target"] == .init(right: 1, wrong: 2, missed: 1))
        #expect(scoring.slots["place"] == .init(right: 1, wrong: 1, missed: 1))
        #expect(scoring.actions == .init(right: 3, wrong: 1, missed: 0))
        #expect(scoring.kinds["home"]?.requests == 2)
        #expect(abs(scoring.slotF1 - 4 / 9) < 1e-12)
    }

    @Test("nothing expected and nothing predicted is exact")
    func empty() {
        var scoring = IntentScoring()
        scoring.add(predicted: [], expected: [])
        #expect(scoring.exactShare == 1)
        #expect(scoring.slotF1 == 1)
    }
}
