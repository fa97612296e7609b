import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct SaidPlacesTests {
    private let places = SaidPlaces(
        Home(
            id: "h", name: "H", floors: [.init(id: "up", name: "Upstairs")],
            areas: [
                .init(id: "den", name: "Den"), .init(id: "room", name: "Room"), .init(id: "sun", name: "Sun Room", floor: "up"),
            ],
            entities: [("falcon", "Falcon Lamp"), ("den", "Den Lamp"), ("spots", "Den Lights")].map { id, name in
                .init(id: "light.\(id)", name: name, domain: "light", state: EntityState(state: "on"))
            }))

    private func place(_ request: String, _ action: String = "turn_off", _ slots: [String: String]) -> String? {
        places.completed([Intent(action, slots)], in: request)[0].slots["place"]
    }

    @Test func `a wide request is held to the place that was said beside its exception`() {
        #expect(
            place(
                "all the lights in the den off except the den lamp", "turn_off",
                ["target": "all the lights", "except": "den lamp"])
                == "den")
        #expect(
            place(
                "switch off every light in the sun room but the falcon lamp", "turn_off",
                ["target": "every light", "except": "falcon lamp", "place": "falcon lamp"]) == "sun room")
        #expect(
            place("all the lights upstairs off except the lamp", "turn_off", ["target": "all the lights", "except": "lamp"])
                == "upstairs")
    }

    @Test func `a place that the home doesn't have is kept, so that the request isn't for all of the house`() {
        #expect(place("all the lights in the colour off please", "turn_off", ["target": "all the lights"]) == "colour")
        #expect(place("switch every light off in the tea parlour", "turn_off", ["target": "every light"]) == "tea parlour")
        #expect(place("all the lights off in the morning", "turn_off", ["target": "all the lights"]) == nil)
        #expect(place("all the lights off", "turn_off", ["target": "all the lights"]) == nil)
        #expect(place("the lamp in the colour off", "turn_off", ["target": "lamp"]) == nil, "no wide request")
    }

    @Test func `an exception is one, however it was taken`() {
        let right = [Intent("turn_off", ["target": "every light", "except": "falcon lamp", "place": "den"])]
        // For a place, a request of its own, a part of the place or of the target, and the room for the exception.
        for wrong in [
            [Intent("turn_off", ["target": "every light", "place": "falcon lamp"])],
            [Intent("turn_off", ["target": "every light"]), Intent("turn_off", ["target": "falcon lamp"])],
            [Intent("turn_off", ["target": "every light", "place": "den but the falcon lamp"])],
            [Intent("turn_off", ["target": "every light but the falcon lamp"])],
            [Intent("turn_off", ["target": "every light", "except": "den"]), Intent("turn_on", ["target": "falcon lamp"])],
        ] {
            #expect(places.completed(wrong, in: "every light in the den off but the falcon lamp please") == right, "\(wrong)")
        }
        #expect(
            places.completed(
                [Intent("turn_off", ["target": "all lights"]), Intent("turn_off", ["target": "the den lights"])],
                in: "all lights off but the den lights") == [
                    Intent("turn_off", ["target": "all lights", "except": "den lights"])
                ])
        let other = [Intent("turn_on", ["target": "falcon lamp"]), Intent("set", ["target": "falcon lamp", "value": "dim"])]
        #expect(places.completed(other, in: "turn on the falcon lamp but dim it") == other)
    }

    @Test func `nothing is added where nothing was lost, or where it isn't clear what`() {
        func off(_ request: String, _ slots: [String: String]) -> String? { place(request, "turn_off", slots) }
        #expect(off("turn off all the lights", ["target": "all the lights"]) == nil)
        #expect(off("turn off all the den lights", ["target": "all the den lights"]) == nil)
        #expect(off("all the lights off except the den lamp", ["target": "all the lights", "except": "den lamp"]) == nil)
        #expect(off("all the lights off except in the den", ["target": "all the lights", "except": "den"]) == nil)
        #expect(off("turn off the lamp in the den", ["target": "lamp"]) == nil, "one thing is found by its own name")
        #expect(off("lights off in the den and the sun room", ["target": "lights"]) == nil, "two places")
        #expect(off("all the lights in the den", ["target": "all the lights", "place": "den"]) == "den")
        #expect(place("are all lights in the den off", "query", ["target": "all lights"]) == nil)
    }
}
