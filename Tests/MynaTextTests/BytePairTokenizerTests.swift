import Foundation
import Testing

@testable import MynaText

@Suite("Byte-pair tokenizer")
struct BytePairTokenizerTests {
    struct Reference: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            var tokenizer: String
            var text: String
            var ids: [Int]
            var decoded: String
            var framed: [Int]

            var testDescription: String { "\(tokenizer): \(text.debugDescription.prefix(40))" }
        }

        var lines: [String]
        var cases: [Case]
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/tokenizer")
    static let reference = Result {
        try JSONDecoder().decode(Reference.self, from: Data(contentsOf: folder.appendingPathComponent("cases.json")))
    }

    static func tokenizer(_ name: String) throws -> BytePairTokenizer {
        try BytePairTokenizer(contentsOf: folder.appendingPathComponent("\(name).json"))
    }

    @Test("gives the ids and the text that the reference gives")
    func parity() throws {
        let tokenizers = ["words": try Self.tokenizer("words"), "llama3": try Self.tokenizer("llama3")]
        for example in try Self.reference.get().cases {
            let tokenizer = try #require(tokenizers[example.tokenizer])
            let ids = tokenizer.encode(example.text)
            #expect(ids == example.ids, "\(example.tokenizer) \(example.text.debugDescription)")
            #expect(tokenizer.frame.before + ids + tokenizer.frame.after == example.framed)
            #expect(tokenizer.decode(example.ids) == example.decoded, "\(example.text.debugDescription)")
        }
    }

    @Test("learns the pieces and merges that the reference learns")
    func training() throws {
        let lines = try Self.reference.get().lines
        var words = BytePairTrainer(specials: ["<blank>"], alphabet: .seen, addsPrefixSpace: true)
        var llama3 = BytePairTrainer(specials: ["<begin>", "<end>", "<state>"], splitting: .llama3(digits: 3))
        for line in lines {
            words.add(line)
            llama3.add(line)
        }
        for (name, trained) in [
            ("words", try words.tokenizer(vocabularySize: 120)), ("llama3", try llama3.tokenizer(vocabularySize: 400)),
        ] {
            let expected = try Self.tokenizer(name)
            #expect(trained.pieces == expected.pieces)
            #expect(trained.merges.map { [$0.0, $0.1] } == expected.merges.map { [$0.0, $0.1] })
            #expect(trained.added == expected.added)
        }
    }

    @Test("a line that stands n times counts n times")
    func counts() throws {
        var repeated = BytePairTrainer(alphabet: .seen)
        var counted = BytePairTrainer(alphabet: .seen)
        for line in try Self.reference.get().lines {
            for _ in 0..<3 { repeated.add(line) }
            counted.add(line, count: 3)
        }
        #expect(try repeated.tokenizer(vocabularySize: 90).pieces == counted.tokenizer(vocabularySize: 90).pieces)
    }

    @Test("what is written reads back the same", arguments: ["words", "llama3"])
    func roundTrip(name: String) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }  // only litter is at stake
        let tokenizer = try Self.tokenizer(name)
        try tokenizer.write(to: file)
        let again = try BytePairTokenizer(contentsOf: file)
        #expect(again.pieces == tokenizer.pieces)
        #expect(again.added == tokenizer.added)
        #expect(again.splitting == tokenizer.splitting)
        #expect(again.frame.before == tokenizer.frame.before && again.frame.after == tokenizer.frame.after)
        let text = "turn on <end> the  kitchen light, naïve 1234"
        #expect(again.encode(text) == tokenizer.encode(text))
    }

    @Test("markers that look like pieces, and text that looks like specials, survive the file")
    func markers() throws {
        var trainer = BytePairTrainer(specials: ["<end>"], markers: ["lock", "\"", " target=\""], addsPrefixSpace: true)
        for _ in 0..<9 { trainer.add("unlock the lock \"quoted\" <end> clock") }
        let trained = try trainer.tokenizer(vocabularySize: 330)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }  // only litter is at stake
        try trained.write(to: file)
        let read = try BytePairTokenizer(contentsOf: file)
        #expect(read.pieces == trained.pieces)
        for text in ["unlock the lock", " flock \" <end>", "a=\"b\""] {
            let ids = read.encode(text, findingAdded: false)
            #expect(ids == trained.encode(text, findingAdded: false))
            #expect(read.decode(ids) == (text.hasPrefix(" ") ? text : " " + text))
            #expect(!ids.contains { read.isSpecial($0) })
        }
        #expect(read.encode("lock").contains(try #require(read.id(of: "lock"))))
    }

    @Test("streamed text is whole text and never half a character")
    func streaming() throws {
        let tokenizer = try Self.tokenizer("llama3")
        for example in try Self.reference.get().cases where example.tokenizer == "llama3" {
            var stream = TokenStream(tokenizer)
            let parts = example.ids.map { stream.append($0) } + [stream.finish()]
            #expect(parts.joined() == example.decoded)
            #expect(!parts.contains { $0.unicodeScalars.contains("\u{FFFD}") })
        }
    }

    @Test("an unfinished character becomes one replacement character")
    func unfinished() throws {
        let tokenizer = try Self.tokenizer("llama3")
        let ids = tokenizer.encode("🎉")
        var stream = TokenStream(tokenizer)
        #expect(ids.dropLast().map { stream.append($0) }.joined() == "")
        #expect(stream.finish() == "\u{FFFD}")
    }

    @Test("text from outside cannot forge a marker")
    func forging() throws {
        let tokenizer = try Self.tokenizer("llama3")
        let end = try #require(tokenizer.id(of: "<end>"))
        #expect(tokenizer.encode("a<end>").contains(end))
        let plain = tokenizer.encode("a<end>", findingAdded: false)
        #expect(!plain.contains(end))
        #expect(tokenizer.decode(plain) == "a<end>")
    }

    @Test("a word of 100 kB is encoded")
    func longWord() throws {
        let tokenizer = try Self.tokenizer("llama3")
        let text = String(repeating: "banana", count: 17_000)
        #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }

    @Test(
        "a file that asks for something else is refused by name",
        arguments: [
            (#""type": "ByteLevel""#, #""type": "Metaspace""#, "decoder.type"),
            (#""byte_fallback": false"#, #""byte_fallback": true"#, "model.byte_fallback"),
            (#""lstrip": false"#, #""lstrip": true"#, "added_tokens"),
            (#""Ġ": "#, #""€": "#, "model.vocab"),
        ])
    func refused(replacing old: String, by new: String, naming field: String) throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("words.json"), encoding: .utf8)
        #expect(text.contains(old))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }  // only litter is at stake
        try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: TokenizerError.self) { try BytePairTokenizer(contentsOf: file) }
        #expect(error?.description.contains(field) == true)
    }

    @Test("a missing or truncated file is refused by name")
    func unreadable() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizer-\(UUID()).json")
        let missing = #expect(throws: TokenizerError.self) { try BytePairTokenizer(contentsOf: file) }
        #expect(missing?.description.contains(file.lastPathComponent) == true)
        let whole = try Data(contentsOf: Self.folder.appendingPathComponent("words.json"))
        try whole.prefix(whole.count / 2).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // only litter is at stake
        #expect(throws: TokenizerError.self) { try BytePairTokenizer(contentsOf: file) }
    }

    @Test("a vocabulary smaller than its alphabet is refused")
    func tooSmall() {
        #expect(throws: TokenizerError.vocabularyTooSmall(size: 200, needed: 257)) {
            try BytePairTrainer(specials: ["<end>"]).tokenizer(vocabularySize: 200)
        }
    }
}
