internal import Foundation
internal import MynaStages

/// A piece of a turn for a trace, in seconds since the turn began.
struct Span: Sendable, Equatable {
    var name: String
    var start: Double
    var end: Double
    var attributes: [String: Value] = [:]
    var isError = false

    /// The turn as a whole, and its stages in the order they began: hearing, the end of speech, understanding, each call, the first sound
    /// of the reply, the reply.
    ///
    /// - Parameter tellsWords: whether they hold what people said and were told.
    static func all(of turn: ServedTurn, tellsWords: Bool) -> [Span] {
        var whole = Span(
            name: "turn", start: 0, end: max(turn.seconds, turn.moments.last?.seconds ?? 0),
            attributes: [
                "myna.form": .string(turn.form), "myna.reply.kind": .string(turn.kind),
                "myna.request.words": .number(Double(turn.words.split(separator: " ").count)),
                "myna.interrupted": .bool(turn.wasInterrupted),
            ], isError: turn.kind == "failed")
        if tellsWords {
            whole.attributes["myna.request.text"] = .string(turn.words)
            whole.attributes["myna.reply.text"] = .string(turn.reply)
        }
        return [whole] + stages(of: turn, end: whole.end)
    }

    /// Without the turn as a whole.
    static func stages(of turn: ServedTurn, end: Double) -> [Span] {
        var spans: [Span] = []
        var calls: [(name: String, start: Double)] = []
        var (heardFrom, candidate, ended, known) = (Double?.none, Double?.none, Double?.none, 0.0)
        var (replied, sounds) = (Double?.none, [Double]())
        for moment in turn.moments {
            let now = moment.seconds
            switch moment.event.kind {
            case .speechStarted: heardFrom = heardFrom ?? now
            case .endCandidate: candidate = candidate ?? now
            case .endDecided(let reason):
                spans.append(
                    Span(name: "end_of_speech", start: candidate ?? now, end: now, attributes: ["myna.reason": .string(reason)]))
                ended = now
            case .wordsFinal(let words):
                spans.append(
                    Span(
                        name: "hear", start: heardFrom ?? 0, end: now,
                        attributes: ["myna.words": .number(Double(words.text.split(separator: " ").count))]))
                known = now
            case .understood(let intents):
                spans.append(
                    Span(
                        name: "understand", start: known, end: now,
                        attributes: ["myna.actions": .list(intents.map { .string($0.action) })]))
            case .callStarted(let name, _): calls.append((name, now))
            case .callFinished(let name, _):
                guard let index = calls.firstIndex(where: { $0.name == name }) else { continue }
                spans.append(
                    Span(name: "call", start: calls.remove(at: index).start, end: now, attributes: ["myna.call": .string(name)]))
            case .replyPart, .replyText: replied = replied ?? now
            case .replyAudio: sounds.append(now)
            case .wordsPartial, .homeChanged, .turnFinished: continue
            }
        }
        // A call that never came back is as long as the turn.
        spans += calls.map {
            Span(name: "call", start: $0.start, end: end, attributes: ["myna.call": .string($0.name)], isError: true)
        }
        if let first = sounds.first { spans.append(Span(name: "first_sound", start: ended ?? known, end: first)) }
        if let replied { spans.append(Span(name: "reply", start: replied, end: sounds.last ?? replied)) }
        return spans.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }
}
