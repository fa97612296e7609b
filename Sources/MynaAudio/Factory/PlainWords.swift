/// Turns written sentences into words that every engine speaks as they stand, and refuses those it cannot be sure of.
struct PlainWords {
    /// Words with a known pronunciation.
    let known: Set<String>

    /// Words that requests to a home have and no dictionary does; every engine reads them as people say them.
    static let ofHomes: Set<String> = [
        "aircon", "audiobook", "audiobooks", "awnings", "chickpeas", "chilli", "cooktop", "cooktops", "dehydrator", "descale",
        "diffuser", "dimmest", "downlight", "downlights", "ensuite", "erm", "extractor", "extractors", "hoovering", "litre",
        "litres",
        "lollies", "maths", "nappies", "nightlight", "nightlights", "preheat", "preheating", "remix", "robovac", "roku", "roomba",
        "scullery", "sonos", "soundbar", "soundbars", "sunshade", "sunshades", "terrarium", "toadstool", "uhm", "underfloor",
        "unlatch", "unmute", "unmuted", "unpause", "unpaused", "unpower", "unsecure", "uplighter", "uplighters", "vac", "wemo",
        "worktop", "worktops", "yoghurt", "zapper",
    ]

    /// Written short for something longer, or read in more than one way.
    private static let refused: Set<String> = [
        "mr", "mrs", "ms", "dr", "st", "jr", "sr", "vs", "etc", "ft", "inc", "co", "corp", "ltd", "pm", "vol", "ch", "fig", "ii",
        "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii", "oz", "lb", "lbs", "mt", "ave", "blvd", "gov", "sen", "rep", "gen",
        "col", "capt", "lt", "prof", "rev", "hon", "ca", "eg", "ie", "lol", "omg", "u", "r", "ur", "im", "ive", "id", "dont",
        "cant", "wont", "thats", "whats", "didnt", "doesnt", "isnt", "b", "c", "d", "e", "f", "g", "h", "j", "k", "l", "m", "n",
        "p", "q", "s", "t", "v", "w", "x", "y", "z", "tho", "thru", "don", "ll", "ve", "re", "th", "nd", "rd", "http", "www",
        "com",
    ]

    private static let asking: Set<String> = [
        "what", "is", "are", "how", "who", "when", "where", "which", "why", "did", "does", "has", "was", "were", "what's",
        "who's",
        "how's", "where's", "isn't", "aren't",
    ]

    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

    /// The words of a number below a million.
    static func number(_ n: Int) -> String {
        precondition((0..<1_000_000).contains(n), "number speaks 0 to 999,999, got \(n)")
        switch n {
        case 0..<20: return small[n]
        case 20..<100: return tens[n / 10] + (n % 10 == 0 ? "" : " " + small[n % 10])
        case 100..<1000: return small[n / 100] + " hundred" + (n % 100 == 0 ? "" : " and " + number(n % 100))
        default: return number(n / 1000) + " thousand" + (n % 1000 == 0 ? "" : " " + number(n % 1000))
        }
    }

    /// The sentence as it is given to an engine: lower-case words with commas and one end mark; nil where anything is unsure.
    func spoken(_ sentence: some StringProtocol, words range: ClosedRange<Int> = 3...20) -> String? {
        var out: [String] = []
        var end = ""
        let pieces = sentence.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\u{a0}" })
        if pieces.count > 2 * range.upperBound { return nil }
        for (i, piece) in pieces.enumerated() {
            var token = ""
            token.reserveCapacity(piece.utf8.count)
            for c in piece.unicodeScalars {
                switch c {
                case "\u{2019}", "\u{2018}": token.append("'")
                case "\u{2060}", "\u{200b}", "\"", "\u{201c}", "\u{201d}": break
                default: token.unicodeScalars.append(c)
                }
            }
            var comma = false
            if let half = PlainWords.halfOfDay(token, after: out.last, next: i + 1 < pieces.count ? String(pieces[i + 1]) : nil) {
                out += half
                if token.hasSuffix(",") { out[out.count - 1] += "," }
                if i == pieces.count - 1, token.hasSuffix("?") { end = "?" }
                continue
            }
            while let last = token.last {
                if last == "," || last == ";" || last == ":" {
                    comma = true
                } else if last == "." || last == "?" || last == "!" {
                    if i < pieces.count - 1 { return nil }
                    end = last == "?" ? "?" : "."
                } else {
                    break
                }
                token.removeLast()
            }
            if token.isEmpty || token == "-" || token == "\u{2013}" || token == "\u{2014}" {
                if let last = out.last, !last.hasSuffix(",") { out[out.count - 1] = last + "," }
                continue
            }
            // Tokenised texts part what belongs together: I 'm, do n't.
            if let last = out.last, !last.hasSuffix(","), token == "n't" || (token.first == "'" && token.count <= 3) {
                out[out.count - 1] = last + token.lowercased()
                if !known.contains(out[out.count - 1]) && token == "n't" { return nil }
                continue
            }
            guard let words = wordsOf(token) else { return nil }
            out += words
            if comma { out[out.count - 1] += "," }
        }
        guard range.contains(out.count) else { return nil }
        if out[out.count - 1].hasSuffix(",") { out[out.count - 1].removeLast() }
        // Recognised and generated texts have no marks; a question still sounds like one.
        if end.isEmpty { end = PlainWords.asking.contains(out[0]) ? "?" : "." }
        return out.joined(separator: " ") + end
    }

    /// The letters of a token that tells the half of the day, in any of its spellings; nil for other tokens.
    private static func halfOfDay(_ token: String, after last: String?, next: String?) -> [String]? {
        let letters = token.lowercased().filter { !".,?!".contains($0) }
        switch letters {
        case "pm": return ["p", "m"]
        case "am" where last.map(isHour) == true: return ["a", "m"]
        case "m" where last == "p" || last == "a": return ["m"]
        case "p" where next?.lowercased().hasPrefix("m") == true && (next?.utf8.count ?? 0) <= 2: return ["p"]
        default: return nil
        }
    }

    private static func isHour(_ word: String) -> Bool {
        small.contains(word) || tens.contains(word) || word == "o'clock" || word == "fifteen"
    }

    private func wordsOf(_ token: String) -> [String]? {
        var words: [String] = []
        for part in token.split(separator: "-", omittingEmptySubsequences: false) {
            if part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
                guard let n = Int(part), part.utf8.count <= 4, n == 0 || part.utf8.first != 0x30 else { return nil }
                if (1100..<2100).contains(n) { return nil }  // a year or a count: read in two ways
                words += PlainWords.number(n).split(separator: " ").map(String.init)
                continue
            }
            var capitals = 0
            for byte in part.utf8 {
                switch byte {
                case 0x61...0x7a, 0x27: break
                case 0x41...0x5a: capitals += 1
                default: return nil
                }
            }
            if capitals > 1 && part != "TV" { return nil }
            let word = part.lowercased()
            if PlainWords.refused.contains(word) || word.isEmpty { return nil }
            if !known.contains(word) {
                guard word.hasSuffix("'s"), known.contains(String(word.dropLast(2))) else { return nil }
            }
            words.append(word)
        }
        return words
    }

    /// A spoken form without its marks: what a recogniser should write.
    static func text(_ spoken: some StringProtocol) -> String {
        String(spoken.unicodeScalars.filter { $0 != "," && $0 != "." && $0 != "?" && $0 != "!" }.map(Character.init)).lowercased()
    }
}
