extension NumberWords {
    private static let units: [String: Double] = {
        var units: [String: Double] = [:]
        for (value, word) in small.enumerated() { units[word] = Double(value) }
        return units
    }()
    private static let tensValues: [String: Double] = {
        var values: [String: Double] = ["fourty": 40]  // often misspelt
        for (index, word) in tens.enumerated() where !word.isEmpty { values[word] = Double(10 * index) }
        return values
    }()
    private static let scaleValues = Dictionary(uniqueKeysWithValues: scales.map { ($0.word, Double($0.size)) })
    private static let fractions: [String: Double] = [
        "half": 1.0 / 2, "third": 1.0 / 3, "quarter": 1.0 / 4, "fourth": 1.0 / 4, "fifth": 1.0 / 5, "sixth": 1.0 / 6,
        "eighth": 1.0 / 8, "tenth": 1.0 / 10,
    ]
    private static let pluralFractions: [String: Double] = {
        var plurals: [String: Double] = ["halves": 1.0 / 2]
        for (word, value) in fractions where word != "half" { plurals[word + "s"] = value }
        return plurals
    }()

    /// The number that `text` says and nothing else; nil where it says more, less or none.
    public static func value(of text: some StringProtocol) -> Double? {
        let words = SpokenForm.words(of: String(text))
        guard let (value, end) = match(words, from: 0), end == words.count else { return nil }
        return value
    }

    /// The first number in `words` and where it stands; nil where there is none.
    public static func first(in words: [String]) -> (value: Double, range: Range<Int>)? {
        for start in words.indices {
            if let (value, end) = match(words, from: start) { return (value, start..<end) }
        }
        return nil
    }

    /// The longest number that starts at `start`, in words or digits, and the index after it.
    public static func match(_ words: [String], from start: Int) -> (value: Double, end: Int)? {
        let reader = Reader(words: words)
        if let word = reader.word(start), word == "minus" || word == "negative" {
            return reader.magnitude(start + 1).map { (-$0.value, $0.end) }
        }
        return reader.magnitude(start)
    }

    /// Reads numbers off a list of words; each function gives a value and the index after it.
    private struct Reader {
        let words: [String]

        func word(_ index: Int) -> String? { words.indices.contains(index) ? words[index] : nil }
        func isArticle(_ index: Int) -> Bool { word(index) == "a" || word(index) == "an" }

        func magnitude(_ start: Int) -> (value: Double, end: Int)? {
            if let found = fractionAlone(start) { return found }
            if word(start) == "point", let (digits, end) = decimals(start + 1), let value = Double("0.\(digits)") {
                return (value, end)
            }
            guard var (value, index) = whole(start) else { return nil }
            if word(index) == "point", let (digits, end) = decimals(index + 1),
                let exact = Int(exactly: value).flatMap({ Double("\($0).\(digits)") })
            {
                (value, index) = (exact, end)
                // "two point five million"
                while let scale = word(index).flatMap({ scaleValues[$0] }) { (value, index) = (value * scale, index + 1) }
                return (value, index)
            }
            // "three quarters", "one half"; "twenty third" is no fraction.
            if let fraction = word(index).flatMap({ value == 1 ? fractions[$0] : nil }) { return (fraction, index + 1) }
            if value < 100, let fraction = word(index).flatMap({ pluralFractions[$0] }) { return (value * fraction, index + 1) }
            // "two and a half", "one and three quarters"
            if word(index) == "and", let (fraction, end) = fractionAlone(index + 1) ?? countedFraction(index + 1) {
                return (value + fraction, end)
            }
            return (value, index)
        }

        /// "half", "a half", "a quarter", "half a dozen", "half a million"; not "third" alone, which is a place in an order.
        private func fractionAlone(_ start: Int) -> (value: Double, end: Int)? {
            let index = isArticle(start) ? start + 1 : start
            guard let said = word(index), let fraction = fractions[said], index > start || said == "half" || said == "quarter"
            else { return nil }
            if said == "half", isArticle(index + 1), let size = word(index + 2).flatMap({ $0 == "dozen" ? 12 : scaleValues[$0] })
            {
                return (fraction * size, index + 3)
            }
            return (fraction, index + 1)
        }

