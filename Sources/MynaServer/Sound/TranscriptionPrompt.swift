/// What a client says will be spoken about: names and sentences to look out for, apart by punctuation or line ends.
struct TranscriptionPrompt: Sendable, Equatable {
    /// The most characters that a prompt may have: looking out takes time that all sessions share.
    static let longest = 4000

    let text: String

    init() { text = "" }

    /// Nil where `text` is too long.
    init?(_ text: String) {
        guard text.count <= Self.longest else { return nil }
        self.text = text
    }

    var sentences: [String] {
        text.split { ",;:.!?\n\r".contains($0) }.map { $0.trimmingPrefix(while: \.isWhitespace) }.filter { !$0.isEmpty }.map(
            String.init)
    }
}
