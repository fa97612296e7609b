public import MynaStages

/// One call that an assistant made.
public struct CallRecord: Sendable, Codable, Equatable {
    /// `domain.service`.
    public var name: String
    public var arguments: [String: Value]
    public var result: String

    /// The entity it was made on.
    public var entity: String { arguments["entity_id"]?.string ?? "" }
}

/// One entity that is not as it was.
public struct ChangeRecord: Sendable, Codable, Equatable {
    public var entity: String
    public var before: EntityState
    public var after: EntityState
}

/// How one sentence or conversation went.
public struct HomeTaskResult: Sendable, Codable {
    public var id: String
    public var category: String
    public var label: String?
    /// What was said; the turns of a conversation parted by " / ".
    public var sentence: String
    /// What was heard of it.
    public var heard: String
    public var pass: Bool
    public var reply: String
    public var replyKind: ReplyKind
    public var calls: [CallRecord]
    public var changes: [ChangeRecord]
    /// What was understood, one list of intents a turn.
    public var intents: [[Intent]]
    /// What was wrong.
    public var why: [String]
    var touchedWrong: Bool

    private enum CodingKeys: String, CodingKey {
        case id, category, label, sentence, heard, pass, reply, calls, changes, intents, why
        case replyKind = "reply_kind"
        case touchedWrong = "touched_wrong"
    }
}

/// How all tasks went.
public struct HomeSummary: Sendable, Codable {
    public var passed = 0
    public var total = 0
    public var byCategory: [String: Count] = [:]
    public var byLabel: [String: Count] = [:]
    /// Sentences whose outcome the file does not know, so that nothing can be checked.
    public var skipped = 0
    /// Tasks that the home could not be brought to, and why.
    public var impossible: [String: String] = [:]
    /// Sentences and conversations in which something changed that was not to.
    public var touchedWrong = 0

    /// Passed out of total.
    public struct Count: Sendable, Codable, Equatable {
        public var passed: Int
        public var total: Int

        public init(passed: Int = 0, total: Int = 0) {
            self.passed = passed
            self.total = total
        }
    }

    private enum CodingKeys: String, CodingKey {
        case passed, total, skipped, impossible
        case byCategory = "by_category"
        case byLabel = "by_label"
        case touchedWrong = "touched_wrong"
    }

    public init() {}

    /// Counts a sentence or conversation that could not be run.
    mutating func leave(_ task: String, because reason: String) {
        skipped += 1
        impossible[task] = reason
    }

    /// Counts one more result.
    public mutating func add(_ result: HomeTaskResult) {
        total += 1
        byCategory[result.category, default: Count()].total += 1
        if let label = result.label { byLabel[label, default: Count()].total += 1 }
        if result.touchedWrong { touchedWrong += 1 }
        guard result.pass else { return }
        passed += 1
        byCategory[result.category, default: Count()].passed += 1
        if let label = result.label { byLabel[label, default: Count()].passed += 1 }
    }
}

/// Runs home tests against the whole assistant.
public enum HomeEvaluation {
    /// Puts a request to an assistant, and says what was heard of it and what the reply was.
    public typealias Ask = (
        _ request: Request, _ assistant: any Assistant, _ report: @escaping @Sendable (Event.Kind) async -> Void
    ) async throws -> (heard: String, reply: Reply)

    /// Runs every sentence on a fresh home and every conversation turn by turn, and hands each result to `report`.
    ///
    /// - Parameters:
    ///   - bed: Where they run; a fresh virtual home for each if not given.
    ///   - ask: How a request comes to the assistant: as it is written, unless it is spoken and recognised first.
    ///   - isOneAnswers: Which errors say something of one answer only, such as one that is no call of this home: the sentence or
    ///     conversation has then failed, and the rest goes on. Any other error ends the run.
    @discardableResult
    public static func run(
        home: Home, tests: HomeTests, understanding: any RequestUnderstanding, on bed: any HomeTestBed = VirtualTestBed(),
        ask: Ask = { ($0.text, try await $1.reply(to: $0, report: $2)) }, isOneAnswers: (any Error) -> Bool = { _ in false },
        into summary: HomeSummary = HomeSummary(), report: (HomeTaskResult) async throws -> Void = { _ in }
    ) async throws -> HomeSummary {
        var summary = summary
        for task in tests.tasks {
            guard task.isCheckable else {
                summary.skipped += max(1, task.sentences.count)
                continue
            }
            let conversations = task.turns.isEmpty ? task.sentences.map { [HomeTests.Turn(say: $0, expect: nil)] } : [task.turns]
            for turns in conversations {
                let backend: any HomeBackend
                let states: States
                switch try await bed.prepared(task, in: home) {
                case .ready(let ready, let reading): (backend, states) = (ready, reading)
                case .impossible(let reason):
                    summary.leave(task.id, because: reason)
                    continue
                }
                let agent = HomeAgent(home: backend, understanding: understanding)
                let result = try await run(turns, of: task, agent, states, ask: ask, isOneAnswers)
                summary.add(result)
                try await report(result)
            }
        }
        return summary
    }

    private typealias States = @Sendable () async throws -> [String: EntityState]

    private static func run(
        _ turns: [HomeTests.Turn], of task: HomeTests.Task, _ agent: HomeAgent, _ states: States, ask: Ask,
        _ isOneAnswers: (any Error) -> Bool
    ) async throws -> HomeTaskResult {
        let before = try await states()
        let log = EventLog()
        var heard: [String] = []
        var reply = Reply(text: "", kind: .chat)
        var replies: [String] = []
        var why: [String] = []
        for turn in turns {
            let callsBefore = await log.calls.count
            let request = Request(text: turn.say, speaker: task.speaker, area: task.area)
            let answer: (heard: String, reply: Reply)
            do { answer = try await ask(request, agent) { await log.add($0) } } catch  where isOneAnswers(error) {
                heard.append(turn.say)
                why.append("after \"\(turn.say)\": \(error)")
                break
            }
            heard.append(answer.heard)
            reply = answer.reply
            replies.append(reply.text)
            if let expect = turn.expect {
                let calls = Array(await log.calls.dropFirst(callsBefore))
                why += expect.faults(before: before, after: try await states(), calls: calls, reply: reply).map {
                    "after \"\(turn.say)\": \($0)"
                }
            }
        }
        let after = try await states()
        let calls = await log.calls
        why += task.expect.faults(before: before, after: after, calls: calls, reply: reply)
        let changes = after.filter { before[$0.key] != $0.value }.sorted { $0.key < $1.key }
        return HomeTaskResult(
            id: task.id, category: task.category, label: task.label, sentence: turns.map(\.say).joined(separator: " / "),
            heard: heard.joined(separator: " / "), pass: why.isEmpty, reply: replies.joined(separator: " / "),
            replyKind: reply.kind,
            calls: calls,
            changes: changes.map { ChangeRecord(entity: $0.key, before: before[$0.key] ?? $0.value, after: $0.value) },
            intents: await log.intents, why: why, touchedWrong: !task.expect.touchedWrong(before: before, after: after).isEmpty)
    }
}

/// The calls and intents among the events of a conversation.
actor EventLog {
    private(set) var calls: [CallRecord] = []
    private(set) var intents: [[Intent]] = []

    func add(_ event: Event.Kind) {
        switch event {
        case .understood(let understood): intents.append(understood)
        case .callStarted(let name, let arguments): calls.append(CallRecord(name: name, arguments: arguments, result: ""))
        case .callFinished(_, let result): if !calls.isEmpty { calls[calls.count - 1].result = result }
        default: break
        }
    }
}
