import MynaStages

/// What words were found to mean in a home.
enum Grounded: Equatable {
    case found([Home.Entity])
    /// Several things fit and only one was asked for.
    case ambiguous([Home.Entity])
    /// Nothing of that name is there.
    case absent(String)
    /// Nothing there could do what was asked; a place was named, or none.
    case nothing(Place?)
    /// It is there, but cannot do what was asked.
    case incapable([Home.Entity])
    /// There is no such room or floor.
    case noPlace(String)
}

/// What to look for.
struct Wanted {
    var target: String?
    var place: String?
    var except: String?
    /// Which entities can do what was asked.
    var isCapable: (Home.Entity) -> Bool
    /// Which of them are meant when only a place is named, or nothing.
    var isImplied: (Home.Entity) -> Bool
    /// Which of them "everything" means.
    var isEverything: (Home.Entity) -> Bool = { _ in true }
    /// Which of several the request would change: the lamp that is on, for "turn off the lamp".
    var wouldChange: ((Home.Entity) -> Bool)?
    /// Whether a question is asked, where several answers do no harm.
    var isQuestion = false
}

/// Ties the words of an intent to the entities of a home.
///
/// It never guesses wider than was said: one thing asked for and several that fit is a question, unless a name, the
/// named place or the speaker's own room decides.
struct Grounder {
    let home: Home
    let lexicon: Lexicon
    let places: PlaceFinder
    var standpoint: Standpoint
    /// The words of the whole request, which may hold more of a name than an intent does.
    private let heard: [String]
    private let candidates: [Candidate]

    /// An entity and the words that may mean it.
    private struct Candidate {
        var entity: Home.Entity
        var names: [Phrase]
        var area: Set<String>
        var kinds: Set<String>
        var weakKinds: Set<String>
    }

    /// How well a phrase fits an entity: higher is better.
    private enum Fit: Int, Comparable {
        case kind = 1, partOfName, nameAndMore, name, nameAsWritten
        static func < (a: Fit, b: Fit) -> Bool { a.rawValue < b.rawValue }
    }

    private struct Match {
        var candidate: Candidate
        var fit: Fit
        /// Whether it is what its domain says, not only alike in name.
        var isStrong: Bool
        /// Whether every word of the phrase says what and where it is, none which.
        var isGeneric: Bool
    }

    init(_ home: Home, lexicon: Lexicon, standpoint: Standpoint, heard: String = "") {
        self.heard = Phrase(heard).words
        self.home = home
        self.lexicon = lexicon
        self.standpoint = standpoint
        places = PlaceFinder(home, lexicon: lexicon)
        candidates = home.entities.map { entity in
            let areas = entity.areas.compactMap(home.area)
            let floors = areas.compactMap(\.floor).compactMap { id in home.floors.first { $0.id == id } }
            let words = areas.flatMap { [$0.name] + $0.aliases } + floors.flatMap { [$0.name] + $0.aliases }
            let residents = home.residents.filter { $0.room.map(entity.areas.contains) ?? false }.map(\.name)
            return Candidate(
                entity: entity, names: entity.names.map(Phrase.init),
                area: Set((words + residents).flatMap { Phrase($0).stems }), kinds: Kinds.words(for: entity),
                weakKinds: Kinds.otherWords(for: entity))
        }
    }

    /// The place that words name.
    func place(_ text: String) -> Place? { places.place(text, from: standpoint) }

    func ground(_ wanted: Wanted) -> Grounded {
        var place: Place?
        var target = Phrase(wanted.target ?? "")
        if let text = wanted.place {
            place = self.place(text)
            if place == nil {
                // "the lamp by the sofa": what looked like a place is a part of a name.
                for joined in [Phrase(text).appending(target), target.appending(Phrase(text))]
                where !target.isEmpty && !target.saysAll {
                    if case .found(let entities) = ground(lexicon.repaired(joined), in: nil, wanted) { return .found(entities) }
                }
                if target.isEmpty, case .found(let entities) = ground(lexicon.repaired(Phrase(text)), in: nil, wanted) {
                    return .found(entities)
                }
                if standpoint.area == nil, Phrase(text).stems.allSatisfy({ ["here", "room"].contains($0) }) {
                    place = nil
                } else {
                    return .noPlace(text)
                }
            }
        }
        target = completed(lexicon.repaired(target))
        if let own = ownThing(wanted, place) { return own }
        let grounded = ground(target, in: place, wanted)
        if place?.isAmbiguous ?? false, case .found(let entities) = grounded, Set(entities.map(\.area)).count > 1 {
            return .ambiguous(entities)
        }
        return heeding(wanted.except, in: place, wanted, grounded)
    }

