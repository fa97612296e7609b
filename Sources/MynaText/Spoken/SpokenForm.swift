/// Written text as it is spoken: lower-case words, numbers and signs in words, no punctuation.
///
/// Text that is in words already stays as it is, so that both sides of a comparison can go through it. What is
/// read in several ways gets one of them always: 105 is "one hundred and five", 7:30 "seven thirty", 1/2 "one half".
public enum SpokenForm {
    /// The spoken words of `text`.
    public static func words(of text: String) -> [String] {
        var reader = SpokenFormReader(Lexeme.pieces(of: text))
        return reader.read()
    }

    /// The spoken words of `text` with a space between them.
    public static func text(of text: String) -> String { words(of: text).joined(separator: " ") }

    /// The spoken words where the English alphabet and apostrophes write them all, as a recogniser does; else nil.
    public static func letters(of text: String) -> String? {
        let words = self.text(of: text)
        return !words.isEmpty && words.allSatisfy { ("a"..."z").contains($0) || $0 == "'" || $0 == " " } ? words : nil
    }
}

/// Reads the pieces of a text from left to right.
private struct SpokenFormReader {
    private let pieces: [Lexeme]
    private var index = 0
    private var words: [String] = []

    init(_ pieces: [Lexeme]) { self.pieces = pieces }

    mutating func read() -> [String] {
        while index < pieces.count {
            let piece = pieces[index]
            switch piece.kind {
            case .number: number()
            case .word: word(piece)
            case .mark: mark(piece)
            }
        }
        return words
    }

    private func piece(_ offset: Int) -> Lexeme? { pieces.indices.contains(index + offset) ? pieces[index + offset] : nil }
    private func attachedMark(_ offset: Int, _ text: String) -> Bool {
        piece(offset).map { $0.kind == .mark && $0.isAttached && $0.text == text } ?? false
    }
    private func attachedNumber(_ offset: Int) -> String? {
        piece(offset).flatMap { $0.kind == .number && $0.isAttached ? $0.text : nil }
    }
    private func wordPiece(_ offset: Int) -> String? { piece(offset).flatMap { $0.kind == .word ? $0.text : nil } }

    private mutating func say(_ said: [String], taking count: Int) {
        words += said
        index += count
    }

    // MARK: Words and marks

    private mutating func word(_ piece: Lexeme) {
        if let part = dayPart(at: 0), NumberWords.match(Array(words.suffix(1)), from: 0) != nil || words.last == "o'clock" {
            return say([part.text], taking: part.count)
        }
        if let month = monthNames[piece.text], let (said, count) = monthDay(month, capital: piece.isCapital) {
            return say(said, taking: count)
        }
        let isAbbreviated = attachedMark(1, ".")
        if let full = Self.abbreviations[piece.text] { return say([full], taking: isAbbreviated ? 2 : 1) }
        say([piece.text], taking: 1)
    }

    /// Written short, read in full; each has one reading.
    private static let abbreviations = ["mr": "mister", "mrs": "missus", "dr": "doctor", "vs": "versus", "ok": "okay"]

    private mutating func mark(_ piece: Lexeme) {
        if let currency = currencies[piece.text], self.piece(1)?.kind == .number { return money(currency) }
        let isBeforeNumber = attachedNumber(1) != nil
        let isApart = index == 0 || !piece.isAttached
        switch piece.text {
        case "&": say(["and"], taking: 1)
        case "%": say(["percent"], taking: 1)
        case "@": say(["at"], taking: 1)
        case "+": say(["plus"], taking: 1)
        case "=": say(["equals"], taking: 1)
        case "×": say(["times"], taking: 1)
        case "°": say(["degrees"] + degreeScale(1), taking: degreeScale(1).isEmpty ? 1 : 2)
        case "#" where isBeforeNumber: say(["number"], taking: 1)
        case "-" where isBeforeNumber && isApart: say(["minus"], taking: 1)
        case "." where isBeforeNumber && isApart: say(["zero", "point"] + digitByDigit(attachedNumber(1) ?? ""), taking: 2)
        case "." where isBeforeNumber && self.piece(-1)?.kind == .number: say(["point"], taking: 1)
        default: index += 1
        }
    }

    // MARK: Numbers

    private mutating func number() {
        let text = pieces[index].text
        let count = text.filter { $0 != "," }.count
        let value = text.contains(".") ? nil : Int(text.filter { $0 != "," })
        if let value {
            if let (said, taken) = clockTime(value) ?? date(value) ?? fraction(value) ?? ordinal(value, digits: count) {
                return say(said, taking: taken)
            }
            if isYear(value, text) { return say(NumberWords.year(value), taking: 1) }
        }
        say(NumberWords.words(ofDigits: text) ?? [text], taking: 1)
        // "10-15" is a range; "555-1234" and "20-year-old" are not.
        if attachedMark(0, "-"), let next = attachedNumber(1), let from = Double(text), let to = Double(next), from < to {
            return say(["to"], taking: 1)
        }
        unit(isOne: text == "1", isLarge: value.map { $0 >= 1000 } ?? false)
    }

