import Foundation
import MynaStages

extension Planner {
    /// The answer to a question about the home; a question changes nothing.
    func answer(_ intent: Intent) -> Reply {
        switch intent.action {
        case "ask_time": return Reply(text: Wording.sentence("It's \(SpokenMoment.clock(now, zone: zone))"), kind: .answer)
        case "ask_date":
            return Reply(
                text: Wording.sentence("It's \(HomeTime.formatter("EEEE, MMMM d", zone: zone).string(from: now))"), kind: .answer)
        case "ask_weather": return weather(intent)
        default: break
        }
        let question = intent.slots["question"] ?? (intent.slots["state"] == nil ? "what" : "is")
        // "is it cold upstairs" is best answered by how cold.
        if let property = intent.slots["property"], ["temperature", "humidity", "volume", "brightness"].contains(property) {
            return value(property, intent)
        }
        if let property = intent.slots["property"], property != "state", property != "power", property != "open",
            intent.slots["state"] == nil || question == "what"
        {
            return value(property, intent)
        }
        if question == "what" || question == "when", intent.slots["state"] == nil { return state(intent) }
        return check(intent, question)
    }

    private func refusal(_ grounded: Grounded, _ intent: Intent) -> Reply {
        switch step(intent, grounded, { _ in .undo }) {
        case .reply(let reply), .misfit(let reply, _), .ask(let reply, _): reply
        case .act, .undo: Reply(text: "I don't know.", kind: .refuse)
        }
    }

    private func subject(
        _ intent: Intent, _ isCapable: @escaping (Home.Entity) -> Bool, _ isImplied: @escaping (Home.Entity) -> Bool
    ) -> Grounded {
        let target = intent.slots["target"]
        if target == nil || target.map(Self.isPronoun) == true, intent.slots["place"] == nil {
            let last = dialogue.lastEntities.compactMap(home.entity).filter(isCapable)
            if !last.isEmpty, target != nil || last.contains(where: isImplied) { return .found(last) }
        }
        let grounded = grounder.ground(
            Wanted(
                target: target.flatMap { Self.isPronoun($0) ? nil : $0 }, place: intent.slots["place"],
                except: intent.slots["except"],
                isCapable: isCapable, isImplied: isImplied, isQuestion: true))
        // "The lamp" in a question is one lamp, and rather that of the room one is in.
        if case .found(let entities) = grounded, entities.count > 1, let target, !Phrase(target).endsInPlural,
            intent.slots["place"] == nil,
            !["any", "all", "which", "count"].contains(intent.slots["question"]), let here = grounder.standpoint.area
        {
            let near = entities.filter { $0.areas.contains(here) }
            if !near.isEmpty { return .found(near) }
        }
        return grounded
    }

    // MARK: Yes, no, which and how many

    private func check(_ intent: Intent, _ question: String) -> Reply {
        let words = intent.slots["state"] ?? "on"
        let people = home.entities.filter { $0.domain == "person" }
        if !people.isEmpty,
            ["anyone", "anybody", "someone", "somebody", "nobody", "everyone", "everybody", "who"].contains(
                intent.slots["target"] ?? "")
        {
            let present = people.filter { $0.state.state == "home" }
            let everyone = present.count == people.count
            let isYes = (intent.slots["target"] ?? "").hasPrefix("every") ? everyone : !present.isEmpty
            let fact =
                present.isEmpty
                ? "nobody is home" : "\(wording.names(present, limit: 6)) \(present.count == 1 ? "is" : "are") home"
            return Reply(text: Wording.sentence("\(isYes ? "Yes" : "No"), \(fact)"), kind: .answer)
        }
        let isOpenQuestion = Phrase.words(words).contains { ["open", "closed", "shut", "close", "opened"].contains($0) }
        let grounded = subject(intent, { StateWords.holds(words, of: $0) != nil }) { entity in
            isOpenQuestion ? ["cover", "binary_sensor", "valve"].contains(entity.domain) : entity.domain == "light"
        }
        guard case .found(let all) = grounded else { return refusal(grounded, intent) }
        let isLockQuestion = words.contains("lock")
        let entities = isLockQuestion && all.contains { $0.domain == "lock" } ? all.filter { $0.domain == "lock" } : all
        let holding = entities.filter { StateWords.holds(words, of: $0) == true }
        let others = entities.filter { StateWords.holds(words, of: $0) == false }
        func list(_ entities: [Home.Entity]) -> String { wording.names(entities, limit: 4) }
        func said(_ entities: [Home.Entity]) -> String {
            guard let first = entities.first else { return "" }
            let state = entities.count == 1 ? detail(first) : StateWords.spoken(first, units: home.units)
            return "\(list(entities)) \(wording.verb(entities)) \(state)"
        }
        switch question {
        case "count":
            let names = holding.isEmpty || holding.count > 4 ? "" : ": \(list(holding))"
            return Reply(text: Wording.sentence("\(holding.count)\(names)"), kind: .answer)
        case "which":
            if holding.isEmpty { return Reply(text: Wording.sentence("None, \(said(Array(others.prefix(4))))"), kind: .answer) }
            return Reply(text: Wording.sentence(list(holding)), kind: .answer)
        case "any":
            return holding.isEmpty
                ? Reply(text: Wording.sentence("No, \(said(others))"), kind: .answer)
                : Reply(text: Wording.sentence("Yes, \(said(holding))"), kind: .answer)
        case "all":
            return others.isEmpty
                ? Reply(text: Wording.sentence("Yes, \(said(holding))"), kind: .answer)
                : Reply(text: Wording.sentence("No, \(said(others))"), kind: .answer)
        default:
            if entities.count == 1 || others.isEmpty || holding.isEmpty {
                return Reply(text: Wording.sentence("\(others.isEmpty ? "Yes" : "No"), \(said(entities))"), kind: .answer)
            }
            return Reply(text: Wording.sentence("\(said(holding)), and \(said(others))"), kind: .answer)
        }
    }

