import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct SaidPlacesTests {
    private let places = SaidPlaces(
        Home(
            id: "h", name: "H", floors: [.init(id: "up", name: "Upstairs")],
            areas: [
                .init(id: "den", name: "Den"), .init(id: "room", name: "Room"), .init(id: "sun", name: "Sun Room", floor: "up"),
            ]))

    private func place(_ request: String, _ action: String = "turn_off", _ slots: [String: String]) -> String? {
        places.completed([Intent(action, slots)], in: request)[0].slots["place"]
    }

    @Test func `a wide request is held to the place that was said beside its exception`() {
        #expect(
            place("all the lights in the den off except the den lamp", ["target": "all the lights", "except": "den lamp"])
                == "den")
        #expect(
            place(
                "switch off every light in the sun room but the falcon lamp",
                ["target": "every light", "except": "falcon lamp", "place": "falcon lamp"]) == "sun room")
        let taken = places.completed(
            [Intent("turn_off", ["target": "every light", "place": "falcon lamp"])],
            in: "every light in the den off but the falcon lamp")
        #expect(taken[0].slots == ["target": "every light", "except": "falcon lamp", "place": "den"])
        #expect(
            place("all the lights upstairs off except the lamp", ["target": "all the lights", "except": "lamp"]) == "upstairs")
    }

    @Test func `nothing is added where nothing was lost, or where it isn't clear what`() {
        #expect(place("turn off all the lights", ["target": "all the lights"]) == nil)
        #expect(place("turn off all the den lights", ["target": "all the den lights"]) == nil)
        #expect(place("all the lights off except the den lamp", ["target": "all the lights", "except": "den lamp"]) == nil)
        #expect(place("all the lights off except in the den", ["target": "all the lights", "except": "den"]) == nil)
        #expect(place("turn off the lamp in the den", ["target": "lamp"]) == nil, "one thing is found by its own name")
        #expect(place("lights off in the den and the sun room", ["target": "lights"]) == nil, "two places")
        #expect(place("all the lights in the den", ["target": "all the lights", "place": "den"]) == "den")
        #expect(place("are all lights in the den off", "query", ["target": "all lights"]) == nil)
    }
}
