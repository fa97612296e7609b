import MynaAssistant
import MynaStages
import MynaTestSupport
import Testing

/// What the assistant makes of a request that was heard as something the home doesn't have.
@Suite struct MishearingTests {
    private static let script = [
        "turn on the workshop strip": [Intent("turn_on", ["target": "workshop strip"])],
        "turn on the worktop strip": [Intent("turn_on", ["target": "worktop strip"])],
        "turn off the worktop strip": [Intent("turn_off", ["target": "worktop strip"])],
        "close the lounge speaker": [Intent("close", ["target": "lounge speaker"])],
        "pause the lounge speaker": [Intent("pause", ["target": "lounge speaker"])],
        "is the front floor locked": [Intent("ask", ["target": "front floor", "state": "locked"])],
        "is the front door locked": [Intent("ask", ["target": "front door", "state": "locked"])],
        "turn on the lamp": [Intent("turn_on", ["target": "lamp"])],
    ]

    /// The reply, what was called and what was understood, where these texts may have been said.
    private func asked(_ texts: (text: String, score: Double)...) async throws -> (
        reply: Reply, calls: [String], intents: [[Intent]]
    ) {
        let agent = HomeAgent(home: VirtualHome(try demoHome()), understanding: ScriptedUnderstanding(script: Self.script))
        let events = Collected<Event.Kind>()
        let alternatives = texts.map { Alternative(text: $0.text, acoustic: $0.score, language: 0) }
        let reply = try await agent.reply(to: Request(text: texts[0].text, area: "lounge", alternatives: alternatives)) {
            events.add($0)
        }
        return (
            reply, events.all.compactMap { if case .callStarted(let name, _) = $0 { name } else { nil } },
            events.all.compactMap { if case .understood(let intents) = $0 { intents } else { nil } }
        )
    }

    @Test func `the likeliest text that the home can do is taken for one that names nothing in it`() async throws {
        let strip = try await asked(
            ("turn on the workshop strip", -3), ("turn off the workshop strip", -3.5), ("turn on the worktop strip", -4),
            ("turn off the worktop strip", -4.5))
        #expect(strip.reply.kind == .done && strip.reply.text.contains("Worktop Strip"))
        #expect(strip.calls == ["light.turn_on"])
        #expect(strip.intents == [[Intent("turn_on", ["target": "worktop strip"])]], "only what was done is told of")
        let door = try await asked(("is the front floor locked", -1), ("is the front door locked", -1.5))
        #expect(door.reply.kind == .answer && door.calls.isEmpty)
    }

    @Test func `a text that is much less likely isn't taken, nor one that leads to a question`() async throws {
        let far = try await asked(("turn on the workshop strip", -3), ("turn on the worktop strip", -13))
        #expect(far.reply.kind == .clarify && far.calls.isEmpty)
        let vague = try await asked(("turn on the workshop strip", -3), ("turn on the lamp", -3.1))
        #expect(vague.reply.kind == .clarify && vague.reply.text.contains("workshop strip"))
    }

    @Test func `a text that fits is taken though another is nearly as likely`() async throws {
        let first = try await asked(("turn on the worktop strip", -3), ("turn off the worktop strip", -3.01))
        #expect(first.calls == ["light.turn_on"])
        #expect(try await asked(("close the lounge speaker", -3)).reply.kind == .refuse, "there is nothing else to take")
    }

    @Test func `a spoken name that the home has but for a few letters is asked about, and a yes does it`() async throws {
        var script = Self.script
        script["turn off the workshop strip"] = [Intent("turn_off", ["target": "workshop strip"])]
        script["yes"] = [Intent("yes")]
        script["turn off the lights but the workshop strip"] = [
            Intent("turn_off", ["target": "all the lights", "except": "workshop strip"])
        ]
        script["turn on the toaster"] = [Intent("turn_on", ["target": "toaster"])]
        let home = VirtualHome(try demoHome())
        let agent = HomeAgent(home: home, understanding: ScriptedUnderstanding(script: script))
        func said(_ text: String, isSpoken: Bool = true) async throws -> Reply {
            let alternatives = isSpoken ? [Alternative(text: text, acoustic: -1, language: 0)] : []
            return try await agent.reply(to: Request(text: text, alternatives: alternatives)) { _ in }
        }
        #expect(try await said("turn off the workshop strip", isSpoken: false).kind == .refuse, "what was typed was not misheard")
        let question = try await said("turn off the workshop strip")
        #expect(question.kind == .clarify && question.text.hasSuffix("Do you mean the Worktop Strip?"))
        #expect(try await home.home().entity("light.worktop")?.state.state == "on")
        #expect(try await said("yes").kind == .done)
        #expect(try await home.home().entity("light.worktop")?.state.state == "off")
        let exception = try await said("turn off the lights but the workshop strip")
        #expect(exception.kind == .refuse, "\(exception.text)")
        let toaster = try await said("turn on the toaster")
        #expect(toaster.kind == .refuse, "\(toaster.text)")
    }

    @Test func `a wide request whose exception or place isn't in the home does nothing`() async throws {
        let talk = Talk(try demoHome())
        let known = try await talk.say(Intent("turn_off", ["target": "all the lights", "except": "hall light"]))
        #expect(known.kind == .done && !talk.calls.contains("light.turn_off light.hall"))
        let count = talk.calls.count
        for slots in [
            ["except": "haul lite bulb thing"], ["except": "coffee shop"], ["place": "sering room"],
            ["place": "kitchen", "except": "piano lamp"],
        ] {
            let reply = try await talk.say(Intent("turn_on", ["target": "all the lights"].merging(slots) { $1 }))
            #expect(reply.kind == .refuse, "\(slots): \(reply.text)")
        }
        #expect(talk.calls.count == count)
    }
}
