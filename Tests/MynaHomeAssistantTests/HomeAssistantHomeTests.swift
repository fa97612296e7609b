import Foundation
import MynaAssistant
import MynaStages
import Synchronization
import Testing

@testable import MynaHomeAssistant

/// Understands every request as turning the desk lamp on.
private struct LampOn: RequestUnderstanding {
    func intents(in request: String, after state: DialogueState) async throws -> [Intent] {
        [Intent("turn_on", ["target": "desk lamp"])]
    }
}

@Suite struct HomeAssistantHomeTests {
    private func token(_ text: String = "secret") throws -> HomeAssistantToken { try HomeAssistantToken(text, source: "test") }

    private func connected(
        _ manner: FakeHome.Manner, _ change: @escaping @Sendable (inout HomeAssistantOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (FakeHome, HomeAssistantHome) async throws -> Void
    ) async throws {
        try await FakeHome.serving(manner) { fake, address in
            var options = HomeAssistantOptions()
            options.firstRetrySeconds = 0.05
            change(&options)
            let home = try await HomeAssistantHome.connect(
                to: address, token: HomeAssistantToken("secret", source: "test"), options: options)
            do { try await body(fake, home) } catch {
                await home.close()
                throw error
            }
            await home.close()
        }
    }

    @Test("a home has what its registries and states say, and nothing that is hidden or not exposed", .timeLimit(.minutes(1)))
    func described() async throws {
        try await connected(.well, { $0.staysRunning = false }) { _, home in
            let description = try await home.home()
            #expect(description.name == "Fake home")
            #expect(description.timeZone == "Europe/Paris")
            #expect(description.areas == [.init(id: "study", name: "Study", aliases: ["den"])])
            #expect(description.entities.map(\.id) == ["light.lamp", "lock.door"])
            let lamp = try #require(description.entity("light.lamp"))
            #expect(lamp.name == "Desk Lamp" && lamp.aliases == ["Reading Light"] && lamp.area == "study")
            #expect(lamp.services == ["turn_on", "turn_off"])
            #expect(lamp.state.attributes["color_temp_kelvin"] == 2500)
            #expect(description.entity("lock.door")?.confirm == ["unlock"])
        }
    }

    @Test("a call reaches its entity, and its state follows live", .timeLimit(.minutes(1)))
    func call() async throws {
        try await connected(.well) { fake, home in
            try await home.call(ServiceCall("light.turn_on", on: "light.lamp", ["brightness_pct": 40]))
            let state = try await home.state(of: "light.lamp") { $0.state == "on" }
            #expect(state.state == "on" && state.attributes["brightness_pct"] == 40)
            let call = try #require(fake.calls.withLock { $0.first })
            #expect(call["target"] == ["entity_id": "light.lamp"])
            #expect(call["service_data"] == ["brightness_pct": 40])
            await #expect(throws: ServiceError.unknownEntity("light.hidden")) {
                try await home.call(ServiceCall("light.turn_on", on: "light.hidden"))
            }
            await #expect(throws: ServiceError.unsupported(service: "light.toggle", entity: "light.lamp")) {
                try await home.call(ServiceCall("light.toggle", on: "light.lamp"))
            }
            #expect(fake.calls.withLock { $0.count } == 1)
        }
    }

    @Test("what is no Home Assistant, or won't have the token, is one typed error", .timeLimit(.minutes(1)))
    func refusals() async throws {
        let expected: [(FakeHome.Manner, String)] = [
            (.refusesToken, "tokenRefused"), (.isSomethingElse, "notHomeAssistant"), (.talksNonsense, "nonsense"),
            (.forgetsStates, "nonsense"),
        ]
        for (manner, name) in expected {
            try await FakeHome.serving(manner) { _, address in
                let error = await #expect(throws: HomeAssistantError.self, "\(manner)") {
                    _ = try await HomeAssistantHome.connect(to: address, token: HomeAssistantToken("secret", source: "test"))
                }
                #expect(error.flatMap { Mirror(reflecting: $0).children.first?.label } == name, "\(manner)")
            }
        }
        // Nothing listens on port 9.
        await #expect(throws: HomeAssistantError.self) {
            _ = try await HomeAssistantHome.connect(to: HomeAssistantAddress("http://127.0.0.1:9"), token: token())
        }
    }

    @Test("a home that vanishes mid-action fails the call and all after it at once, and is found again", .timeLimit(.minutes(1)))
    func vanishing() async throws {
        try await connected(.vanishes) { fake, home in
            let unreachable = ServiceError.unreachable("\(home.address)")
            await #expect(throws: unreachable) { try await home.call(ServiceCall("light.turn_on", on: "light.lamp")) }
            fake.manner.withLock { $0 = .well }
            // It comes back by itself; until then there is that one error and no other.
            while true {
                do {
                    _ = try await home.home()
                    break
                } catch {
                    #expect(error as? ServiceError == unreachable)
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            #expect(fake.connections.withLock { $0 } >= 2)
            try await home.call(ServiceCall("light.turn_on", on: "light.lamp"))
            let state = try await home.state(of: "light.lamp") { $0.state == "on" }
            #expect(state.state == "on")
        }
    }

    @Test("a home that refuses or doesn't answer says so in its own typed error", .timeLimit(.minutes(1)))
    func failing() async throws {
        try await connected(.refuses) { _, home in
            await #expect(throws: ServiceError.refused(entity: "light.lamp", reason: "The bulb is broken")) {
                try await home.call(ServiceCall("light.turn_on", on: "light.lamp"))
            }
        }
        try await connected(.isSilent, { $0.answerSeconds = 0.2 }) { _, home in
            await #expect(throws: ServiceError.unanswered(service: "light.turn_on", entity: "light.lamp")) {
                try await home.call(ServiceCall("light.turn_on", on: "light.lamp"))
            }
        }
    }

    @Test("a reply says what did not happen", .timeLimit(.minutes(1)))
    func honesty() async throws {
        func reply(_ manner: FakeHome.Manner, _ isExpected: @escaping @Sendable (Reply) -> Bool) async throws {
            try await connected(manner, { $0.settleSeconds = 0.1 }) { _, home in
                let agent = HomeAgent(home: home, understanding: LampOn())
                let reply = try await agent.reply(to: Request(text: "lamp on")) { _ in }
                #expect(isExpected(reply), "\(manner): \(reply)")
            }
        }
        try await reply(.well) { $0.kind == .done }
        try await reply(.ignores) { $0.kind == .refuse && $0.text.contains("still off") }
        try await reply(.refuses) { $0.kind == .refuse && $0.text.contains("broken") }
        try await reply(.vanishes) { $0.kind == .refuse && $0.text.contains("reach") }
    }

    @Test("timers run on the program's own clock where it stays, and there are none where it ends", .timeLimit(.minutes(1)))
    func timers() async throws {
        try await connected(.well) { _, home in
            try await home.call(ServiceCall("timer.start", on: "timer.assistant", ["seconds": 300]))
            #expect(try await home.timers().map(\.seconds) == [300])
            #expect(try await home.home().entity("timer.assistant")?.state.state == "active")
        }
        try await connected(.well, { $0.staysRunning = false }) { _, home in
            let description = try await home.home()
            #expect(description.entity("timer.assistant") == nil)
            await #expect(throws: ServiceError.cannotWait) { _ = try await home.schedule([], after: .seconds(60)) }
        }
    }
}