    /// The one entity whose name is `words` but for a few letters of a word or two that begin alike, as a recogniser mishears it.
    func soundalike(_ words: String) -> Home.Entity? {
        let said = Phrase(words).stems
        var best: (entities: [Home.Entity], distance: Int) = ([], .max)
        for candidate in candidates {
            for name in candidate.names where name.stems.count == said.count {
                let pairs = zip(said, name.stems).filter { $0 != $1 }
                let distance = pairs.reduce(0) { $0 + Lexicon.distance($1.0, $1.1) }
                let letters = pairs.reduce(0) { $0 + $1.1.count }
                let areAlike = pairs.allSatisfy {
                    abs($0.count - $1.count) <= 2 && Lexicon.skeleton($0).first == Lexicon.skeleton($1).first
                }
                guard !pairs.isEmpty, distance * 3 <= letters, areAlike else { continue }
                if distance < best.distance { best = ([], distance) }
                if distance == best.distance, best.entities.last?.id != candidate.entity.id {
                    best.entities.append(candidate.entity)
                }
            }
        }
        return best.entities.count == 1 ? best.entities[0] : nil
    }

    /// What was found, unless the exception is none: words that leave out nothing were not understood, and what they were to keep
    /// from harm would be touched.
    private func heeding(_ exception: String?, in place: Place?, _ wanted: Wanted, _ grounded: Grounded) -> Grounded {
        guard let exception, case .found(let entities) = grounded else { return grounded }
        let phrase = lexicon.repaired(Phrase(exception))
        let leavesOut = home.entities.contains { entity in
            !entities.contains(entity) && place?.contains(entity) ?? true && isExcepted(entity, by: phrase)
        }
        return leavesOut ? grounded : .absent(exception)
    }

    /// A phrase that is a part of a name which the request holds in full becomes that name.
    private func completed(_ target: Phrase) -> Phrase {
        guard !target.isEmpty, !target.saysAll, !target.saysBoth else { return target }
        var best = target
        for name in candidates.flatMap(\.names) where name.words.count > max(1, best.words.count) {
            if Self.holds(name.words, target.words), Self.holds(heard, name.words) { best = name }
        }
        return best
    }

    /// Whether `run` stands in `words` without a gap.
    private static func holds(_ words: [String], _ run: [String]) -> Bool {
        guard !run.isEmpty, run.count <= words.count else { return false }
        return (0...(words.count - run.count)).contains { Array(words[$0..<($0 + run.count)]) == run }
    }

    /// "My lamp" is the one that bears the speaker's name, or else the one in their room.
    private func ownThing(_ wanted: Wanted, _ place: Place?) -> Grounded? {
        guard let speaker = standpoint.speaker, place == nil, let text = wanted.target, Phrase.words(text).first == "my" else {
            return nil
        }
        let rest = lexicon.repaired(Phrase(text))
        var named = Phrase(speaker.name)
        named = named.appending(rest)
        if case .found(let entities) = groundOne(named, in: nil, wanted) { return .found(entities) }
        guard let room = speaker.room.flatMap(home.area) else { return nil }
        if case .found(let entities) = groundOne(rest, in: Place(areas: [room.id], name: room.name), wanted) {
            return .found(entities)
        }
        return nil
    }

    private func ground(_ target: Phrase, in place: Place?, _ wanted: Wanted) -> Grounded {
        if Set(target.stems).isDisjoint(with: ["and", "plus"])
            || matches(target, in: place, wanted.isCapable).contains(where: { $0.fit >= .name })
        {
            return groundOne(target, in: place, wanted)
        }
        let parts = target.conjuncts
        guard parts.count > 1, let last = parts.last?.words.last else { return groundOne(target, in: place, wanted) }
        var found: [Home.Entity] = []
        for part in parts {
            var result = groundOne(part, in: place, wanted)
            // "the living room and kitchen lights": what the first part is stands at the end.
            if part != parts.last, matches(part, in: place, wanted.isCapable).isEmpty || !isNamed(part, in: place, wanted) {
                let completed = groundOne(part.appending(last), in: place, wanted)
                if case .found = completed { result = completed }
            }
            guard case .found(let entities) = result else { return result }
            found += entities.filter { !found.contains($0) }
        }
        return .found(found)
    }

