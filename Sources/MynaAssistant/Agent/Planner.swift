import Foundation
import MynaStages
import MynaText

/// Turns an intent into the calls, the question or the refusal it deserves in this home at this moment.
struct Planner {
    let home: Home
    let grounder: Grounder
    let wording: Wording
    let dialogue: Dialogue
    let timers: [HomeTimer]
    let now: Date
    /// Whether the request was spoken, so that its words may have been misheard.
    var isHeard = false

    var zone: TimeZone { home.timeZone.flatMap(TimeZone.init(identifier:)) ?? Self.offset(of: home.now) ?? .gmt }

    private static func offset(of moment: String?) -> TimeZone? {
        guard let moment, let sign = moment.lastIndex(where: { $0 == "+" || $0 == "-" }), moment[sign...].count == 6 else {
            return nil
        }
        let parts = moment[sign...].dropFirst().split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        return TimeZone(secondsFromGMT: (parts[0] * 60 + parts[1]) * (moment[sign] == "-" ? -60 : 60))
    }

    /// Whether "it", "that" or the like is all that names the target.
    static func isPronoun(_ text: String) -> Bool {
        let words = Phrase.words(text)
        return !words.isEmpty
            && words.allSatisfy { ["it", "that", "them", "those", "they", "this", "these", "one", "ones", "again"].contains($0) }
    }

    /// Whether what is to be played is just "music".
    private static func isAnyMusic(_ item: String) -> Bool {
        let words = Phrase(item).stems
        return words.allSatisfy {
            ["music", "audio", "something", "playback", "media", "sound", "it", "speaker", "radio", "tune"].contains($0)
        }
    }

    func step(for intent: Intent) -> Step {
        switch intent.action {
        case "turn_on":
            if intent.slots["value"] != nil { return set(intent) }
            return device(intent, .turnOn)
        case "turn_off": return device(intent, .turnOff)
        case "toggle": return device(intent, .toggle)
        case "open": return device(intent, .open)
        case "close": return device(intent, .close)
        case "stop": return device(intent, .stop)
        case "lock": return device(intent, .lock)
        case "unlock": return device(intent, .unlock)
        case "pause": return device(intent, .pause)
        case "resume": return device(intent, .resume)
        case "next": return device(intent, .next)
        case "previous": return device(intent, .previous)
        case "mute": return device(intent, .mute)
        case "unmute": return device(intent, .unmute)
        case "start": return device(intent, .start)
        case "dock": return device(intent, .dock)
        case "activate":
            let step = device(intent, .activate)
            // "activate the fan" is no scene.
            if case .misfit = step { return device(intent, .turnOn) }
            return step
        case "play" where intent.slots["item"].map(Self.isAnyMusic) ?? true:
            var resumed = intent
            resumed.slots["item"] = nil
            return device(resumed, .resume)
        case "play": return device(intent, .play(item: intent.slots["item"] ?? ""))
        case "set": return set(intent)
        case "adjust": return adjust(intent)
        case "again": return again(intent)
        case "undo":
            return dialogue.undoable.isEmpty && dialogue.scheduled.isEmpty
                ? .reply(Reply(text: "There's nothing to take back.", kind: .refuse)) : .undo
        case "list_add", "list_remove", "list_complete", "list_read": return list(intent)
        case "event_create", "event_read", "event_delete": return event(intent)
        case let action where action.hasPrefix("timer_"): return timer(intent)
        case "ask", "ask_time", "ask_date", "ask_weather":
            let reply = answer(intent)
            return reply.kind == .refuse ? .misfit(reply) : .reply(reply)
        default: return .reply(talk(intent))
        }
    }

    // MARK: Devices

