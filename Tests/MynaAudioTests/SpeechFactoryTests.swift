import Foundation
import Testing

@testable import MynaAudio

/// Small corpora in the layout of ../shared/data, made on the spot.
private func smallData(_ folder: ScratchFolder) throws -> String {
    let data = "\(folder.path)/data"
    let words =
        "the|a|light|lights|kitchen|bedroom|turn|on|off|is|window|open|close|please|what|time|it|play|music|in|hall|red|good|lamp"
        .split(separator: "|").map(String.init)
    func compress(_ lines: [String], _ name: String) throws {
        let path = "\(data)/text/\(name)"
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        let bytes = try #require(ChildProcess.output(["xz", "-zkc", path]))
        try Data(bytes).write(to: URL(filePath: path + ".xz"))
    }
    let known =
        words + WordDrawer.digits + WordDrawer.commands + (0..<1200).map { "word\(String($0, radix: 26, uppercase: false))" }
    try compress(known.map { "\($0) AH0" }, "cmudict/cmudict.dict")
    try compress([#"{"device_name":"light.hall","description":"Hall light"}"#], "home-llm/device_names.jsonl")
    try compress([#"{"duration":"00:05:00","name":"Five minutes"}"#], "home-llm/durations.jsonl")
    try compress(["Red music"], "home-llm/media_names.txt")
    try compress(["Open the window"], "home-llm/todo_items.txt")
    try compress([#"{"device_type":"light","phrase":"Turn on the <device_name>"}"#], "home-llm/templated_actions.jsonl")
    try compress([#"{"device_type":"light","phrase":"Is the <device_name> on?"}"#], "home-llm/status_requests.jsonl")
    try compress([#"{"phrase":"Turn off the kitchen light."}"#], "home-llm/specific_actions.jsonl")
    try compress(["Red"], "names/female.txt")
    try compress(["Good"], "names/male.txt")
    try compress([#"{"data":{"things":["music","hall light"]}}"#], "corpora-lists/lists.jsonl")
    try FileManager.default.createDirectory(atPath: "\(data)/speech/manifests", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: "\(data)/speech/shards", withIntermediateDirectories: true)
    try WaveWriter.write(tone(16000, frequency: 90), sampleRate: 16000, to: "\(data)/speech/shards/hum.wav")
    try Data(#"{"id":"hum","path":"shards/hum.wav","kind":"noise","split":"train"}"#.utf8)
        .write(to: URL(filePath: "\(data)/speech/manifests/noise-rir.jsonl"))
    return data
}

private func hasPrograms(_ names: [String]) -> Bool {
    names.allSatisfy { name in
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }
}

// One after the other: factories of one process share their scratch folders.
@Suite(.serialized, .enabled(if: hasPrograms(["espeak-ng", "flite", "xz"]), "needs espeak-ng, flite and xz"))
struct SpeechFactoryTests {
    private func options(_ folder: ScratchFolder, _ data: String, _ out: String, jobs: Int, count: Int = 24)
        -> SpeechFactory.Options
    {
        var options = SpeechFactory.Options(
            output: "\(folder.path)/\(out)", data: data, name: "train", amount: .utterances(count))
        options.engines = [.espeak, .flite]
        options.kinds = [.home: 1, .word: 0.3]
        options.jobs = jobs
        options.shardLength = 8
        options.roomCount = 4
        options.babbleCount = 4
        return options
    }

    @Test("the same seed gives the same bytes for one job and for three, and after a break")
    func repeatable() throws {
        let folder = try ScratchFolder()
        let data = try smallData(folder)
        try SpeechFactory(options(folder, data, "one", jobs: 1)).run { _ in }
        try SpeechFactory(options(folder, data, "three", jobs: 3)).run { _ in }
        try SpeechFactory(options(folder, data, "broken", jobs: 1, count: 8)).run { _ in }
        // What a killed run leaves: a draft, and a shard without its list.
        try Data([1]).write(to: URL(filePath: "\(folder.path)/broken/shards/train-0001.tar"))
        try Data([1]).write(to: URL(filePath: "\(folder.path)/broken/shards/.999999999-1-train-0001.tar"))
        try SpeechFactory(options(folder, data, "broken", jobs: 2)).run { _ in }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/broken/shards").allSatisfy { !$0.hasPrefix(".") })
        for other in ["three", "broken"] {
            for file in ["manifests/train.jsonl", "shards/train-0000.tar", "shards/train-0001.tar", "shards/train-0002.tar"] {
                #expect(try folder.bytes("one/\(file)") == folder.bytes("\(other)/\(file)"), "\(other)/\(file)")
            }
        }
        let manifest = try SpeechManifest(path: "\(folder.path)/one/manifests/train.jsonl")
        #expect(manifest.utterances.count == 24)
        for utterance in manifest.utterances {
            let samples = try manifest.samples(of: utterance, at: 16000)
            #expect(abs(Double(samples.count) / 16000 - (utterance.duration ?? 0)) < 0.001)
            #expect(samples.rootMeanSquare > 0.0005)
            #expect(utterance.text?.isEmpty == false && utterance.split == "train")
            // No stretch of digital silence.
            #expect(
                !stride(from: 0, to: samples.count - 1600, by: 1600).contains { i in samples[i..<i + 1600].allSatisfy { $0 == 0 }
                })
        }
    }

    @Test("phrases are said as they stand, known to a dictionary or not, whole, and by many voices")
    func phrases() throws {
        let folder = try ScratchFolder()
        var phrases = options(folder, try smallData(folder), "phrases", jobs: 2)
        phrases.phrases = ["hey zorblax", "lamp"]
        try SpeechFactory(phrases).run { _ in }
        let rows = try SpeechManifest(path: "\(folder.path)/phrases/manifests/train.jsonl").utterances
        #expect(rows.count == 24 && Set(rows.map(\.text)) == ["hey zorblax", "lamp"])
        #expect(rows.allSatisfy(\.complete) && Set(rows.map(\.speaker)).count > 4)
    }

    @Test("near a phrase is what sounds or is spelled like it, its words alone and with others, and never a text that holds it")
    func nearWords() throws {
        let folder = try ScratchFolder()
        let data = try smallData(folder)
        let said = [
            "jarvis JH AA1 R V AH0 S", "service S ER1 V AH0 S", "travis T R AE1 V AH0 S", "table T EY1 B AH0 L", "hey HH EY1",
        ]
        let path = "\(data)/text/cmudict/cmudict.dict"
        try Data((said.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
        try Data(try #require(ChildProcess.output(["xz", "-zkc", path]))).write(to: URL(filePath: path + ".xz"))
        let near = try NearWords(data: data)
        #expect(near.phrases(like: "jarvis", count: 2) == ["service", "travis"])
        // No dictionary knows it: letters decide.
        #expect(near.phrases(like: "jarviz", count: 1) == ["jarvis"])
        let two = near.phrases(like: "hey jarvis", count: 8)
        #expect(two.contains("hey") && two.contains("hey service") && two.allSatisfy { !$0.contains("hey jarvis") })
    }

    @Test("each kind of sentence gets its share also where few belong to the split")
    func shares() throws {
        let folder = try ScratchFolder()
        let pool = try SentencePool(
            CorpusText(folder: "\(smallData(folder))/text"), split: .test, kinds: [.home: 1, .word: 1],
            requests: { "turn on lamp word\(String($0 % 1200, radix: 26))" })
        var random = FactoryRandom(seed: 1, stream: 1)
        let drawn = (0..<200).map { _ in pool.draw(&random) }
        #expect((70...130).contains(drawn.count { $0.kind == .home }))
        #expect(drawn.allSatisfy { $0.kind == .word || DataSplit(of: PlainWords.text($0.spoken)) == .test })
    }

    @Test("words of homes that no dictionary knows are said in training, and tests stay as they were")
    func wordsOfHomes() throws {
        let folder = try ScratchFolder()
        let corpus = CorpusText(folder: try smallData(folder) + "/text")
        for split in [DataSplit.train, .test] {
            let pool = try SentencePool(
                corpus, split: split, kinds: [.home: 1],
                requests: {
                    ["unpause the lamp", "turn on the worktop lamp", "turn on lamp word\(String($0 % 1200, radix: 26))"][$0 % 3]
                })
            var random = FactoryRandom(seed: 2, stream: 1)
            let said = (0..<200).map { _ in PlainWords.text(pool.draw(&random).spoken) }
            #expect(said.contains { $0.contains("unpause") || $0.contains("worktop") } == (split == .train), "\(split)")
        }
    }

    @Test("a program that is missing is an error that names it, and a program's failure no crash")
    func children() {
        #expect(ChildProcess.output(["/no/such/program"]) == nil)
        #expect(ChildProcess.output(["false"]) == nil)
        #expect(ChildProcess.output(["echo", "hello"]) == Array("hello\n".utf8))
        #expect(ChildProcess.output(["yes"], limit: 1 << 16) == nil)
    }

    @Test("missing texts are named")
    func missing() throws {
        let folder = try ScratchFolder()
        #expect { try SpeechFactory(options(folder, folder.path, "x", jobs: 1)) } throws: { error in
            if case .missing(file: let file)? = error as? AudioError { file.contains("cmudict") } else { false }
        }
    }
}

@Suite struct FactoryDrawTests {
    @Test("held-out voices are drawn only where they are asked for")
    func voices() {
        var random = FactoryRandom(seed: 9, stream: 0)
        var unheard = Set<String>()
        for _ in 0..<4000 {
            let heard = FactoryVoice.draw([.espeak, .flite, .festival, .pico], .heard, &random)
            #expect(!["m7", "f4", "Mr serious"].contains { heard.name.hasSuffix("+\($0)") } && heard.name != "rms")
            unheard.insert(String(FactoryVoice.draw([.espeak, .flite], .unheard, &random).name.split(separator: "+").last ?? ""))
        }
        #expect(unheard == ["m7", "f4", "Mr serious", "rms"])
        #expect(!SpeechEngine.usual.contains(.festivalHTS))
    }

    @Test("a sentence is in one split, 3 in 100 in test and 2 in dev")
    func splits() {
        var counts: [DataSplit: Int] = [:]
        for i in 0..<20000 { counts[DataSplit(of: "turn on lamp \(PlainWords.number(i))"), default: 0] += 1 }
        #expect((450...750).contains(counts[.test] ?? 0) && (280...520).contains(counts[.dev] ?? 0))
        // These must never change: models were trained on them.
        #expect(DataSplit(of: "turn on the kitchen light") == .train)
    }

    @Test(
        "sentences become plain words or are refused",
        arguments: [
            ("Turn on the light!", "turn on the light."), ("Is it 25 in the hall?", "is it twenty five in the hall?"),
            ("It’s the light, please", "it's the light, please."), ("I 'm in the hall", "i'm in the hall."),
            ("do n't turn it off", "don't turn it off."), ("the 7-light hall", "the seven light hall."),
            ("is it on at seven PM?", "is it on at seven p m?"), ("on at 7 am, please", "on at seven a m, please."),
            ("turn it on at seven p m", "turn it on at seven p m."), ("i am in the hall", "i am in the hall."),
            ("is it on", "is it on?"), ("turn on", nil), ("Turn on the XQ7 light", nil), ("the NASA light is on", nil),
            ("it is on. turn it off", nil),
            ("Mr light is on", nil), ("born in 1984 in it", nil), ("the zzyzx light", nil), ("a@b is on", nil),
        ] as [(String, String?)])
    func words(sentence: String, spoken: String?) {
        let plain = PlainWords(
            known: [
                "turn", "on", "off", "the", "light", "is", "it", "in", "hall", "please", "it's", "i'm", "don't", "do", "mr",
                "born", "a", "i", "am", "at", "seven",
            ])
        #expect(plain.spoken(sentence) == spoken)
    }

    @Test("the half of the day is spoken as letters")
    func halves() {
        #expect(EngineRunner.respelled("wake me at seven a m.") == "wake me at seven a.m.")
        #expect(EngineRunner.respelled("at seven a m, not eight a m?") == "at seven a.m., not eight a.m.?")
        #expect(EngineRunner.respelled("make a mark.") == "make a mark.")
    }

    @Test("numbers are words")
    func numbers() {
        #expect(PlainWords.number(0) == "zero" && PlainWords.number(13) == "thirteen" && PlainWords.number(40) == "forty")
        #expect(PlainWords.number(115) == "one hundred and fifteen" && PlainWords.number(2300) == "two thousand three hundred")
    }
}
