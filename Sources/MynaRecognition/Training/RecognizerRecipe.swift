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
        /// The share of its utterances that recorded or made noise is added to; 0.35, or 0.15 of those that are finished, where it is
        /// not said.
        public var noise: Double?

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
        try RecipeFile.read(path, variables: variables)
    }
}

/// A file of settings for a training.
enum RecipeFile {
    /// Reads JSON in which `$NAME` stands for a variable's value.
    static func read<Recipe: Decodable>(_ path: String, variables: [String: String]) throws -> Recipe {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RecognitionError.data("\(path): no such recipe")
        }
        let text = variables.reduce(String(decoding: data, as: UTF8.self)) {
            $0.replacingOccurrences(of: "$" + $1.key, with: $1.value)
        }
        do {
            return try JSONDecoder().decode(Recipe.self, from: Data(text.utf8))
        } catch let error as DecodingError {
            throw RecognitionError.data("\(path): \(error)")
        }
    }
}