    private func device(_ intent: Intent, _ action: DeviceAction) -> Step {
        var intent = intent
        if [.start, .stop, .dock].contains(action), intent.slots["place"] == nil, let target = intent.slots["target"],
            !Self.isPronoun(target), grounder.place(target) != nil
        {
            (intent.slots["place"], intent.slots["target"]) = (target, nil)  // "water the vineyard"
        }
        let grounded = ground(intent, action)
        return step(intent, grounded) { entities in
            var entities = entities
            if entities.count > 1, let isIdle = idle(action) {
                let acting = entities.filter { !isIdle($0) }
                if acting.isEmpty {
                    return .reply(Reply(text: Wording.sentence("\(wording.names(entities)) \(already(action))"), kind: .done))
                }
                entities = acting
            }
            return plan(intent, action, entities)
        }
    }

    private func plan(_ intent: Intent, _ action: DeviceAction, _ entities: [Home.Entity]) -> Step {
        .act(
            Plan(
                intent: intent, calls: entities.flatMap { $0.calls(for: action) ?? [] }, entities: entities,
                done: wording.done(action, entities), deed: wording.deed(action, entities)))
    }

    /// When an entity of a group needs no call for the action.
    private func idle(_ action: DeviceAction) -> ((Home.Entity) -> Bool)? {
        switch action {
        case .turnOn: { $0.state.state == "on" }
        case .turnOff: { $0.mode == "off" }
        case .open: { $0.state.state == "open" && (Quantity.position.read($0.state) ?? 100) == 100 }
        case .close: { $0.state.state == "closed" }
        case .lock: { $0.state.state == "locked" }
        case .unlock: { $0.state.state == "unlocked" }
        case .pause: { $0.state.state != "playing" && $0.state.state != "cleaning" && $0.state.state != "mowing" }
        default: nil
        }
    }

    private func already(_ action: DeviceAction) -> String {
        switch action {
        case .turnOn: "are already on"
        case .turnOff: "are already off"
        case .open: "are already open"
        case .close: "are already closed"
        case .lock: "are already locked"
        case .unlock: "are already unlocked"
        default: "are not running"
        }
    }

    private func ground(_ intent: Intent, _ action: DeviceAction) -> Grounded {
        var place = intent.slots["place"]
        var isImplied: (Home.Entity) -> Bool
        var isNear = false
        switch action {
        case .turnOn, .turnOff, .toggle: isImplied = { $0.domain == "light" }
        case .open, .close: isImplied = { $0.domain == "cover" }
        case .lock, .unlock: isImplied = { $0.domain == "lock" }
        case .pause, .resume, .next, .previous, .mute, .unmute, .play: isImplied = { $0.domain == "media_player" }
        case .stop:
            isImplied = {
                $0.domain == "media_player" || ($0.domain == "cover" && ["opening", "closing"].contains($0.state.state))
            }
        case .start, .dock: isImplied = { $0.domain == "vacuum" || $0.domain == "lawn_mower" }
        case .activate: isImplied = { _ in false }
        case .set: isImplied = { _ in true }
        }
        if case .play = action, intent.slots["target"] == nil {
            let players = home.entities.filter { $0.calls(for: action) != nil && $0.deviceClass != "tv" }
            if !players.isEmpty { isImplied = { $0.domain == "media_player" && $0.deviceClass != "tv" } }
        }
        if action == .start || action == .dock || action == .pause || action == .stop, let text = place,
            intent.slots["target"].map({ $0.isEmpty }) ?? true, grounder.place(text) != nil
        {
            // "Clean the kitchen" is for the vacuum, wherever that stands; the mower cuts the grass outside.
            let cleaners = home.entities.filter { $0.domain == "vacuum" && $0.calls(for: action) != nil }
            let there =
                grounder.place(text).map { place in home.entities.filter { place.contains($0) && $0.calls(for: action) != nil } }
                ?? []
            let inside = there.contains(where: isImplied)
            if !inside, (action == .start || action == .stop), there.contains(where: { $0.domain == "valve" }) {
                isImplied = { $0.domain == "valve" }  // "water the garden"
            } else if !inside, !cleaners.isEmpty {
                isImplied = { $0.domain == "vacuum" }
                place = nil
                isNear = true
            }
        }
        var target = intent.slots["target"]
        if let text = target, Self.isPronoun(text), place == nil {
            let grounded = pronoun { $0.calls(for: action) != nil }
            // Nothing was spoken of before, but what plays can be paused all the same.
            guard case .ambiguous = grounded, Self.mediaActions.contains(action) else { return grounded }
            target = nil
        }
        if target == nil, place == nil, intent.slots["except"] == nil, action != .activate, !isNear {
            // "turn it off", or with the pronoun left out.
            let last = dialogue.lastEntities.compactMap(home.entity).filter { $0.calls(for: action) != nil && isImplied($0) }
            if !last.isEmpty, Self.mediaActions.contains(action) { return .found(last) }
        }
        return grounder.ground(
            Wanted(
                target: target, place: place, except: intent.slots["except"], isCapable: { $0.calls(for: action) != nil },
                isImplied: isImplied, isEverything: { $0.isSwitchedWhole(action) }, wouldChange: changes(action)))
    }

