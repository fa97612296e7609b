import MynaStages

/// How replies put things: short, for the ear, the answer first.
struct Wording {
    let home: Home
    /// Chooses among ways to say the same thing; the same seed says the same.
    var seed: UInt64

    /// "a", "a and b", "a, b and c".
    static func list(_ items: [String], _ word: String = "and") -> String {
        switch items.count {
        case 0: ""
        case 1: items[0]
        default: items.dropLast().joined(separator: ", ") + " \(word) " + items[items.count - 1]
        }
    }

    /// A number as a reply says it: at most one decimal.
    static func number(_ number: Double) -> String {
        let tenths = (number * 10).rounded() / 10
        guard abs(tenths) < 1_000_000, let whole = Int(exactly: tenths.rounded(.towardZero)) else { return "\(tenths)" }
        let decimal = Int((abs(tenths - Double(whole)) * 10).rounded())
        let sign = tenths < 0 && whole == 0 ? "-" : ""
        return decimal == 0 ? "\(whole)" : "\(sign)\(whole).\(decimal)"
    }

    /// A span of time: "1 hour and 5 minutes".
    static func duration(_ seconds: Double) -> String {
        var left = Int(seconds.rounded())
        var parts: [String] = []
        for (name, size) in [("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)] {
            let count = left / size
            left %= size
            if count > 0 { parts.append("\(count) \(name)\(count == 1 ? "" : "s")") }
        }
        return parts.isEmpty ? "0 seconds" : list(parts)
    }

    /// One of `ways`, always the same for the same seed.
    func one(of ways: [String]) -> String { ways[Int(seed % UInt64(ways.count))] }

    /// `text` without the characters that cannot be heard: names, list items and errors of a home are whatever somebody wrote.
    static func audible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isMute) else { return text }
        let plain = text.unicodeScalars.map { isMute($0) ? " " : $0 }
        return String(String.UnicodeScalarView(plain)).split(separator: " ").joined(separator: " ")
    }

    /// Whether a scalar has no sound and no place in a text that is shown.
    static func isMute(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }

    static func sentence(_ text: String) -> String {
        guard let first = text.first else { return text }
        let capital = first.uppercased() + text.dropFirst()
        return text.last.map { ".?!".contains($0) } ?? false ? capital : capital + "."
    }

    /// "the Reading Lamp"; a name that says whose it is, or a proper name, has no article.
    func name(_ entity: Home.Entity, withPlace: Bool = false) -> String {
        let name = entity.name
        let lower = name.lowercased()
        let isProper =
            !name.contains(" ") && Phrase(name).stems.allSatisfy { !Kinds.words(for: entity).contains($0) }
            && ["vacuum", "lawn_mower", "person"].contains(entity.domain)
        let hasOwner =
            lower.split(separator: " ").first.map { $0.hasSuffix("'s") || $0.hasSuffix("’s") || $0 == "my" || $0 == "our" }
            ?? false
        var text = lower.hasPrefix("the ") || isProper || hasOwner ? name : "the \(name)"
        if withPlace, let area = entity.area.flatMap(home.area), !lower.contains(area.name.lowercased()) {
            text += " in \(self.name(area))"
        }
        return text
    }

    func name(_ area: Home.Area) -> String {
        let first = area.name.lowercased().split(separator: " ").first ?? ""
        let isOwn =
            first == "the" || first.hasSuffix("'s") || first.hasSuffix("’s") || first == "my" || area.name.last?.isNumber ?? false
        return isOwn ? area.name : "the \(area.name)"
    }

    /// A place as it stands after "in".
    func place(_ place: Place) -> String {
        place.areas.count == 1 ? place.areas.first.flatMap(home.area).map(name) ?? place.name : place.name
    }

    /// Several entities in few words: names while there are few, then how many of what.
    func names(_ entities: [Home.Entity], limit: Int = 3) -> String {
        if entities.count <= limit {
            let isAlike = Set(entities.map(\.name)).count < entities.count
            return Self.list(entities.map { name($0, withPlace: isAlike) })
        }
        let areas = Set(entities.map(\.area))
        let place = areas.count == 1 ? areas.first!.flatMap(home.area).map { " in \(name($0))" } ?? "" : ""
        return "\(entities.count) \(kind(entities, plural: true))\(place)"
    }

    /// Names for a question of which is meant.
    func options(_ entities: [Home.Entity]) -> String {
        let isAlike = Set(entities.map(\.name)).count < entities.count
        let shown = entities.prefix(entities.count > 5 ? 4 : 5).map { name($0, withPlace: isAlike) }
        return entities.count > 5
            ? shown.joined(separator: ", ") + ", or one of \(entities.count - 4) more" : Self.list(shown, "or")
    }

    /// What the entities are, in a word.
    func kind(_ entities: [Home.Entity], plural: Bool) -> String {
        let domains = Set(entities.map(\.domain))
        let classes = Set(entities.map(\.deviceClass))
        var word = "device"
        if domains.count == 1, let domain = domains.first {
            let words = [
                "light": "light", "switch": "switch", "fan": "fan", "climate": "thermostat", "cover": "cover", "valve": "valve",
                "lock": "lock", "media_player": "player", "vacuum": "vacuum", "lawn_mower": "mower", "todo": "list",
                "scene": "scene",
                "binary_sensor": "sensor", "sensor": "sensor",
            ]
            word = words[domain] ?? "device"
            if ["cover", "binary_sensor"].contains(domain), classes.count == 1, let deviceClass = classes.first ?? nil {
                word =
                    deviceClass == "garage" || deviceClass == "garage_door"
                    ? "garage door" : deviceClass.replacing("_", with: " ")
            }
        }
        guard plural else { return word }
        return word.hasSuffix("ch") ? word + "es" : word + "s"
    }

    private func isPlural(_ entities: [Home.Entity]) -> Bool {
        entities.count > 1 || (entities.first.map { Phrase.isPlural(Phrase($0.name).words.last ?? "") } ?? false)
    }

    func verb(_ entities: [Home.Entity]) -> String { isPlural(entities) ? "are" : "is" }

    /// What was done, once it is verified.
    func done(_ action: DeviceAction, _ entities: [Home.Entity]) -> String {
        let names = names(entities)
        let isOrAre = verb(entities)
        switch action {
        case .turnOn: return one(of: ["\(names) \(isOrAre) on", "Turned on \(names)", "Okay, \(names) \(isOrAre) on"])
        case .turnOff: return one(of: ["\(names) \(isOrAre) off", "Turned off \(names)", "Okay, \(names) \(isOrAre) off"])
        case .toggle: return "Switched \(names)"
        case .open: return one(of: ["\(names) \(isOrAre) open", "Opened \(names)", "Opening \(names)"])
        case .close: return one(of: ["\(names) \(isOrAre) closed", "Closed \(names)", "Closing \(names)"])
        case .stop: return "Stopped \(names)"
        case .lock: return one(of: ["\(names) \(isOrAre) locked", "Locked \(names)"])
        case .unlock: return one(of: ["\(names) \(isOrAre) unlocked", "Unlocked \(names)"])
        case .pause: return one(of: ["Paused", "Paused \(names)"])
        case .resume: return one(of: ["Playing", "Playing on \(names)"])
        case .next: return one(of: ["Skipped", "Next one"])
        case .previous: return one(of: ["Going back", "Previous one"])
        case .mute: return "Muted \(names)"
        case .unmute: return "Unmuted \(names)"
        case .start: return one(of: ["\(names) \(isOrAre) starting", "Started \(names)"])
        case .dock: return one(of: ["\(names) \(isOrAre) going back", "Sent \(names) back"])
        case .activate: return one(of: ["Started \(names)", "\(names) \(isOrAre) set"])
        case .play(let item): return one(of: ["Playing \(item)", "Playing \(item) on \(names)"])
        case .set(let setting): return set(setting, entities)
        }
    }

    private func set(_ setting: Setting, _ entities: [Home.Entity]) -> String {
        let names = names(entities)
        let isOrAre = verb(entities)
        func at(_ value: String) -> String { one(of: ["\(names) \(isOrAre) at \(value)", "Set \(names) to \(value)"]) }
        switch setting {
        case .power(let isOn): return done(isOn ? .turnOn : .turnOff, entities)
        case .locked(let isLocked): return done(isLocked ? .lock : .unlock, entities)
        case .brightness(let level): return level == 0 ? done(.turnOff, entities) : at(percent(level))
        case .color(let name): return one(of: ["\(names) \(isOrAre) \(name)", "Set \(names) to \(name)"])
        case .kelvin(let kelvin): return at("\(Color.whiteName(kelvin)), \(Wording.number(kelvin)) kelvin")
        case .temperature(let degrees): return at(self.degrees(degrees))
        case .mode(let mode), .preset(let mode): return at(mode.replacing("_", with: " "))
        case .position(let position):
            return position == 100 ? done(.open, entities) : position == 0 ? done(.close, entities) : at(percent(position))
        case .volume(let volume): return one(of: ["Volume at \(percent(volume))", "The volume is \(percent(volume))"])
        case .speed(let speed): return speed == 0 ? done(.turnOff, entities) : at(percent(speed))
        case .humidity(let humidity): return at(percent(humidity))
        case .source(let source): return at(source)
        case .number(let number): return at(Wording.number(number))
        }
    }

    /// Why a home did not do what was called.
    func why(_ error: ServiceError) -> String {
        func name(_ id: String) -> String { home.entity(id).map { self.name($0) } ?? "it" }
        switch error {
        case .unknownEntity: return "it is gone"
        case .unsupported(_, let entity): return "\(name(entity)) can't do that"
        case .missingArgument: return "something was missing"
        case .outOfRange(_, _, let low, let high, let entity):
            return "\(name(entity)) only goes from \(Self.number(low)) to \(Self.number(high))"
        case .notAllowed(_, let value, let allowed, let entity):
            return "\(name(entity)) has no \(value), only \(Self.list(allowed))"
        case .notFound(let item, let entity): return "\(item) isn't on \(name(entity))"
        case .unreachable: return "I can't reach the home right now"
        case .refused(let entity, let reason): return "\(name(entity)) wouldn't: \(reason)"
        case .unanswered(_, let entity): return "\(name(entity)) didn't answer"
        case .cannotWait: return "I can't do things later, only now"
        }
    }

    /// What is to be done, for a question or a plan: "unlock the Front Door".
    func deed(_ action: DeviceAction, _ entities: [Home.Entity]) -> String {
        let names = names(entities)
        switch action {
        case .turnOn: return "turn on \(names)"
        case .turnOff: return "turn off \(names)"
        case .toggle: return "switch \(names)"
        case .open: return "open \(names)"
        case .close: return "close \(names)"
        case .stop: return "stop \(names)"
        case .lock: return "lock \(names)"
        case .unlock: return "unlock \(names)"
        case .pause: return "pause \(names)"
        case .resume: return "resume \(names)"
        case .next, .previous: return "skip on \(names)"
        case .mute: return "mute \(names)"
        case .unmute: return "unmute \(names)"
        case .start: return "start \(names)"
        case .dock: return "send \(names) back"
        case .activate: return "start \(names)"
        case .play(let item): return "play \(item)"
        case .set(.power(let isOn)): return deed(isOn ? .turnOn : .turnOff, entities)
        case .set(.locked(let isLocked)): return deed(isLocked ? .lock : .unlock, entities)
        case .set(.position(100)): return deed(.open, entities)
        case .set(.position(0)): return deed(.close, entities)
        case .set: return "set \(names)"
        }
    }

    func percent(_ value: Double) -> String { "\(Wording.number(value)) percent" }
    func degrees(_ value: Double) -> String { "\(Wording.number(value)) degree\(value == 1 ? "" : "s")" }
}
