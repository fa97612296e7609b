internal import Foundation
internal import MynaAudio
internal import MynaStages
internal import MynaText
internal import Torch

extension WakeWordTraining {
    /// One example: log-mel frames, and the phrase that ends at a frame.
    struct Example: Sendable {
        var mels: [Float]
        var phrase: Int?
        var end = 0
    }

    /// A stretch of other sound that a model takes for a phrase.
    struct Hard: Sendable {
        var other: Int
        /// Where it begins, in frames.
        var start: Int
    }

    /// Where examples come from.
    struct Material: Sendable {
        var bins: Int
        /// By phrase, trimmed to where it is said: by people, then by synthetic voices.
        var said: [[[Float]]]
        var made: [[[Float]]]
        /// Phrases near the others, trimmed.
        var near: [[Float]]
        var others: [(store: FeatureStore, item: FeatureStore.Item)]
        var ends: [Int]  // sums of the others' frames
        var hard: [Hard] = []
        var augmentation: Augmentation
    }

    /// Reads, and where asked for makes, all that examples are put together from.
    func material() throws -> Material {
        let bins = recipe.model.bins
        var said = recipe.model.phrases.map { _ in [[Float]]() }
        var made = said
        var others: [(store: FeatureStore, item: FeatureStore.Item)] = []
        func read(_ path: String, split: String? = "train") throws -> FeatureStore {
            try FeatureStore(
                manifest: path, split: split, bins: bins, folder: features, report: report
            ) { SpokenForm.letters(of: $0.text ?? "") ?? "?" }
        }
        func take(_ store: FeatureStore, _ item: FeatureStore.Item, _ list: inout [[[Float]]]) {
            guard let phrase = recipe.model.phrases.firstIndex(of: item.text), item.frames > 0 else { return }
            list[phrase].append(Self.trimmed(store.frames(item), bins: bins))
        }
        for path in recipe.examples ?? [] {
            let store = try read(path, split: nil)
            for item in store.items { take(store, item, &said) }
        }
        for path in recipe.manifests {
            let store = try read(path)
            for item in store.items {
                if recipe.model.phrases.contains(item.text) {
                    if recipe.examples == nil { take(store, item, &said) }
                } else if !recipe.model.phrases.contains(where: { " \(item.text) ".contains(" \($0) ") }), item.frames > 0 {
                    others.append((store, item))
                }
            }
        }
        var near: [[Float]] = []
        if let manifests = try recipe.makeSpeech(in: speech, report: report) {
            let store = try read(manifests.said)
            for item in store.items { take(store, item, &made) }
            let nearby = try read(manifests.near)
            near = nearby.items.filter { $0.frames > 0 }.map { Self.trimmed(nearby.frames($0), bins: bins) }
        }
        for (index, phrase) in recipe.model.phrases.enumerated() where said[index].isEmpty && made[index].isEmpty {
            throw RecognitionError.data("no utterance of the manifests' train splits is \"\(phrase)\"")
        }
        guard !others.isEmpty else { throw RecognitionError.data("the manifests hold nothing but the phrases") }
        let ends = others.reduce(into: [Int]()) { $0.append(($0.last ?? 0) + $1.item.frames) }
        let noiseManifest = try SpeechManifest(path: recipe.noise)
        let front = LogMel(bins: bins)
        let noises = try noiseManifest.utterances.filter { $0.split == "train" && $0.extra["kind"]?.string == "noise" }.map {
            let samples = try noiseManifest.samples(of: $0, at: LogMel.sampleRate)
            // Of long noises the second half is kept for tests.
            return front(samples.count > 100 * LogMel.sampleRate ? Array(samples.prefix(samples.count / 2)) : samples)
                .array(Float.self)
        }
        report(
            "\(ends.last.map { $0 / 360_000 } ?? 0) hours of other sound, \(noises.count) noises, phrases said \(said.map(\.count)) "
                + "times by people and \(made.map(\.count)) by synthetic voices, \(near.count) near ones")
        return Material(
            bins: bins, said: said, made: made, near: near, others: others, ends: ends,
            augmentation: Augmentation(bins: bins, noises: noises))
    }

