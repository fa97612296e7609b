internal import Synchronization

/// The whole sentences of the member `say` in a JSON answer that is still being written, in the form in which they are heard.
///
/// Law: the sentences joined are how the reply begins that ``HomeAnswer`` reads from the whole answer. The last sentence is
/// never among them: only the whole answer tells that it is one.
final class SentencesSoFar: Sendable {
    private struct State {
        var said = SaidSoFar()
        /// What was written, and how much of what is heard of it has been given, in characters.
        var text = ""
        var given = 0
    }

    private let state = Mutex(State())

    /// Takes the next piece of the answer, and gives the sentences that it ends, all but the first with the space before them.
    func take(_ piece: String) -> [String] {
        state.withLock { state in
            let more = state.said.take(piece)
            guard !more.isEmpty else { return [] }
            state.text += more
            var sentences: [String] = []
            // Beyond the longest reply the text is cut, and what is heard of it no longer only grows.
            let heard = HomeAnswer.heard(state.text)
            guard heard.count < HomeAnswer.longestReply else { return [] }
            let rest = heard.dropFirst(state.given)
            var start = rest.startIndex
            for end in rest.indices where ".!?".contains(rest[end]) {
                let next = rest.index(after: end)
                guard next < rest.endIndex, rest[next] == " " else { continue }
                sentences.append(String(rest[start..<next]))
                state.given += sentences.last?.count ?? 0
                start = next
            }
            return sentences
        }
    }
}
