import Foundation
import MynaStages
import MynaText

extension Planner {
    // MARK: Lists

    func list(_ intent: Intent) -> Step {
        let service: String
        switch intent.action {
        case "list_add": service = "add_item"
        case "list_remove": service = "remove_item"
        case "list_complete": service = "complete_item"
        default: service = "get_items"
        }
        return step(intent, list(named: intent.slots["list"], for: intent)) { lists in
            guard let list = lists.first else { return .reply(Reply(text: "There's no list here.", kind: .refuse)) }
            if service == "get_items" { return .reply(read(list)) }
            guard let item = intent.slots["item"], !item.isEmpty else {
                return .ask(Reply(text: "What should I put down?", kind: .clarify), .value(intent, slot: "item"))
            }
            return change(list, service, item, intent)
        }
    }

    /// The list that words mean; with none said, the only one there is.
    private func list(named name: String?, for intent: Intent) -> Grounded {
        let lists = home.entities.filter { $0.domain == "todo" }
        if lists.isEmpty { return .absent(name ?? "list") }
        let phrase = grounder.lexicon.repaired(Phrase(name ?? intent.slots["target"] ?? ""))
        let distinctive = phrase.dropping(["list", "todo", "do"])
        if distinctive.isEmpty {
            // "my to-do list" is for tasks, whatever it is called.
            let saysToDo = phrase.stems.contains("todo") || phrase.stems.contains("do")
            if lists.count == 1 {
                return saysToDo && isFor(Self.shoppingWords, lists[0]) && !isFor(Self.taskWords, lists[0])
                    ? .absent("to-do list") : .found(lists)
            }
            let tasks = lists.filter { isFor(Self.taskWords, $0) }
            return saysToDo && tasks.count == 1 ? .found(tasks) : .ambiguous(lists)
        }
        func fits(_ list: Home.Entity, _ stems: Set<String>) -> Bool {
            list.names.contains { name in
                let own = Set(Phrase(name).stems)
                return stems.isSubset(of: own.union(own.flatMap(Kinds.meanings)))
                    || (!own.isEmpty && own.subtracting(["list"]).isSubset(of: stems))
            }
        }
        let stems = Set(distinctive.stems)
        let exact = lists.filter { $0.names.contains { Phrase($0).dropping(["list"]).stems == distinctive.stems } }
        let found = exact.isEmpty ? lists.filter { fits($0, stems) } : exact
        if found.count == 1 { return .found(found) }
        if found.count > 1 { return .ambiguous(found) }
        // A shopping list by another name is the one that is not for tasks, and the other way about.
        if !stems.isDisjoint(with: Self.shoppingWords) {
            let shopping = lists.filter { !isFor(Self.taskWords, $0) }
            if shopping.count == 1 { return .found(shopping) }
        } else if !stems.isDisjoint(with: Self.taskWords) {
            let tasks = lists.filter { isFor(Self.taskWords, $0) }
            if tasks.count == 1 { return .found(tasks) }
        }
        return .absent("\(distinctive.words.joined(separator: " ")) list")
    }

    private static let taskWords: Set<String> = [
        "task", "todo", "chore", "do", "work", "personal", "homework", "reminder", "errand", "job",
    ]
    private static let shoppingWords: Set<String> = ["shopping", "grocery", "food", "store", "supermarket", "market"]

    private func isFor(_ words: Set<String>, _ list: Home.Entity) -> Bool {
        list.names.contains { !words.isDisjoint(with: Phrase($0).stems) }
    }

    private func read(_ list: Home.Entity) -> Reply {
        let items = list.items
        let name = wording.name(list)
        if items.isEmpty {
            if let count = Int(list.state.state), count > 0 {
                return Reply(text: Wording.sentence("\(count) thing\(count == 1 ? "" : "s") on \(name)"), kind: .answer)
            }
            return Reply(text: Wording.sentence("Nothing is on \(name)"), kind: .answer)
        }
        return Reply(text: Wording.sentence("\(Wording.list(items)): that's what's on \(name)"), kind: .answer)
    }

