internal import Foundation
internal import MynaText
internal import MynaStages

/// The texts that a language model learns from, and those held out to choose by.
public struct TextCorpus: Sendable {
    /// In a drawn order.
    public var train: [String] = []
    /// One in 500 of the texts, chosen by what they say: the same text is never in both.
    public var dev: [String] = []
    /// Texts left out because they share five words in a row with a held-out one.
    public var leftOut = 0

    /// Reads what a recipe names.
    ///
    /// - Parameter requests: made home requests.
    /// - Throws: `TextFileError`, naming the file.
    public init(_ recipe: TextRecipe, requests: [String]) throws {
        var heldOut = HeldOutTexts()
        for manifest in recipe.heldOut {
            for row in try TextFile.rows(URL(filePath: manifest), as: [String: Value].self)
            where ["dev", "test"].contains(row["split"]?.string) {
                if let text = row["text"]?.string { heldOut.add(SpokenForm.text(of: text)) }
            }
        }
        for source in recipe.sources {
            for file in source.files {
                for text in try Self.texts(of: URL(filePath: file), source) {
                    add(text, copies: source.copies ?? 1, isSpoken: recipe.isSpoken, heldOut)
                }
            }
        }
        for request in requests { add(request, copies: 1, isSpoken: recipe.isSpoken, heldOut) }
        var random = SeededRandom(seed: recipe.seed)
        train.shuffle(using: &random)
    }

    private mutating func add(_ text: String, copies: Int, isSpoken: Bool, _ heldOut: HeldOutTexts) {
        let parts = isSpoken ? Prose.sentences(text).compactMap { SpokenForm.letters(of: String($0)) } : [text]
        for part in parts where !part.isEmpty {
            if !heldOut.isEmpty, heldOut.share(isSpoken ? part : SpokenForm.text(of: part)) {
                leftOut += 1
            } else if part.stableHash % 500 == 7 {
                dev.append(part)
            } else {
                for _ in 0..<copies { train.append(part) }
            }
        }
    }

    private static func texts(of file: URL, _ source: TextRecipe.Source) throws(TextFileError) -> [String] {
        guard let field = source.field else { return try TextFile.lines(file).map(String.init) }
        return try TextFile.rows(file, as: [String: Value].self).flatMap { row -> [String] in
            if let split = source.split, row["split"]?.string != split { return [] }
            return row[field].map(strings) ?? []
        }
    }

    /// Every text in a value, in order; short ones are marks of who speaks.
    private static func strings(in value: Value) -> [String] {
        if let text = value.string { return text.utf8.count > 1 ? [text] : [] }
        return (value.list ?? []).flatMap(strings)
    }
}

/// Runs of five words that may not be learnt from.
struct HeldOutTexts {
    private var runs: Set<Int> = []
    var isEmpty: Bool { runs.isEmpty }

    mutating func add(_ text: String) { Self.eachRun(of: text) { runs.insert($0) } }

    /// Whether `text` has a run of five words that a held-out text has.
    func share(_ text: String) -> Bool {
        var found = false
        Self.eachRun(of: text) { if runs.contains($0) { found = true } }
        return found
    }

    private static func eachRun(of text: String, _ body: (Int) -> Void) {
        let words = text.split(separator: " ")
        guard words.count >= 5 else { return }
        for start in 0...(words.count - 5) { body(words[start..<start + 5].hashValue) }
    }
}