    private static let mediaActions: [DeviceAction] = [.pause, .resume, .next, .previous, .mute, .unmute, .stop]

    /// For actions that end something: which of several candidates is doing it.
    private func changes(_ action: DeviceAction) -> ((Home.Entity) -> Bool)? {
        switch action {
        case .turnOff: { $0.state.state == "on" }
        case .pause, .stop, .next, .previous, .mute: { $0.state.state == "playing" || $0.state.state == "cleaning" }
        case .resume: { $0.state.state == "paused" }
        case .close: { $0.state.state == "open" }
        default: nil
        }
    }

    private func pronoun(_ isCapable: (Home.Entity) -> Bool) -> Grounded {
        let last = dialogue.lastEntities.compactMap(home.entity)
        let capable = last.filter(isCapable)
        if !capable.isEmpty { return .found(capable) }
        return last.isEmpty ? .ambiguous([]) : .incapable(last)
    }

    /// The step for what was found, or the question or refusal for what was not.
    func step(_ intent: Intent, _ grounded: Grounded, _ act: ([Home.Entity]) -> Step) -> Step {
        switch grounded {
        case .found(let entities): return act(entities)
        case .ambiguous(let options) where options.isEmpty:
            return .reply(Reply(text: "What do you mean?", kind: .clarify))
        case .ambiguous(let options):
            let question = wording.one(of: ["Which one: ", "Which do you mean: "])
            let shown =
                options.count > 5 && Set(options.map(\.domain)).count == 1
                ? "Which \(wording.kind(options, plural: true)): \(wording.options(options))"
                : question + wording.options(options)
            return .ask(Reply(text: shown + "?", kind: .clarify), .which(intent, options: options))
        case .absent(let words):
            let refusal = wording.one(of: ["I can't find \(words) here.", "There's no \(words) that I know of."])
            // A yes must never be to what was to be left out.
            guard isHeard, intent.slots["except"] == nil, let near = grounder.soundalike(words) else {
                return .misfit(Reply(text: refusal, kind: .refuse))
            }
            return .misfit(
                Reply(text: "\(refusal) Do you mean the \(near.name)?", kind: .clarify), asking: .which(intent, options: [near]))
        case .nothing(let place):
            let at = place.map { $0.isWholeHome ? "here" : "in \(wording.place($0))" } ?? "here"
            return .misfit(Reply(text: "There's nothing \(at) for that.", kind: .refuse))
        case .incapable(let entities):
            return .misfit(Reply(text: Wording.sentence("\(wording.names(entities)) can't do that"), kind: .refuse))
        case .noPlace(let text):
            let words = Phrase(text).words.joined(separator: " ")
            return .misfit(
                Reply(
                    text: wording.one(of: ["I don't know a place called \(words).", "There's no \(words) in this home."]),
                    kind: .refuse))
        }
    }

    // MARK: Settings

