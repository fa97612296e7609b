internal import Foundation
internal import MynaStages
internal import MynaText
internal import TorchNN

/// What the ids of a recogniser's pieces spell, from a published `tokenizer.json`; enough to read, not to encode.
///
/// Takes byte-level pieces, and the pieces of SentencePiece (byte pairs or unigrams, `▁` for a space, `<0x41>` for a byte).
struct SpeechPieces: Sendable {
    /// The bytes of each id; a special token's are empty.
    let pieces: [[UInt8]]

    private struct Form: Decodable {
        struct Added: Decodable {
            var id: Int
            var content: String
            var special: Bool?
        }
        struct Step: Decodable { var type: String }
        struct Model: Decodable {
            var type: String?
            var vocab: Vocabulary
        }
        /// Names to ids, or a list of names with scores.
        struct Vocabulary: Decodable {
            var ids: [String: Int] = [:]

            init(from decoder: any Decoder) throws {
                if var list = try? decoder.unkeyedContainer() {  // a miss means that it is an object
                    while !list.isAtEnd {
                        var entry = try list.nestedUnkeyedContainer()
                        ids[try entry.decode(String.self)] = ids.count
                        _ = try entry.decode(Double.self)
                    }
                } else {
                    ids = try decoder.singleValueContainer().decode([String: Int].self)
                }
            }
        }
        var model: Model
        var added_tokens: [Added]?
        var decoder: Step?
    }

    init(contentsOf folder: ModelFolder) throws {
        let form = try folder.config(Form.self, from: "tokenizer.json")
        if form.decoder?.type == "ByteLevel" {
            let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: folder.file("tokenizer.json")))
            pieces = tokenizer.pieces.enumerated().map { tokenizer.isSpecial($0) ? [] : $1 }
            return
        }
        let added = form.added_tokens ?? []
        let highest = max(form.model.vocab.ids.values.max() ?? -1, added.map(\.id).max() ?? -1)
        guard form.model.vocab.ids.values.allSatisfy({ $0 >= 0 }), added.allSatisfy({ $0.id >= 0 }), highest < 1 << 22 else {
            throw ModelFolderError(file: folder.file("tokenizer.json"), problem: "an id is not within 0 to \(1 << 22)")
        }
        var pieces = [[UInt8]](repeating: [], count: highest + 1)
        for (name, id) in form.model.vocab.ids { pieces[id] = Self.bytes(of: name) }
        for token in added { pieces[token.id] = token.special ?? false ? [] : Array(token.content.utf8) }
        self.pieces = pieces
    }

    private static func bytes(of name: String) -> [UInt8] {
        if name.hasPrefix("<0x"), name.hasSuffix(">"), name.utf8.count == 6,
            let byte = UInt8(name.dropFirst(3).dropLast(), radix: 16)
        {
            return [byte]
        }
        return name.unicodeScalars.flatMap { $0 == "\u{2581}" ? [UInt8(ascii: " ")] : Array(String($0).utf8) }
    }

    /// Words with the frames they lie in; a frame lasts 80 ms, and the sound began at `start` seconds.
    func words(_ tokens: [DecodedToken], from start: Double) -> [Word] {
        var words: [Word] = []
        var bytes: [UInt8] = []
        var (first, last, confidence) = (0, 0, 1.0)
        func close() {
            let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            if !text.isEmpty {
                words.append(
                    Word(
                        word: text, start: start + Double(first) * 0.08, end: start + Double(last + 1) * 0.08,
                        confidence: confidence))
            }
            (bytes, confidence) = ([], 1)
        }
        for token in tokens where pieces.indices.contains(token.id) && !pieces[token.id].isEmpty {
            if pieces[token.id].first == UInt8(ascii: " ") || bytes.isEmpty {
                close()
                first = token.frame
            }
            bytes += pieces[token.id]
            (last, confidence) = (token.frame, min(confidence, token.probability))
        }
        close()
        return words
    }
}