    private func change(_ list: Home.Entity, _ service: String, _ item: String, _ intent: Intent) -> Step {
        let name = wording.name(list)
        if service == "add_item" {
            guard list.offers(service) else {
                return .reply(Reply(text: Wording.sentence("I can't add to \(name)"), kind: .refuse))
            }
            let count = list.items.count
            let attribute = list.itemsAttribute
            let call = PlannedCall(service, list, ["item": .string(item)]) {
                ($0.attributes[attribute]?.list?.count ?? 0) > count
            }
            return .act(
                Plan(
                    intent: intent, calls: [call], entities: [list],
                    done: wording.one(of: ["\(item) is on \(name)", "Added \(item) to \(name)"]), deed: "put \(item) on \(name)"))
        }
        let stems = Set(Phrase(item).stems)
        let found = list.items.filter { Phrase($0).stems == Phrase(item).stems }
        let near = found.isEmpty ? list.items.filter { !stems.isEmpty && stems.isSubset(of: Phrase($0).stems) } : found
        guard let match = near.first else {
            return .reply(Reply(text: Wording.sentence("\(item) isn't on \(name)"), kind: .refuse))
        }
        if near.count > 1, Set(near).count > 1 {
            return .ask(Reply(text: "Which one: \(Wording.list(near, "or"))?", kind: .clarify), .value(intent, slot: "item"))
        }
        let isCompleting = service == "complete_item"
        let used = list.offers(service) ? service : isCompleting && list.offers("update_item") ? "update_item" : nil
        guard let used else { return .reply(Reply(text: Wording.sentence("I can't change \(name)"), kind: .refuse)) }
        var data: [String: Value] = ["item": .string(match)]
        if used == "update_item" { data["status"] = "completed" }
        let count = list.items.count
        let attribute = list.itemsAttribute
        let call = PlannedCall(used, list, data) { ($0.attributes[attribute]?.list?.count ?? 0) < count }
        return .act(
            Plan(
                intent: intent, calls: [call], entities: [list],
                done: isCompleting ? "Checked off \(match)" : "\(match) is off \(name)",
                deed: isCompleting ? "check off \(match)" : "take \(match) off \(name)"))
    }

    // MARK: Calendars

    func event(_ intent: Intent) -> Step {
        let calendars = home.entities.filter { $0.domain == "calendar" }
        guard !calendars.isEmpty else { return .reply(Reply(text: "There's no calendar here.", kind: .refuse)) }
        if intent.action == "event_read" { return .reply(read(calendars, intent)) }
        if intent.action == "event_delete" { return deleteEvent(intent, calendars) }
        guard let item = intent.slots["item"] else {
            return .ask(Reply(text: "What should I call it?", kind: .clarify), .value(intent, slot: "item"))
        }
        guard let text = intent.slots["time"], let found = SpokenMoment.find(text, now: now, zone: zone) else {
            return .ask(Reply(text: "When is \(item)?", kind: .clarify), .value(intent, slot: "time"))
        }
        let capable = calendars.filter { $0.offers("create_event") }
        let named = intent.slots["list"] ?? intent.slots["target"]
        var chosen = capable
        if let named,
            case .found(let entities) = grounder.ground(
                Wanted(target: named, isCapable: { capable.contains($0) }, isImplied: { _ in true }))
        {
            chosen = entities
        }
        if chosen.count > 1 { return step(intent, .ambiguous(chosen)) { _ in .undo } }
        guard let calendar = chosen.first else { return .reply(Reply(text: "I can't add to the calendar.", kind: .refuse)) }
        let start =
            found.hasTime ? HomeTime.text(found.date, zone: zone) : String(HomeTime.text(found.date, zone: zone).prefix(10))
        var data: [String: Value] = ["title": .string(item), "start": .string(start)]
        if found.hasTime { data["end"] = .string(HomeTime.text(found.date.addingTimeInterval(3600), zone: zone)) }
        let count = calendar.events.count
        let call = PlannedCall("create_event", calendar, data) { ($0.attributes["events"]?.list?.count ?? 0) > count }
        let moment = SpokenMoment.spoken(found.date, now: now, zone: zone, withTime: found.hasTime)
        return .act(
            Plan(
                intent: intent, calls: [call], entities: [calendar], done: "\(item) is in the calendar, \(moment)",
                deed: "put \(item) in the calendar"))
    }

