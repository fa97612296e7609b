import Foundation
import MynaStages
import MynaText

/// Whether what a request depends on is so, and the fact in words.
enum Condition: Equatable {
    case holds(String)
    case fails(String)
    /// The words were not understood, or the home cannot tell.
    case unknown
}

extension Planner {
    private static let below: Set<String> = [
        "below", "under", "colder", "cooler", "lower", "less", "dimmer", "darker", "quieter", "fewer", "beneath", "drier",
    ]
    private static let above: Set<String> = [
        "above", "over", "warmer", "hotter", "higher", "more", "brighter", "louder", "past", "exceeds", "wetter",
    ]

    /// Weighs the words of a condition against the home; `intent` tells what "it" is where they do not.
    func weigh(_ condition: String, for intent: Intent) -> Condition {
        var words = Phrase.words(condition)
        if let unless = words.firstIndex(of: "unless") {
            words.remove(at: unless)
            switch weigh(words.joined(separator: " "), for: intent) {
            case .holds(let fact): return .fails(fact)
            case .fails(let fact): return .holds(fact)
            case .unknown: return .unknown
            }
        }
        while let first = words.first, ["if", "when", "once", "provided", "only", "and", "in", "case"].contains(first) {
            words.removeFirst()
        }
        if let result = compare(words, intent) { return result }
        return check(words, intent)
    }

    /// "the garden is colder than eight", "it is below eight degrees outside", "humidity is over sixty percent".
    private func compare(_ words: [String], _ intent: Intent) -> Condition? {
        guard let at = words.firstIndex(where: { Self.below.contains($0) || Self.above.contains($0) }),
            let (number, range) = NumberWords.first(in: Array(words[at...]))
        else { return nil }
        let isBelow = Self.below.contains(words[at])
        let end = at + range.upperBound
        var rest = Array(words[..<at] + words[end...])
        rest.removeAll {
            [
                "than", "degrees", "degree", "percent", "celsius", "fahrenheit", "is", "are", "it", "it's", "its", "s", "gets",
                "the", "goes", "drops", "falls", "rises", "temperature", "temp", "inside", "in", "of", "at",
            ].contains($0) && !($0 == "inside")
        }
        let text = words.joined(separator: " ")
        let property =
            text.contains("humid")
            ? "humidity"
            : text.contains("batter")
                ? "battery"
                : text.contains("bright")
                    ? "brightness" : text.contains("volume") || text.contains("loud") ? "volume" : "temperature"
        rest.removeAll { ["humidity", "battery", "brightness", "volume", "level"].contains($0) }
        func read(_ entity: Home.Entity) -> Double? {
            switch property {
            case "temperature": temperature(of: entity)
            case "humidity": entity.deviceClass == "humidity" ? StateWords.reading(entity) : nil
            case "battery": StateWords.battery(entity)
            case "brightness":
                entity.domain == "light"
                    ? entity.state.state == "on" ? Quantity.brightness.read(entity.state) : 0
                    : entity.deviceClass == "illuminance" ? StateWords.reading(entity) : nil
            default: entity.domain == "media_player" ? Quantity.volume.read(entity.state) : nil
            }
        }
        let subject = rest.joined(separator: " ")
        let readers = home.entities.filter { read($0) != nil }
        guard let entity = entity(for: subject, among: readers, intent), let value = read(entity) else { return .unknown }
        let limit =
            property == "temperature"
            ? Setting.degrees(words.filter { _ in true }.suffix(from: at).map { $0 }, units: home.units) ?? number : number
        let unit = property == "temperature" ? wording.degrees(value) : wording.percent(value)
        let place = entity.area.flatMap(home.area).map { " in \(wording.name($0))" } ?? ""
        let fact = property == "temperature" ? "it's \(unit)\(place)" : "\(wording.name(entity)) is at \(unit)"
        return (isBelow ? value < limit : value > limit) ? .holds(fact) : .fails(fact)
    }

    /// The one entity that the words of a condition are about.
    private func entity(for subject: String, among readers: [Home.Entity], _ intent: Intent) -> Home.Entity? {
        let phrase = Phrase(subject)
        if phrase.isEmpty {
            for text in [intent.slots["place"], intent.slots["target"]].compactMap({ $0 }) {
                if let place = grounder.place(text) ?? grounder.places.split(Phrase(text))?.place,
                    let found = readers.first(where: place.contains)
                {
                    return found
                }
            }
            if case .found(let entities) = grounder.ground(
                Wanted(
                    target: intent.slots["target"], place: intent.slots["place"], isCapable: { _ in true },
                    isImplied: { _ in true }, isQuestion: true)),
                let area = entities.first?.area, let found = readers.first(where: { $0.area == area })
            {
                return found
            }
            if let here = grounder.standpoint.area, let found = readers.first(where: { $0.area == here }) { return found }
            return readers.count == 1 ? readers[0] : nil
        }
        if let place = grounder.place(subject) {
            if let found = readers.first(where: place.contains) { return found }
            if subject.contains("outside") || subject.contains("outdoor") { return readers.first { $0.domain == "weather" } }
        }
        if subject.contains("outside"), let weather = readers.first(where: { $0.domain == "weather" }) { return weather }
        if case .found(let entities) = grounder.ground(
            Wanted(target: subject, isCapable: { readers.contains($0) }, isImplied: { _ in true }, isQuestion: true))
        {
            return entities.first
        }
        return nil
    }

