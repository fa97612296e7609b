internal import MynaStages

/// Makes a tidy request sound and read like a spoken one: fillers, repetitions, corrections, misheard words.
struct Disfluency: Sendable {
    let expansion: RequestExpansion
    let soundalikes: [String: [String]]
    private let filler: Int
    private let edit: Int

    init(_ expansion: RequestExpansion, soundalikes: [String: [String]]) {
        self.expansion = expansion
        self.soundalikes = soundalikes.merging(Self.misheard) { theirs, ours in ours + theirs }
        func rule(_ name: String) -> Int {
            guard let node = expansion.patterns.node(ofRule: name) else { preconditionFailure("no rule \(name)") }
            return node
        }
        filler = rule("filler")
        edit = rule("edit")
    }

    /// Says a word that means nothing somewhere between slots.
    func hesitate(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        let position = random.below(draft.words.count)
        guard !draft.isInsideSpan(position) else { return }
        draft.insert(expansion.words(of: filler, using: &random), at: position)
    }

    /// Says one or two words twice.
    func stutter(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        let count = min(1 + random.below(2), draft.words.count)
        let position = random.below(draft.words.count - count + 1)
        guard !draft.isInsideSpan(position),
            !(0...count).contains(where: { draft.isSpanEdge(position + $0) && $0 > 0 && $0 < count })
        else { return }
        draft.insert(Array(draft.words[position..<(position + count)]), at: position)
    }

    /// Says another thing first where a slot is filled, and takes it back: "the kitchen no wait the hall".
    func correctSlot(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        let spans = draft.spans.filter { span in
            Self.correctable.contains(span.slot) && span.pattern >= 0 && draft.spans.count { $0.range.overlaps(span.range) } == 1
        }
        guard !spans.isEmpty else { return }
        let span = random.pick(spans)
        let said = expansion.words(of: span.pattern, using: &random)
        guard !said.isEmpty, said != Array(draft.words[span.range]) else { return }
        let heard = random.chance(0.8) ? said : Array(said.prefix(1 + random.below(said.count)))
        draft.insert(heard + expansion.words(of: edit, using: &random), at: span.range.lowerBound)
    }

    /// Begins otherwise, and begins anew: "turn on the no wait turn off the hall light".
    func restart(_ draft: inout RequestDraft, after other: RequestDraft, using random: inout SeededRandom) {
        let start = other.words.prefix(1 + random.below(min(5, other.words.count)))
        draft.insert(Array(start) + expansion.words(of: edit, using: &random), at: 0)
    }

    /// Changes one word into what a recogniser might have written.
    func mishear(_ draft: inout RequestDraft, using random: inout SeededRandom) {
        let position = random.below(draft.words.count)
        let word = draft.words[position]
        if word == "the" || word == "a" || word == "my" {
            if !draft.spans.contains(where: { $0.range == position..<(position + 1) }) {
                if random.chance(0.7) {
                    draft.remove(at: position)
                } else {
                    draft.replace(at: position, with: [word == "the" ? "a" : "the"])
                }
            }
        } else if let others = soundalikes[word], !others.isEmpty {
            draft.replace(at: position, with: random.pick(others).split(separator: " ").map(String.init))
        } else if !Self.telling.contains(word) {
            distort(&draft, position, using: &random)
        }
    }

    private func distort(_ draft: inout RequestDraft, _ position: Int, using random: inout SeededRandom) {
        let word = Array(draft.words[position])
        switch random.below(10) {
        case 0 where position + 1 < draft.words.count && !draft.isSpanEdge(position + 1) && draft.words[position + 1] != "the":
            draft.merge(at: position)
        case 1 where word.count >= 6:
            let cut = 3 + random.below(word.count - 5)
            draft.replace(at: position, with: [String(word[..<cut]), String(word[cut...])])
        case 2 where !draft.spans.contains { $0.range.contains(position) } && Self.weak.contains(draft.words[position]):
            draft.remove(at: position)
        case 3...5 where word.count >= 4:
            var word = word
            let index = 1 + random.below(word.count - 1)
            switch random.below(3) {
            case 0: word.remove(at: index)
            case 1: word.insert(word[index], at: index)
            default: word[index] = random.pick(Self.near[word[index]] ?? [word[index]])
            }
            if word.last != "'" { draft.replace(at: position, with: [String(word)]) }
        case 6 where word.last == "s" && word.count > 4 && word[word.count - 2] != "s" && word[word.count - 2] != "'":
            draft.replace(at: position, with: [String(word.dropLast())])
        case 7: draft.insert(["the"], at: position)
        default: break
        }
    }