    private func deleteEvent(_ intent: Intent, _ calendars: [Home.Entity]) -> Step {
        guard let item = intent.slots["item"] else {
            return .ask(Reply(text: "Which event?", kind: .clarify), .value(intent, slot: "item"))
        }
        let stems = Set(Phrase(item).stems)
        for calendar in calendars where calendar.offers("delete_event") {
            let fitting = calendar.events.filter { !stems.isEmpty && stems.isSubset(of: Phrase($0.title).stems) }
            guard let event = fitting.first else { continue }
            if Set(fitting.map(\.title)).count > 1 {
                return .ask(
                    Reply(text: "Which one: \(Wording.list(fitting.map(\.title), "or"))?", kind: .clarify),
                    .value(intent, slot: "item"))
            }
            let count = calendar.events.count
            let call = PlannedCall("delete_event", calendar, ["title": .string(event.title)]) {
                ($0.attributes["events"]?.list?.count ?? 0) < count
            }
            return .act(
                Plan(
                    intent: intent, calls: [call], entities: [calendar], done: "\(event.title) is out of the calendar",
                    deed: "take \(event.title) out of the calendar"))
        }
        return .reply(Reply(text: Wording.sentence("I see no \(item) in the calendar"), kind: .refuse))
    }

    private func read(_ calendars: [Home.Entity], _ intent: Intent) -> Reply {
        var events: [(title: String, date: Date)] = []
        for calendar in calendars {
            for event in calendar.events {
                if let date = HomeTime.date(event.start, zone: zone) { events.append((event.title, date)) }
            }
        }
        events.sort { $0.date < $1.date }
        let system = HomeTime.calendar(zone)
        if let item = intent.slots["item"] {
            let stems = Set(Phrase(item).stems)
            let found = events.filter { !stems.isDisjoint(with: Phrase($0.title).stems) }
            guard let event = found.first(where: { $0.date >= now }) ?? found.last else {
                return Reply(text: Wording.sentence("I see no \(item) in the calendar"), kind: .answer)
            }
            return Reply(
                text: Wording.sentence("\(event.title) is \(SpokenMoment.spoken(event.date, now: now, zone: zone))"),
                kind: .answer)
        }
        let text = intent.slots["time"] ?? ""
        var upcoming = events.filter { $0.date >= system.startOfDay(for: now) }
        var when = "coming up"
        if let found = SpokenMoment.find(text, now: now, zone: zone) {
            upcoming = upcoming.filter { system.isDate($0.date, inSameDayAs: found.date) }
            when = SpokenMoment.spoken(found.date, now: now, zone: zone, withTime: false)
        } else if Phrase.words(text).contains("week") {
            upcoming = upcoming.filter { $0.date < now.addingTimeInterval(7 * 86400) }
            when = "this week"
        } else {
            upcoming = Array(upcoming.prefix(3))
        }
        guard !upcoming.isEmpty else { return Reply(text: Wording.sentence("Nothing is in the calendar \(when)"), kind: .answer) }
        let said = upcoming.map { "\($0.title) \(SpokenMoment.spoken($0.date, now: now, zone: zone))" }
        return Reply(text: Wording.sentence(Wording.list(said)), kind: .answer)
    }

    // MARK: Timers

    func timer(_ intent: Intent) -> Step {
        guard let entity = home.entities.first(where: { $0.domain == "timer" && $0.offers("start") }) else {
            return .reply(Reply(text: "There are no timers here.", kind: .refuse))
        }
        if intent.action == "timer_start" { return startTimer(intent, entity) }
        let isAll = Phrase([intent.slots["target"], intent.slots["name"]].compactMap { $0 }.joined(separator: " ")).saysAll
        var chosen = timers
        if let name = intent.slots["name"].map({ Phrase($0).dropping(["timer"]) }), !name.isEmpty {
            chosen = chosen.filter { timer in
                guard let own = timer.name.map({ Phrase($0).stems }) else { return false }
                return Set(name.stems).isSubset(of: own)
                    || Lexicon.skeleton(name.stems.joined()) == Lexicon.skeleton(own.joined())
            }
        } else if let seconds = intent.slots["duration"].flatMap({ SpokenDuration.seconds(in: $0) }) {
            chosen = chosen.filter { abs($0.seconds - seconds) < 1 }
        }
        if let place = intent.slots["place"].flatMap(grounder.place), chosen.contains(where: { $0.area != nil }) {
            chosen = chosen.filter { place.isWholeHome || $0.area.map(place.areas.contains) ?? false }
        }
        guard !chosen.isEmpty else {
            return .reply(
                Reply(
                    text: timers.isEmpty ? "No timer is running." : "There's no such timer.",
                    kind: intent.action == "timer_status" ? .answer : .refuse))
        }
        if intent.action == "timer_status" {
            let said = chosen.map { timer in
                "\(Wording.duration(timer.remaining)) left on \(name(timer))\(timer.isPaused ? ", paused" : "")"
            }
            return .reply(Reply(text: Wording.sentence(Wording.list(said)), kind: .answer))
        }
        if chosen.count > 1, !isAll {
            return .ask(
                Reply(text: "Which one: \(Wording.list(chosen.map(name), "or"))?", kind: .clarify), .value(intent, slot: "name"))
        }
        return changeTimers(intent, chosen)
    }

