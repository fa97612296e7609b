internal import Foundation
internal import MynaStages

/// What sounds somewhat like a phrase and isn't it: a detector of wake words must learn to tell them apart.
public struct NearWords {
    /// Words and how they are said, phonemes without their stress.
    private let dictionary: [(word: String, sounds: [String])]
    private let sounds: [String: [String]]

    /// Reads the pronouncing dictionary of the text corpora.
    /// - Parameter data: the folder of `text/`.
    public init(data: String) throws(AudioError) {
        let corpus = CorpusText(folder: "\(data)/text")
        var dictionary: [(word: String, sounds: [String])] = []
        var sounds: [String: [String]] = [:]
        for line in try corpus.lines("cmudict/cmudict.dict.xz") {
            let fields = line.prefix { $0 != "#" }.split(separator: " ")
            guard let word = fields.first, word.utf8.allSatisfy({ (0x61...0x7a).contains($0) }), word.utf8.count > 2 else {
                continue
            }
            let said = fields.dropFirst().map { $0.filter { !$0.isNumber } }
            sounds[String(word)] = said
            dictionary.append((String(word), said))
        }
        (self.dictionary, self.sounds) = (dictionary, sounds)
    }

    /// Phrases near `phrase`, the nearest first: words that sound like it or like one of its words, each of its words alone and
    /// beside another, never the phrase itself or a text in which it is said.
    public func phrases(like phrase: String, count: Int) -> [String] {
        let words = phrase.lowercased().split(separator: " ").map(String.init)
        var found: [String] = []
        if words.count > 1 {
            found += words
            for index in words.indices {
                for (near, _) in nearest(to: [words[index]], count: count / (2 * words.count)) {
                    var changed = words
                    changed[index] = near
                    found.append(changed.joined(separator: " "))
                }
            }
        }
        found += nearest(to: words, count: count).map(\.word)
        var seen = Set([phrase.lowercased()])
        return Array(found.filter { !" \($0) ".contains(" \(phrase.lowercased()) ") && seen.insert($0).inserted }.prefix(count))
    }

    /// Single words by their distance from `words` said in a row: by sounds where all of these are known, else by letters.
    private func nearest(to words: [String], count: Int) -> [(word: String, distance: Double)] {
        let known = words.compactMap { sounds[$0] }
        let goal = known.count == words.count ? known.flatMap { $0 } : words.joined().map(String.init)
        let isBySound = known.count == words.count
        var best: [(word: String, distance: Double)] = []
        for (word, said) in dictionary where !words.contains(word) {
            let other = isBySound ? said : word.map(String.init)
            guard abs(other.count - goal.count) <= 3, other != goal else { continue }
            let distance = Double(Self.distance(goal, other)) / Double(max(goal.count, other.count))
            if distance <= 0.6 { best.append((word, distance)) }
        }
        return Array(best.sorted { ($0.distance, $0.word) < ($1.distance, $1.word) }.prefix(count))
    }

    /// How many elements must be exchanged, left out or put in.
    private static func distance(_ a: [String], _ b: [String]) -> Int {
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let cost = min(row[j + 1] + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                (diagonal, row[j + 1]) = (row[j + 1], cost)
            }
        }
        return row[b.count]
    }
}