    private static let correctable: Set<IntentSlot> = [.target, .place, .value, .duration, .item, .time, .name, .list, .except]
    /// Words that alone say what is meant; they are never distorted.
    private static let telling: Set<String> = [
        "on", "off", "up", "down", "open", "close", "lock", "unlock", "not", "no", "yes", "but", "except", "and", "out", "in",
        "all",
        "any", "is", "are", "if", "every", "mute", "unmute", "more", "less", "warmer", "cooler", "brighter", "dimmer", "louder",
        "quieter", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "percent", "degrees", "minutes",
        "seconds", "hours", "minute", "second", "hour", "which", "what", "how", "many", "when", "it", "to", "at", "by",
    ]
    private static let weak: Set<String> = ["to", "please", "of", "in", "for", "me", "is", "you", "at", "some", "can", "could"]
    private static let near: [Character: [Character]] = [
        "a": ["e", "u", "o"], "e": ["i", "a"], "i": ["e", "y"], "o": ["u", "a"], "u": ["o", "a"], "b": ["p", "v"],
        "p": ["b", "t"],
        "d": ["t", "n"], "t": ["d", "k"], "g": ["k", "j"], "k": ["g", "c"], "c": ["k", "s"], "s": ["z", "c"], "z": ["s"],
        "m": ["n"], "n": ["m"], "l": ["r", "w"], "r": ["l", "w"], "f": ["v", "s"], "v": ["f", "b"], "j": ["g"], "w": ["v", "r"],
    ]

    /// What recognisers make of the words of homes.
    private static let misheard: [String: [String]] = [
        "light": ["lite", "like", "right"], "lights": ["lites", "like", "rights", "light"], "lamp": ["lamb", "land", "lump"],
        "lamps": ["lambs", "lamp"], "kitchen": ["kitten", "kitchin", "the kitchen"], "hall": ["hole", "haul", "whole"],
        "hallway": ["hall way", "highway"], "blinds": ["blind", "blines"], "blind": ["blinds", "blight"], "set": ["said", "sit"],
        "dim": ["them", "deem"], "fan": ["van", "fun"], "lock": ["look", "log"], "close": ["clothes", "clothe"],
        "volume": ["volumes", "valium"], "heat": ["heed", "eat"], "heating": ["eating", "heeding"], "door": ["doors", "dore"],
        "bedroom": ["bed room", "bedrooms"], "bathroom": ["bath room"], "dining": ["dinning", "dying", "dining room"],
        "living": ["leaving", "live in"], "lounge": ["launch", "long"], "study": ["steady", "studdy"],
        "turn": ["tern", "torn", "turned"],
        "switch": ["which", "switched"], "off": ["of"], "curtain": ["certain", "curtains"], "curtains": ["certain", "curtain"],
        "shades": ["shade", "jades"], "garage": ["garbage", "the garage"], "gate": ["gait", "get"],
        "tv": ["t v", "tea v", "tee vee"],
        "ac": ["a c", "ace"], "speaker": ["speakers", "speak her"], "timer": ["time are", "timers", "climber"],
        "thermostat": ["thermos tat", "thermostats"], "play": ["plate", "played"], "pause": ["paws", "pores", "pass"],
        "vacuum": ["vacume", "back room"], "list": ["lists", "less", "lest"], "add": ["at", "ad", "had"],
        "milk": ["milks", "mill"],
        "bread": ["bred", "red"], "flour": ["flower"], "for": ["four", "fur"], "four": ["for"], "two": ["to", "too"],
        "to": ["two", "too"],
        "eight": ["ate"], "half": ["have", "half"], "red": ["read"], "blue": ["blew"], "white": ["wide", "wight"],
        "green": ["grain"],
        "front": ["fronts", "from"], "back": ["bag", "black"], "upstairs": ["up stairs"], "downstairs": ["down stairs"],
        "patio": ["patty o", "patios"], "sofa": ["so far", "sofas"], "office": ["offices", "of his"],
        "ceiling": ["sealing", "feeling"],
        "desk": ["dusk", "disk"], "porch": ["porsche", "torch"], "terrace": ["terrorist", "terris"], "plug": ["plugs", "blog"],
        "heater": ["heeter", "eater"], "boiler": ["boiler room", "boil her"], "kettle": ["cattle", "kettel"], "there": ["their"],
        "bedside": ["bed side", "bad side"], "nightlight": ["night light"], "would": ["wood"], "hey": ["hay", "a"],
        "start": ["star", "starred"],
        "stop": ["stopped", "top"], "next": ["necks", "text"], "song": ["songs", "son"], "music": ["musics", "music's"],
        "window": ["windows", "winder"], "windows": ["window"], "percent": ["per cent", "present", "percents"],
        "degrees": ["degree"],
        "everything": ["every thing"], "warm": ["worm"], "humidity": ["the humidity"], "scene": ["seen"],
        "mode": ["mowed", "mod"],
    ]
}
