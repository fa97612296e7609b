/// Words as a recogniser writes them, written as one would read them.
public struct WrittenForm: Sendable {
    private let punctuator: Punctuator

    public init(_ punctuator: Punctuator) { self.punctuator = punctuator }

    /// A text with marks, capitals and digits; one that has marks or capitals already is left as it is.
    public func text(of spoken: String) -> String {
        let words = spoken.split(separator: " ").map(String.init)
        return isWritten(words) ? spoken : WrittenNumbers.digits(in: punctuator.write(words)).joined(separator: " ")
    }

    /// The same words, each with its mark and capitals; numbers stay in words.
    public func words(_ words: [String]) -> [String] { isWritten(words) ? words : punctuator.write(words) }

    private func isWritten(_ words: [String]) -> Bool {
        words.contains { $0.contains { $0.isUppercase || ",.?!".contains($0) } }
    }
}