    private func isNamed(_ phrase: Phrase, in place: Place?, _ wanted: Wanted) -> Bool {
        matches(phrase, in: place, wanted.isCapable).contains {
            $0.fit >= .partOfName || !$0.candidate.kinds.isDisjoint(with: phrase.stems)
        }
    }

    private func groundOne(_ target: Phrase, in place: Place?, _ wanted: Wanted) -> Grounded {
        let except = wanted.except.map { lexicon.repaired(Phrase($0)) }
        func without(_ entities: [Home.Entity]) -> [Home.Entity] {
            guard let except else { return entities }
            return entities.filter { !isExcepted($0, by: except) }
        }
        let isPlaceOnly = target.stems.allSatisfy { ["here", "room"].contains($0) || Kinds.empty.contains($0) }
        if target.isEmpty
            || (isPlaceOnly
                && !candidates.contains { c in wanted.isCapable(c.entity) && c.names.contains { $0.stems == target.stems } })
        {
            return groundImplied(target, in: place, wanted, without)
        }

        var found = matches(target, in: place, wanted.isCapable)
        var scope = place
        if found.isEmpty, let (inner, rest) = places.split(target), let both = Self.intersection(inner, place) {
            scope = both
            found = rest.isEmpty ? [] : matches(rest, in: both, wanted.isCapable)
            if found.isEmpty, rest.stems.allSatisfy({ Kinds.empty.contains($0) }) {
                return groundImplied(rest, in: both, wanted, without)
            }
            if found.isEmpty, inner.name != place?.name,
                case .found(let loose) = choose(looseDoor(rest, in: both, wanted), rest, both, wanted)
            {
                return .found(loose)
            }
        }
        if found.isEmpty, place == nil, let whole = places.place(target.words.joined(separator: " "), from: standpoint) {
            return groundImplied(Phrase(""), in: whole, wanted, without)
        }
        if found.isEmpty { found = looseDoor(target, in: scope, wanted) }
        if found.isEmpty { found = matches(target, in: place, isMisspelt: true, wanted.isCapable) }
        if found.isEmpty { found = overlapping(target, in: scope, wanted) }
        if found.isEmpty {
            let others = matches(target, in: place) { _ in true }
            if let best = others.map(\.fit).max(), best > .kind || others.count == 1 {
                return .incapable(others.filter { $0.fit == best }.map(\.candidate.entity))
            }
            let words = target.words.joined(separator: " ")
            return .absent(place.map { $0.isWholeHome ? words : "\(words) in the \($0.name)" } ?? words)
        }
        switch choose(found, target, scope, wanted) {
        case .found(let entities):
            let left = without(entities)
            return left.isEmpty ? .absent(target.words.joined(separator: " ")) : .found(left)
        case let other: return other
        }
    }

    /// Several matches brought down to what was asked for.
    private func choose(_ matches: [Match], _ target: Phrase, _ place: Place?, _ wanted: Wanted) -> Grounded {
        guard let best = matches.map(\.fit).max() else { return .absent(target.words.joined(separator: " ")) }
        let place = place ?? (matches.allSatisfy(\.isGeneric) ? places.split(target)?.place : nil)
        let wantsMany = target.saysAll || target.saysBoth || target.endsInPlural
        // "the kitchen lights" are all lights there, even where one is called Kitchen Light, but not where one is called
        // Kitchen Lights.
        let isGroup = wantsMany && matches.allSatisfy(\.isGeneric) && (best < .nameAsWritten || target.saysAll)
        var chosen = isGroup ? matches : matches.filter { $0.fit == best }
        if chosen.contains(where: \.isStrong), isGroup || best == .kind { chosen = chosen.filter(\.isStrong) }
        var entities = chosen.map(\.candidate.entity)
        if entities.count == 1 { return .found(entities) }
        if !wanted.isQuestion {
            let native = entities.filter(wanted.isImplied)
            if !native.isEmpty, native.count < entities.count, !isGroup || best == .kind { entities = native }
        }
        if !wanted.isQuestion, let here = standpoint.area, !target.saysAll {
            let near = entities.filter { $0.areas.contains(here) }
            if !near.isEmpty, place == nil || !wantsMany { entities = near }
        }
        if wantsMany {
            // "The lights" without a room or "all" may mean those of one room only; which one is worth a question.
            let isSpread = Set(entities.map(\.area)).count > 1
            if target.saysBoth, entities.count > 2 { return .ambiguous(entities) }
            if isSpread, place == nil, !target.saysAll, !target.saysBoth, !wanted.isQuestion, isGroup {
                return .ambiguous(entities)
            }
            return .found(entities)
        }
        if entities.count == 1 || wanted.isQuestion { return .found(entities) }
        if let place, chosen.allSatisfy(\.isGeneric) {
            let full = Phrase(place.name).appending(target).stems
            let named = entities.filter { $0.names.contains { Phrase($0).stems == full } }
            if named.count == 1 { return .found(named) }
        }
        // "The light in the kitchen" is the light there, however many lamps make it.
        if place != nil, target.stems.last == "light" || target.stems.last == "lighting", chosen.allSatisfy(\.isGeneric),
            entities.allSatisfy({ $0.domain == "light" })
        {
            return .found(entities)
        }
        if let wouldChange = wanted.wouldChange {
            let changed = entities.filter(wouldChange)
            if changed.count == 1 { return .found(changed) }
        }
        let names = Set(entities.map { Phrase($0.name).stems })
        if names.count == 1, Set(entities.map(\.area)).count == 1 {
            return .found([entities.min { Kinds.rank($0) < Kinds.rank($1) }!])
        }
        return .ambiguous(entities)
    }

