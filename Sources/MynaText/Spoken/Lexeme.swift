internal import Foundation

/// A piece of written text: a word, digits, or one mark that can be said.
struct Lexeme: Equatable {
    enum Kind { case word, number, mark }

    var kind: Kind
    /// Words in lower case; digits as written, with their commas and decimal point.
    var text: String
    /// Whether nothing stands between it and the piece before.
    var isAttached: Bool
    /// Whether the word was written with a capital first.
    var isCapital = false

    private static let fractions: [Character: String] = [
        "½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅛": "1/8",
    ]
    private static let marks = Set<Character>("%$€£°&+-/:.,@#=×")

    /// The pieces of `text`; what can neither be said nor join pieces is dropped.
    static func pieces(of text: String) -> [Lexeme] {
        let characters = plain(text)
        var pieces: [Lexeme] = []
        var index = 0
        var attached = false
        func character(_ index: Int) -> Character? { index < characters.count ? characters[index] : nil }
        func isDigit(_ index: Int) -> Bool { character(index).map { $0.isASCII && $0.isNumber } ?? false }
        while let current = character(index) {
            let start = index
            if isDigit(index) {
                while isDigit(index) || isJoint(index) { index += 1 }
                pieces.append(Lexeme(kind: .number, text: String(characters[start..<index]), isAttached: attached))
            } else if current.isLetter {
                // An apostrophe belongs to a word inside it only: "don't", not "'tis".
                while let next = character(index), next.isLetter || (next == "'" && character(index + 1)?.isLetter == true) {
                    index += 1
                }
                let word = String(characters[start..<index])
                pieces.append(Lexeme(kind: .word, text: word.lowercased(), isAttached: attached, isCapital: current.isUppercase))
            } else {
                index += 1
                if marks.contains(current) { pieces.append(Lexeme(kind: .mark, text: String(current), isAttached: attached)) }
                attached = marks.contains(current) || (attached && current == "'")
                continue
            }
            attached = true
        }
        return pieces

        /// A comma before three digits, or a point before some, inside a number.
        func isJoint(_ index: Int) -> Bool {
            guard isDigit(index + 1), let mark = character(index) else { return false }
            if mark == "," { return isDigit(index + 2) && isDigit(index + 3) && !isDigit(index + 4) }
            guard mark == "." else { return false }
            // "1.2.3" has no decimal point: one point in a number.
            var back = index - 1
            while back >= 0, isDigit(back) || characters[back] == "," { back -= 1 }
            return back < 0 || characters[back] != "."
        }
    }

    /// Without accents, typographic marks and invisible characters.
    private static func plain(_ text: String) -> [Character] {
        var plain: [Character] = []
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        for character in isASCII ? text : text.folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil) {
            switch character {
            case "\u{2019}", "\u{2018}", "\u{02bc}", "`": plain.append("'")
            case "\u{2010}"..."\u{2012}", "\u{2212}": plain.append("-")
            case "\u{2013}": plain.append("-")
            case "\u{00ad}", "\u{200b}"..."\u{200d}", "\u{2060}", "\u{feff}": break
            case "º", "˚": plain.append("°")
            default:
                if let fraction = fractions[character] {
                    if plain.last?.isNumber == true { plain.append(" ") }
                    plain += Array(fraction)
                } else {
                    plain.append(character)
                }
            }
        }
        return plain
    }
}