    private func name(_ timer: HomeTimer) -> String {
        timer.name.map { "the \($0) timer" } ?? "the \(Wording.duration(timer.seconds)) timer"
    }

    private func startTimer(_ intent: Intent, _ entity: Home.Entity) -> Step {
        guard let text = intent.slots["duration"] ?? intent.slots["value"] ?? intent.slots["time"] else {
            return .ask(Reply(text: "For how long?", kind: .clarify), .value(intent, slot: "duration"))
        }
        var seconds = SpokenDuration.seconds(in: text)
        if seconds == nil, intent.slots["time"] != nil, let moment = SpokenMoment.find(text, now: now, zone: zone) {
            seconds = moment.date.timeIntervalSince(now)
        }
        guard let seconds, seconds >= 1, seconds <= 366 * 86400 else {
            return .ask(Reply(text: "For how long?", kind: .clarify), .value(intent, slot: "duration"))
        }
        var data: [String: Value] = ["seconds": .number(seconds)]
        let name = intent.slots["name"].map { $0.replacing(" timer", with: "") }
        if let name, !name.isEmpty { data["name"] = .string(name) }
        let place = intent.slots["place"].flatMap(grounder.place)
        if let area = place?.areas.first ?? grounder.standpoint.area { data["area"] = .string(area) }
        let span = Wording.duration(seconds)
        let count = entity.running.count
        let call = PlannedCall("start", entity, data) { ($0.attributes["running"]?.list?.count ?? 0) > count }
        let done =
            name.map { wording.one(of: ["\(span) for \($0), starting now", "The \($0) timer is set for \(span)"]) }
            ?? wording.one(of: ["\(span), starting now", "Timer set for \(span)"])
        return .act(Plan(intent: intent, calls: [call], entities: [entity], done: done, deed: "set a timer for \(span)"))
    }

    private func changeTimers(_ intent: Intent, _ chosen: [HomeTimer]) -> Step {
        let names = Wording.list(chosen.map(name))
        var calls: [PlannedCall] = []
        var done = ""
        let seconds = intent.slots["value"].flatMap { SpokenDuration.seconds(in: $0) }
        if ["timer_add", "timer_subtract"].contains(intent.action), seconds == nil {
            return .ask(Reply(text: "By how much?", kind: .clarify), .value(intent, slot: "value"))
        }
        // From the last to the first, so that the positions of those still to come stay true.
        for timer in chosen.reversed() {
            guard let entity = home.entity(timer.entity),
                let index = timers.filter({ $0.entity == timer.entity }).firstIndex(of: timer)
            else { continue }
            let data: [String: Value] = ["index": .number(Double(index))]
            switch intent.action {
            case "timer_cancel":
                calls.append(PlannedCall("cancel", entity, data))
                done = wording.one(of: ["Cancelled \(names)", "\(names) \(chosen.count == 1 ? "is" : "are") cancelled"])
            case "timer_pause":
                calls.append(PlannedCall("pause", entity, data))
                done = "Paused \(names)"
            case "timer_resume":
                calls.append(PlannedCall(entity.offers("resume") ? "resume" : "start", entity, data))
                done = "\(names) goes on"
            default:
                let change = (seconds ?? 0) * (intent.action == "timer_add" ? 1 : -1)
                if timer.remaining + change <= 0 {
                    return .reply(
                        Reply(
                            text: Wording.sentence("\(name(timer)) has only \(Wording.duration(timer.remaining)) left"),
                            kind: .refuse))
                }
                if entity.offers("change") {
                    calls.append(PlannedCall("change", entity, data.merging(["seconds": .number(change)]) { $1 }))
                } else {
                    calls.append(PlannedCall("cancel", entity, data))
                    var start: [String: Value] = ["seconds": .number(timer.remaining + change)]
                    if let name = timer.name { start["name"] = .string(name) }
                    calls.append(PlannedCall("start", entity, start))
                }
                done = "\(Wording.duration(timer.remaining + change)) left on \(name(timer))"
            }
        }
        return .act(
            Plan(
                intent: intent, calls: calls, entities: chosen.compactMap { home.entity($0.entity) }, done: done,
                deed: "change \(names)"))
    }
}