        private func countedFraction(_ start: Int) -> (value: Double, end: Int)? {
            guard let (count, end) = whole(start), count < 100, let said = word(end) else { return nil }
            guard let fraction = count == 1 ? fractions[said] : pluralFractions[said] else { return nil }
            return (count * fraction, end + 1)
        }

        /// The digits after a point: "two five", "oh five", and "twenty five", which is said too.
        private func decimals(_ start: Int) -> (digits: String, end: Int)? {
            var digits = ""
            var index = start
            while let said = word(index) {
                if said == "oh" || said == "o" {
                    digits += "0"
                } else if let digit = units[said], digit < 10 {
                    digits += String(Int(digit))
                } else {
                    break
                }
                index += 1
            }
            if index > start { return (digits, index) }
            return belowHundred(start).map { (String(Int($0.value)), $0.end) }
        }

        private func whole(_ start: Int) -> (value: Double, end: Int)? {
            var total = 0.0
            var last = Double.infinity
            var index = start
            while let (value, end) = group(index) {
                // "seven thirty" and "two two" are two numbers: a group follows only a scale larger than itself.
                guard value < last else { break }
                if let scale = word(end).flatMap({ scaleValues[$0] }), scale < last {
                    (total, index, last) = (total + value * scale, end + 1, scale)
                    if word(index) == "and", let (next, _) = belowHundred(index + 1), next < last, !isFraction(after: index + 1) {
                        index += 1
                    } else if group(index) == nil || isArticle(index) {
                        return (total, index)
                    }
                    continue
                }
                return (total + value, end)
            }
            return last.isFinite ? (total, index) : nil
        }

        /// A number below a thousand, "fifteen hundred", "a dozen", or digits.
        private func group(_ start: Int) -> (value: Double, end: Int)? {
            guard let said = word(start) else { return nil }
            if let digit = said.first, digit.isNumber, let value = Double(said.filter { $0 != "," }), value.isFinite {
                return (value, start + 1)
            }
            if isArticle(start) {
                switch word(start + 1) {
                case "hundred": return hundred(1, start + 2)
                case "dozen": return (12, start + 2)
                case "couple": return (2, start + (word(start + 2) == "of" ? 3 : 2))
                case .some(let next) where scaleValues[next] != nil: return (1, start + 1)
                default: return nil
                }
            }
            guard let (value, end) = belowHundred(start) else { return nil }
            switch word(end) {
            case "hundred" where value > 0: return hundred(value, end + 1)
            case "dozen" where value > 0: return (12 * value, end + 1)
            default: return (value, end)
            }
        }

        private func hundred(_ count: Double, _ start: Int) -> (value: Double, end: Int) {
            let next = word(start) == "and" ? start + 1 : start
            guard let (rest, end) = belowHundred(next), rest > 0, !(next > start && isFraction(after: next)) else {
                return (count * 100, start)
            }
            return (count * 100 + rest, end)
        }

        private func belowHundred(_ start: Int) -> (value: Double, end: Int)? {
            guard let said = word(start) else { return nil }
            if let unit = units[said] { return (unit, start + 1) }
            guard let ten = tensValues[said] else { return nil }
            if let unit = word(start + 1).flatMap({ units[$0] }), (1..<10).contains(unit) { return (ten + unit, start + 2) }
            return (ten, start + 1)
        }

        /// Whether what starts at `start` is "one half" or "three quarters".
        private func isFraction(after start: Int) -> Bool {
            guard let (count, end) = belowHundred(start), let said = word(end) else { return false }
            return (count == 1 ? fractions[said] : pluralFractions[said]) != nil
        }
    }
}
