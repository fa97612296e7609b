/// Why a turn could not be held.
public enum ConversationError: Error, Equatable, CustomStringConvertible {
    case turnInProgress
    case noRecognizer
    /// The recogniser broke its law that every stream ends with one `words.final`.
    case noFinalWords
    case soundTooLong(limit: Duration)
    case emptyText
    case textTooLong(characters: Int, limit: Int)
    /// A control character, by its Unicode scalar value, and the offset of its character in the text.
    case controlCharacter(UInt32, at: Int)

    public var description: String {
        switch self {
        case .turnInProgress: "a turn is in progress; wait for its end"
        case .noRecognizer: "this conversation has no recogniser, so it takes text only"
        case .noFinalWords: "the recogniser ended without final words"
        case .soundTooLong(let limit): "the sound of one request lasts longer than \(Int(limit.inSeconds)) s"
        case .emptyText: "the text is empty"
        case .textTooLong(let characters, let limit): "the text has \(characters) characters; a request may have \(limit)"
        case .controlCharacter(let scalar, let offset):
            "the text holds the control character U+\(hex(scalar)) at character \(offset)"
        }
    }

    private func hex(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// The request in `text`: runs of white space become one space.
///
/// - Throws: ``ConversationError`` where nothing is left, or what is left is no request of a person.
func requestText(_ text: String, limit: Int) throws(ConversationError) -> String {
    // Bytes first: they bound the characters from above, and counting them costs nothing.
    if text.utf8.count > limit {
        let characters = text.count
        if characters > limit { throw .textTooLong(characters: characters, limit: limit) }
    }
    for (offset, character) in text.enumerated() where !character.isWhitespace {
        if let scalar = character.unicodeScalars.first(where: { $0.properties.generalCategory == .control }) {
            throw .controlCharacter(scalar.value, at: offset)
        }
    }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard !words.isEmpty else { throw .emptyText }
    return words.joined(separator: " ")
}
