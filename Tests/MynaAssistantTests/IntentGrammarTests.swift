import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct IntentGrammarTests {
    /// Whether the grammar takes all of `text` and lets it end there.
    private func accepts(_ text: String, for request: String, in state: DialogueState = .fresh) -> Bool {
        var grammar = IntentGrammar(request: request, state: state)
        return text.utf8.allSatisfy { grammar.advance($0) } && grammar.canEnd
    }

    @Test(
        "whole words of the request may be copied, in runs",
        arguments: [
            "lamp", "the lamp by the sofa", "lamp by the sofa", "sofa", "turn on the lamp by the sofa and the fan", "the fan",
        ])
    func copies(words: String) {
        #expect(accepts("turn_on target=\"\(words)\"", for: "turn on the lamp by the sofa and the fan"))
    }

    @Test(
        "parts of words, jumps, other words and nothing may not be copied",
        arguments: ["lam", "amp", "lamp sofa", "the light", "", " lamp", "lamp ", "lamp by the fan", "lamps", "by  the"])
    func refusesOtherWords(words: String) {
        #expect(!accepts("turn_on target=\"\(words)\"", for: "turn on the lamp by the sofa and the fan"))
    }

    @Test(
        "known actions with their slots in order, required ones among them, and members of closed sets",
        arguments: [
            ("", true), ("undo", true), ("undo\nyes", true), ("turn_on", true), ("turn_o", false), ("turn_onx", false),
            ("turn_on target=\"lamp\" place=\"hall\"", true), ("turn_on place=\"hall\" target=\"lamp\"", false),
            ("turn_on target=\"lamp\" target=\"hall\"", false), ("turn_on ", false), ("turn_on\n", false),
            ("undo target=\"lamp\"", false),
            ("set property=color value=\"lamp\"", true), ("set property=color_temperature", true), ("set property=colo", false),
            ("set property=\"color\"", false), ("set target=lamp", false), ("adjust property=volume", false),
            ("adjust direction=up", true), ("adjust value=\"lamp\"", false), ("chat", false), ("chat kind=joke", true),
            ("ask question=is target=\"lamp\" state=\"hall\"", true), ("ask target=\"lamp\"", false), ("ask_time", true),
        ])
    func schema(text: String, isAllowed: Bool) {
        #expect(accepts(text, for: "lamp in the hall") == isAllowed, "\(text)")
    }

    @Test("answers are written only where something was asked")
    func states() {
        #expect(accepts("select target=\"left one\"", for: "the left one", in: .askedWhich))
        #expect(!accepts("select target=\"left one\"", for: "the left one"))
        #expect(accepts("tell value=\"ten\"", for: "ten", in: .askedValue))
        #expect(!accepts("tell value=\"ten\"", for: "ten", in: .askedWhich))
    }

    @Test("a refused byte changes nothing, and a copy goes its own way")
    func value() {
        var grammar = IntentGrammar(request: "lamp", state: .fresh)
        func take(_ text: String, _ grammar: inout IntentGrammar) -> Bool { text.utf8.allSatisfy { grammar.advance($0) } }
        let begun = take("turn_on target=\"la", &grammar)
        #expect(begun)
        var copy = grammar
        let refused = [take("x", &grammar), take("\"", &grammar)]
        #expect(refused == [false, false])
        let copyEnds = take("mp\"", &copy) && copy.canEnd
        #expect(copyEnds)
        #expect(!grammar.canEnd)
        let ends = take("mp\"", &grammar) && grammar.canEnd
        #expect(ends)
    }

    @Test("a request without words has only texts without copies; quotes and control characters cannot be copied")
    func oddRequests() {
        #expect(accepts("undo", for: ""))
        #expect(!accepts("turn_on target=\"a\"", for: " \n\t "))
        #expect(!accepts("select", for: "", in: .askedWhich))
        #expect(accepts("turn_on target=\"a b\"", for: "a\"b"))
        #expect(!accepts("turn_on target=\"a\"b\"", for: "a\"b"))
        #expect(accepts("turn_on target=\"café lamp\"", for: "  café\n lamp"))
        let long = String(repeating: "lamp ", count: 30_000)
        #expect(accepts("turn_on target=\"lamp lamp\"", for: long))
    }

    @Test("everything that is generated is accepted, and every walk that the grammar allows parses")
    func walks() throws {
        let generator = RequestGenerator(seed: 11)
        for index in 0..<400 {
            let request = generator.request(index)
            #expect(accepts(IntentText.write(request.intents), for: request.text, in: request.state), "\(request)")
            var random = SeededRandom(seed: 3, item: index)
            let text = walk(request.text, request.state, &random)
            let intents = try IntentText.parse(text)
            #expect(IntentText.write(intents) == text)
            let padded = " \(request.text) "
            for intent in intents {
                for (slot, words) in intent.slots where IntentSlot(rawValue: slot)?.members == nil {
                    #expect(padded.contains(" \(words) "), "\(words) in \(request.text)")
                }
            }
        }
    }

    /// A random text that the grammar allows: no byte leads into a corner.
    private func walk(_ request: String, _ state: DialogueState, _ random: inout SeededRandom) -> String {
        var grammar = IntentGrammar(request: request, state: state)
        var bytes: [UInt8] = []
        let alphabet = Array(" abcdefghijklmnopqrstuvwxyz_=\"'\n".utf8)
        while true {
            if grammar.canEnd, random.chance(0.2) || bytes.count > 600 { break }
            let allowed = alphabet.filter {
                var copy = grammar
                return copy.advance($0)
            }
            if allowed.isEmpty {
                #expect(grammar.canEnd, "a corner after \(String(decoding: bytes, as: UTF8.self)) for \(request)")
                break
            }
            let byte = random.pick(allowed)
            let isTaken = grammar.advance(byte)
            #expect(isTaken)
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
