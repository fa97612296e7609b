internal import Foundation
internal import Torch
internal import TorchNN

/// The model of a run that read most of the held-out requests exactly: `best/` in the run's folder, and `best.json` beside it.
struct KeptBest {
    private struct Record: Codable {
        var exact: Double
        var step: Int
    }

    private let folder: String
    private var record: Record?
    private var file: URL { URL(filePath: folder + "/best.json") }

    /// Takes up what an earlier call of the run left in `folder`.
    init(folder: String) throws {
        self.folder = folder
        guard let data = FileManager.default.contents(atPath: file.path) else { return }
        record = try JSONDecoder().decode(Record.self, from: data)
    }

    /// The share of held-out requests that the best so far reads exactly; nil before the first.
    var exact: Double? { record?.exact }

    /// Remembers what is there to be beaten, without a model.
    mutating func begin(with exact: Double) throws { try write(Record(exact: exact, step: 0)) }

    /// Writes `language` to `best/` where it reads more exactly than the best so far.
    mutating func keep(_ language: LanguageModel, exact: Double, step: Int, recipe: AssistantRecipe) throws {
        if let best = self.exact, exact <= best { return }
        let card = AssistantCard(recipe: recipe, parameters: language.parameters.count, exact: exact, step: step).text
        try language.write(to: ModelFolder(folder + "/best"), dtype: .bfloat16, card: card)
        try write(Record(exact: exact, step: step))
    }

    private mutating func write(_ record: Record) throws {
        try JSONEncoder().encode(record).write(to: file, options: .atomic)
        self.record = record
    }
}
