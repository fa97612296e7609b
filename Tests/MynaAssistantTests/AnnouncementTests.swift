import Foundation
import MynaAssistant
import MynaStages
import MynaTestSupport
import Testing

/// What the assistant says unasked: that a timer has ended. All time is a manual clock's.
@Suite(.timeLimit(.minutes(1))) struct AnnouncementTests {
    /// A home and its clock, which go on together.
    private struct World {
        let clock = ManualClock()
        let virtual: VirtualHome
        let home: RunningHome
        private let start = Date(timeIntervalSince1970: 1_800_000_000)

        init() {
            let (clock, start) = (clock, start)
            let lamp = Home.Entity(id: "light.lamp", name: "Lamp", domain: "light", state: EntityState(state: "on"))
            virtual = VirtualHome(Home(id: "h", name: "H", entities: [lamp]), now: start)
            home = RunningHome(virtual, clock: clock) {
                start.addingTimeInterval(clock.now.offset / .seconds(1))
            }
        }

        func agent() -> HomeAgent {
            HomeAgent(
                home: home,
                understanding: ScriptedUnderstanding(script: [
                    "pasta": [Intent("timer_start", ["duration": "ten minutes", "name": "pasta"])],
                    "timer": [Intent("timer_start", ["duration": "five minutes"])],
                    "more": [Intent("timer_add", ["value": "five minutes", "name": "pasta"])],
                    "cancel": [Intent("timer_cancel", ["name": "pasta"])],
                    "later": [Intent("turn_off", ["target": "lamp", "delay": "ten minutes"])],
                ]), clock: clock)
        }

        /// Lets time pass second by second, each one once somebody waits for it.
        func pass(seconds: Int, until isDone: () -> Bool = { false }) async throws {
            for _ in 0..<seconds {
                try await until { clock.sleeperCount > 0 || isDone() }
                if isDone() { return }
                clock.advance(by: .seconds(1))
            }
        }
    }

    private static func say(_ text: String, to agent: HomeAgent) async throws {
        #expect(try await agent.reply(to: Request(text: text)) { _ in }.kind == .done, "\(text)")
    }

    /// What `agent` announces in so many seconds, or until it has said `count` things.
    private static func announced(by agent: HomeAgent, in world: World, seconds: Int, count: Int = .max) async throws -> [String]
    {
        let said = Collected<String>()
        let task = Task {
            while let text = await agent.announcement() { said.add("\(Int(world.clock.now.offset / .seconds(1))) s: \(text)") }
        }
        try await world.pass(seconds: seconds) { said.all.count >= count }
        task.cancel()
        await task.value
        return said.all
    }

    @Test func `each timer is told of when it ends, to the conversation that set it and to no other`() async throws {
        let world = World()
        let (one, other) = (world.agent(), world.agent())
        let others = Collected<String>()
        let listening = Task { while let text = await other.announcement() { others.add(text) } }
        try await Self.say("pasta", to: one)
        try await Self.say("timer", to: one)
        #expect(
            try await Self.announced(by: one, in: world, seconds: 400, count: 1) == ["300 s: Your timer of 5 minutes is up."])
        #expect(try await Self.announced(by: one, in: world, seconds: 400, count: 1) == ["600 s: Your pasta timer is up."])
        listening.cancel()
        await listening.value
        #expect(others.all.isEmpty)
    }

    @Test func `a timer that was given more time ends later, and one that was cancelled is not told of`() async throws {
        let world = World()
        let agent = world.agent()
        try await Self.say("pasta", to: agent)
        try await Self.say("more", to: agent)
        #expect(try await Self.announced(by: agent, in: world, seconds: 850).isEmpty)
        #expect(try await Self.announced(by: agent, in: world, seconds: 60, count: 1) == ["900 s: Your pasta timer is up."])
        try await Self.say("pasta", to: agent)
        #expect(try await Self.announced(by: agent, in: world, seconds: 30).isEmpty)
        try await Self.say("cancel", to: agent)
        try await Self.say("later", to: agent)  // somebody waits on the clock, so that time can pass
        #expect(try await Self.announced(by: agent, in: world, seconds: 599).isEmpty)
    }

    @Test func `what is to be done later is done while nobody asks`() async throws {
        let world = World()
        try await Self.say("later", to: world.agent())
        try await world.pass(seconds: 599)
        #expect(try await world.virtual.state(of: "light.lamp").state == "on")
        try await world.pass(seconds: 1)
        while try await world.virtual.state(of: "light.lamp").state == "on" { try await Task.sleep(for: .milliseconds(1)) }
    }
}
