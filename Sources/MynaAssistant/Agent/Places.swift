/// Where something is to happen: areas of a home, and how the person called them.
struct Place: Equatable, Sendable {
    var areas: Set<String>
    var name: String
    var isWholeHome = false
    /// The words fit each of the areas, and only one was meant.
    var isAmbiguous = false

    func contains(_ entity: Home.Entity) -> Bool { isWholeHome || entity.areas.contains(where: areas.contains) }
}

/// Finds the areas and floors that words name.
struct PlaceFinder: Sendable {
    private let home: Home
    private let lexicon: Lexicon
    private var named: [(stems: [String], areas: Set<String>, name: String)] = []

    private static let outdoors: Set<String> = [
        "garden", "yard", "backyard", "patio", "terrace", "balcony", "porch", "driveway", "deck", "pool", "outside", "veranda",
        "courtyard", "lawn", "carport",
    ]

    init(_ home: Home, lexicon: Lexicon) {
        self.home = home
        self.lexicon = lexicon
        for area in home.areas {
            for name in [area.name] + area.aliases { named.append((Phrase(name).stems, [area.id], area.name)) }
        }
        for floor in home.floors {
            let areas = Set(home.areas.filter { $0.floor == floor.id }.map(\.id))
            for name in [floor.name] + floor.aliases {
                let stems = Phrase(name).stems
                named.append((stems, areas, floor.name))
                if !stems.contains("floor"), stems.count == 1 { named.append((stems + ["floor"], areas, floor.name)) }
            }
        }
        for resident in home.residents {
            guard let room = resident.room, let area = home.area(room) else { continue }
            for word in ["room", "bedroom"] { named.append((Phrase(resident.name + " " + word).stems, [room], area.name)) }
        }
        named.removeAll { $0.stems.isEmpty }
    }

    /// The place that `text` says, as seen by a person; nil where the home has no such place.
    func place(_ text: String, from standpoint: Standpoint) -> Place? {
        place(lexicon.repaired(Phrase(text)), raw: Phrase.words(text), from: standpoint)
    }

    private func place(_ phrase: Phrase, raw: [String], from standpoint: Standpoint) -> Place? {
        let stems = phrase.stems
        if phrase.saysAll,
            stems.isEmpty
                || ["room", "area", "house", "home", "apartment", "flat", "place"].contains(stems.joined(separator: " "))
        {
            return Place(areas: [], name: "the house", isWholeHome: true)
        }
        // "this" is dropped from phrases as a filler, so "this room" is only "room" here.
        if stems.isEmpty || ["here", "room"].contains(stems.joined(separator: " ")) || stems == ["here", "room"]
            || stems == ["where", "i", "am"]
        {
            if raw.first == "my", let room = standpoint.speaker?.room { return area(room) }
            return standpoint.area.flatMap(area)
        }
        if raw.first == "my", ["room", "bedroom", "office"].contains(stems.joined()), let room = standpoint.speaker?.room {
            return area(room)
        }
        if ["house", "home", "apartment", "flat", "place"].contains(stems.joined(separator: " ")) {
            if let exact = exact(stems) { return exact }
            return Place(areas: [], name: "the house", isWholeHome: true)
        }
        if let exact = exact(stems) { return exact }
        if let relative = relative(stems) { return relative }
        let parts = phrase.conjuncts
        if parts.count > 1 {
            let places = parts.compactMap { place($0, raw: $0.words, from: standpoint) }
            guard places.count == parts.count else { return nil }
            return Place(
                areas: places.reduce(into: []) { $0.formUnion($1.areas) }, name: Wording.list(places.map(\.name)),
                isWholeHome: places.contains(where: \.isWholeHome))
        }
        if let part = partial(phrase, from: standpoint) ?? alike(stems) { return part }
        // "the upstairs bathroom" is the one bathroom there is upstairs.
        guard let (outer, rest) = split(phrase), let inner = place(rest, raw: rest.words, from: standpoint) else { return nil }
        let areas = outer.areas.intersection(inner.areas)
        return areas.count == 1 ? areas.first.flatMap(area) : nil
    }

    private func area(_ id: String) -> Place? { home.area(id).map { Place(areas: [id], name: $0.name) } }

    private func exact(_ stems: [String]) -> Place? {
        let found = named.filter { $0.stems == stems || $0.stems.joined() == stems.joined() }
        guard let first = found.first else { return nil }
        return Place(areas: found.reduce(into: first.areas) { $0.formUnion($1.areas) }, name: first.name)
    }