    private func digitByDigit(_ digits: String) -> [String] {
        digits.compactMap { $0.wholeNumberValue.map { NumberWords.small[$0] } }
    }

    /// What is counted, where it is written short.
    private mutating func unit(isOne: Bool, isLarge: Bool) {
        guard let piece = piece(0) else { return }
        if piece.kind == .mark {
            if piece.text == "°" {
                let scale = degreeScale(1)
                say([isOne ? "degree" : "degrees"] + scale, taking: scale.isEmpty ? 1 : 2)
            }
            return
        }
        guard piece.kind == .word, piece.text.first != "'" else { return }
        guard var unit = unitNames[piece.text] ?? (piece.isAttached ? attachedUnitNames[piece.text] : nil) else { return }
        if piece.text == "k", isLarge { unit = UnitName(one: "kelvin", many: "kelvin") }
        let perHour = piece.text == "km" && attachedMark(1, "/") && wordPiece(2) == "h"
        let said = (isOne ? unit.one : unit.many).split(separator: " ").map(String.init)
        say(said + (perHour ? ["per", "hour"] : []), taking: perHour ? 3 : 1)
    }

    private func degreeScale(_ offset: Int) -> [String] {
        switch wordPiece(offset) {
        case "c": ["celsius"]
        case "f": ["fahrenheit"]
        default: []
        }
    }

    /// "7:30", "19:05:10", "7:00 p.m."
    private func clockTime(_ hour: Int) -> (said: [String], count: Int)? {
        guard hour < 25, attachedMark(1, ":"), let text = attachedNumber(2), text.count == 2, let minute = Int(text), minute < 60
        else { return nil }
        func twoDigits(_ value: Int) -> [String] {
            value < 10 ? ["oh"] + NumberWords.words(of: value) : NumberWords.words(of: value)
        }
        let said = NumberWords.words(of: hour)
        if attachedMark(3, ":"), let text = attachedNumber(4), text.count == 2, let second = Int(text), second < 60 {
            return (said + twoDigits(minute) + twoDigits(second), 5)
        }
        if minute > 0 { return (said + twoDigits(minute), 3) }
        if dayPart(at: 3) != nil { return (said, 3) }
        return (said + (hour > 12 || hour == 0 ? ["hundred"] : ["o'clock"]), 3)
    }

    /// "am", "p.m.", "p m" at an offset.
    private func dayPart(at offset: Int) -> (text: String, count: Int)? {
        guard let first = wordPiece(offset) else { return nil }
        if first == "am" || first == "pm" { return (first, 1) }
        guard first == "a" || first == "p" else { return nil }
        if wordPiece(offset + 1) == "m" { return (first + "m", 2) }
        guard attachedMark(offset + 1, "."), wordPiece(offset + 2) == "m" else { return nil }
        return (first + "m", attachedMark(offset + 3, ".") ? 4 : 3)
    }

    /// "1/2", "2 1/2", "24/7".
    private func fraction(_ value: Int) -> (said: [String], count: Int)? {
        if let top = piece(1), top.kind == .number, !top.isAttached, let above = Int(top.text), attachedMark(2, "/"),
            let below = attachedNumber(3).flatMap({ Int($0) }), let part = parts(above, of: below), !attachedMark(4, "/")
        {
            return (NumberWords.words(of: value) + ["and"] + (above == 1 ? ["a"] + part.dropFirst() : part), 4)
        }
        guard attachedMark(1, "/"), let below = attachedNumber(2).flatMap({ Int($0) }) else { return nil }
        if let part = parts(value, of: below) { return (part, 3) }
        return (NumberWords.words(of: value) + NumberWords.words(of: below), 3)
    }

    private func parts(_ above: Int, of below: Int) -> [String]? {
        guard (1..<100).contains(above), (2...100).contains(below), above < below else { return nil }
        let name = below == 2 ? ["half"] : below == 4 ? ["quarter"] : NumberWords.ordinal(below)
        let last = name[name.count - 1]
        let plural = last == "half" ? "halves" : last + "s"
        return NumberWords.words(of: above) + name.dropLast() + [above == 1 ? last : plural]
    }

