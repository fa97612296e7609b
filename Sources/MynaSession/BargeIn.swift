/// Decides what speech over a reply leads to: the voice is held at the first sound, and stopped for good at the first word.
///
/// A cough, a door or the rest of the voice's own echo begin like speech. So the voice waits at once and goes on where no word
/// follows; only words interrupt it. All times are seconds of the session's sound.
struct BargeIn {
    /// What is to be done with the voice.
    enum Action: Equatable {
        case nothing
        /// It waits where it is.
        case hold
        /// It goes on.
        case goOn
        /// It stops, and what is heard is the next request.
        case interrupt
    }

    private enum State: Equatable {
        case silent
        case speaking
        /// Held since this time.
        case held(since: Double)
    }
    private var state = State.silent

    /// Seconds for which the voice waits for a word.
    static let patience = 1.2

    /// Whether a reply is being spoken or held.
    var isReplying: Bool { state != .silent }

    mutating func replyBegan() { state = .speaking }
    mutating func replyEnded() { state = .silent }

    /// Something sounds like the beginning of speech.
    mutating func soundBegan(at time: Double) -> Action {
        guard state == .speaking else { return .nothing }
        state = .held(since: time)
        return .hold
    }

    /// A word has been heard.
    mutating func wordHeard() -> Action {
        guard state != .silent else { return .nothing }
        state = .silent
        return .interrupt
    }

    /// Time passes without a word.
    mutating func timePassed(to time: Double) -> Action {
        guard case .held(let since) = state, time - since > Self.patience else { return .nothing }
        state = .speaking
        return .goOn
    }
}
