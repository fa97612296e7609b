import Foundation
public import MynaStages
import MynaText

/// The assistant of a home: understands a request, finds what it means, does it, sees that it happened, and says so.
///
/// It keeps one conversation: a question waits for its answer, "it" is what was spoken of last, and the last turn that
/// changed something can be taken back. Requests are answered one after another.
public actor HomeAgent: Assistant {
    private let backend: any HomeBackend
    private let understanding: any RequestUnderstanding
    private var dialogue = Dialogue()
    /// What was said last, and what was replied.
    private var before: (said: String, replied: String)?
    private var lexicon: (home: [String], lexicon: Lexicon)?
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let clock: any Clock<Duration>
    private var ownTimers = OwnTimers()
    private var unsaid: [String] = []
    /// Wakes who waits for an announcement when there is a timer to wait for.
    private var newTimer: AsyncStream<Void>.Continuation?
    /// How long a timer's end may go unnoticed.
    private static let timerSeconds = 1.0
    /// The longest request that is read, in bytes; speech of five minutes has fewer.
    private static let longestRequest = 4000

    /// An assistant for the home behind `home`, that understands requests by `understanding`.
    ///
    /// - Parameter clock: Waits for the ends of timers.
    public init(
        home: any HomeBackend, understanding: any RequestUnderstanding, clock: any Clock<Duration> = ContinuousClock()
    ) {
        backend = home
        self.understanding = understanding
        self.clock = clock
    }

    /// What the next request may be an answer to.
    public var state: DialogueState { dialogue.state }

    public func reply(to request: Request, report: @escaping @Sendable (Event.Kind) async -> Void) async throws -> Reply {
        await takeTurn()
        defer { endTurn() }
        if request.text.utf8.count > Self.longestRequest {
            let reply = Reply(text: "That was too long for me. Please say it in a few words.", kind: .clarify)
            await report(.replyText(text: reply.text, kind: reply.kind))
            return reply
        }
        let asked = request
        var request = request
        // Typed text comes to the form in which requests are heard and understood.
        request.text = SpokenForm.text(of: request.text)
        var reply: Reply
        do {
            // An answer to a question may be told behind something else, so it is told whole.
            let saying: @Sendable (String) async -> Void = { await report(.replyPart($0)) }
            var intents = try await understood(
                asked, spoken: request.text, saying: dialogue.pending == nil ? saying : nil)
            if let other = try await fitting(intents, asked, spoken: request) { (request, intents) = other }
            await report(.understood(intents))
            reply = try await act(on: intents, request, report)
        } catch let error as ServiceError {
            // A home that is away, or went away on the way, is told of like any other failure.
            reply = Reply(text: Wording.sentence(wording(request).why(error)), kind: .refuse)
        }
        reply.text = Wording.audible(reply.text)
        dialogue.turn += 1
        before = (asked.text, reply.text)
        await report(.replyText(text: reply.text, kind: reply.kind))
        return reply
    }

    /// - Parameter saying: hears a reply that the model words, a sentence at a time.
    private func understood(
        _ request: Request, spoken text: String, saying: (@Sendable (String) async -> Void)? = nil
    ) async throws -> [Intent] {
        guard let understanding = understanding as? any HomeUnderstanding else {
            return try await understanding.intents(in: text, after: dialogue.state)
        }
        let home = try await backend.home()
        var asked = HomeRequest(request, after: dialogue.state, in: home, before: before)
        asked.saying = saying
        return try await understanding.intents(in: asked)
    }

    /// What else may have been said, and be meant: the likeliest text that can be done as a whole, where the one that was heard names
    /// something that isn't in the home or can't do it. One that is much less likely stays unsaid.
    private func fitting(_ intents: [Intent], _ asked: Request, spoken request: Request) async throws -> (Request, [Intent])? {
        guard dialogue.pending == nil, let best = asked.alternatives.first,
            try await steps(for: intents, request).contains(where: { if case .misfit = $0 { true } else { false } })
        else { return nil }
        for other in asked.alternatives where other.text != asked.text && best.score - other.score <= Self.mishearing {
            var (another, spoken) = (asked, request)
            (another.text, spoken.text) = (other.text, SpokenForm.text(of: other.text))
            let intents = try await understood(another, spoken: spoken.text)
            let steps = try await steps(for: intents, spoken)
            if !steps.isEmpty, steps.allSatisfy(\.fits) { return (spoken, intents) }
        }
        return nil
    }

    /// How much less likely a text may be that fits the home than one that doesn't, as a logarithm.
    private static let mishearing = 4.0

    private func steps(for intents: [Intent], _ request: Request) async throws -> [Step] {
        let planner = try await planner(request)
        return completed(intents, request, in: planner.home, answers: false).map { planner.step(for: $0) }
    }

    /// The intents with what the words say beside them.
    private func completed(_ intents: [Intent], _ request: Request, in home: Home, answers isAnswer: Bool) -> [Intent] {
        let placed = SaidPlaces(home).completed(intents, in: request.text)
        return isAnswer ? placed : SaidLists(home).completed(placed, in: request.text, after: dialogue.lastIntent)
    }

    /// A question that was hardly heard isn't answered by the next "yes": it is forgotten.
    public func wasInterrupted(_ reply: String, after heard: String) async {
        if dialogue.pending != nil, 2 * heard.count < reply.count { dialogue.pending = nil }
    }

    /// That a timer has ended which was set in this conversation.
    public func announcement() async -> String? {
        while !Task.isCancelled {
            if !unsaid.isEmpty { return unsaid.removeFirst() }
            if ownTimers.isEmpty {
                let (timers, isNew) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                newTimer = isNew
                for await _ in timers { break }
                continue
            }
            var wait = Self.timerSeconds
            do {
                let (running, now) = (try await backend.timers(), try await backend.now())
                let (said, next) = ownTimers.update(running, now: now)
                unsaid += said
                if !said.isEmpty { continue }
                if let next { wait = min(wait, max(0.02, next)) }
            } catch {
                // A home that is away may be there again in a second; its timers have not ended for that.
            }
            do { try await clock.sleep(for: .seconds(wait)) } catch { return nil }
        }
        return nil
    }

    /// Waits until no other request is being answered.
    private func takeTurn() async {
        if isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
    }

    private func endTurn() {
        isBusy = false
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }

    /// What one request has led to so far.
    private struct Turn {
        var replies: [Reply] = []
        var toConfirm: [Plan] = []
        var undoable: [(call: ServiceCall, before: EntityState)] = []
        var scheduled: [Int] = []
        var hasActed = false
        var pending: Pending?
    }

    private func act(on intents: [Intent], _ request: Request, _ report: @Sendable (Event.Kind) async -> Void) async throws
        -> Reply
    {
        var turn = Turn()
        let pending = dialogue.pending
        dialogue.pending = nil
        let home = try await backend.home()
        var left = completed(intents, request, in: home, answers: pending != nil)
        if let pending, let answer = try await resolve(pending, with: &left, request, &turn, report) {
            turn.replies.append(answer)
        }
        for intent in left { try await perform(intent, request, &turn, report) }
        if turn.replies.isEmpty && turn.toConfirm.isEmpty {
            dialogue.pending = pending
            return Reply(
                text: wording(request).one(of: [
                    "Sorry, I didn't get that.", "I didn't understand that. Could you say it another way?",
                ]), kind: .clarify)
        }
        if turn.hasActed { (dialogue.undoable, dialogue.scheduled) = (turn.undoable, turn.scheduled) }
        if !turn.toConfirm.isEmpty {
            let deeds = Wording.list(turn.toConfirm.map(\.deed))
            turn.replies.append(
                Reply(
                    text: wording(request).one(of: [
                        "Are you sure you want me to \(deeds)?", "Shall I really \(deeds)? Please confirm.",
                    ]), kind: .clarify))
            turn.pending = .confirm(turn.toConfirm)
        }
        dialogue.pending = turn.pending
        return Self.joined(turn.replies)
    }

    /// One reply of several: the most pressing kind, and every text.
    private static func joined(_ replies: [Reply]) -> Reply {
        let order: [ReplyKind] = [.clarify, .refuse, .done, .answer, .chat]
        let kind = order.first { kind in replies.contains { $0.kind == kind } } ?? .chat
        return Reply(text: replies.map(\.text).joined(separator: " "), kind: kind)
    }

    /// For phrases that name nothing of the home.
    private func wording(_ request: Request) -> Wording {
        Wording(home: Home(id: "", name: ""), seed: Self.seed(request.text, dialogue.turn))
    }

    /// The same words at the same point of a conversation always choose the same wording.
    private static func seed(_ text: String, _ turn: UInt64) -> UInt64 {
        var hash: UInt64 = 14_695_981_039_346_656_037 &+ turn
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return hash >> 7
    }

    private func planner(_ request: Request) async throws -> Planner {
        let home = try await backend.home()
        let key = home.entities.map { $0.id + $0.name } + home.areas.map(\.name)
        if lexicon?.home != key { lexicon = (key, Lexicon(home)) }
        let speaker = request.speaker.flatMap(home.resident)
        let grounder = Grounder(
            home, lexicon: lexicon!.lexicon, standpoint: Standpoint(speaker: speaker, area: request.area),
            heard: request.text)
        return Planner(
            home: home, grounder: grounder, wording: Wording(home: home, seed: Self.seed(request.text, dialogue.turn)),
            dialogue: dialogue, timers: try await backend.timers(), now: try await backend.now(),
            isHeard: !request.alternatives.isEmpty)
    }

    // MARK: Doing

    private func perform(_ intent: Intent, _ request: Request, _ turn: inout Turn, _ report: @Sendable (Event.Kind) async -> Void)
        async throws
    {
        let planner = try await planner(request)
        if let condition = intent.slots["condition"], intent.action != "ask" {
            switch planner.weigh(condition, for: intent) {
            case .holds: break
            case .fails(let fact):
                turn.replies.append(Reply(text: Wording.sentence("\(fact), so I left it"), kind: .answer))
                return
            case .unknown:
                turn.replies.append(Reply(text: "I can't tell whether \(condition), so I left it.", kind: .clarify))
                return
            }
        }
        try await follow(planner.step(for: intent), planner, request, &turn, report)
    }

    private func follow(
        _ step: Step, _ planner: Planner, _ request: Request, _ turn: inout Turn, _ report: @Sendable (Event.Kind) async -> Void
    )
        async throws
    {
        switch step {
        case .reply(let reply):
            turn.replies.append(reply)
        case .misfit(let reply, let pending):
            turn.replies.append(reply)
            turn.pending = turn.pending ?? pending
        case .ask(let question, let pending):
            turn.replies.append(question)
            turn.pending = turn.pending ?? pending
        case .undo:
            try await follow(.act(undoing(planner)), planner, request, &turn, report)
        case .act(let plan):
            if let refusal = forbidden(plan, planner, request) {
                turn.replies.append(refusal)
            } else if plan.calls.contains(where: { call in
                planner.home.entity(call.call.entity)?.confirm.contains(call.call.service) ?? false
            }) {
                turn.toConfirm.append(plan)
            } else {
                try await execute(plan, planner, &turn, report)
            }
        }
    }

    /// Refuses what the speaker may not call.
    private func forbidden(_ plan: Plan, _ planner: Planner, _ request: Request) -> Reply? {
        guard let speaker = planner.grounder.standpoint.speaker,
            plan.calls.contains(where: { speaker.forbiddenCalls.contains($0.call.name) })
        else { return nil }
        return Reply(text: "Sorry \(speaker.name), you're not allowed to \(plan.deed).", kind: .refuse)
    }

    private func execute(_ plan: Plan, _ planner: Planner, _ turn: inout Turn, _ report: @Sendable (Event.Kind) async -> Void)
        async throws
    {
        turn.hasActed = true
        dialogue.lastEntities = plan.entities.map(\.id)
        if plan.intent.action != "undo" { dialogue.lastIntent = plan.intent }
        if let text = plan.intent.slots["delay"]
            ?? (plan.intent.action.hasPrefix("event_") || plan.intent.action.hasPrefix("timer_")
                ? nil : plan.intent.slots["time"])
        {
            turn.replies.append(try await schedule(plan, text, planner, &turn))
            return
        }
        if plan.intent.action == "undo" {
            for id in dialogue.scheduled { try await backend.cancelScheduled(id) }
        }
        var failed: [String] = []
        for planned in plan.calls {
            if let failure = try await make(planned, planner.wording, &turn, report) { failed.append(failure) }
        }
        if failed.isEmpty {
            let span =
                plan.intent.action.hasPrefix("turn_")
                ? plan.intent.slots["duration"].flatMap { SpokenDuration.seconds(in: $0) } : nil
            if let span { turn.scheduled += try await takingBack(plan, after: span, planner, turn.undoable) }
            turn.replies.append(
                Reply(text: Wording.sentence(plan.done + (span.map { " for \(Wording.duration($0))" } ?? "")), kind: .done))
        } else {
            turn.replies.append(
                Reply(text: Wording.sentence("That didn't work: \(Wording.list(Array(Set(failed)).sorted()))"), kind: .refuse))
        }
    }

    /// Makes one call and reads the state back.
    ///
    /// - Returns: Why it did not work; nil if it did.
    private func make(
        _ planned: PlannedCall, _ wording: Wording, _ turn: inout Turn, _ report: @Sendable (Event.Kind) async -> Void
    ) async throws -> String? {
        let call = planned.call
        let before = try await backend.state(of: call.entity)
        await report(.callStarted(name: call.name, arguments: call.arguments))
        do {
            try await backend.call(call)
        } catch let error as ServiceError {
            await report(.callFinished(name: call.name, result: "\(error)"))
            return wording.why(error)
        }
        let after = try await backend.state(of: call.entity, once: planned.isVerified)
        let isDone = planned.isVerified(after)
        if isDone, call.name == "timer.start" {
            ownTimers.add(call, now: try await backend.now())
            newTimer?.finish()
        }
        await report(.callFinished(name: call.name, result: isDone ? "ok" : "the state is \(after.state)"))
        if after != before {
            turn.undoable.append((call, before))
            await report(.homeChanged(entity: call.entity, before: before, after: after))
        }
        return isDone ? nil : "\(wording.home.entity(call.entity).map { wording.name($0) } ?? "it") is still \(after.state)"
    }

    private func schedule(_ plan: Plan, _ text: String, _ planner: Planner, _ turn: inout Turn) async throws -> Reply {
        var seconds = SpokenDuration.seconds(in: text)
        if seconds == nil, let moment = SpokenMoment.find(text, now: planner.now, zone: planner.zone) {
            seconds = moment.date.timeIntervalSince(planner.now)
        }
        guard let seconds, seconds > 0 else { return Reply(text: "When should I \(plan.deed)?", kind: .clarify) }
        turn.scheduled.append(try await backend.schedule(plan.calls.map(\.call), after: .seconds(seconds)))
        return Reply(text: Wording.sentence("In \(Wording.duration(seconds)) I'll \(plan.deed)"), kind: .done)
    }

    /// Schedules what takes the calls of a plan back: "the heater on for an hour".
    private func takingBack(
        _ plan: Plan, after seconds: Double, _ planner: Planner, _ made: [(call: ServiceCall, before: EntityState)]
    ) async throws -> [Int] {
        var calls: [ServiceCall] = []
        for (call, before) in made.reversed() where plan.calls.contains(where: { $0.call == call }) {
            guard let entity = planner.home.entity(call.entity) else { continue }
            var back = entity.callBack(call, to: before)
            back.restoring = nil  // by then the rest of its state may have changed for other reasons
            calls.append(back)
        }
        return calls.isEmpty ? [] : [try await backend.schedule(calls, after: .seconds(seconds))]
    }

    /// What takes the last turn back: as any plan it is checked, confirmed where the home asks for that, and verified.
    private func undoing(_ planner: Planner) -> Plan {
        var calls: [PlannedCall] = []
        var entities: [Home.Entity] = []
        for (call, before) in dialogue.undoable.reversed() {
            guard let entity = planner.home.entity(call.entity) else { continue }
            calls.append(PlannedCall(entity.callBack(call, to: before)) { $0.state == before.state })
            if !entities.contains(entity) { entities.append(entity) }
        }
        let names = planner.wording.names(entities)
        if entities.isEmpty {
            return Plan(intent: Intent("undo"), calls: [], entities: [], done: "Okay, I won't", deed: "take it back")
        }
        return Plan(
            intent: Intent("undo"), calls: calls, entities: entities,
            done: planner.wording.one(of: ["\(names) \(planner.wording.verb(entities)) as before", "Put back \(names)"]),
            deed: "put \(names) back")
    }

    // MARK: Answers to questions

    /// Takes the answer to a pending question out of `intents`; nil where they hold none, and the question is dropped.
    private func resolve(
        _ pending: Pending, with intents: inout [Intent], _ request: Request, _ turn: inout Turn,
        _ report: @Sendable (Event.Kind) async -> Void
    ) async throws -> Reply? {
        let planner = try await planner(request)
        let first = intents.first
        if first?.action == "cancel" || (first?.action == "no" && intents.count == 1) {
            intents.removeFirst()
            return Reply(text: planner.wording.one(of: ["Okay, I'll leave it.", "Alright, never mind."]), kind: .chat)
        }
        switch pending {
        case .confirm(let plans):
            guard first?.action == "yes" else { return nil }
            intents.removeFirst()
            for plan in plans {
                if let refusal = forbidden(plan, planner, request) {
                    turn.replies.append(refusal)
                } else {
                    try await execute(plan, planner, &turn, report)
                }
            }
            return nil
        case .which(let intent, let options):
            let words: String?
            switch first?.action {
            case "select", "tell": words = first?.slots["target"] ?? first?.slots["value"] ?? first?.slots["place"]
            case nil: words = request.text
            case "yes" where options.count == 1: words = "all"
            default: words = nil
            }
            guard let words else { return nil }
            guard let chosen = Self.choice(words, among: options, planner) else {
                if first != nil { intents.removeFirst() }
                turn.pending = pending
                return first == nil ? nil : Reply(text: "Which one: \(planner.wording.options(options))?", kind: .clarify)
            }
            if first != nil { intents.removeFirst() }
            // The chosen entities are named by id, which no words of a home can be mistaken for.
            let narrowed = planner.limited(to: Set(chosen.map(\.id)))
            var chosenIntent = intent
            if ["list_add", "list_remove", "list_complete", "list_read"].contains(intent.action) {
                chosenIntent.slots["list"] = chosen[0].name
            } else if intent.action != "event_create" {
                chosenIntent.slots["target"] = chosen.count == 1 ? chosen[0].name : "all"
                chosenIntent.slots["place"] = nil
            }
            try await follow(narrowed.step(for: chosenIntent), narrowed, request, &turn, report)
            return nil
        case .value(let intent, let slot):
            guard first == nil || ["tell", "select", "timer_start", "yes"].contains(first!.action) else { return nil }
            let words = first?.slots["value"] ?? first?.slots["target"] ?? first?.slots["duration"] ?? request.text
            if first != nil { intents.removeFirst() }
            var completed = intent
            completed.slots[slot] = words
            try await perform(completed, request, &turn, report)
            return nil
        }
    }

    /// The options that the words of an answer mean.
    private static func choice(_ words: String, among options: [Home.Entity], _ planner: Planner) -> [Home.Entity]? {
        let phrase = planner.grounder.lexicon.repaired(Phrase(words))
        let stems = Set(phrase.stems).subtracting(["one", "ones", "please"])
        if phrase.saysAll || phrase.saysBoth, stems.subtracting(["them", "light", "device"]).isEmpty { return options }
        let ordinals = ["first": 0, "second": 1, "third": 2, "fourth": 3]
        func fits(_ entity: Home.Entity) -> Int {
            let area = entity.area.flatMap(planner.home.area)
            let own = Set(entity.names.flatMap { Phrase($0).stems })
            let around = own.union((area.map { [$0.name] + $0.aliases } ?? []).flatMap { Phrase($0).stems }).union(
                Kinds.words(for: entity))
            guard !stems.isEmpty, stems.isSubset(of: around) else { return 0 }
            return entity.names.contains { Set(Phrase($0).stems) == stems } ? 3 : stems.isSubset(of: own) ? 2 : 1
        }
        let best = options.map(fits).max() ?? 0
        let fitting = options.filter { fits($0) == best }
        if best > 0, fitting.count == 1 || phrase.endsInPlural || phrase.saysAll { return fitting }
        if stems.count == 1, let ordinal = stems.first.flatMap({ ordinals[$0] }), options.indices.contains(ordinal) {
            return [options[ordinal]]
        }
        if stems == ["last"] { return options.last.map { [$0] } }
        if let here = planner.grounder.standpoint.area, stems.isSubset(of: ["here", "this", "room"]) {
            let near = options.filter { $0.area == here }
            return near.count == 1 ? near : nil
        }
        return nil
    }
}

extension Planner {
    /// The same planner in a home of only these entities, so that the words of an intent cannot mean others.
    func limited(to entities: Set<String>) -> Planner {
        var limited = home
        limited.entities.removeAll { !entities.contains($0.id) }
        let grounder = Grounder(
            limited, lexicon: grounder.lexicon, standpoint: Standpoint(speaker: grounder.standpoint.speaker, area: nil))
        return Planner(home: limited, grounder: grounder, wording: wording, dialogue: dialogue, timers: timers, now: now)
    }
}
