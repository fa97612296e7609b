internal import Foundation
internal import MynaStages
internal import MynaText

/// What sort of thing an utterance says.
public enum SentenceKind: String, Sendable, CaseIterable {
    case home, question, talk, sentence, word

    /// Its share of the utterances where nothing else is asked for.
    public var share: Double {
        switch self {
        case .home: 0.36
        case .question: 0.22
        case .talk: 0.14
        case .sentence: 0.20
        case .word: 0.08
        }
    }
}

/// All sentences that one split of the data may say.
struct SentencePool: Sendable {
    let split: DataSplit
    private let shares: [(SentenceKind, Double)]
    /// Corpora of each kind with their weights; home requests besides are made by the sampler.
    private var corpora: [SentenceKind: [(name: String, weight: Double, spoken: [String])]] = [:]
    private let templates: HomeRequests
    private let requests: (@Sendable (Int) -> String)?
    private let plain: PlainWords
    private let words: WordDrawer
    /// What alone is said, as it stands, where that is not empty.
    private let phrases: [String]

    /// What is said once, and where it comes from.
    struct Sentence: Sendable {
        var kind: SentenceKind
        var source: String
        var spoken: String
    }

    /// - Parameters:
    ///   - files: sentence files of the caller, each with its weight among the home requests.
    ///   - requests: makes a home request of the split from any number.
    ///   - phrases: said in place of all sentences, with words that no dictionary knows too.
    init(
        _ corpus: CorpusText, split: DataSplit, kinds: [SentenceKind: Double], files: [(path: String, weight: Double)] = [],
        requests: (@Sendable (Int) -> String)? = nil, phrases: [String] = []
    ) throws(AudioError) {
        self.split = split
        self.phrases = phrases
        shares = SentenceKind.allCases.compactMap { kind in kinds[kind].map { (kind, $0) } }
        // Sentences with these words were left out once; what is tested stays as it was, so that figures can be compared.
        let plain = PlainWords(known: try corpus.dictionary().union(split == .train ? PlainWords.ofHomes : []))
        self.plain = plain
        self.requests = requests
        templates = try HomeRequests(corpus, plain)
        words = try WordDrawer(corpus, plain)
        func add(_ kind: SentenceKind, _ name: String, _ weight: Double, _ texts: some Sequence<some StringProtocol>) {
            if kinds[kind] == nil { return }
            var seen = Set<String>()
            let spoken = texts.compactMap { plain.spoken($0) }.filter {
                DataSplit(of: PlainWords.text($0)) == split && seen.insert($0).inserted
            }
            if !spoken.isEmpty { corpora[kind, default: []].append((name, weight, spoken)) }
        }
        for file in files { add(.home, splitPath(file.path).file, file.weight, try SentencePool.sentences(file.path)) }
        if kinds[.question] != nil { try addQuestions(corpus, add) }
        if kinds[.talk] != nil { try addTalk(corpus, add) }
        if kinds[.sentence] != nil { try addSentences(corpus, add) }
        for kind in SentenceKind.allCases where kinds[kind] != nil && corpora[kind] == nil && kind != .home && kind != .word {
            throw .empty(file: "\(corpus.folder) (no \(kind.rawValue) of the \(split.rawValue) split)")
        }
    }

    private typealias Add = (SentenceKind, String, Double, [String]) -> Void

    private func addQuestions(_ corpus: CorpusText, _ add: Add) throws(AudioError) {
        add(.question, "hwu64", 3, try corpus.field("text", "hwu64/utterances.jsonl.xz"))
        add(.question, "slurp", 3, try corpus.lines("slurp/lm-sentences.txt.xz").map(String.init))
        add(.question, "snips", 2, try corpus.field("text", "snips/utterances.jsonl.xz"))
        add(.question, "clinc150", 2, try corpus.field("text", "clinc150/utterances.jsonl.xz"))
        add(.question, "nq-open", 2, try corpus.field("q", "nq-open/nq-open.jsonl.xz").map { $0 + "?" })
        add(.question, "webquestions", 1, try corpus.field("q", "webquestions/webquestions.jsonl.xz"))
        let turns = try corpus.rows("sgd/rest-text.jsonl.xz").flatMap { row in
            (row["turns"]?.list ?? []).compactMap { turn in
                turn.list?.first?.string == "U" ? turn.list?.last?.string : nil
            }
        }
        add(.question, "sgd", 2, turns.flatMap { Prose.sentences($0).map(String.init) })
    }

