internal import MynaStages

/// Draws single words and short commands: digits, keywords, names, places, spelled letters, answers.
struct WordDrawer: Sendable {
    /// The 35 words of the Speech Commands corpus.
    static let commands = [
        "backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go", "happy", "house",
        "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right", "seven", "sheila", "six", "stop", "three", "tree",
        "two", "up", "visual", "wow", "yes", "zero",
    ]
    static let answers = [
        "yes please", "no thanks", "no thank you", "cancel that", "never mind", "that's right", "that's wrong", "stop it",
        "go on",
        "say that again", "louder", "quieter", "a bit louder", "undo that", "the other one", "the first one", "the second one",
        "both of them", "all of them", "not that one", "okay", "thanks", "thank you", "good morning", "good night", "hello",
        "goodbye", "wait", "pause", "continue", "next", "previous", "skip this", "help", "repeat", "what", "sure", "of course",
        "why not", "maybe", "the kitchen", "the bedroom", "the living room", "in the hall", "upstairs", "downstairs", "alexa",
        "computer", "jarvis", "smart mirror", "hey computer", "goodnight", "tell me a joke", "lights on", "lights off",
        "brighter",
        "dimmer", "warmer", "cooler", "red", "green", "blue", "yellow", "open", "close", "lock", "unlock", "play", "mute",
    ]
    static let digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

    private let names: [String]
    private let nouns: [String]

    init(_ corpus: CorpusText, _ plain: PlainWords) throws(AudioError) {
        let given = try corpus.lines("names/female.txt.xz") + corpus.lines("names/male.txt.xz")
        names = given.compactMap { plain.spoken($0, words: 1...2) }.map { String($0.dropLast()) }
        var nouns = WordDrawer.commands
        for row in try corpus.rows("corpora-lists/lists.jsonl.xz") {
            guard let fields = row["data"]?.object else { continue }
            for (_, value) in fields.sorted(by: { $0.key < $1.key }) {
                for item in value.list ?? [] {
                    if let text = item.string, text.utf8.count < 30, let spoken = plain.spoken(text, words: 1...2) {
                        nouns.append(String(spoken.dropLast()))
                    }
                }
            }
        }
        self.nouns = nouns
    }

    /// One to six words, as an engine is given them.
    func draw(_ random: inout FactoryRandom) -> String {
        switch random.pick([(0, 3.0), (1, 3), (2, 3), (3, 2), (4, 2), (5, 2), (6, 0.7)]) {
        case 0: return random.pick(WordDrawer.digits) + "."
        case 1: return (0..<2 + random.index(5)).map { _ in random.pick(WordDrawer.digits) }.joined(separator: " ") + "."
        case 2: return random.pick(WordDrawer.commands) + "."
        case 3: return random.pick(WordDrawer.answers) + "."
        case 4: return random.pick(names) + "."
        case 5: return random.pick(nouns) + "."
        default:
            let letters = Array("BCDEFGHIJKLMNOPQRSTUVWXYZ")  // not A, which engines read as the article
            return (0..<2 + random.index(4)).map { _ in String(random.pick(letters)) }.joined(separator: ", ") + "."
        }
    }
}
