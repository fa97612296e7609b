/// Numbers of a spoken text in digits, as one would write them.
public enum WrittenNumbers {
    /// What makes even a small number one that is written in digits.
    private static let units: Set<String> = [
        "percent", "degrees", "degree", "minutes", "minute", "hours", "hour", "seconds", "second", "o'clock", "am", "pm",
        "kilometers",
        "miles", "meters", "euros", "dollars", "pounds", "kilograms", "grams", "liters",
    ]

    /// `words` with whole numbers in digits: those from 10 on, and smaller ones before a unit; "percent" after one is `%`.
    ///
    /// Words may carry marks and capitals. What is said digit by digit, a time ("seven thirty") and a fraction stay in words.
    public static func digits(in words: [String]) -> [String] {
        let bare = words.map { $0.lowercased().trimmingMarks }
        var written: [String] = []
        var index = 0
        while index < words.count {
            guard let (value, end) = number(bare, from: index, marked: words) else {
                written.append(words[index])
                index += 1
                continue
            }
            let unit = end < bare.count ? bare[end] : ""
            let marks = words[end - 1].marks
            if value < 10, !(units.contains(unit) && marks.isEmpty) {
                written += words[index..<end]
            } else if unit == "percent", marks.isEmpty {
                written.append("\(value)%" + words[end].marks)
                index = end + 1
                continue
            } else {
                written.append("\(value)" + marks)
            }
            index = end
        }
        return written
    }

    /// One whole number that begins at `start` and is followed by no other: "seven thirty" is a time and "one two" a list.
    private static func number(_ bare: [String], from start: Int, marked: [String]) -> (value: Int, end: Int)? {
        guard bare[start] != "a", bare[start] != "an", bare[start] != "half", bare[start] != "point",
            let (value, end) = NumberWords.match(bare, from: start), let whole = Int(exactly: value), whole >= 0,
            whole < 1_000_000
        else { return nil }
        // Written back it must be the same words: no fractions, decimals or odd orders.
        guard NumberWords.words(of: whole) == Array(bare[start..<end]) else { return nil }
        // Marks within end a number early.
        if (start..<end - 1).contains(where: { !marked[$0].marks.isEmpty }) { return nil }
        func isNumber(_ index: Int) -> Bool { bare.indices.contains(index) && NumberWords.match(bare, from: index) != nil }
        if marked[end - 1].marks.isEmpty, isNumber(end) { return nil }
        if start > 0, marked[start - 1].marks.isEmpty, isNumber(start - 1) { return nil }
        return (whole, end)
    }
}

extension String {
    /// The marks at a word's end.
    fileprivate var marks: String { String(reversed().prefix { ",.?".contains($0) }.reversed()) }
    fileprivate var trimmingMarks: String { String(dropLast(marks.count)) }
}
