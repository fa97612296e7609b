internal import MynaStages

/// The items of a conversation, the latest of them: what a client may ask for again, delete or cut short.
struct ConversationItems {
    /// A reply's sound, as far as it was sent.
    struct Sound {
        var text: String
        var milliseconds = 0.0
        /// Whether all of the text was spoken.
        var isWhole = false

        /// The words of the text that are said within so many milliseconds, by the share of the text's letters.
        func heard(within heard: Double) -> String {
            // Where the end is not known, as a voice of 165 words a minute speaks.
            let whole = isWhole ? milliseconds : max(milliseconds, 60 * Double(text.count))
            guard whole > 0, heard < whole else { return heard > 0 ? text : "" }
            let letters = text.prefix(Int(Double(text.count) * max(0, heard) / whole))
            if letters.endIndex == text.endIndex || text[letters.endIndex] == " " { return String(letters) }
            // A word that was cut was not heard.
            return letters.lastIndex(of: " ").map { String(letters[..<$0]) } ?? ""
        }
    }

    private var items: [(id: String, fields: [String: Value])] = []
    private var sounds: [String: Sound] = [:]
    private static let most = 512

    /// The last item's id, or null.
    var last: Value { items.last.map { .string($0.id) } ?? .null }

    func contains(_ id: String) -> Bool { items.contains { $0.id == id } }

    /// Puts an item at the end, or in the place of the one with its id; the oldest goes where there are too many.
    mutating func put(_ fields: [String: Value]) {
        guard let id = fields["id"]?.string else { return }
        if let index = items.firstIndex(where: { $0.id == id }) {
            items[index].fields = fields
            return
        }
        items.append((id, fields))
        if items.count > Self.most { sounds[items.removeFirst().id] = nil }
    }

    subscript(_ id: String) -> [String: Value]? { items.first { $0.id == id }?.fields }

    mutating func remove(_ id: String) {
        items.removeAll { $0.id == id }
        sounds[id] = nil
    }

    /// The sound of a reply.
    func sound(of id: String) -> Sound? { sounds[id] }

    /// A reply's text, as far as it is known, is about to sound.
    mutating func say(_ text: String, in id: String) { sounds[id, default: Sound(text: "")].text = text }

    /// So many milliseconds more of it were sent.
    mutating func sounded(_ milliseconds: Double, in id: String) { sounds[id]?.milliseconds += milliseconds }

    /// All of it was spoken.
    mutating func endSound(of id: String) { sounds[id]?.isWhole = true }
}
