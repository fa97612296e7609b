internal import Foundation
public import TorchTrain

/// All that decides how a recogniser is trained; one file under `Recipes/`.
public struct RecognizerRecipe: Codable, Sendable {
    /// Some of the training data and its share of the audio.
    public struct Source: Codable, Sendable {
        public var name: String
        public var share: Double
        /// Paths; `$MYNA_DATA` stands for the folder of the shared data.
        public var manifests: [String]
        /// Whether noise, rooms and silence are in the sound already; false where it is not said.
        public var isFinished: Bool?

        public init(name: String, share: Double, manifests: [String], isFinished: Bool? = nil) {
            (self.name, self.share, self.manifests, self.isFinished) = (name, share, manifests, isFinished)
        }
    }

    /// Data that is decoded now and then to see how training goes.
    public struct Check: Codable, Sendable {
        public var name: String
        public var manifest: String
        public var split: String?
        public var limit: Int
    }

    public var model: FastConformerConfig.Encoder
    public var predictionWidth: Int
    public var predictionLayers: Int
    /// Pieces of the tokenizer, without end of speech and blank.
    public var pieces: Int
    public var sources: [Source]
    public var noise: String
    public var checks: [Check]
    public var schedule: WarmupStableDecay
    public var batchSeconds: Double
    /// Chunk lengths to draw from, in frames of 80 ms.
    public var chunks: [Int]
    public var dropout: Double
    /// Weight of the auxiliary connectionist temporal classification loss on the encoder, which only training has.
    public var ctcWeight: Double
    /// The step from which the transducer is trained; before it the auxiliary loss alone teaches the encoder, since a
    /// young prediction network lowers the loss by guessing text and leaves the encoder without much to learn from.
    public var transducerFrom: Int
    public var fastEmit: Double
    public var averaging: Double
    public var evaluateEvery: Int
    public var seed: UInt64

    /// Reads a recipe, replacing `$NAME` in its paths.
    public static func load(_ path: String, variables: [String: String]) throws -> RecognizerRecipe {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RecognitionError.data("\(path): no such recipe")
        }
        var recipe: RecognizerRecipe
        do {
            recipe = try JSONDecoder().decode(RecognizerRecipe.self, from: data)
        } catch let error as DecodingError {
            throw RecognitionError.data("\(path): \(error)")
        }
        func expand(_ text: String) -> String {
            variables.reduce(text) { $0.replacingOccurrences(of: "$" + $1.key, with: $1.value) }
        }
        for index in recipe.sources.indices { recipe.sources[index].manifests = recipe.sources[index].manifests.map(expand) }
        recipe.noise = expand(recipe.noise)
        for index in recipe.checks.indices { recipe.checks[index].manifest = expand(recipe.checks[index].manifest) }
        return recipe
    }
}
