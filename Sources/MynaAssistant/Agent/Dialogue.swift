import MynaStages

/// Something to do once it is sure: calls, and how to speak of them.
struct Plan {
    var intent: Intent
    var calls: [PlannedCall]
    var entities: [Home.Entity]
    /// What to say when the calls are made and verified.
    var done: String
    /// What it is, to ask or announce: "unlock the Front Door".
    var deed: String
}

/// What one intent leads to.
enum Step {
    case act(Plan)
    case reply(Reply)
    /// Nothing in the home is what the words name, or it can't do what they ask: perhaps something else was said, such as what is asked.
    case misfit(Reply, asking: Pending? = nil)
    /// A question, and what its answer completes.
    case ask(Reply, Pending)
    /// Takes the last turn back.
    case undo

    /// Whether the home has what was named: something is done, or a question answered.
    var fits: Bool {
        switch self {
        case .act: true
        case .reply(let reply): reply.kind == .answer
        case .misfit, .ask, .undo: false
        }
    }
}

/// A question that waits for its answer.
enum Pending {
    /// Which of these the intent meant.
    case which(Intent, options: [Home.Entity])
    /// Whether to do it; what else the sentence asked for has been done.
    case confirm([Plan])
    /// What fills the slot of the intent.
    case value(Intent, slot: String)
}

/// What a conversation remembers.
struct Dialogue {
    var pending: Pending?
    /// The calls of the last turn that acted, with what each entity was before, oldest first.
    var undoable: [(call: ServiceCall, before: EntityState)] = []
    /// What the last turn left for later, as the home counts it.
    var scheduled: [Int] = []
    /// The last intent that acted or was answered.
    var lastIntent: Intent?
    /// The entities that "it" and "them" mean.
    var lastEntities: [String] = []
    var turn: UInt64 = 0

    /// What the next request may be an answer to.
    var state: DialogueState {
        switch pending {
        case .which: .askedWhich
        case .confirm: .askedConfirmation
        case .value: .askedValue
        case nil: lastIntent == nil ? .fresh : .acted
        }
    }
}