    private func set(_ intent: Intent) -> Step {
        guard let value = intent.slots["value"] else {
            if intent.slots["property"] == nil, intent.slots["target"] != nil { return device(intent, .turnOn) }
            return .ask(Reply(text: "To what?", kind: .clarify), .value(intent, slot: "value"))
        }
        let property = intent.slots["property"]
        func calls(_ entity: Home.Entity) -> (Setting, [PlannedCall])? {
            guard let setting = Setting.read(value, property: property, for: entity, units: home.units),
                let calls = entity.calls(for: .set(setting))
            else { return nil }
            return (setting, calls)
        }
        let grounded = ground(intent, property: property ?? Self.impliedProperty(of: value)) { calls($0) != nil }
        return step(intent, grounded) { entities in
            var planned: [PlannedCall] = []
            var settings: [Setting] = []
            for entity in entities {
                guard let (setting, made) = calls(entity) else { continue }
                if case .temperature(let degrees) = setting, let range = entity.temperatureRange, !range.contains(degrees) {
                    let text =
                        "\(wording.name(entity)) only goes from \(Wording.number(range.lowerBound)) to \(wording.degrees(range.upperBound))"
                    return .reply(Reply(text: Wording.sentence(text), kind: .refuse))
                }
                planned += made
                settings.append(setting)
            }
            guard let first = settings.first else { return .reply(Reply(text: "I can't set that.", kind: .refuse)) }
            return .act(
                Plan(
                    intent: intent, calls: planned, entities: entities, done: wording.done(.set(first), entities),
                    deed: wording.deed(.set(first), entities)))
        }
    }

    /// What a value alone is likely for.
    private static func impliedProperty(of value: String) -> String? {
        let words = Phrase.words(value)
        if words.contains(where: { $0.hasPrefix("degree") || $0 == "celsius" || $0 == "fahrenheit" }) { return "temperature" }
        if words.contains("kelvin") { return "color_temperature" }
        if words.contains(where: { Color.rgb[$0] != nil }) { return "color" }
        return nil
    }

    /// What can be set or turned up when only a place is named.
    static func isImplied(_ entity: Home.Entity, by property: String?) -> Bool {
        switch property {
        case "brightness", "color", "color_temperature": entity.domain == "light"
        case "temperature", "mode", "preset": entity.domain == "climate"
        case "volume", "media", "source": entity.domain == "media_player"
        case "position", "open": entity.domain == "cover"
        case "speed": entity.domain == "fan"
        case "humidity": entity.domain == "humidifier"
        case "power", "state", nil: entity.domain == "light"
        default: false
        }
    }

    private func ground(_ intent: Intent, property: String?, _ isCapable: @escaping (Home.Entity) -> Bool) -> Grounded {
        var target = intent.slots["target"]
        var place = intent.slots["place"]
        if target == nil || target.map(Self.isPronoun) == true, place == nil {
            let last = dialogue.lastEntities.compactMap(home.entity).filter(isCapable)
            let fits = last.filter { property == nil || Self.isImplied($0, by: property) || target != nil }
            if !fits.isEmpty { return .found(fits) }
            if let text = target, Self.isPronoun(text), property == nil { return pronoun(isCapable) }
            if target.map(Self.isPronoun) == true { target = nil }
        }
        // "If the garden is colder than eight, set the heating": where nothing else is named, the condition's place counts.
        if target == nil, place == nil, let condition = intent.slots["condition"] { place = conditionPlace(condition) }
        return grounder.ground(
            Wanted(
                target: target, place: place, except: intent.slots["except"], isCapable: isCapable,
                isImplied: { Self.isImplied($0, by: property) },
                wouldChange: property == "volume" ? { $0.state.state == "playing" } : nil))
    }

    private func conditionPlace(_ condition: String) -> String? {
        let phrase = Phrase(condition)
        return grounder.places.split(phrase).map(\.place.name)
    }

