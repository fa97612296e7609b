import MynaAssistant
import MynaStages
import Testing

/// Questions about the demo home: the answer's first word, what it names, and that nothing is called.
@Suite struct QuestionTests {
    private static let cases: [(slots: [String: String], begins: String, names: [String])] = [
        (["question": "any", "target": "window", "state": "open"], "Yes", ["Kitchen Window"]),
        (["question": "any", "target": "window", "place": "upstairs", "state": "open"], "No", ["Loft Window"]),
        (["question": "is", "target": "window", "place": "kitchen", "state": "shut"], "No", ["open"]),
        (["question": "is", "target": "skylight", "state": "closed"], "Yes", []),
        (["question": "is", "target": "front door", "state": "locked"], "Yes", ["locked"]),
        (["question": "all", "target": "doors", "state": "locked"], "No", ["Shed Door"]),
        (["question": "which", "target": "lights", "state": "on"], "", ["Worktop Strip", "Hall Light"]),
        (["question": "which", "target": "lights", "place": "upstairs", "state": "on"], "None", []),
        (["question": "count", "target": "lights", "state": "on"], "2", []),
        (["question": "what", "place": "bedroom", "property": "temperature"], "It's 17.2 degrees", []),
        (["question": "what", "target": "outside temperature"], "", ["9.4 degrees"]),
        (["question": "what", "place": "outside", "property": "temperature"], "It's 9.4 degrees", []),
        (["question": "what", "target": "front door", "property": "battery"], "", ["64 percent"]),
        (["question": "is", "target": "shed door", "state": "low"], "Yes", []),
        (["question": "what", "property": "media"], "Quiet Piano", []),
        (["question": "what", "property": "volume", "place": "lounge"], "", ["30 percent"]),
        (["question": "what", "target": "worktop strip", "property": "brightness"], "", ["60 percent"]),
        (["question": "is", "target": "coffee machine", "state": "on"], "No", ["off"]),
        (["question": "is", "target": "vacuum", "state": "docked"], "Yes", []),
        (["question": "is", "target": "it", "state": "on"], "", []),
    ]

    @Test("questions are answered from the state of the home", arguments: cases.indices)
    func answers(index: Int) async throws {
        let (slots, begins, names) = Self.cases[index]
        let talk = Talk(try demoHome(), speaker: "ines", area: "lounge")
        let reply = try await talk.say(Intent("ask", slots))
        #expect(reply.kind == .answer || slots["target"] == "it", "\(slots): \(reply.text)")
        #expect(reply.text.hasPrefix(begins), "\(slots): \(reply.text)")
        for name in names { #expect(reply.text.contains(name), "\(slots): \(reply.text)") }
        #expect(talk.calls.isEmpty)
    }

    @Test(
        "the time, the day, lists and calendar are read out",
        arguments: [
            (Intent("ask_time"), "7:20 PM"), (Intent("ask_date"), "Tuesday, May 4"), (Intent("ask_weather"), "9.4 degrees"),
            (Intent("list_read", ["list": "shopping list"]), "Rye bread and apples"),
            (Intent("event_read", ["item": "chimney sweep"]), "Thursday at 10 AM"),
            (Intent("event_read", ["time": "saturday"]), "recital"), (Intent("event_read", ["time": "tomorrow"]), "Nothing"),
            (Intent("timer_status"), "No timer"),
        ])
    func readings(intent: Intent, text: String) async throws {
        let talk = Talk(try demoHome())
        let reply = try await talk.say(intent)
        #expect(reply.kind == .answer)
        #expect(reply.text.contains(text), "\(reply.text)")
    }

    @Test("a question about what is not there is refused", arguments: ["garage", "oven"])
    func absent(word: String) async throws {
        let talk = Talk(try demoHome())
        #expect(try await talk.say(Intent("ask", ["question": "is", "target": word, "state": "on"])).kind == .refuse)
    }

    @Test(
        "small talk is chat, and what a home does not do is refused",
        arguments: [
            (Intent("chat", ["kind": "thanks"]), ReplyKind.chat), (Intent("chat", ["kind": "joke"]), .chat),
            (Intent("unsupported"), .refuse),
            (Intent("knowledge", ["item": "who wrote hamlet"]), .refuse), (Intent("announce", ["item": "dinner"]), .refuse),
        ])
    func talk(intent: Intent, kind: ReplyKind) async throws {
        #expect(try await Talk(try demoHome()).say(intent).kind == kind)
    }
}