    /// "the window is open", "nobody is home", "it is raining", "it is after ten".
    private func check(_ words: [String], _ intent: Intent) -> Condition {
        let text = words.joined(separator: " ")
        if let result = checkTime(words, text) ?? checkWeather(words) ?? checkPeople(words) { return result }
        var words = words.filter { !["is", "are", "s", "currently", "still", "there", "there's"].contains($0) }
        var isNegated = false
        if let index = words.firstIndex(where: { ["not", "isn't", "aren't", "no"].contains($0) }) {
            words.remove(at: index)
            isNegated = true
        }
        // The state stands at the end; the longest tail that is a state for what the head names decides.
        for tail in [2, 1] where words.count > tail || (words.count == tail && ["it", "it's"].contains(words.first ?? "")) {
            let state = words.suffix(tail).joined(separator: " ")
            let head = words.dropLast(tail).joined(separator: " ")
            let target = head.isEmpty || Self.isPronoun(head) || head == "it's" ? intent.slots["target"] : head
            let grounded = grounder.ground(
                Wanted(
                    target: target, isCapable: { StateWords.holds(state, of: $0) != nil }, isImplied: { _ in true },
                    isQuestion: true))
            guard case .found(let entities) = grounded, !entities.isEmpty else { continue }
            let holding = entities.filter { StateWords.holds(state, of: $0) == true }
            let saysAll = Phrase(head).saysAll
            let isTrue = saysAll ? holding.count == entities.count : !holding.isEmpty
            let shown = holding.isEmpty ? entities : holding
            let fact = "\(wording.names(shown)) \(wording.verb(shown)) \(StateWords.spoken(shown[0], units: home.units))"
            return isTrue != isNegated ? .holds(fact) : .fails(fact)
        }
        return .unknown
    }

    private func checkTime(_ words: [String], _ text: String) -> Condition? {
        let calendar = HomeTime.calendar(zone)
        let minutes = calendar.component(.hour, from: now) * 60 + calendar.component(.minute, from: now)
        let fact = "it's \(SpokenMoment.clock(now, zone: zone))"
        if words.contains("after") || words.contains("before") || words.contains("past"),
            let found = SpokenMoment.find(text, now: calendar.startOfDay(for: now), zone: zone), found.hasTime
        {
            let limit = calendar.component(.hour, from: found.date) * 60 + calendar.component(.minute, from: found.date)
            let isTrue = words.contains("before") ? minutes < limit : minutes >= limit
            return isTrue ? .holds(fact) : .fails(fact)
        }
        if words.contains("dark") || words.contains("sun") || words.contains("light"),
            words.contains("outside") || words.contains("sun") || words.contains("it") || words.contains("it's"),
            let sun = home.entities.first(where: { $0.domain == "sun" })
        {
            let isDark = sun.state.state == "below_horizon"
            let wantsDark = words.contains("dark") || words.contains("down") || words.contains("set")
            return isDark == wantsDark ? .holds(isDark ? "it's dark" : "it's light") : .fails(isDark ? "it's dark" : "it's light")
        }
        return nil
    }

    /// "nobody is in the guest bedroom": what the sensors of a room say of people in it.
    private func checkRoom(_ words: [String]) -> Condition? {
        let isEmptyAsked =
            words.contains("nobody") || words.contains("empty")
            || zip(words, words.dropFirst()).contains { $0 == "no" && $1 == "one" }
        let isOccupiedAsked = !Set(words).isDisjoint(with: ["someone", "somebody", "anyone", "anybody"])
        guard isEmptyAsked || isOccupiedAsked, let (place, _) = grounder.places.split(Phrase(words.joined(separator: " "))) else {
            return nil
        }
        let sensors = home.entities.filter { entity in
            place.contains(entity) && entity.domain == "binary_sensor"
                && ["motion", "occupancy", "presence"].contains(entity.deviceClass)
        }
        guard !sensors.isEmpty else { return nil }
        let isOccupied = sensors.contains { StateWords.isOn($0) == true }
        let fact = isOccupied ? "someone is in \(wording.place(place))" : "nobody is in \(wording.place(place))"
        return isOccupied == isOccupiedAsked ? .holds(fact) : .fails(fact)
    }

    private func checkWeather(_ words: [String]) -> Condition? {
        let states: [String: Set<String>] = [
            "raining": ["rainy", "pouring", "lightning-rainy"], "rainy": ["rainy", "pouring"], "sunny": ["sunny", "clear"],
            "snowing": ["snowy", "snowy-rainy"],
            "cloudy": ["cloudy", "partlycloudy"], "windy": ["windy"], "rain": ["rainy", "pouring"], "snow": ["snowy"],
        ]
        guard let weather = home.entities.first(where: { $0.domain == "weather" }),
            let wanted = words.lazy.compactMap({ states[$0] }).first
        else { return nil }
        let isNegated = words.contains("not") || words.contains("isn't")
        let fact = "it's \(weather.state.state)"
        return wanted.contains(weather.state.state) != isNegated ? .holds(fact) : .fails(fact)
    }

    private func checkPeople(_ words: [String]) -> Condition? {
        if let condition = checkRoom(words) { return condition }
        let people = home.entities.filter { $0.domain == "person" }
        guard !people.isEmpty, words.contains("home") || words.contains("in") || words.contains("away") else { return nil }
        let present = people.filter { $0.state.state == "home" }
        let fact = present.isEmpty ? "nobody is home" : "\(wording.names(present)) \(present.count == 1 ? "is" : "are") home"
        if !Set(words).isDisjoint(with: ["nobody", "no-one", "noone", "none"]) || (words.first == "no" && words.contains("one"))
            || (words.contains("everyone") && words.contains("away"))
        {
            return present.isEmpty ? .holds(fact) : .fails(fact)
        }
        if !Set(words).isDisjoint(with: ["anyone", "anybody", "someone", "somebody"]) {
            return present.isEmpty ? .fails(fact) : .holds(fact)
        }
        if words.contains("everyone") || words.contains("everybody") {
            return present.count == people.count ? .holds(fact) : .fails(fact)
        }
        return nil
    }
}