    /// "1st", "22nd", "1990s", "80s".
    private func ordinal(_ value: Int, digits: Int) -> (said: [String], count: Int)? {
        let suffix = piece(1).flatMap { $0.kind == .word && $0.isAttached ? $0.text : nil }
        switch suffix {
        case "st", "nd", "rd", "th": return (NumberWords.ordinal(value), 2)
        case "s"
        where value % 10 == 0
            && (digits == 4 && (1000..<3000).contains(value) || digits == 2 && value >= 20 && words.last == "the"):
            return (NumberWords.decade(value), 2)
        default: return nil
        }
    }

    // MARK: Dates

    private static let beforeYear: Set<String> = [
        "in", "since", "until", "year", "of", "from", "before", "after", "during", "early", "late", "around", "circa", "by",
        "summer",
        "winter", "spring", "autumn", "fall",
    ]

    private func isYear(_ value: Int, _ text: String) -> Bool {
        guard text.count == 4, (1100..<2100).contains(value), let before = words.last else { return false }
        if let next = piece(1), next.isAttached, next.kind == .word || next.text == "%" || next.text == "°" { return false }
        if let next = wordPiece(1), unitNames[next] != nil { return false }
        return Self.beforeYear.contains(before) || monthNames.values.contains(before)
    }

    /// "May 5", "Jan. 5th, 2024", "December 2019"; a month written small and short is no month.
    private func monthDay(_ month: String, capital: Bool) -> (said: [String], count: Int)? {
        let start = attachedMark(1, ".") ? 2 : 1
        guard capital || wordPiece(0) == month, let next = piece(start), next.kind == .number, !next.isAttached else {
            return nil
        }
        guard let value = Int(next.text) else { return nil }
        if next.text.count == 4, (1100..<2100).contains(value) { return ([month] + NumberWords.year(value), start + 1) }
        guard (1...31).contains(value), ![":", "/", "%", "°"].contains(where: { attachedMark(start + 1, $0) }) else { return nil }
        var count = start + 1
        if let suffix = wordPiece(count), ["st", "nd", "rd", "th"].contains(suffix), piece(count)?.isAttached == true {
            count += 1
        }
        let said = [month] + NumberWords.ordinal(value)
        let comma = attachedMark(count, ",") ? 1 : 0
        if let year = piece(count + comma), year.kind == .number, year.text.count == 4, let number = Int(year.text),
            (1100..<2100).contains(number)
        {
            return (said + NumberWords.year(number), count + comma + 1)
        }
        return (said, count)
    }

    /// "5/16/2024" with the month first, "2024-05-16", "16 May 2024".
    private func date(_ value: Int) -> (said: [String], count: Int)? {
        func said(_ year: Int, _ month: Int, _ day: Int) -> [String]? {
            guard (1100..<2100).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
            return [monthOrder[month - 1]] + NumberWords.ordinal(day) + NumberWords.year(year)
        }
        for mark in ["/", "-"] {
            guard attachedMark(1, mark), attachedMark(3, mark), let second = attachedNumber(2).flatMap({ Int($0) }),
                let third = attachedNumber(4).flatMap({ Int($0) })
            else { continue }
            return (value > 31 ? said(value, second, third) : said(third, value, second)).map { ($0, 5) }
        }
        guard (1...31).contains(value), let name = wordPiece(1), let month = monthNames[name], piece(1)?.isCapital == true else {
            return nil
        }
        let day = (words.last == "the" ? [] : ["the"]) + NumberWords.ordinal(value) + ["of", month]
        let stop = attachedMark(2, ".") ? 3 : 2
        if let year = piece(stop), year.kind == .number, year.text.count == 4, let number = Int(year.text),
            (1100..<2100).contains(number)
        {
            return (day + NumberWords.year(number), stop + 1)
        }
        return (day, stop)
    }

    // MARK: Money

    /// "$5", "£2.50", "$1.2 million".
    private mutating func money(_ currency: Currency) {
        let text = pieces[index + 1].text
        let parts = text.split(separator: ".")
        if let scale = wordPiece(2), NumberWords.scales.contains(where: { $0.word == scale }) {
            return say((NumberWords.words(ofDigits: text) ?? [text]) + [scale, currency.many], taking: 3)
        }
        if parts.count == 2, parts[1].count == 2, let whole = Int(parts[0].filter { $0 != "," }), let cents = Int(parts[1]) {
            let small =
                cents == 0 ? [] : NumberWords.words(of: cents) + [cents == 1 ? currency.oneHundredth : currency.hundredths]
            if whole == 0, cents > 0 { return say(small, taking: 2) }
            let large = NumberWords.words(of: whole) + [whole == 1 ? currency.one : currency.many]
            return say(large + (small.isEmpty ? [] : ["and"] + small), taking: 2)
        }
        say((NumberWords.words(ofDigits: text) ?? [text]) + [text == "1" ? currency.one : currency.many], taking: 2)
    }
}