    /// The places of the other sound that a model takes most for a phrase: of each recording the highest of each second, of all the
    /// highest `count`.
    func hardest(_ model: WakeWordModel, in material: Material, count: Int) -> [Hard] {
        let bins = material.bins
        let stride = WakeWordConfig.stride
        var found: [(score: Float, hard: Hard)] = []
        for (index, other) in material.others.enumerated() {
            let frames = other.item.frames / stride * stride
            guard frames > 0 else { continue }
            let best = withoutGradients {
                let silence = Tensor.full([1, model.config.context, bins], -16.6)
                let mels = Tensor(Array(other.store.frames(other.item).prefix(frames * bins)), [1, frames, bins])
                return model(Tensor.concatenated([silence, mels], 1)).sliced(1, model.config.context / stride).amax([2])
                    .array(Float.self)  // [frames / stride]
            }
            let second = 100 / stride
            for start in Swift.stride(from: 0, to: best.count, by: second) {
                let place = (start..<min(best.count, start + second)).max { best[$0] < best[$1] } ?? start
                // The frame at which it was told, in the middle of what an example takes.
                found.append((best[place], Hard(other: index, start: max(0, place * stride - Self.frames * 3 / 4))))
            }
        }
        found.sort { $0.score > $1.score }
        let kept = found.prefix(count)
        report("the hardest \(kept.count) seconds of other sound score \(kept.last?.score ?? 0) to \(kept.first?.score ?? 0)")
        return kept.map(\.hard)
    }

