import Foundation
import Testing

@testable import MynaText

@Suite("Tokenizers beside the reference packages, on many scripts")
struct PiecesTests {
    /// What the package gave for one text, or for ids that make none.
    struct Case: Decodable {
        struct Result: Decodable {
            var ids: [Int]
            var decoded: String

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                (ids, decoded) = (try list.decode([Int].self), try list.decode(String.self))
            }
        }

        var text: String?
        var llama3, qwen3, unigram, bpe: Result
    }

    /// The fixture, or the folder that Tools/parity/pieces.py --lines wrote.
    static let folder =
        ProcessInfo.processInfo.environment["MYNA_TOKENIZER_LINES"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/pieces")

    static let cases: [Case] = {
        do {
            return try String(contentsOf: folder.appendingPathComponent("cases.jsonl"), encoding: .utf8)
                .split(separator: "\n").map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
        } catch {
            fatalError("\(error)")
        }
    }()

    /// Compares byte for byte: Swift's `==` takes composed and decomposed characters for the same.
    static func same(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    @Test("byte-level pairs equal the tokenizers package, both ways and streamed", arguments: ["llama3", "qwen3"])
    func bytePairs(name: String) throws {
        let tokenizer = try BytePairTokenizer(contentsOf: Self.folder.appendingPathComponent("\(name).json"))
        var wrong = 0
        for item in Self.cases {
            let expected = name == "llama3" ? item.llama3 : item.qwen3
            if let text = item.text {
                let ids = tokenizer.encode(text)
                if ids != expected.ids {
                    wrong += 1
                    if wrong < 4 { Issue.record("\(name) encodes \(text.debugDescription): \(ids), not \(expected.ids)") }
                }
            }
            var stream = TokenStream(tokenizer)
            let streamed = expected.ids.map { stream.append($0) } + [stream.finish()]
            if !Self.same(streamed.joined(), expected.decoded) || !Self.same(tokenizer.decode(expected.ids), expected.decoded) {
                wrong += 1
                if wrong < 4 { Issue.record("\(name) decodes \(expected.ids) to \(streamed), not \(expected.decoded)") }
            }
        }
        #expect(wrong == 0 && Self.cases.count > 100)
    }

    @Test("old Korean consonants, which compose with nothing, are left as they are")
    func oldKorean() {
        for (text, expected) in [
            ("\u{1113}\u{116E}", "\u{1113}\u{116E}"), ("e\u{301}\u{1113}\u{1112}\u{1161}", "é\u{1113}하"), ("e\u{301}", "é"),
        ] {
            #expect(Self.same(BytePairTokenizer.composed(text), expected))
        }
    }

    @Test("SentencePiece models equal the sentencepiece package, both ways and streamed", arguments: ["unigram", "bpe"])
    func sentencePiece(name: String) throws {
        let tokenizer = try SentencePieceTokenizer(contentsOf: Self.folder.appendingPathComponent("\(name).model").path)
        var wrong = 0
        for item in Self.cases {
            let expected = name == "unigram" ? item.unigram : item.bpe
            if let text = item.text {
                let ids = tokenizer.encode(text)
                if ids != expected.ids {
                    wrong += 1
                    if wrong < 4 { Issue.record("\(name) encodes \(text.debugDescription): \(ids), not \(expected.ids)") }
                }
            }
            var stream = SentencePieceStream(tokenizer)
            let streamed = expected.ids.map { stream.append($0) } + [stream.finish()]
            if !Self.same(streamed.joined(), expected.decoded) {
                wrong += 1
                if wrong < 4 {
                    Issue.record("\(name) decodes \(expected.ids) to \(streamed), not \(expected.decoded.debugDescription)")
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test("a damaged SentencePiece file is refused and told by name, wherever it is cut or changed")
    func damaged() throws {
        let path = Self.folder.appendingPathComponent("unigram.model").path
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        var random = SystemRandomNumberGenerator()
        for round in 0..<400 {
            var copy = bytes
            if round % 2 == 0 {
                copy = Array(copy.prefix(Int.random(in: 0..<copy.count, using: &random)))
            } else {
                for _ in 0..<4 { copy[Int.random(in: 0..<copy.count, using: &random)] = .random(in: 0...255, using: &random) }
            }
            // Either an error or a tokenizer that still works; never a trap.
            if let tokenizer = try? SentencePieceTokenizer(SentencePieceFile(copy)) {  // any error is as good
                _ = tokenizer.decode(tokenizer.encode("turn on ½ ﬁne\tlights 👍"))
            }
        }
        let error = #expect(throws: TokenizerError.self) { try SentencePieceTokenizer(contentsOf: path + ".none") }
        #expect(error?.description.contains("unigram.model.none") == true)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pieces-\(UUID()).model")
        try Data(bytes.prefix(1000)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // only litter is at stake
        let cut = #expect(throws: TokenizerError.self) { try SentencePieceTokenizer(contentsOf: file.path) }
        #expect(cut?.description.contains(file.path) == true)
    }

    @Test("control tokens cannot be written by text, and begin and end are known")
    func control() throws {
        let tokenizer = try SentencePieceTokenizer(contentsOf: Self.folder.appendingPathComponent("unigram.model").path)
        #expect(tokenizer.beginToken == 1 && tokenizer.endToken == 2)
        let ids = tokenizer.encode("<s> hello </s>")
        #expect(!ids.contains(1) && !ids.contains(2))
        #expect(tokenizer.decode([1] + ids + [2]) == tokenizer.decode(ids))
        #expect(tokenizer.id(of: "<s>") == 1 && tokenizer.isSpecial(1))
    }
}