    private func relative(_ stems: [String]) -> Place? {
        func areas(_ isMeant: (Home.Area) -> Bool, _ name: String) -> Place? {
            let areas = home.areas.filter(isMeant).map(\.id)
            return areas.isEmpty ? nil : Place(areas: Set(areas), name: name)
        }
        func isOutdoors(_ area: Home.Area) -> Bool {
            ([area.name] + area.aliases).contains { !Self.outdoors.isDisjoint(with: Phrase($0).stems) }
        }
        switch stems.filter({ $0 != "floor" && $0 != "level" }) {
        case ["outside"], ["outdoor"]: return areas(isOutdoors, "outside")
        case ["inside"], ["indoor"]: return areas({ !isOutdoors($0) }, "inside")
        case ["upstair"], ["up", "stair"], ["upper"], ["top"]:
            return floor(["upper", "top", "first", "second"], opposite: "downstair")
        case ["downstair"], ["down", "stair"], ["lower"], ["ground"], ["bottom"]:
            return floor(["ground", "lower", "main"], opposite: "upstair")
        default: return nil
        }
    }

    private func floor(_ words: [String], opposite: String) -> Place? {
        let candidates = home.floors.filter { !Set(Phrase($0.name).stems).isDisjoint(with: words) }
        var found = candidates.count == 1 ? candidates.first : nil
        if found == nil, home.floors.count == 2 {
            let others = home.floors.filter { floor in ![floor.name, floor.id].contains { Phrase($0).stems.contains(opposite) } }
            if others.count == 1 { found = others[0] }
        }
        guard let found else { return nil }
        return Place(areas: Set(home.areas.filter { $0.floor == found.id }.map(\.id)), name: found.name)
    }

    /// Areas of whose name the words are a part, where that leaves one, or where a plural asks for all.
    private func partial(_ phrase: Phrase, from standpoint: Standpoint) -> Place? {
        let distinctive = phrase.stems.filter { $0 != "room" && $0 != "area" }
        guard !distinctive.isEmpty else { return nil }
        let areas = home.areas.filter { area in
            ([area.name] + area.aliases).contains { Set(distinctive).isSubset(of: Phrase($0).stems) }
        }
        guard let first = areas.first else { return nil }
        if areas.count == 1 { return Place(areas: [first.id], name: first.name) }
        let all = Place(areas: Set(areas.map(\.id)), name: phrase.words.joined(separator: " "))
        if phrase.endsInPlural || phrase.saysAll { return all }
        // Of several bedrooms, the one the person stands in or sleeps in.
        for own in [standpoint.area, standpoint.speaker?.room].compactMap({ $0 }) where all.areas.contains(own) {
            return area(own)
        }
        return Place(areas: all.areas, name: all.name, isAmbiguous: true)
    }

    /// Rooms that go by several names everywhere; a home that has one of them is understood by the others, the closer names first.
    private static let alike: [Set<[String]>] = [
        [["living", "room"], ["lounge"], ["sitting", "room"], ["front", "room"]],
        [["living", "room"], ["lounge"], ["sitting", "room"], ["front", "room"], ["great", "room"], ["family", "room"]],
        [["hall"], ["hallway"], ["corridor"], ["entrance", "hall"]],
        [["office"], ["study"]], [["attic"], ["loft"]], [["cellar"], ["basement"]], [["bathroom"], ["washroom"]],
        [["garden"], ["yard"], ["backyard"], ["back", "yard"], ["back", "garden"]], [["nursery"], ["baby", "room"]],
        [["garden"], ["yard"], ["front", "yard"], ["front", "garden"]],
        [["laundry"], ["laundry", "room"], ["utility", "room"]],
    ]

    private func alike(_ stems: [String]) -> Place? {
        for group in Self.alike where group.contains(stems) {
            let found = named.filter { group.contains($0.stems) && $0.areas.count == 1 }
            if Set(found.map(\.areas)).count == 1 { return Place(areas: found[0].areas, name: found[0].name) }
        }
        return nil
    }

    /// The longest run of a phrase that names a place exactly, and the phrase without it.
    func split(_ phrase: Phrase) -> (place: Place, rest: Phrase)? {
        let stems = phrase.stems
        for length in stride(from: stems.count - 1, through: 1, by: -1) {
            for start in 0...(stems.count - length) {
                let run = Array(stems[start..<(start + length)])
                guard let place = exact(run) ?? relative(run) else { continue }
                var index = -1
                let rest = phrase.mapping { word in
                    index += 1
                    return (start..<(start + length)).contains(index) ? [] : [word]
                }
                return (place, rest)
            }
        }
        return nil
    }
}

/// Who speaks, and where they stand.
struct Standpoint: Equatable, Sendable {
    var speaker: Home.Resident?
    var area: String?
}
