internal import MynaText

/// Whether every word of `heard` may be one of `reply`, come back through the loudspeaker: the echo's words are often misheard, so half of
/// a word's letters may differ.
func mayBeEcho(_ heard: String, of reply: String) -> Bool {
    func words(_ text: String) -> [[Character]] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "'" }.map { Array($0) }
    }
    let own = words(reply)
    return words(heard).allSatisfy { word in own.contains { 2 * editDistance($0, word) <= max($0.count, word.count) } }
}
