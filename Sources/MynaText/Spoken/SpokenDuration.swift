/// Spans of time as people say them: "ten minutes", "an hour and a half", "1h 30m".
public enum SpokenDuration {
    private static let units: [String: Double] = [
        "second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86400, "week": 604_800,
    ]

    private static func unit(_ word: String) -> Double? {
        units[word] ?? (word.hasSuffix("s") ? units[String(word.dropLast())] : nil)
    }

    /// The seconds that `text` names in all, wherever in it; nil where it names no span.
    public static func seconds(in text: String) -> Double? { seconds(in: SpokenForm.words(of: text)) }

    /// The seconds that `words` name in all; nil where they name no span.
    public static func seconds(in words: [String]) -> Double? {
        func word(_ index: Int) -> String? { words.indices.contains(index) ? words[index] : nil }
        var total = 0.0
        var last: Double?  // the unit said just before, for "an hour and a half"
        var found = false
        var index = 0
        while index < words.count {
            let start = last != nil && words[index] == "and" ? index + 1 : index
            if let (value, end) = amount(words, from: start) {
                var next = end
                while let filler = word(next), ["of", "a", "an", "more", "full"].contains(filler) { next += 1 }
                if let unit = word(next).flatMap(unit) {
                    total += value * unit
                    (last, found, index) = (unit, true, next + 1)
                } else if let unit = last, value < 1 {
                    total += value * unit  // "an hour and a half"
                    (last, index) = (nil, end)
                } else if let unit = last, start == index, unit == 3600 || unit == 60, value < 60, value == value.rounded() {
                    total += value * unit / 60  // "one hour thirty"
                    (last, index) = (nil, end)
                } else {
                    (last, index) = (nil, end)
                }
            } else if word(start) == "a" || word(start) == "an", let unit = word(start + 1).flatMap(unit) {
                total += unit
                (last, found, index) = (unit, true, start + 2)
            } else {
                (last, index) = (nil, index + 1)
            }
        }
        return found && total > 0 ? total : nil
    }

    /// A number, or "a couple (of)" and "couple of", which requests often say.
    private static func amount(_ words: [String], from start: Int) -> (value: Double, end: Int)? {
        if let found = NumberWords.match(words, from: start) { return found }
        if words.indices.contains(start), words[start] == "couple" { return (2, start + 1) }
        return nil
    }
}