    private func adjust(_ intent: Intent) -> Step {
        let isUp = intent.slots["direction"] != "down"
        let words = Phrase.words(intent.slots["value"] ?? "")
        var property = intent.slots["property"]
        if property == nil, dialogue.lastEntities.isEmpty, intent.slots["place"] == nil,
            intent.slots["target"].map(Self.isPronoun) ?? true,
            home.entities.contains(where: { $0.domain == "media_player" && $0.state.state == "playing" })
        {
            property = "volume"  // "turn it up", while something plays
        }
        let said = property
        func setting(_ entity: Home.Entity) -> Setting? {
            Adjustment(isUp: isUp, words: words, property: said).setting(for: entity)
        }
        let implied = property ?? dialogue.lastIntent?.slots["property"]
        let grounded = ground(intent, property: implied) { entity in
            setting(entity).map { entity.calls(for: .set($0)) != nil || entity.offers("volume_up") } ?? false
        }
        return step(intent, grounded) { entities in
            var calls: [PlannedCall] = []
            var shown: Setting?
            for entity in entities {
                guard let setting = setting(entity) else { continue }
                if case .volume = setting, !Quantity.volume.isPresent(in: entity.state), entity.offers("volume_up"),
                    entity.offers("volume_down")
                {
                    calls.append(PlannedCall(isUp ? "volume_up" : "volume_down", entity))
                } else {
                    calls += entity.calls(for: .set(setting)) ?? []
                }
                shown = shown ?? setting
            }
            guard let shown else { return .reply(Reply(text: "I can't change that.", kind: .refuse)) }
            let isSame = entities.allSatisfy { setting($0) == shown }
            let limit = entities.count == 1 ? atLimit(shown, entities[0], isUp: isUp) : nil
            if let limit { return .reply(Reply(text: limit, kind: .done)) }
            return .act(
                Plan(
                    intent: intent, calls: calls, entities: entities,
                    done: isSame
                        ? wording.done(.set(shown), entities) : "Turned \(isUp ? "up" : "down") \(wording.names(entities))",
                    deed: "change \(wording.names(entities))"))
        }
    }

    private func atLimit(_ setting: Setting, _ entity: Home.Entity, isUp: Bool) -> String? {
        guard case .temperature(let degrees) = setting, let range = entity.temperatureRange, !range.contains(degrees) else {
            return nil
        }
        return Wording.sentence("\(wording.name(entity)) is as \(isUp ? "high" : "low") as it goes")
    }

    // MARK: Again

    private func again(_ intent: Intent) -> Step {
        guard var last = dialogue.lastIntent else { return .reply(Reply(text: "What should I do?", kind: .clarify)) }
        let domains = Set(dialogue.lastEntities.compactMap(home.entity).map(\.domain))
        last.slots["except"] = nil
        if let target = intent.slots["target"], intent.slots["place"] == nil, grounder.place(target) != nil {
            // "and the hall too": the same for what is there of the same sort.
            var inPlace = last
            inPlace.slots["place"] = target
            inPlace.slots["target"] =
                domains.count == 1 ? domains.first.map { $0 == "media_player" ? "player" : $0 + "s" } : last.slots["target"]
            let step = step(for: inPlace)
            if case .act = step { return step }
        }
        if intent.slots["target"] == nil, let place = intent.slots["place"] {
            last.slots["place"] = place
            last.slots["target"] = domains.count == 1 ? domains.first.map { $0 + "s" } : last.slots["target"]
        } else if intent.slots["target"] != nil {
            last.slots["target"] = intent.slots["target"]
            last.slots["place"] = intent.slots["place"]
        }
        return step(for: last)
    }
}

extension Home.Entity {
    /// Whether "everything" includes it: what offers the switching itself, so neither locks nor thermostats without a switch.
    func isSwitchedWhole(_ action: DeviceAction) -> Bool {
        switch action {
        case .turnOn: ["light", "switch", "fan", "media_player"].contains(domain) && offers("turn_on")
        case .turnOff:
            offers("turn_off") && !["automation", "script", "scene"].contains(domain)
                || (domain == "media_player" && state.state == "playing")
        case .open, .close: domain == "cover"
        case .lock, .unlock: domain == "lock"
        default: true
        }
    }
}