    /// Only a place was said, or nothing, or "everything".
    private func groundImplied(_ target: Phrase, in place: Place?, _ wanted: Wanted, _ without: ([Home.Entity]) -> [Home.Entity])
        -> Grounded
    {
        let scope =
            place
            ?? (target.saysAll ? nil : standpoint.area.flatMap { id in home.area(id).map { Place(areas: [id], name: $0.name) } })
        let isMeant = target.saysAll && target.isEmpty ? wanted.isEverything : wanted.isImplied
        var entities = candidates.map(\.entity).filter { isMeant($0) && wanted.isCapable($0) }
        if let scope {
            let inside = entities.filter(scope.contains)
            // With nothing in the speaker's own room, what was meant is elsewhere.
            let isHere = place == nil || place?.areas == Set([standpoint.area].compactMap { $0 })
            if !inside.isEmpty || !isHere {
                entities = inside
            } else if let floor = standpoint.area.flatMap(home.area)?.floor {
                // The room has no heating of its own: that of its storey is meant.
                let near = entities.filter { $0.areas.contains { home.area($0)?.floor == floor } }
                entities = near.count == 1 || place != nil ? near : entities
            } else if place != nil {
                entities = inside
            }
        }
        entities = without(entities)
        if entities.isEmpty { return .nothing(place) }
        if entities.count == 1 || target.saysAll || wanted.isQuestion { return .found(entities) }
        if let wouldChange = wanted.wouldChange {
            let changed = entities.filter(wouldChange)
            if changed.count == 1 { return .found(changed) }
        }
        if place != nil, let domain = entities.first?.domain, entities.allSatisfy({ $0.domain == domain }),
            !["media_player", "lock"].contains(domain)
        {
            return .found(entities)
        }
        if place == nil, scope != nil, entities.allSatisfy({ $0.area == standpoint.area && $0.domain == "light" }) {
            return .found(entities)
        }
        return .ambiguous(entities)
    }

    /// The one lock or door of a home is meant by any of the usual words for it.
    private func looseDoor(_ target: Phrase, in place: Place?, _ wanted: Wanted) -> [Match] {
        let usual: Set<String> = ["front", "main", "entrance", "house", "door", "lock", "smart"]
        guard target.stems.contains(where: { $0 == "door" || $0 == "lock" }), usual.isSuperset(of: target.stems) else {
            return []
        }
        let locks = candidates.filter {
            $0.entity.domain == "lock" && wanted.isCapable($0.entity) && (place?.contains($0.entity) ?? true)
        }
        guard locks.count == 1, locks[0].names.contains(where: { usual.isSuperset(of: $0.stems) }) else { return [] }
        return [Match(candidate: locks[0], fit: .kind, isStrong: true, isGeneric: true)]
    }

    /// The one entity whose name the request holds in full and the phrase in part: "corner lights" of "play corner lights".
    private func overlapping(_ target: Phrase, in place: Place?, _ wanted: Wanted) -> [Match] {
        let found = candidates.filter { candidate in
            guard wanted.isCapable(candidate.entity), candidate.entity.areas.isEmpty || place?.contains(candidate.entity) ?? true
            else { return false }
            let extra = Set(target.stems)
            return candidate.names.contains { name in
                let own = Set(name.stems)
                return name.words.count > 1 && Self.holds(heard, name.words) && !own.isDisjoint(with: extra)
                    && extra.subtracting(own).isSubset(of: candidate.kinds.union(candidate.area))
            }
        }
        return found.count == 1 ? [Match(candidate: found[0], fit: .name, isStrong: true, isGeneric: false)] : []
    }