    private func addTalk(_ corpus: CorpusText, _ add: Add) throws(AudioError) {
        func turns(_ file: String, _ said: (Value) -> String?) throws(AudioError) -> [String] {
            try corpus.rows(file).flatMap { row in
                (row["turns"]?.list ?? []).compactMap(said).flatMap { Prose.sentences($0).map(String.init) }
            }
        }
        add(.talk, "chatterbot", 1, try turns("chatterbot/conversations.jsonl.xz") { $0.string })
        add(.talk, "persona-chat", 2, try turns("persona-chat/synthetic-persona-chat.jsonl.xz") { $0.list?.last?.string })
        add(.talk, "self-dialogue", 4, try turns("self-dialogue/dialogues.jsonl.xz") { $0.string })
        add(.talk, "topical-chat", 2, try turns("topical-chat/dialogues.jsonl.xz") { $0.list?.dropFirst().first?.string })
    }

    private func addSentences(_ corpus: CorpusText, _ add: Add) throws(AudioError) {
        func prose(_ file: String) throws(AudioError) -> [String] {
            try corpus.field("text", file).flatMap { Prose.sentences($0).map(String.init) }
        }
        add(.sentence, "masc", 4, try prose("masc/texts.jsonl.xz"))
        for i in 1...5 { add(.sentence, "books-\(i)", 1.2, try prose("books/books-\(i).jsonl.xz")) }
        add(.sentence, "plays", 2, try prose("plays/lines.jsonl.xz"))
        add(.sentence, "inaugural", 0.4, try prose("us-addresses/inaugural.jsonl.xz"))
        add(.sentence, "state_union", 0.8, try prose("us-addresses/state_union.jsonl.xz"))
        add(.sentence, "wiki-leads", 0.4, try prose("wiki-leads/leads.jsonl.xz"))
        add(.sentence, "trivia", 2, try corpus.field("q", "trivia/opentriviaqa.jsonl.xz"))
    }

    /// The sentences of a file of lines: plain ones, or JSON objects with a `text`.
    private static func sentences(_ path: String) throws(AudioError) -> [String] {
        var out: [String] = []
        try eachLine(of: path) { number, line throws(AudioError) in
            guard line.first == UInt8(ascii: "{") else {
                out.append(String(decoding: line, as: UTF8.self))
                return
            }
            let row: [String: Value]
            do {
                row = try JSONDecoder().decode([String: Value].self, from: line)
            } catch {
                throw .badManifest(file: path, line: number, reason: "is not a JSON object")
            }
            guard let text = row["text"]?.string else { throw .badManifest(file: path, line: number, reason: "has no \"text\"") }
            out.append(text)
        }
        return out
    }

    /// Draws what one utterance says: a phrase, where there are some.
    func draw(_ random: inout FactoryRandom) -> Sentence {
        guard !phrases.isEmpty else { return drawSentence(&random) }
        return Sentence(kind: .word, source: "phrases", spoken: phrases[random.index(phrases.count)] + ".")
    }

    /// Draws a sentence, whether there are phrases or not.
    func drawSentence(_ random: inout FactoryRandom) -> Sentence {
        // Once for all tries: where little belongs to the split, as with requests, the kind must not go to the others.
        let kind = random.pick(shares)
        if kind == .word { return Sentence(kind: kind, source: "words", spoken: words.draw(&random)) }
        let sources = corpora[kind] ?? []
        // Two makers count as two more corpora of home requests.
        let made = kind == .home ? [(-1, 1.0), (-2, requests == nil ? 0 : 2.5)] : []
        let choice = made + sources.indices.map { ($0, sources[$0].weight) }
        while true {
            switch random.pick(choice) {
            case -1:
                if let spoken = templates.draw(split, &random) {
                    return Sentence(kind: kind, source: "templates", spoken: spoken)
                }
            case -2:
                guard let requests, let spoken = plain.spoken(requests(random.index(1 << 31)), words: 1...24),
                    DataSplit(of: PlainWords.text(spoken)) == split
                else { continue }
                return Sentence(kind: kind, source: "requests", spoken: spoken)
            case let picked:
                return Sentence(kind: kind, source: sources[picked].name, spoken: random.pick(sources[picked].spoken))
            }
        }
    }

    /// How many sentences each corpus brings.
    var sizes: [(String, Int)] {
        SentenceKind.allCases.flatMap { kind in (corpora[kind] ?? []).map { ("\(kind.rawValue)/\($0.name)", $0.spoken.count) } }
    }
}
