/// Numbers as people say them: "twenty two", "nineteen point five", "a hundred and ten", "two and a half".
enum SpokenNumber {
    private static let units = [
        "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
        "eighteen": 18, "nineteen": 19,
    ]
    private static let tens = [
        "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    ]
    private static let ordinals = ["1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth"]
    private static let fractions = ["half": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1.0 / 3, "thirds": 1.0 / 3]

    /// The first number in `words` and where it stands; nil where there is none.
    static func first(in words: [String]) -> (value: Double, range: Range<Int>)? {
        for start in words.indices {
            if let (value, end) = number(words, from: start) { return (value, start..<end) }
        }
        return nil
    }

    /// The number that starts at `start`, and the index after it.
    static func number(_ words: [String], from start: Int) -> (value: Double, end: Int)? {
        func word(_ index: Int) -> String? { words.indices.contains(index) ? words[index] : nil }
        var index = start
        var value: Double
        if word(index) == "minus" || word(index) == "negative" {
            guard let (value, end) = number(words, from: index + 1) else { return nil }
            return (-value, end)
        }
        if let (whole, end) = wholeNumber(words, from: index) {
            (value, index) = (whole, end)
        } else if word(index) == "a" || word(index) == "an", let fraction = word(index + 1).flatMap({ fractions[$0] }) {
            return (fraction, index + 2)
        } else if let fraction = word(index).flatMap({ fractions[$0] }) {
            return (fraction, index + 1)
        } else {
            return nil
        }
        if word(index) == "point" {
            var digits = ""
            while let digit = word(index + 1).flatMap({ units[$0] }), digit < 10 {
                digits += String(digit)
                index += 1
            }
            if let decimals = Double("0.\(digits)"), !digits.isEmpty { return (value + decimals, index + 1) }
        }
        if value <= 4, let fraction = word(index).flatMap({ fractions[$0] }), word(index)?.hasSuffix("s") == true || word(index) == "half" {
            return (value * fraction, index + 1)
        }
        if word(index) == "and" {
            let article = word(index + 1) == "a" || word(index + 1) == "one"
            if let fraction = word(index + (article ? 2 : 1)).flatMap({ fractions[$0] }) {
                return (value + fraction, index + (article ? 3 : 2))
            }
        }
        return (value, index)
    }

    private static func wholeNumber(_ words: [String], from start: Int) -> (Double, Int)? {
        func word(_ index: Int) -> String? { words.indices.contains(index) ? words[index] : nil }
        var index = start
        var total = 0.0
        var part: Double?
        // "a hundred" is a number, "a" alone is not.
        if word(index) == "a" || word(index) == "an" {
            guard word(index + 1) == "hundred" || word(index + 1) == "thousand" else { return nil }
            part = 1
            index += 1
        }
        loop: while let current = word(index) {
            if let digits = Double(current), digits.isFinite, current.allSatisfy({ $0.isNumber || $0 == "." }) {
                guard part == nil else { break }
                part = digits
            } else if let unit = units[current] {
                guard current != "oh" || part != nil else { break }
                if let soFar = part {
                    // "twenty two" and "hundred twelve" go on; "two two" and "seven thirty" are two numbers.
                    let tail = soFar.truncatingRemainder(dividingBy: 100)
                    let goesOn = tail == 0 ? soFar >= 100 || total > 0 : tail >= 20 && tail.truncatingRemainder(dividingBy: 10) == 0 && unit < 10
                    guard unit > 0, goesOn else { break loop }
                    part = soFar + Double(unit)
                } else {
                    part = Double(unit)
                }
            } else if let ten = tens[current] {
                if let soFar = part {
                    guard soFar >= 100 || total > 0, soFar.truncatingRemainder(dividingBy: 100) == 0 else { break loop }
                    part = soFar + Double(ten)
                } else {
                    part = Double(ten)
                }
            } else if current == "hundred", let soFar = part, soFar < 100 {
                part = soFar * 100
                if word(index + 1) == "and", let next = word(index + 2), units[next] != nil || tens[next] != nil { index += 1 }
            } else if current == "thousand", let soFar = part {
                total += soFar * 1000
                part = 0
                if word(index + 1) == "and" { index += 1 }
            } else {
                break
            }
            index += 1
        }
        guard let part, index > start else { return nil }
        return (total + part, index)
    }

    /// A written word as spoken ones: "20.5" is "twenty point five", "1st" is "first", "50pct" stays.
    static func words(_ text: String) -> [String] {
        if let ordinal = ordinals[text] { return [ordinal] }
        guard text.first?.isNumber == true else { return [text.filter { $0 != "." }] }
        let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let rest = String(text.dropFirst(digits.count))
        let parts = digits.split(separator: ".", omittingEmptySubsequences: true)
        guard let first = parts.first, let whole = Int(first), whole < 1_000_000 else { return [text] }
        var words = spell(whole)
        if parts.count > 1 { words += ["point"] + parts[1].map { spell($0.wholeNumberValue ?? 0)[0] } }
        switch rest {
        case "": break
        case "k": words.append("kelvin")
        case "c", "f": words.append("degrees")
        case "s": words.append("seconds")
        case "h": words.append("hours")
        case "min", "mins", "m": words.append("minutes")
        default: words.append(rest)
        }
        return words
    }

    /// A whole number in words.
    static func spell(_ number: Int) -> [String] {
        let small = [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
            "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        ]
        let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
        switch number {
        case ..<0: return ["minus"] + spell(-number)
        case 0..<20: return [small[number]]
        case 20..<100: return [tens[number / 10]] + (number % 10 == 0 ? [] : [small[number % 10]])
        case 100..<1000: return [small[number / 100], "hundred"] + (number % 100 == 0 ? [] : spell(number % 100))
        default: return spell(number / 1000) + ["thousand"] + (number % 1000 == 0 ? [] : spell(number % 1000))
        }
    }

    /// A number as a reply says it: at most one decimal.
    static func spoken(_ number: Double) -> String {
        let tenths = (number * 10).rounded() / 10
        guard abs(tenths) < 1_000_000, let whole = Int(exactly: tenths.rounded(.towardZero)) else { return "\(tenths)" }
        let decimal = Int((abs(tenths - Double(whole)) * 10).rounded())
        let sign = tenths < 0 && whole == 0 ? "-" : ""
        return decimal == 0 ? "\(whole)" : "\(sign)\(whole).\(decimal)"
    }
}
