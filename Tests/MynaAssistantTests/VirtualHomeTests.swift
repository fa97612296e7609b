import Foundation
import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct VirtualHomeTests {
    private func home(_ entities: Home.Entity...) -> VirtualHome { VirtualHome(Home(id: "h", name: "H", entities: entities)) }
    private func entity(_ id: String, _ state: String, _ attributes: [String: Value] = [:]) -> Home.Entity {
        Home.Entity(
            id: id, name: id, domain: String(id.prefix { $0 != "." }), state: EntityState(state: state, attributes: attributes))
    }

    @Test("a level is written under the name and scale that the home uses")
    func scales() async throws {
        let home = home(
            entity("light.a", "off", ["brightness": 0]), entity("light.b", "off", ["brightness_pct": 0]),
            entity("light.c", "off"),
            entity("media_player.a", "playing", ["volume_level": 0.2]))
        for id in ["light.a", "light.b", "light.c"] {
            try await home.call(ServiceCall("light.turn_on", on: id, ["brightness_pct": 40]))
        }
        #expect(try await home.state(of: "light.a").attributes["brightness"] == 102)
        #expect(try await home.state(of: "light.b").attributes["brightness_pct"] == 40)
        #expect(try await home.state(of: "light.c").attributes["brightness_pct"] == 40)
        try await home.call(ServiceCall("media_player.volume_set", on: "media_player.a", ["volume_level": 0.55]))
        #expect(try await home.state(of: "media_player.a").attributes["volume_level"] == 0.55)
    }

    @Test("a cover's position follows its state and the other way about, under either name")
    func positions() async throws {
        let home = home(
            entity("cover.a", "closed", ["position": 0]), entity("cover.b", "closed"),
            entity("valve.c", "open", ["current_valve_position": 100]))
        try await home.call(ServiceCall("cover.open_cover", on: "cover.a"))
        #expect(try await home.state(of: "cover.a") == EntityState(state: "open", attributes: ["position": 100]))
        try await home.call(ServiceCall("cover.set_cover_position", on: "cover.b", ["position": 30]))
        #expect(try await home.state(of: "cover.b") == EntityState(state: "open", attributes: ["current_position": 30]))
        try await home.call(ServiceCall("valve.close_valve", on: "valve.c"))
        #expect(try await home.state(of: "valve.c") == EntityState(state: "closed", attributes: ["current_valve_position": 0]))
    }

    @Test("a light that went dark comes back at its level where the home shows 0 for off")
    func levels() async throws {
        let home = home(entity("light.a", "on", ["brightness_pct": 35]), entity("light.b", "off", ["brightness_pct": 0]))
        try await home.call(ServiceCall("light.turn_off", on: "light.a"))
        #expect(try await home.state(of: "light.a").attributes["brightness_pct"] == 0)
        try await home.call(ServiceCall("light.turn_on", on: "light.a"))
        #expect(try await home.state(of: "light.a") == EntityState(state: "on", attributes: ["brightness_pct": 35]))
        try await home.call(ServiceCall("light.toggle", on: "light.b"))
        #expect(try await home.state(of: "light.b") == EntityState(state: "on", attributes: ["brightness_pct": 100]))
    }

    @Test("colours go where the light keeps them")
    func colours() async throws {
        let home = home(
            entity("light.a", "off", ["color": "white"]),
            entity("light.b", "off", ["supported_color_modes": ["color_temp", "rgb"], "color_mode": .null]))
        try await home.call(ServiceCall("light.turn_on", on: "light.a", ["color_name": "red"]))
        try await home.call(ServiceCall("light.turn_on", on: "light.b", ["color_name": "red"]))
        #expect(try await home.state(of: "light.a").attributes["color"] == "red")
        #expect(try await home.state(of: "light.b").attributes["rgb_color"] == [255, 0, 0])
        #expect(try await home.state(of: "light.b").attributes["color_mode"] == "rgb")
        #expect(try await home.state(of: "light.b").attributes["color"] == nil)
    }

    @Test("what cannot be called says why and changes nothing")
    func refusals() async throws {
        let home = home(
            entity("climate.a", "heat", ["temperature": 20, "min": 7, "max": 26, "modes": ["heat", "off"]]),
            entity("sensor.a", "5"))
        let before = await home.states()
        func call(_ name: String, _ entity: String, _ data: [String: Value] = [:]) async throws {
            try await home.call(ServiceCall(name, on: entity, data))
        }
        await #expect(throws: ServiceError.unknownEntity("light.x")) { try await call("light.turn_on", "light.x") }
        await #expect(throws: ServiceError.unsupported(service: "light.turn_on", entity: "sensor.a")) {
            try await call("light.turn_on", "sensor.a")
        }
        await #expect(throws: ServiceError.outOfRange(argument: "temperature", value: 40, low: 7, high: 26, entity: "climate.a"))
        {
            try await call("climate.set_temperature", "climate.a", ["temperature": 40])
        }
        await #expect(
            throws: ServiceError.notAllowed(argument: "mode", value: "cool", allowed: ["heat", "off"], entity: "climate.a")
        ) {
            try await call("climate.set_hvac_mode", "climate.a", ["hvac_mode": "cool"])
        }
        await #expect(throws: ServiceError.missingArgument("temperature", service: "climate.set_temperature")) {
            try await call("climate.set_temperature", "climate.a")
        }
        #expect(await home.states() == before)
    }

    @Test("timers run on the home's clock, pause and end")
    func timers() async throws {
        let home = home()
        func call(_ service: String, _ data: [String: Value]) async throws {
            try await home.call(ServiceCall("timer.\(service)", on: "timer.assistant", data))
        }
        try await call("start", ["seconds": 60, "name": "tea"])
        try await call("start", ["seconds": 300])
        #expect(try await home.advance(by: .seconds(20)) == [])
        #expect(await home.timers().map(\.remaining) == [40, 280])
        try await call("pause", ["index": 0])
        #expect(try await home.advance(by: .seconds(100)) == [])
        #expect(await home.timers().map(\.remaining) == [40, 180])
        try await call("resume", ["index": 0])
        #expect(try await home.advance(by: .seconds(41)) == ["tea"])
        #expect(try await home.state(of: "timer.assistant").attributes["running"] == [["seconds": 300]])
        #expect(try await home.advance(by: .seconds(200)) == [nil])
        #expect(try await home.state(of: "timer.assistant").state == "idle")
    }

    @Test("scheduled calls are made when they are due, in order")
    func schedule() async throws {
        let home = home(entity("light.a", "off"), entity("light.b", "off"))
        await home.schedule([ServiceCall("light.turn_on", on: "light.b")], after: .seconds(600))
        await home.schedule([ServiceCall("light.turn_on", on: "light.a")], after: .seconds(60))
        try await home.advance(by: .seconds(61))
        #expect(try await home.state(of: "light.a").state == "on")
        #expect(try await home.state(of: "light.b").state == "off")
        try await home.advance(by: .seconds(600))
        #expect(try await home.state(of: "light.b").state == "on")
    }

    @Test("lists count what is to be done, whatever they are kept in")
    func lists() async throws {
        let home = home(entity("todo.a", "2", ["items": ["oats", "tea"]]), entity("todo.b", "0", ["todo_items": []]))
        try await home.call(ServiceCall("todo.add_item", on: "todo.a", ["item": "salt"]))
        try await home.call(ServiceCall("todo.complete_item", on: "todo.a", ["item": "Tea"]))
        #expect(
            try await home.state(of: "todo.a")
                == EntityState(state: "2", attributes: ["items": ["oats", "salt"], "completed": ["tea"]]))
        try await home.call(ServiceCall("todo.add_item", on: "todo.b", ["item": "salt"]))
        #expect(try await home.state(of: "todo.b") == EntityState(state: "1", attributes: ["todo_items": ["salt"]]))
        await #expect(throws: ServiceError.notFound("milk", entity: "todo.a")) {
            try await home.call(ServiceCall("todo.remove_item", on: "todo.a", ["item": "milk"]))
        }
    }
}
