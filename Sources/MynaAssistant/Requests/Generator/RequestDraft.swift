internal import MynaStages

/// A request in the making: its words, and which of them fill which slot.
struct RequestDraft: Sendable {
    /// A run of words that fills a slot of an intent.
    struct Span: Sendable {
        var intent: Int
        var slot: IntentSlot
        var range: Range<Int>
        /// What the words came from, so that others like them can be made.
        var pattern: Int
    }

    /// A member of a closed set, and after which words it is known.
    struct Mark: Sendable {
        var intent: Int
        var slot: IntentSlot
        var member: String
        var position: Int
    }

    var words: [String] = []
    var actions: [String] = []
    var spans: [Span] = []
    var marks: [Mark] = []

    /// The intents that the words stand for.
    func intents() -> [Intent] {
        var intents = actions.map { Intent($0) }
        // A part that several actions share may hold slots that some of them do not have.
        let allowed = actions.map { IntentSchema.action($0)?.slots ?? [] }
        for mark in marks where allowed[mark.intent].contains(mark.slot) {
            intents[mark.intent].slots[mark.slot.rawValue] = mark.member
        }
        for span in spans {
            let words = copied(span)
            if !words.isEmpty, allowed[span.intent].contains(span.slot) {
                intents[span.intent].slots[span.slot.rawValue] = words.joined(separator: " ")
            }
        }
        return intents
    }

    private func copied(_ span: Span) -> ArraySlice<String> {
        var words = words[span.range]
        switch span.slot {
        case .value, .duration, .delay, .condition: break
        default: if words.count > 1, let first = words.first, Self.articles.contains(first) { words.removeFirst() }
        }
        return words
    }

    private static let articles: Set<String> = ["the", "a", "an", "some"]

    /// Leaves one of two determiners that came together, as in "the our".
    mutating func mergeDeterminers() {
        var position = 0
        while position + 1 < words.count {
            if Self.determiners.contains(words[position]), Self.determiners.contains(words[position + 1]) {
                remove(at: position)
            } else {
                position += 1
            }
        }
    }

    private static let determiners: Set<String> = ["the", "a", "an", "my", "our", "some"]

    /// Puts `other` after the words so far, its intents after these.
    mutating func append(_ other: RequestDraft) {
        let (offset, intents) = (words.count, actions.count)
        words += other.words
        actions += other.actions
        spans += other.spans.map {
            var span = $0
            span.intent += intents
            span.range = (span.range.lowerBound + offset)..<(span.range.upperBound + offset)
            return span
        }
        marks += other.marks.map {
            var mark = $0
            mark.intent += intents
            mark.position += offset
            return mark
        }
    }

    /// Puts `inserted` before the word at `position`; a span around the position grows, one that starts there moves.
    mutating func insert(_ inserted: [String], at position: Int) {
        words.insert(contentsOf: inserted, at: position)
        for index in spans.indices {
            let range = spans[index].range
            let start = range.lowerBound >= position ? range.lowerBound + inserted.count : range.lowerBound
            let end = range.upperBound > position ? range.upperBound + inserted.count : range.upperBound
            spans[index].range = start..<max(start, end)
        }
        for index in marks.indices where marks[index].position > position { marks[index].position += inserted.count }
    }

    /// Puts `replacement`, at least one word, in the place of the word at `position`.
    mutating func replace(at position: Int, with replacement: [String]) {
        resize(at: position, from: 1, to: replacement.count)
        words.replaceSubrange(position...position, with: replacement)
    }

    /// Takes out the word at `position`.
    mutating func remove(at position: Int) {
        resize(at: position, from: 1, to: 0)
        words.remove(at: position)
    }

    /// Makes one word of those at `position` and after it; they must stand in the same spans.
    mutating func merge(at position: Int) {
        resize(at: position, from: 2, to: 1)
        words.replaceSubrange(position...(position + 1), with: [words[position] + words[position + 1]])
    }

    /// Whether the words on both sides of `position` belong to one span.
    func isInsideSpan(_ position: Int) -> Bool {
        spans.contains { $0.range.lowerBound < position && position < $0.range.upperBound }
    }

    /// Whether a span ends between the word before `position` and the one at it, or starts there.
    func isSpanEdge(_ position: Int) -> Bool {
        spans.contains { $0.range.lowerBound == position || $0.range.upperBound == position }
    }

    private mutating func resize(at position: Int, from old: Int, to new: Int) {
        let change = new - old
        for index in spans.indices {
            let range = spans[index].range
            let start = range.lowerBound > position ? max(position, range.lowerBound + change) : range.lowerBound
            let end = range.upperBound > position ? range.upperBound + change : range.upperBound
            spans[index].range = start..<max(start, end)
        }
        for index in marks.indices where marks[index].position > position { marks[index].position += change }
    }

    /// Breaks off before the word at `position`: later spans and marks are gone, a span around it is shortened.
    mutating func cut(at position: Int) {
        words.removeSubrange(position...)
        spans = spans.compactMap { span in
            guard span.range.lowerBound < position else { return nil }
            var span = span
            span.range = span.range.clamped(to: 0..<position)
            return span
        }
        marks.removeAll { $0.position > position }
    }
}
