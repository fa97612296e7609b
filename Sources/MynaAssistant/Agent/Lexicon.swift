/// All words that mean something in one home, and what a misheard word most likely was.
struct Lexicon: Sendable {
    private let known: Set<String>
    /// Words long enough to be matched by sound, by the skeleton of their consonants.
    private let byFirstSound: [Character: [String]]

    init(_ home: Home) {
        var known: Set<String> = [
            "here", "upstair", "downstair", "outside", "inside", "outdoor", "indoor", "room", "floor", "and", "plus", "it",
            "them",
            "light", "both", "other", "left", "right", "house", "home", "off", "front", "back",
        ]
        for area in home.areas { for name in [area.name] + area.aliases { known.formUnion(Phrase(name).stems) } }
        for floor in home.floors { for name in [floor.name] + floor.aliases { known.formUnion(Phrase(name).stems) } }
        for resident in home.residents { known.formUnion(Phrase(resident.name).stems) }
        for entity in home.entities {
            for name in entity.names { known.formUnion(Phrase(name).stems) }
            known.formUnion(Kinds.words(for: entity))
            known.formUnion(Kinds.otherWords(for: entity))
        }
        known.formUnion(Kinds.empty)
        self.known = known
        byFirstSound = Dictionary(grouping: known.filter { $0.count >= 4 }.sorted()) { Self.skeleton($0).first ?? "a" }
    }

    func contains(_ stem: String) -> Bool { known.contains(stem) }

    /// `phrase` with words that this home does not know joined, split or replaced by ones it knows, where that is plain.
    func repaired(_ phrase: Phrase) -> Phrase {
        var words: [String] = []
        var index = 0
        let stems = phrase.stems
        while index < stems.count {
            let stem = stems[index]
            if index + 1 < stems.count, known.contains(stem + stems[index + 1]),
                !(known.contains(stem) && known.contains(stems[index + 1]))
            {
                words.append(phrase.words[index] + phrase.words[index + 1])  // "bed room"
                index += 2
                continue
            }
            if known.contains(stem) {
                words.append(phrase.words[index])
            } else if let (first, second) = split(stem) {
                words += [first, second]
            } else {
                words.append(nearest(to: stem) ?? phrase.words[index])
            }
            index += 1
        }
        var remaining = words[...]
        return phrase.mapping { _ in remaining.isEmpty ? [] : [remaining.removeFirst()] }
            .appending(Phrase(remaining.joined(separator: " ")))
    }

    private func split(_ stem: String) -> (String, String)? {
        guard stem.count >= 6 else { return nil }
        for length in 3...(stem.count - 3) {
            let (first, second) = (String(stem.prefix(length)), String(stem.dropFirst(length)))
            if known.contains(first), known.contains(second) { return (first, second) }
        }
        return nil
    }

    /// The one known word that `stem` sounds or looks like; nil where there is none, or more than one.
    func nearest(to stem: String) -> String? {
        guard stem.count >= 4, let first = Self.skeleton(stem).first else { return nil }
        var best: (word: String, distance: Int)?
        var isTied = false
        for candidate in byFirstSound[first] ?? [] {
            let distance = Self.distance(stem, candidate)
            // Words of four letters have too many neighbours to go by spelling alone.
            let length = min(stem.count, candidate.count)
            let allowed = Self.skeleton(stem) == Self.skeleton(candidate) ? 2 : length >= 7 ? 2 : length >= 5 ? 1 : 0
            guard distance <= allowed else { continue }
            if best == nil || distance < best!.distance {
                best = (candidate, distance)
                isTied = false
            } else if distance == best!.distance {
                isTied = true
            }
        }
        return isTied ? nil : best?.word
    }

    /// The consonants by how they sound, the first letter kept.
    static func skeleton(_ word: String) -> String {
        var sounds: [Character] = []
        let text = word.replacing("ph", with: "f").replacing("ck", with: "k").replacing("gh", with: "").replacing("wr", with: "r")
            .replacing("kn", with: "n")
        for (index, letter) in text.enumerated() {
            let sound: Character? =
                switch letter {
                case "a", "e", "i", "o", "u", "y": index == 0 ? "a" : nil
                case "h", "w": index == 0 ? letter : nil
                case "c", "q": "k"
                case "z", "x": "s"
                case "d": "t"
                case "b": "p"
                case "v": "f"
                case "j": "g"
                default: letter
                }
            if let sound, sounds.last != sound { sounds.append(sound) }
        }
        return String(sounds)
    }

    /// Letters to insert, drop or replace to make one word of the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        if abs(a.count - b.count) > 2 { return abs(a.count - b.count) }
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var diagonal = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let cost = min(row[j + 1] + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[b.count]
    }
}
