import Foundation
import MynaAssistant
import MynaStages
import MynaTestSupport
import Testing

@Suite struct HomeFileTests {
    private static let minimal = """
        format: home/1
        id: box
        name: Box
        residents: []
        areas:
          - {id: room, name: Room}
        entities:
          - {id: light.a, name: A, aliases: [], area: room, domain: light, state: "on", attributes: {brightness_pct: 40}, services: [turn_on]}
        """

    private func fault(_ edit: (String) -> String) -> HomeError? {
        do {
            _ = try HomeFile.home(from: edit(Self.minimal), file: "box.yaml")
            return nil
        } catch { return error }
    }

    @Test("the demo home has rooms, lamps and lists, and every value has its type")
    func demo() throws {
        let home = try demoHome()
        #expect(home.entities.count >= 25)
        #expect(home.area("lounge")?.aliases.contains("living room") == true)
        let lamp = try #require(home.entity("light.window_lamp"))
        #expect(lamp.state == EntityState(state: "off", attributes: ["brightness_pct": 0, "dimmable": true]))
        #expect(home.entity("lock.front_door")?.confirm == ["unlock"])
        #expect(home.resident("otto")?.forbiddenCalls.contains("lock.unlock") == true)
    }

    @Test("a fault is named by file, line, field and value")
    func named() throws {
        #expect(fault { $0 } == nil)
        let area = try #require(fault { $0.replacing("area: room", with: "area: attic") })
        #expect(area.line == 8)
        #expect("\(area)" == "box.yaml:8: entities[0].area is attic, but there is no area of that id")
    }

    @Test("wrong fields, duplicates and wrong types are told apart")
    func kinds() {
        let again = "\n  - {id: light.a, name: B, area: room, domain: light, state: \"on\"}"
        #expect(fault { $0 + again }?.problem == .duplicate(value: "light.a"))
        let room = "  - {id: room, name: Room}"
        #expect(fault { $0.replacing(room, with: room + "\n  - {id: room, name: Other}") }?.problem == .duplicate(value: "room"))
        #expect(fault { $0.replacing("name: Box", with: "name: Box\ncolour: blue") }?.problem == .unknownField)
        #expect(
            fault { $0.replacing("aliases: []", with: "aliases: none") }?.problem
                == .wrongType(expected: "a list of texts", value: "\"none\""))
        #expect(fault { $0.replacing("home/1", with: "home/9") }?.problem == .notAllowed(value: "home/9", allowed: ["home/1"]))
        #expect(fault { $0.replacing("id: box\n", with: "") }?.field == "id")
        #expect(fault { $0.replacing("id: light.a", with: "id: lamp") }?.field == "entities[0].id")
        #expect(fault { _ in "" }?.problem == .notYAML(reason: "it is empty"))
        #expect(fault { _ in "a: [" } != nil)
        #expect(fault { $0.replacing("Box", with: "B\u{7}x") } != nil)
    }

    @Test("a file that is missing is said to be missing")
    func missing() {
        #expect(throws: HomeError(file: "/no/such.yaml", line: nil, field: "", problem: .unreadable(reason: "no such file"))) {
            try HomeFile.read(at: "/no/such.yaml")
        }
    }

    @Test("an entity listed again under another area is one entity in both, under the same area a mistake")
    func areasOfOne() throws {
        let room = "  - {id: room, name: Room}"
        let two = Self.minimal.replacing(room, with: room + "\n  - {id: den, name: Den}")
        let again = "\n  - {id: light.a, name: A, area: den, domain: light, state: \"on\"}"
        let home = try HomeFile.home(from: two + again, file: "box")
        #expect(home.entities.count == 1)
        #expect(home.entity("light.a")?.areas == ["room", "den"])
        #expect(throws: HomeError.self) { try HomeFile.home(from: two + again + again, file: "box") }
    }

    @Test("a broken file is an error of that file or a home, never a crash")
    func fuzz() throws {
        let bytes = Array(try String(contentsOfFile: Fixture.path("homes/demo.home.yaml"), encoding: .utf8).utf8)
        var random = SeededRandom(seed: 7)
        let marks = Array("{}[]:,-\"' \n\t&*!".utf8)
        for _ in 0..<60 {
            var mutated = bytes
            for _ in 0..<(1 + Int(random.next() % 4)) {
                let position = Int(random.next() % UInt64(mutated.count))
                switch random.next() % 3 {
                case 0: mutated.remove(at: position)
                case 1: mutated[position] = marks[Int(random.next() % UInt64(marks.count))]
                default: mutated = Array(mutated.prefix(position + 1))
                }
            }
            do { _ = try HomeFile.home(from: String(decoding: mutated, as: UTF8.self), file: "fuzz") } catch {
                #expect(error.file == "fuzz")
            }
        }
    }
}
