internal import Foundation
internal import MynaStages
internal import Synchronization

/// One turn of a client: what happened in it and when. The log, the metrics and the traces all read it.
struct ServedTurn: Sendable {
    /// Something that happened, in seconds since the turn began.
    struct Moment: Sendable, Equatable {
        var seconds: Double
        var event: Event
    }

    /// What the client speaks: `realtime`, `wyoming` or `http`.
    var form: String
    /// When it began.
    var began: Date
    var moments: [Moment] = []
    /// The kind of reply, or `heard` where none was asked for, `function_call`, `function_output`, `announcement`,
    /// `failed`, `none`.
    var kind = "none"
    /// What was asked; empty where nothing was.
    var words = ""
    /// What was replied.
    var reply = ""
    /// To its end, in seconds.
    var seconds = 0.0
    /// From the moment that there was something to answer to its end, in seconds.
    var answering = 0.0
    var wasInterrupted = false

    init(form: String, began: Date) { (self.form, self.began) = (form, began) }
}

/// Keeps a turn while it happens.
final class TurnRecorder: Sendable {
    private struct State {
        var turn: ServedTurn
        var answersFrom: Duration?
        var isOver = false
    }

    /// Events of one turn that are kept, so that an endless one costs no more.
    private static let most = 256

    private let state: Mutex<State>
    private let elapsed: @Sendable () -> Duration
    /// Audio time at which the turn began, so that what is told later is on one line with what was heard.
    private let offset: Double

    /// - Parameter offset: seconds of sound before the turn's beginning.
    init(form: String, offset: Double = 0, began: Date = Date(), clock: some Clock<Duration> = ContinuousClock()) {
        state = Mutex(State(turn: ServedTurn(form: form, began: began)))
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        self.offset = offset
    }

    /// What happens now, with its time.
    func event(_ kind: Event.Kind) -> Event { Event(time: offset + seconds, kind) }

    /// Keeps an event: words on their way are not, and of the reply's sound the first and the last piece.
    func note(_ kind: Event.Kind) {
        if case .wordsPartial = kind { return }
        state.withLock { state in
            let moment = ServedTurn.Moment(seconds: seconds, event: event(kind))
            let moments = state.turn.moments
            if case .replyAudio = kind, moments.count > 1, case .replyAudio = moments[moments.count - 1].event.kind,
                case .replyAudio = moments[moments.count - 2].event.kind
            {
                state.turn.moments[moments.count - 1] = moment
            } else if moments.count < Self.most {
                state.turn.moments.append(moment)
            }
        }
    }

    /// From now on there is something to answer.
    func answering(_ words: String) {
        state.withLock { state in
            state.turn.words = words
            state.answersFrom = state.answersFrom ?? elapsed()
        }
    }

    /// Changes what is known of it.
    func change(_ body: (inout ServedTurn) -> Void) { state.withLock { body(&$0.turn) } }

    /// The turn, which is over now; nil where it was over already.
    func finished() -> ServedTurn? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            state.turn.seconds = seconds
            state.turn.answering = (elapsed() - (state.answersFrom ?? .zero)) / .seconds(1)
            return state.turn
        }
    }

    private var seconds: Double { ((elapsed() / .seconds(1)) * 1e6).rounded() / 1e6 }
}
