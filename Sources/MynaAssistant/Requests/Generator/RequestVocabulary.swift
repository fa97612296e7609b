internal import Foundation

/// The names and words that requests are made with, and requests that people wrote.
public struct RequestVocabulary: Sendable {
    /// The entries of each list, as words.
    var entries: [String: [[String]]] = [:]
    /// How many entries of each list are our own; they come first.
    var ownCounts: [String: Int] = [:]
    /// Requests from corpora, by subject.
    var corpora: [Corpus] = []
    /// Words that sound alike, for mishearing.
    var soundalikes: [String: [String]] = [:]

    /// Requests of one subject that people wrote, with what they mean.
    struct Corpus: Sendable {
        var kind: String
        var weight: Double
        var requests: [RequestDraft]
    }

    /// The words that come with the program, without any data folder.
    public static let builtIn: RequestVocabulary = {
        var vocabulary = RequestVocabulary()
        for line in PatternSet.lines(of: RequestLists.text) {
            guard let colon = line.firstIndex(of: ":") else { preconditionFailure("a list is name: entry, entry, not \(line)") }
            vocabulary.add(line[line.index(after: colon)...].split(separator: ",").map(String.init), to: String(line[..<colon]))
        }
        vocabulary.ownCounts = vocabulary.entries.mapValues(\.count)
        return vocabulary
    }()

    /// Adds what can be said of `texts` to a list; what cannot (digits, signs) is left out.
    mutating func add(_ texts: some Sequence<String>, to list: String, wordLimit: Int = 5) {
        var known = Set((entries[list] ?? []).map { $0.joined(separator: " ") })
        for text in texts {
            guard let words = Self.words(text), words.count <= wordLimit else { continue }
            if known.insert(words.joined(separator: " ")).inserted { entries[list, default: []].append(words) }
        }
    }

    /// `text` as lower-case words with no marks but apostrophes inside; nil where it holds digits or other signs.
    static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word = ""
        for scalar in text.lowercased().unicodeScalars {
            switch scalar {
            case "a"..."z": word.unicodeScalars.append(scalar)
            case "'", "\u{2019}", "\u{2018}": word.append("'")
            case "é", "è", "ê": word.append("e")
            case "ä", "á", "à", "â", "ã", "å": word.append("a")
            case "ö", "ó", "ô", "ø": word.append("o")
            case "ü", "ú", "û": word.append("u")
            case "í", "ï", "î": word.append("i")
            case "ñ": word.append("n")
            case "ç": word.append("c")
            case " ", ",", ".", "!", "?", "-", ";", ":", "\"", "\u{2013}", "\u{2014}", "\u{201C}", "\u{201D}", "(", ")", "/":
                if !word.isEmpty { words.append(word) }
                word = ""
            case "&":
                if !word.isEmpty { words.append(word) }
                words.append("and")
                word = ""
            default: return nil
            }
        }
        if !word.isEmpty { words.append(word) }
        words = words.map { $0.trimmingPrefix("'") }.map { $0.hasSuffix("'") ? String($0.dropLast()) : String($0) }
            .filter { !$0.isEmpty }
        return words.isEmpty ? nil : words
    }
}
