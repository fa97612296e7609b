/// A slot of an intent; the order of the cases is the order in which slots are written.
public enum IntentSlot: String, Sendable, CaseIterable {
    case question, item, list, target, place, except, property, direction, value, duration, name, time, state, delay, condition,
        kind

    /// The members of the closed set that may fill the slot; nil: words copied from the request.
    public var members: [String]? {
        switch self {
        case .question: ["is", "which", "what", "count", "any", "all", "when"]
        case .property:
            [
                "brightness", "color", "color_temperature", "temperature", "mode", "position", "volume", "speed", "humidity",
                "battery",
                "state", "media", "power", "preset", "source", "open",
            ]
        case .direction: ["up", "down"]
        case .kind:
            [
                "greeting", "thanks", "goodbye", "joke", "name", "maker", "capability", "privacy", "listening", "feeling",
                "praise",
                "insult", "other",
            ]
        default: nil
        }
    }

    /// Where the slot stands in the order.
    var index: Int { Self.indices[self]! }  // every case is in it

    private static let indices = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}

/// What an intent may do: an action, the slots it may have, and those it must have.
public struct IntentAction: Sendable, Equatable {
    public var name: String
    /// In the order of ``IntentSlot``.
    public var slots: [IntentSlot]
    public var required: [IntentSlot]

    init(_ name: String, _ slots: [IntentSlot] = [], required: [IntentSlot] = []) {
        self.name = name
        self.slots = slots.sorted { $0.index < $1.index }
        self.required = required
    }
}

/// The actions of docs/intents.md.
public enum IntentSchema {
    /// Every action there is.
    public static let actions: [IntentAction] = {
        let when: [IntentSlot] = [.time, .delay, .condition]
        let thing: [IntentSlot] = [.target, .place, .except, .duration] + when
        let timer: [IntentSlot] = [.name, .duration, .place, .target]
        return [
            IntentAction("turn_on", thing + [.property, .value]), IntentAction("turn_off", thing), IntentAction("toggle", thing),
            IntentAction("set", thing + [.property, .value]),
            IntentAction("adjust", thing + [.property, .direction, .value], required: [.direction]),
            IntentAction("open", thing), IntentAction("close", thing), IntentAction("stop", thing),
            IntentAction("lock", thing), IntentAction("unlock", thing),
            IntentAction("play", thing + [.item]),
            IntentAction("pause", thing), IntentAction("resume", thing), IntentAction("next", thing),
            IntentAction("previous", thing), IntentAction("mute", thing), IntentAction("unmute", thing),
            IntentAction("start", thing), IntentAction("dock", thing),
            IntentAction("activate", [.target, .place] + when), IntentAction("announce", [.item, .place] + when),
            IntentAction("list_add", [.item, .list]), IntentAction("list_remove", [.item, .list]),
            IntentAction("list_complete", [.item, .list]), IntentAction("list_read", [.list]),
            IntentAction("timer_start", [.duration, .name, .place]),
            IntentAction("timer_cancel", timer), IntentAction("timer_pause", timer), IntentAction("timer_resume", timer),
            IntentAction("timer_status", timer),
            IntentAction("timer_add", [.value] + timer), IntentAction("timer_subtract", [.value] + timer),
            IntentAction("event_create", [.item, .time]), IntentAction("event_read", [.item, .time]),
            IntentAction("event_delete", [.item, .time]),
            IntentAction("ask", [.question, .target, .place, .except, .property, .state, .time], required: [.question]),
            IntentAction("ask_time", [.place, .time]), IntentAction("ask_date", [.place, .time]),
            IntentAction("ask_weather", [.place, .time]),
            IntentAction("again", thing), IntentAction("undo"),
            IntentAction("yes"), IntentAction("no"), IntentAction("cancel"),
            IntentAction("select", [.target], required: [.target]),
            IntentAction("tell", [.value], required: [.value]),
            IntentAction("chat", [.kind], required: [.kind]),
            IntentAction("knowledge"), IntentAction("unsupported"),
        ]
    }()

    /// The action called `name`.
    public static func action(_ name: some StringProtocol) -> IntentAction? { byName[String(name)] }

    /// The most intents one request may hold.
    public static let intentLimit = 8

    private static let byName = Dictionary(uniqueKeysWithValues: actions.map { ($0.name, $0) })
}
