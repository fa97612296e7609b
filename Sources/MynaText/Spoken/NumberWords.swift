/// Numbers as people say them: "twenty two", "a hundred and five", "nineteen point five", "two and a half".
public enum NumberWords {
    static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    /// From large to small.
    static let scales: [(word: String, size: Int)] = [
        ("trillion", 1_000_000_000_000), ("billion", 1_000_000_000), ("million", 1_000_000), ("thousand", 1000),
    ]
    private static let irregularOrdinals = [
        "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
        "twelve": "twelfth",
    ]

    /// A whole number in words, with "and" before what follows a hundred: 105 is "one hundred and five".
    public static func words(of number: Int) -> [String] {
        if number < 0 { return ["minus"] + magnitude(number.magnitude) }
        return magnitude(UInt(number))
    }

    private static func magnitude(_ number: UInt) -> [String] {
        if number < 20 { return [small[Int(number)]] }
        if number < 100 { return [tens[Int(number / 10)]] + (number % 10 == 0 ? [] : [small[Int(number % 10)]]) }
        if number < 1000 {
            return [small[Int(number / 100)], "hundred"] + (number % 100 == 0 ? [] : ["and"] + magnitude(number % 100))
        }
        for (word, size) in scales where number >= UInt(size) {
            let rest = number % UInt(size)
            return magnitude(number / UInt(size)) + [word] + (rest == 0 ? [] : (rest < 100 ? ["and"] : []) + magnitude(rest))
        }
        preconditionFailure("the smallest scale is a thousand")
    }

    /// The words of digits as written, such as `20.5`, `1,200` or `007`; nil where they are no number.
    ///
    /// A leading zero, or more than twelve digits, is read digit by digit.
    public static func words(ofDigits digits: some StringProtocol) -> [String]? {
        var body = Substring(digits)
        let sign = body.first == "-" ? ["minus"] : []
        body = body.drop { $0 == "-" }
        let parts = body.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = parts[0].filter { $0 != "," }
        func spell(_ digits: some StringProtocol) -> [String]? {
            var words: [String] = []
            for digit in digits {
                guard digit.isASCII, let value = digit.wholeNumberValue else { return nil }
                words.append(small[value])
            }
            return words
        }
        guard var words = spell(whole) else { return nil }
        if whole.isEmpty { words = parts.count > 1 ? ["zero"] : [] }
        if whole.count <= 12, !(whole.first == "0" && whole.count > 1), let number = Int(whole) { words = self.words(of: number) }
        if parts.count > 1 {
            guard let decimals = spell(parts[1]), !decimals.isEmpty else { return nil }
            words += ["point"] + decimals
        }
        return words.isEmpty ? nil : sign + words
    }

    /// The place in an order: 21 is "twenty first".
    public static func ordinal(_ number: Int) -> [String] {
        var words = words(of: number)
        let last = words.removeLast()
        if let irregular = irregularOrdinals[last] { return words + [irregular] }
        return words + [last.hasSuffix("y") ? last.dropLast() + "ieth" : last + "th"]
    }

    /// A year from 1000 to 2999: 1984 is "nineteen eighty four", 2005 "two thousand and five".
    public static func year(_ number: Int) -> [String] {
        let (century, rest) = (number / 100, number % 100)
        if (1000..<1100).contains(number) || (2000..<2010).contains(number) || !(1000..<3000).contains(number) {
            return words(of: number)
        }
        if rest == 0 { return words(of: century) + ["hundred"] }
        return words(of: century) + (rest < 10 ? ["oh"] : []) + words(of: rest)
    }

    /// A decade: 1990 is "nineteen nineties", 80 "eighties".
    static func decade(_ number: Int) -> [String] {
        var words = number < 100 ? words(of: number) : year(number)
        let last = words.removeLast()
        return words + [last.hasSuffix("y") ? last.dropLast() + "ies" : last + "s"]
    }
}