    /// The state of one entity with the number that matters.
    private func detail(_ entity: Home.Entity) -> String {
        if let battery = StateWords.battery(entity), entity.domain == "sensor" { return "at \(wording.percent(battery))" }
        if entity.domain == "light", entity.state.state == "on", entity.canDim,
            let level = Quantity.brightness.read(entity.state), level < 100, level > 0
        {
            return "on at \(wording.percent(level))"
        }
        return StateWords.spoken(entity, units: home.units)
    }

    // MARK: What something is

    private func state(_ intent: Intent) -> Reply {
        let grounded = subject(intent, { $0.domain != "scene" }) { ["light", "climate", "cover", "lock"].contains($0.domain) }
        guard case .found(let entities) = grounded else { return refusal(grounded, intent) }
        let shown = entities.prefix(4).map { entity in
            if entity.domain == "media_player", entity.state.state == "playing",
                let title = entity.state.attributes["media_title"]?.string
            {
                return "\(wording.name(entity)) is playing \(title)"
            }
            if entity.domain == "climate" { return climate(entity) }
            if entity.domain == "todo" { return read(entity: entity) }
            return "\(wording.name(entity)) \(wording.verb([entity])) \(detail(entity))"
        }
        return Reply(text: Wording.sentence(Wording.list(Array(shown))), kind: .answer)
    }

    private func read(entity: Home.Entity) -> String {
        entity.items.isEmpty
            ? "nothing is on \(wording.name(entity))" : "\(Wording.list(entity.items)) on \(wording.name(entity))"
    }

    private func climate(_ entity: Home.Entity) -> String {
        var parts: [String] = []
        if let current = Quantity.currentTemperature.read(entity.state) { parts.append("\(wording.degrees(current)) now") }
        if let target = Quantity.targetTemperature.read(entity.state), entity.mode != "off" {
            parts.append("set to \(Wording.number(target))")
        }
        if entity.mode == "off" { parts.append("off") }
        return "\(wording.name(entity)) is "
            + (parts.isEmpty ? StateWords.spoken(entity, units: home.units) : parts.joined(separator: ", "))
    }

    // MARK: Values

    /// What a property of an entity is in words; nil where it has none.
    func spoken(_ property: String, of entity: Home.Entity) -> String? {
        switch property {
        case "temperature": return temperature(of: entity).map(wording.degrees)
        case "brightness":
            guard entity.domain == "light" else { return nil }
            if entity.state.state == "off" { return "off" }
            return Quantity.brightness.read(entity.state).map(wording.percent)
        case "volume": return entity.domain == "media_player" ? Quantity.volume.read(entity.state).map(wording.percent) : nil
        case "position":
            guard ["cover", "valve"].contains(entity.domain) else { return nil }
            return Quantity.position.read(entity.state).map { "\(wording.percent($0)) open" } ?? entity.state.state
        case "speed":
            return entity.domain == "fan"
                ? entity.state.state == "off" ? "off" : Quantity.speed.read(entity.state).map(wording.percent) : nil
        case "humidity":
            if entity.domain == "sensor" {
                return entity.deviceClass == "humidity" ? StateWords.reading(entity).map(wording.percent) : nil
            }
            return entity.domain == "climate"
                ? (entity.state.attributes["current_humidity"] ?? entity.state.attributes["humidity"])?.number.map(
                    wording.percent) : nil
        case "battery":
            if entity.domain == "binary_sensor", entity.deviceClass == "battery" {
                return StateWords.spoken(entity, units: home.units)
            }
            return StateWords.battery(entity).map(wording.percent)
        case "color":
            return entity.domain == "light" ? entity.state.attributes["color"]?.string : nil
        case "color_temperature":
            return entity.state.attributes["color_temp_kelvin"]?.number.map { "\(Wording.number($0)) kelvin" }
        case "mode": return ["climate", "humidifier", "fan"].contains(entity.domain) ? entity.mode : nil
        case "preset": return entity.state.attributes["preset_mode"]?.string
        case "media":
            guard entity.domain == "media_player" else { return nil }
            if entity.state.state != "playing" { return entity.state.state == "paused" ? "paused" : "nothing" }
            return entity.state.attributes["media_title"]?.string ?? "something without a title"
        case "source": return entity.state.attributes["source"]?.string
        default: return nil
        }
    }

