import MynaAssistant
import MynaStages
import Testing

/// What words usually mean where a home has other names for it.
@Suite struct UsualWordsTests {
    private static func home(_ areas: [String], _ entities: [Home.Entity]) -> Home {
        Home(id: "h", name: "H", areas: areas.map { .init(id: $0, name: $0) }, entities: entities)
    }

    private static func light(_ area: String) -> Home.Entity {
        .init(
            id: "light.\(area.split(separator: " ").joined(separator: "_").lowercased())", name: "\(area) Light", area: area,
            domain: "light", state: EntityState(state: "off"), services: ["turn_on", "turn_off"])
    }

    private static func player(_ name: String, _ state: String) -> Home.Entity {
        .init(
            id: "media_player.\(name.lowercased())", name: name, domain: "media_player",
            state: EntityState(state: state, attributes: ["volume_level": 0.4]),
            services: ["media_play", "media_pause", "media_next_track", "volume_set"])
    }

    @Test func `to get a lamp going is to turn it on`() async throws {
        let talk = Talk(Self.home(["Kitchen"], [Self.light("Kitchen")]))
        #expect(try await talk.say(Intent("start", ["target": "kitchen light"])).kind == .done)
        #expect(talk.calls == ["light.turn_on light.kitchen"])
    }

    @Test(
        arguments: [
            (["Great Room", "Kitchen"], "living room", "light.great_room"),
            (["Living Room", "Family Room"], "lounge", "light.living_room"),
            (["Front Yard", "Kitchen"], "garden", "light.front_yard"),
            (["Front Yard", "Back Yard"], "garden", "light.back_yard"),
            (["Great Room", "Family Room"], "lounge", nil),
        ])
    func `a room that goes by another name is found, by the closer name first, and never guessed among several`(
        areas: [String], said: String, meant: String?
    ) async throws {
        let talk = Talk(Self.home(areas, areas.map(Self.light)))
        let reply = try await talk.say(Intent("turn_on", ["target": "light", "place": said]))
        #expect(talk.calls == (meant.map { ["light.turn_on \($0)"] } ?? []))
        #expect(reply.kind == (meant == nil ? .refuse : .done))
    }

    @Test func `what plays is meant where nothing else is said; where two play, it is asked`() async throws {
        let requests = [Intent("pause"), Intent("next"), Intent("set", ["property": "volume", "value": "twenty percent"])]
        for request in requests {
            let one = Talk(Self.home([], [Self.player("Radio", "playing"), Self.player("Television", "paused")]))
            #expect(try await one.say(request).kind == .done, "\(request)")
            #expect(one.calls.allSatisfy { $0.hasSuffix("media_player.radio") } && one.calls.count == 1, "\(request)")
            let two = Talk(Self.home([], [Self.player("Radio", "playing"), Self.player("Television", "playing")]))
            #expect(try await two.say(request).kind == .clarify, "\(request)")
            #expect(two.calls.isEmpty, "\(request)")
        }
    }

    @Test func `a list is found by what it is for, with or without the word list`() async throws {
        let lists = ["Personal Tasks", "Groceries"].map { name in
            Home.Entity(
                id: "todo.\(name.split(separator: " ")[0].lowercased())", name: name, domain: "todo",
                state: EntityState(state: "0", attributes: ["items": .list([])]), services: ["add_item", "get_items"])
        }
        for (said, meant) in [
            ("my personal tasks", "todo.personal"), ("personal tasks list", "todo.personal"), ("task list", "todo.personal"),
            ("my tasks", "todo.personal"), ("shopping list", "todo.groceries"),
        ] {
            let talk = Talk(Self.home([], lists))
            try await talk.say(Intent("list_add", ["item": "science project", "list": said]))
            #expect(talk.calls == ["todo.add_item \(meant)"], "\(said)")
        }
    }
}