    private static func intersection(_ inner: Place, _ outer: Place?) -> Place? {
        guard let outer, !outer.isWholeHome else { return inner }
        if inner.isWholeHome { return outer }
        let areas = inner.areas.intersection(outer.areas)
        return areas.isEmpty ? nil : Place(areas: areas, name: inner.name)
    }

    private func isExcepted(_ entity: Home.Entity, by except: Phrase) -> Bool {
        // "The den light" where one is called so is that one, and not all of the den.
        let named = home.entities.filter { other in ([other.name] + other.aliases).contains { Phrase($0).stems == except.stems } }
        if !named.isEmpty { return named.contains { $0.id == entity.id } }
        if let place = places.place(except.words.joined(separator: " "), from: standpoint), !place.isWholeHome,
            place.contains(entity)
        {
            return true
        }
        return except.conjuncts.contains { part in
            let place = places.place(part.words.joined(separator: " "), from: standpoint)
            if let place, !place.isWholeHome, place.contains(entity) { return true }
            return matches(part, in: nil) { $0.id == entity.id }.contains { match in
                match.fit > .kind || !Set(part.stems).isSubset(of: match.candidate.area)
            }
        }
    }

    /// Every entity that the phrase fits, within the place.
    private func matches(_ target: Phrase, in place: Place?, isMisspelt: Bool = false, _ isCapable: (Home.Entity) -> Bool)
        -> [Match]
    {
        var found: [Match] = []
        var homeless: [Match] = []
        for candidate in candidates where isCapable(candidate.entity) {
            let isInside = place?.contains(candidate.entity) ?? true
            guard isInside || candidate.entity.area == nil,
                let match = match(target, candidate, isMisspelt: isMisspelt)
            else { continue }
            if isInside { found.append(match) } else if match.fit >= .nameAndMore { homeless.append(match) }
        }
        if found.isEmpty { found = homeless }
        // A room said in full is that room, not one of which it is a part of the name.
        if place == nil, found.count > 1, found.allSatisfy({ $0.fit < .nameAndMore }), let (inner, _) = places.split(target) {
            let inside = found.filter { inner.contains($0.candidate.entity) }
            if !inside.isEmpty { found = inside }
        }
        return found
    }

    private func match(_ target: Phrase, _ candidate: Candidate, isMisspelt: Bool = false) -> Match? {
        if isMisspelt {
            // The home's own spelling of a long word may be off by a letter.
            let own = candidate.names.flatMap(\.stems).filter { $0.count >= 6 }
            let corrected = target.mapping { word in
                let stem = Phrase.stem(word)
                return [own.first { Lexicon.distance($0, stem) == 1 && stem.count >= 6 } ?? word]
            }
            return corrected == target ? nil : match(corrected, candidate)
        }
        let stems = Set(target.stems)
        let kinds = candidate.kinds.union(candidate.weakKinds)
        let isGeneric = stems.isSubset(of: candidate.kinds.union(candidate.area).union(Kinds.empty))
        var fit: Fit?
        for name in candidate.names where !name.isEmpty {
            let own = Set(name.stems)
            if name.words == target.words {
                fit = .nameAsWritten
            } else if name.stems == target.stems || name.stems.joined() == target.stems.joined() {
                fit = max(fit ?? .kind, .name)
            } else {
                guard stems.isSubset(of: own.union(candidate.area).union(kinds).union(Kinds.empty)) else { continue }
                if own.isSubset(of: stems.union(candidate.area.isDisjoint(with: stems) ? [] : candidate.area)) {
                    fit = max(fit ?? .kind, .nameAndMore)
                } else if !stems.intersection(own).subtracting(candidate.area).subtracting(Self.plainWords).isEmpty {
                    fit = max(fit ?? .kind, .partOfName)
                } else if !stems.isDisjoint(with: kinds) {
                    fit = max(fit ?? .kind, .kind)
                }
            }
        }
        guard let fit else { return nil }
        return Match(
            candidate: candidate, fit: fit, isStrong: !stems.isDisjoint(with: candidate.kinds), isGeneric: isGeneric)
    }

    /// Words for a whole domain: that a name holds one makes the entity no likelier to be meant.
    private static let plainWords: Set<String> = Kinds.empty.union([
        "light", "switch", "fan", "door", "window", "blind", "curtain", "speaker", "thermostat", "heating", "valve", "lock",
        "sensor",
        "music", "plug", "room",
    ])
}
