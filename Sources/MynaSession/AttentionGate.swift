/// Something that may change whether a session attends to what it hears.
public enum AttentionSignal: Sendable, Equatable {
    /// The button for talking went down.
    case pressed
    /// The button for talking went up.
    case released
    /// The wake word was heard; the signal's time is where the word ends in the sound.
    case wakeWord
    /// Somebody began to speak.
    case speechStarted
    /// A request has been heard to its end.
    case requestEnded
    /// The reply has been spoken to its end, or was stopped.
    case replyEnded
    /// Somebody spoke over the reply, which was stopped: what is being said is a request.
    case interrupted
}

/// Decides whether what is heard is meant for the assistant.
///
/// A gate knows nothing of sound: a session tells it what happened and asks it before sound goes to the recogniser. All times are
/// seconds of the session's sound, and signals come in the order of their times.
public protocol AttentionGate: Sendable {
    /// Takes in what happened at a time.
    mutating func note(_ signal: AttentionSignal, at time: Double)
    /// Whether sound at this time goes to the recogniser. `time` is not before the last signal's.
    func isOpen(at time: Double) -> Bool
}

/// Everything heard is for the assistant.
public struct AlwaysOpenGate: AttentionGate {
    public init() {}
    public func note(_ signal: AttentionSignal, at time: Double) {}
    public func isOpen(at time: Double) -> Bool { true }
}

/// Only what is said while a button is held is for the assistant.
public struct PushToTalkGate: AttentionGate {
    private var isHeld = false

    public init() {}

    public mutating func note(_ signal: AttentionSignal, at time: Double) {
        switch signal {
        case .pressed: isHeld = true
        case .released: isHeld = false
        case .wakeWord, .speechStarted, .requestEnded, .replyEnded, .interrupted: break
        }
    }

    public func isOpen(at time: Double) -> Bool { isHeld }
}

/// What follows a wake word is for the assistant, and for some seconds after a reply what is said without one.
public struct WakeWordGate: AttentionGate {
    /// Seconds after the wake word within which a request must begin.
    public var patience: Double
    /// Seconds after a reply within which a follow-up may begin without the wake word; 0 asks for the word each time.
    public var followUp: Double

    private enum State: Equatable {
        case closed
        /// Open for a request that begins before this time.
        case waiting(until: Double)
        /// A request is being said, however long it takes.
        case listening
        /// A request has been heard; closed until its reply has been spoken, so that the reply is not heard as one.
        case replying
    }
    private var state = State.closed

    /// - Precondition: both are finite and not negative.
    public init(patience: Double = 5, followUp: Double = 6) {
        precondition(
            patience.isFinite && patience >= 0 && followUp.isFinite && followUp >= 0,
            "WakeWordGate needs times of 0 s or more, got patience \(patience) and followUp \(followUp)")
        self.patience = patience
        self.followUp = followUp
    }

    public mutating func note(_ signal: AttentionSignal, at time: Double) {
        switch (signal, state) {
        // Said during a reply it interrupts; said again within a request it changes nothing.
        case (.wakeWord, .closed), (.wakeWord, .waiting), (.wakeWord, .replying): state = .waiting(until: time + patience)
        case (.speechStarted, .waiting): state = isOpen(at: time) ? .listening : .closed
        case (.requestEnded, .listening): state = .replying
        case (.interrupted, .replying): state = .listening
        case (.replyEnded, .replying): state = followUp > 0 ? .waiting(until: time + followUp) : .closed
        default: break
        }
    }

    public func isOpen(at time: Double) -> Bool {
        switch state {
        case .closed, .replying: false
        case .waiting(let end): time < end
        case .listening: true
        }
    }
}
