internal import Foundation
internal import MynaAudio
public import TorchTrain

/// What a wake-word model learns from, and how.
public struct WakeWordRecipe: Codable, Sendable {
    /// The model's shape and its phrases.
    public var model: WakeWordConfig
    /// Manifests of speech; utterances whose text is a phrase are its examples, and all that don't hold one are other sound.
    public var manifests: [String]
    /// The manifest of noises; those of its `train` split are mixed in.
    public var noise: String
    /// Examples of each step.
    public var batch = 48
    public var schedule: WarmupStableDecay
    /// Share of the examples that hold a phrase.
    public var phraseShare = 0.45
    public var dropout = 0.1
    public var seed: UInt64 = 1
    /// Manifests of the phrases' recordings, whatever their split; if nil the train splits of `manifests`, which else are other sound alone.
    public var examples: [String]?
    /// The folder of a model to go on from; a phrase that it knows keeps its output. A new model if nil.
    public var base: String?
    /// Speech that synthetic voices make for it first; none if nil.
    public var made: Made?
    /// Share of the phrases' examples that synthetic voices say, of a phrase that people say too; 0.3 if nil.
    public var madeShare: Double?
    /// Share of the examples without a phrase that are something near one, or a part of one; 0.25 if nil.
    public var nearShare: Double?
    /// Share of the examples without a phrase that are what `base` takes most for one; 0 if nil.
    public var hardShare: Double?
    /// Decibels of the loudest noise's speech over it; 0 if nil.
    public var leastSNR: Float?

    /// Speech of synthetic voices, in rooms and noise.
    public struct Made: Codable, Sendable {
        /// The folder of `text/` and `speech/` corpora.
        public var data: String
        /// Utterances of each phrase.
        public var said: Int
        /// Utterances of phrases near each.
        public var near: Int
        public var seed: UInt64

        public init(data: String, said: Int, near: Int, seed: UInt64 = 1) {
            (self.data, self.said, self.near, self.seed) = (data, said, near, seed)
        }
    }

    public init(model: WakeWordConfig, manifests: [String], noise: String, schedule: WarmupStableDecay) {
        (self.model, self.manifests, self.noise, self.schedule) = (model, manifests, noise, schedule)
    }

    /// Reads a recipe; `$NAME` in it stands for a variable's value.
    public static func load(_ path: String, variables: [String: String]) throws -> WakeWordRecipe {
        let recipe = try RecipeFile.read(path, variables: variables) as WakeWordRecipe
        try recipe.check()
        return recipe
    }

    /// - Throws: ``RecognitionError/configuration(field:problem:)`` for the first setting that cannot be.
    func check() throws {
        if let wrong = model.wrongField { throw RecognitionError.configuration(field: wrong.name, problem: wrong.problem) }
        for (name, share) in [
            ("phraseShare", phraseShare), ("madeShare", madeShare ?? 0), ("nearShare", nearShare ?? 0),
            ("hardShare", hardShare ?? 0),
        ] where !(0...1).contains(share) {
            throw RecognitionError.configuration(field: name, problem: "is \(share), not within 0 to 1")
        }
        if batch < 1 { throw RecognitionError.configuration(field: "batch", problem: "is \(batch)") }
        if hardShare ?? 0 > 0, base == nil {
            throw RecognitionError.configuration(field: "hardShare", problem: "needs a base, which tells what is hard")
        }
        if let made, made.said < 1 || made.near < 1 {
            throw RecognitionError.configuration(
                field: "made", problem: "says a phrase \(made.said) and near ones \(made.near) times")
        }
    }

    /// Speaks the phrases and those near them into a folder, and tells where the manifests are; what is there already is kept.
    func makeSpeech(in folder: String, report: @escaping @Sendable (String) -> Void) throws -> (said: String, near: String)? {
        guard let made else { return nil }
        let near = try NearWords(data: made.data)
        func speak(_ phrases: [String], _ count: Int, _ name: String) throws -> String {
            var options = SpeechFactory.Options(output: folder, data: made.data, name: name, amount: .utterances(count))
            options.phrases = phrases
            options.kinds = [.home: 1]  // for the speech of others in the background
            options.seed = made.seed
            try SpeechFactory(options).run { report("\(name): \($0.utterances) of \(count) utterances") }
            return "\(folder)/manifests/\(name).jsonl"
        }
        let nearby = model.phrases.flatMap { near.phrases(like: $0, count: 60) }.filter { text in
            !model.phrases.contains { " \(text) ".contains(" \($0) ") }
        }
        let count = model.phrases.count
        return (
            try speak(model.phrases, made.said * count, "said"), try speak(nearby, made.near * count, "near")
        )
    }
}
