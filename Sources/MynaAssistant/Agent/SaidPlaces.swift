import MynaStages

/// Holds wide requests to the place and the exception that were said.
///
/// "All the lights in the den off except the den lamp" without its place is every light of the house. Where a request names a room or
/// a floor outside of everything that was understood of it, what is to be done to all of a kind is done there.
struct SaidPlaces {
    private let names: [[String]]
    /// What may be left out: things by their names, and places.
    private let exceptions: Set<[String]>

    init(_ home: Home) {
        let names = home.areas.flatMap { [$0.name] + $0.aliases } + home.floors.flatMap { [$0.name] + $0.aliases }
        self.names = Array(Set(names.map(Phrase.words))).filter { !$0.isEmpty }
        exceptions = Set(home.entities.flatMap { [$0.name] + $0.aliases }.map(Phrase.words) + self.names)
    }

    private static let wide: Set<String> = ["turn_on", "turn_off", "toggle", "open", "close", "lock", "unlock", "set", "adjust"]

    /// The intents of `request`, each wide one with the place it was to have.
    func completed(_ intents: [Intent], in request: String) -> [Intent] {
        let words = Phrase.words(request)
        let intents = withException(intents, in: words)
        guard intents.contains(where: lacksPlace) else { return intents }
        // What was understood is copied from the request; an exception and a place that isn't one don't count as a place taken up.
        var isTaken = Array(repeating: false, count: words.count)
        for value in intents.flatMap(\.slots).sorted(by: { $0.value.count > $1.value.count }).map(\.value) {
            let run = Phrase.words(value)
            if let start = Self.lastStart(of: run, in: words, where: { !isTaken[$0] }) {
                for index in start..<start + run.count { isTaken[index] = true }
            }
        }
        let said = names.filter { name in Self.lastStart(of: name, in: words, where: { !isTaken[$0] }) != nil }
        // "Living room" and "room": the longer one was said.
        let longest = said.filter { name in
            !said.contains { $0.count > name.count && Self.lastStart(of: name, in: $0, where: { _ in true }) != nil }
        }
        let known = longest.count == 1 ? longest.first : nil
        // A place that the home doesn't have isn't everywhere.
        guard let place = (known ?? (said.isEmpty ? Self.unknownPlace(in: words, isTaken) : nil))?.joined(separator: " ") else {
            return intents
        }
        return intents.map { intent in
            guard lacksPlace(intent) else { return intent }
            var intent = intent
            intent.slots["place"] = place
            return intent
        }
    }

    /// What "in the …" names before the request goes on, where nothing of it was understood.
    private static func unknownPlace(in words: [String], _ isTaken: [Bool]) -> [String]? {
        guard let start = words.indices.dropLast(2).first(where: { words[$0] == "in" && words[$0 + 1] == "the" }) else {
            return nil
        }
        let place = zip(words, isTaken).dropFirst(start + 2).prefix { word, isTaken in !isTaken && !ends.contains(word) }.map(\.0)
        return place.isEmpty || place.count > 3 || !times.isDisjoint(with: place) ? nil : place
    }

    private static let ends: Set<String> = markers.union([
        "off", "on", "up", "down", "please", "thanks", "and", "then", "to", "at", "in", "for",
    ])
    private static let times: Set<String> = ["morning", "afternoon", "evening", "night", "meantime", "hour", "minute", "dark"]

    /// The one wide intent with the exception and the place that were said around "but" or "except"; what was taken for a request of its own
    /// and is the exception goes.
    private func withException(_ intents: [Intent], in words: [String]) -> [Intent] {
        guard let marker = words.lastIndex(where: Self.markers.contains) else { return intents }
        let tail = words[(marker + 1)...].drop { ["for", "from", "the", "than"].contains($0) }
        let polite = tail.reversed().prefix { ["please", "thanks"].contains($0) }.count
        let except = Array(tail.dropLast(polite))
        // The exception itself may have been taken for a request: "… but the spotlights".
        func isException(_ intent: Intent) -> Bool {
            intent.slots["target"].map { Phrase.words($0).filter { $0 != "the" } } == except
        }
        let candidates = intents.indices.filter { isWide(intents[$0]) && !isException(intents[$0]) }
        guard exceptions.contains(except), candidates.count == 1, let wide = candidates.first else { return intents }
        var intents = intents
        intents[wide].slots["except"] = except.joined(separator: " ")
        // Words behind the marker say where only in "except in the kitchen", which is the exception itself.
        if let place = intents[wide].slots["place"].map(Phrase.words),
            place.contains(where: Self.markers.contains) || place == except || !names.contains(place)
        {
            intents[wide].slots["place"] = nil
        }
        if let target = intents[wide].slots["target"].map(Phrase.words), let end = target.firstIndex(where: Self.markers.contains)
        {
            intents[wide].slots["target"] = target[..<end].joined(separator: " ")
        }
        let said = names.filter { Self.lastStart(of: $0, in: Array(words[..<marker]), where: { _ in true }) != nil }
        let longest = said.filter { name in
            !said.contains { $0.count > name.count && Self.lastStart(of: name, in: $0, where: { _ in true }) != nil }
        }
        if intents[wide].slots["place"] == nil, longest.count == 1, !mentionsPlace(intents[wide].slots["target"] ?? "") {
            intents[wide].slots["place"] = longest[0].joined(separator: " ")
        }
        return intents.enumerated().filter { index, intent in
            index == wide || !isException(intent)
        }.map(\.element)
    }

    private static let markers: Set<String> = ["but", "except", "besides", "apart", "other", "excluding"]

    private func isWide(_ intent: Intent) -> Bool {
        guard Self.wide.contains(intent.action), let target = intent.slots["target"] else { return false }
        let phrase = Phrase(target)
        return phrase.saysAll || phrase.endsInPlural || intent.slots["except"] != nil
    }

    /// Whether an intent is for all of a kind and for no place that the home has.
    private func lacksPlace(_ intent: Intent) -> Bool {
        guard isWide(intent), let target = intent.slots["target"] else { return false }
        guard let place = intent.slots["place"] else { return !mentionsPlace(target) }
        return place == intent.slots["except"] && !mentionsPlace(place)
    }

    private func mentionsPlace(_ text: String) -> Bool {
        let words = Phrase.words(text)
        return names.contains { Self.lastStart(of: $0, in: words, where: { _ in true }) != nil }
    }

    /// Where `run` begins last in `words`, over places that are all free.
    private static func lastStart(of run: [String], in words: [String], where isFree: (Int) -> Bool) -> Int? {
        guard !run.isEmpty, run.count <= words.count else { return nil }
        return (0...words.count - run.count).last { start in
            Array(words[start..<start + run.count]) == run && (start..<start + run.count).allSatisfy(isFree)
        }
    }
}