    /// Puts one example together: a phrase alone, before, behind or among other speech, or other speech alone; then changed.
    func example(from material: Material, using random: inout SeededRandom) -> Example {
        var strength = Augmentation.Strength()
        strength.noiseShare = 0.65
        strength.snr = (recipe.leastSNR ?? 0)...25
        strength.frequencyMasks = 1
        strength.frequencyMaskWidth = 10
        strength.timeMasks = 1
        strength.timeMaskShare = 0.03
        // Stretched before it is placed, so that its end stays known.
        let stretch = strength.stretch
        strength.stretch = 1...1
        let none = Augmentation.Padding(before: 0, after: 0)
        func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }
        if chance(recipe.phraseShare) {
            let phrase = Int.random(in: 0..<material.said.count, using: &random)
            let isMade = material.said[phrase].isEmpty || (!material.made[phrase].isEmpty && chance(recipe.madeShare ?? 0.3))
            let recording = (isMade ? material.made : material.said)[phrase].randomElement(using: &random) ?? []
            let (plain, end) = placed(recording, stretch: stretch, among: material, using: &random)
            let mels = material.augmentation.apply(plain, strength, none, using: &random)
            return Example(mels: mels, phrase: phrase, end: end)
        }
        var mels: [Float]
        if !material.near.isEmpty, chance(recipe.nearShare ?? 0.25) {
            mels = placed(near(material, using: &random), stretch: stretch, among: material, using: &random).mels
        } else if let hard = material.hard.randomElement(using: &random), chance(recipe.hardShare ?? 0) {
            mels = excerpt(hard, of: material, using: &random)
        } else {
            mels = speech(Self.frames, from: material, using: &random)
        }
        mels = material.augmentation.apply(mels, strength, none, using: &random)
        return Example(mels: mels)
    }

    /// Something near a phrase, or half of one.
    private func near(_ material: Material, using random: inout SeededRandom) -> [Float] {
        if Double.random(in: 0..<1, using: &random) < 0.7 { return material.near.randomElement(using: &random) ?? [] }
        let phrase = Int.random(in: 0..<material.said.count, using: &random)
        let all = material.said[phrase].isEmpty ? material.made[phrase] : material.said[phrase]
        let whole = all.randomElement(using: &random) ?? []
        let frames = whole.count / material.bins
        let part = Int(Double(frames) * Double.random(in: 0.3...0.55, using: &random)) * material.bins
        return Bool.random(using: &random) ? Array(whole.prefix(part)) : Array(whole.suffix(part))
    }

    /// What lies about a hard place.
    private func excerpt(_ hard: Hard, of material: Material, using random: inout SeededRandom) -> [Float] {
        let (store, item) = material.others[hard.other]
        let mels = store.frames(item)
        let shift = Int.random(in: -30...30, using: &random)
        let start = max(0, min(hard.start + shift, item.frames - Self.frames))
        let found = Array(mels[start * material.bins..<min(item.frames, start + Self.frames) * material.bins])
        return found + quiet(Self.frames - found.count / material.bins, bins: material.bins, using: &random)
    }

    private func quiet(_ frames: Int, bins: Int, using random: inout SeededRandom) -> [Float] {
        let floor = Float.random(in: -15 ... -9, using: &random)
        return (0..<max(0, frames) * bins).map { _ in floor + Float.random(in: -0.8...0.8, using: &random) }
    }

    /// Other speech, joined until it is so many frames.
    private func speech(_ frames: Int, from material: Material, using random: inout SeededRandom) -> [Float] {
        let bins = material.bins
        guard let total = material.ends.last, total > 0 else { return quiet(frames, bins: bins, using: &random) }
        var sound: [Float] = []
        while sound.count < frames * bins {
            let place = Int.random(in: 0..<total, using: &random)
            let (store, item) = material.others[material.ends.partitioningIndex { $0 > place }]
            let mels = store.frames(item)
            let most = max(0, item.frames - frames)
            let start = Int.random(in: 0...most, using: &random)
            let change = Float.random(in: -3...1, using: &random)
            sound += mels[start * bins..<min(item.frames, start + frames) * bins].map { $0 + change }
            if Bool.random(using: &random) { sound += quiet(Int.random(in: 1...50, using: &random), bins: bins, using: &random) }
        }
        return Array(sound.prefix(frames * bins))
    }

    /// A recording at a drawn place of an example: alone, before, behind or among other speech; and the frame at which it ends.
    private func placed(
        _ recording: [Float], stretch: ClosedRange<Float>, among material: Material, using random: inout SeededRandom
    ) -> (mels: [Float], end: Int) {
        let bins = material.bins
        var plain = Augmentation.Strength()
        (plain.noiseShare, plain.stretch, plain.warp) = (0, stretch, 1...1)
        (plain.gain, plain.tilt, plain.frequencyMasks, plain.timeMasks) = (-4...1, 0...0, 0, 0)
        var word = material.augmentation.apply(recording, plain, .init(before: 0, after: 0), using: &random)
        word = Array(word.prefix((Self.frames - 20) * bins))
        let length = word.count / bins
        let end = Int.random(in: length..<Self.frames - 10, using: &random)
        var mels = quiet(Self.frames, bins: bins, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: mels = speech(Self.frames, from: material, using: &random)
        case 1:
            let pause = Int.random(in: 0...25, using: &random)
            let rest = max(0, Self.frames - end - pause)
            mels.replaceSubrange(((Self.frames - rest) * bins)..., with: speech(rest, from: material, using: &random))
        case 2: mels.replaceSubrange(..<((end - length) * bins), with: speech(end - length, from: material, using: &random))
        default: break
        }
        mels.replaceSubrange((end - length) * bins..<end * bins, with: word)
        return (mels, end)
    }

    /// The part of a recording that is louder than its silence.
    static func trimmed(_ mels: [Float], bins: Int) -> [Float] {
        let count = mels.count / bins
        let levels = (0..<count).map { frame in
            mels[frame * bins..<(frame + 1) * bins].reduce(0) { $0 + exp($1) }
        }
        let threshold = (levels.max() ?? 0) * 0.0064
        guard let first = levels.firstIndex(where: { $0 > threshold }), let last = levels.lastIndex(where: { $0 > threshold })
        else { return mels }
        return Array(mels[max(0, first - 5) * bins..<min(count, last + 8) * bins])
    }
}

extension [Int] {
    /// The first index whose element is so, of a list in which all behind it are too.
    fileprivate func partitioningIndex(where isSo: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isSo(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