    /// The temperature an entity measures.
    func temperature(of entity: Home.Entity) -> Double? {
        switch entity.domain {
        case "sensor":
            let unit = (entity.state.attributes["unit"] ?? entity.state.attributes["unit_of_measurement"])?.string ?? ""
            return entity.deviceClass == "temperature" || unit.hasPrefix("°") ? StateWords.reading(entity) : nil
        case "climate", "water_heater": return Quantity.currentTemperature.read(entity.state)
        case "weather": return entity.state.attributes["temperature"]?.number
        default: return nil
        }
    }

    private func value(_ property: String, _ intent: Intent) -> Reply {
        let words = Phrase.words(intent.slots["target"] ?? "")
        let asksTarget = property == "temperature" && ["set", "target", "thermostat", "heating"].contains(where: words.contains)
        func said(_ entity: Home.Entity) -> String? {
            if asksTarget, let target = Quantity.targetTemperature.read(entity.state),
                words.contains("set") || words.contains("target")
            {
                return wording.degrees(target)
            }
            return spoken(property, of: entity)
        }
        var asked = intent
        // "the temperature" and "the outside temperature" name no device.
        if let target = intent.slots["target"] {
            let rest = Phrase(target).dropping([property, "temp", "temperature", "level", "degree", "weather"])
            if rest.isEmpty { asked.slots["target"] = nil }
        }
        let grounded = subject(asked, { said($0) != nil }) { entity in said(entity) != nil && entity.domain != "weather" }
        guard case .found(let found) = grounded else {
            if property == "temperature", case .absent = grounded { return weather(intent) }
            return refusal(grounded, intent)
        }
        var entities = found
        if entities.count > 1 {
            // A sensor and the thermostat it sits in say the same; one of them is enough. What plays is what is asked for.
            let playing = property == "volume" || property == "media" ? entities.filter { $0.state.state == "playing" } : []
            if !playing.isEmpty { entities = playing }
            var seen: Set<String> = []
            entities = entities.filter { seen.insert("\($0.area ?? "")/\(said($0) ?? "")").inserted }
        }
        guard let first = entities.first, let text = said(first) else { return Reply(text: "I don't know.", kind: .refuse) }
        if entities.count == 1 {
            let place = first.area.flatMap(home.area).map { " in \(wording.name($0))" } ?? ""
            switch property {
            case "temperature" where !asksTarget: return Reply(text: Wording.sentence("It's \(text)\(place)"), kind: .answer)
            case "media":
                return Reply(
                    text: Wording.sentence(
                        text == "nothing" ? "Nothing is playing" : text == "paused" ? "It's paused" : "\(text) is playing"),
                    kind: .answer)
            case "humidity": return Reply(text: Wording.sentence("\(text) humidity\(place)"), kind: .answer)
            default: return Reply(text: Wording.sentence("\(wording.name(first)) is at \(text)"), kind: .answer)
            }
        }
        let shown = entities.prefix(4).map { "\(wording.name($0)) is at \(said($0) ?? "")" }
        return Reply(text: Wording.sentence(Wording.list(Array(shown))), kind: .answer)
    }

    private func weather(_ intent: Intent) -> Reply {
        let all = home.entities.filter { $0.domain == "weather" }
        var entities = all
        if let place = intent.slots["place"] {
            let named = all.filter { entity in
                entity.names.contains { !Set(Phrase($0).stems).isDisjoint(with: Phrase(place).stems) }
            }
            if !named.isEmpty {
                entities = named
            } else if grounder.place(place) == nil, !["here", "outside"].contains(place) {
                return Reply(text: "I only know the weather here.", kind: .refuse)
            }
        }
        if let entity = entities.first {
            var text = entity.state.state.replacing("-", with: " ").replacing("_", with: " ")
            if let degrees = entity.state.attributes["temperature"]?.number { text = "\(wording.degrees(degrees)) and \(text)" }
            return Reply(text: Wording.sentence("It's \(text)"), kind: .answer)
        }
        // Without a weather service, a thermometer outside tells something.
        if let place = grounder.place("outside"),
            let sensor = home.entities.first(where: { place.contains($0) && temperature(of: $0) != nil }),
            let degrees = temperature(of: sensor)
        {
            return Reply(text: Wording.sentence("It's \(wording.degrees(degrees)) outside"), kind: .answer)
        }
        return Reply(text: "I have no weather report here.", kind: .refuse)
    }
}
