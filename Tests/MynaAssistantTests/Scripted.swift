import MynaAssistant
public import MynaStages
import MynaTestSupport

/// Understands what a script says of each request; anything else is not understood.
struct ScriptedUnderstanding: RequestUnderstanding {
    var script: [String: [Intent]]

    func intents(in request: String, after state: DialogueState) async throws -> [Intent] { script[request] ?? [] }
}

/// Understands every request as the intents that were said last.
private struct LiteralUnderstanding: RequestUnderstanding {
    let said: Collected<[Intent]>

    func intents(in request: String, after state: DialogueState) async throws -> [Intent] { said.all.last ?? [] }
}

/// A conversation in which a test says intents instead of words.
struct Talk {
    let home: VirtualHome
    private let agent: HomeAgent
    private let said: Collected<[Intent]>
    private let events = Collected<Event.Kind>()
    private let speaker: String?
    private let area: String?

    init(_ description: Home, setup: [String: StateOverlay] = [:], speaker: String? = nil, area: String? = nil) {
        home = VirtualHome(description, setup: setup)
        said = Collected()
        agent = HomeAgent(home: home, understanding: LiteralUnderstanding(said: said))
        self.speaker = speaker
        self.area = area
    }

    /// Says the intents and returns the reply.
    @discardableResult
    func say(_ intents: Intent..., text: String = "said") async throws -> Reply {
        said.add(intents)
        let events = events
        return try await agent.reply(to: Request(text: text, speaker: speaker, area: area)) { events.add($0) }
    }

    /// The person heard no more of `reply` than `heard`.
    func interrupt(_ reply: Reply, after heard: String) async { await agent.wasInterrupted(reply.text, after: heard) }

    /// The calls so far, as `domain.service entity`.
    var calls: [String] {
        events.all.compactMap { event in
            guard case .callStarted(let name, let arguments) = event else { return nil }
            return "\(name) \(arguments["entity_id"]?.string ?? "")"
        }
    }

    var allEvents: [Event.Kind] { events.all }
    var dialogue: DialogueState { get async { await agent.state } }

    func state(_ entity: String) async throws -> EntityState { try await home.state(of: entity) }
}

/// The home that ships with the program.
func demoHome() throws -> Home { try HomeFile.read(at: Fixture.path("homes/demo.home.yaml")) }
