/// Decides what speech over a reply leads to: the voice is held at the first sound, and stopped for good by words.
///
/// A cough, a door or the rest of the voice's own echo begin like speech. So the voice waits at once and goes on where no word
/// follows; only words interrupt it. Words that the reply itself may have brought, and short ones alone, which an echo is easily taken
/// for, do so only once the voice has been silent for longer than any echo lasts. All times are seconds of the session's sound.
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
        /// Held since this time, for longer than an echo lasts, when these words had been heard.
        case waiting(since: Double, words: String)
    }
    private var state = State.silent

    /// Seconds for which the voice waits for a word.
    static let patience = 1.2
    /// Seconds after which nothing of a voice that was held comes back, or is still being recognised.
    static let echo = 0.5
    /// Letters of a single word that interrupts at once.
    private static let leastLetters = 4
    private var words = ""

    /// Whether a reply is being spoken or held.
    var isReplying: Bool { state != .silent }

    mutating func replyBegan() { state = .speaking }
    mutating func replyEnded() { state = .silent }

    /// Something sounds like the beginning of speech.
    mutating func soundBegan(at time: Double) -> Action {
        guard state == .speaking else { return .nothing }
        state = .held(since: time)
        words = ""
        return .hold
    }

    /// These words have been heard so far, while `reply` was being spoken.
    mutating func wordsHeard(_ text: String, over reply: String) -> Action {
        words = text
        let isClear =
            switch state {
            case .silent: false
            case .waiting(_, let before): text != before
            case .speaking, .held:
                (text.contains(" ") || text.count >= Self.leastLetters) && !mayBeEcho(text, of: reply)
            }
        guard isClear else { return .nothing }
        state = .silent
        return .interrupt
    }

    /// Time passes without a word.
    mutating func timePassed(to time: Double) -> Action {
        switch state {
        case .silent, .speaking: return .nothing
        case .held(let since):
            if time - since > Self.echo { state = .waiting(since: since, words: words) }
            return .nothing
        case .waiting(let since, _):
            guard time - since > Self.patience else { return .nothing }
            state = .speaking
            return .goOn
        }
    }
}
