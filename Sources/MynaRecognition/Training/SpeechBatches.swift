internal import MynaStages
public import Torch

/// What one step of recogniser training reads.
///
/// A batch is made on one thread and handed over whole to the training thread.
public struct SpeechBatch: @unchecked Sendable {  // its tensor is used by one thread at a time
    public var mels: Tensor  // [B, M, bins]
    public var lengths: [Int]
    public var labels: [[Int]]
    /// Chunk lengths in frames, drawn for this step.
    public var chunks: [Int]
    public var seconds: Double { Double(lengths.reduce(0, +)) / 100 }
}

/// Draws the batches of a training: a function of seed and step alone.
///
/// Utterances of like length go together. The parts of the mixture are drawn by their share of the audio.
public struct SpeechBatches: Sendable {
    /// A kind of data and how much of the audio it gives.
    public struct Source: Sendable {
        public var name: String
        public var share: Double
        public var stores: [FeatureStore]
        /// Whether noise, rooms and silence around the speech are in the sound already, as the factory makes them.
        public var isFinished: Bool
        /// The share of its utterances that noise is added to.
        public var noise: Double

        public init(name: String, share: Double, stores: [FeatureStore], isFinished: Bool, noise: Double) {
            self.name = name
            self.share = share
            self.stores = stores
            self.isFinished = isFinished
            self.noise = noise
        }
    }

    private struct Entry: Sendable {
        var store: Int
        var item: Int
        var frames: Int
    }

    private let sources: [Source]
    private let sorted: [[Entry]]
    private let cumulative: [[Int]]
    private let encode: @Sendable (String) -> [Int]
    private let endOfSpeech: Int
    private let augmentation: Augmentation
    private let strength = Augmentation.Strength()
    private let batchFrames: Int
    private let chunkChoices: [Int]
    private let seed: UInt64

    /// - Parameters:
    ///   - noises: log-mel frames of recorded noise.
    ///   - batchFrames: mel frames of a batch, padding included.
    ///   - chunkChoices: chunk lengths to draw from, in frames of 80 ms.
    public init(
        _ sources: [Source], noises: [[Float]], bins: Int, batchFrames: Int, chunkChoices: [Int], endOfSpeech: Int, seed: UInt64,
        encode: @escaping @Sendable (String) -> [Int]
    ) {
        self.sources = sources
        self.encode = encode
        self.endOfSpeech = endOfSpeech
        self.batchFrames = batchFrames
        self.chunkChoices = chunkChoices
        self.seed = seed
        augmentation = Augmentation(bins: bins, noises: noises)
        let sorted: [[Entry]] = sources.map { source in
            source.stores.enumerated().flatMap { store, features in
                features.items.enumerated().compactMap { item, value in
                    value.frames >= 15 && value.frames <= 1800 ? Entry(store: store, item: item, frames: value.frames) : nil
                }
            }.sorted { ($0.frames, $0.store, $0.item) < ($1.frames, $1.store, $1.item) }
        }
        self.sorted = sorted
        cumulative = sorted.map { entries in
            var sum = 0
            return entries.map {
                sum += $0.frames
                return sum
            }
        }
    }

    /// Hours of sound in each source.
    public var hours: [(name: String, hours: Double)] {
        zip(sources, cumulative).map { ($0.name, Double($1.last ?? 0) / 360_000) }
    }

    /// The batch of a step.
    public func batch(_ step: Int) -> SpeechBatch {
        var random = SeededRandom(seed: seed &* 1_000_003 &+ UInt64(step))
        for _ in 0..<4 { _ = random.next() }
        let first = drawnSource(&random)
        let shape = drawnShape(first, &random)
        // What is changed in length is chosen for the length that it ends with, so that little of a batch is padding.
        let target = max(shape.frames(of: drawn(from: first, &random)), 40)
        var rows: [(frames: [Float], labels: [Int])] = []
        var longest = 0
        while true {
            let source = drawnSource(&random)
            let shape = drawnShape(source, &random)
            guard let entry = near(shape.range(endingIn: target * 7 / 8...target), in: source, &random) else { continue }
            let row = augmented(entry, of: source, shape, &random)
            let next = max(longest, Self.rounded(row.frames.count / augmentation.bins) * augmentation.bins)
            if !rows.isEmpty, next * (rows.count + 1) > batchFrames * augmentation.bins { break }
            longest = next
            rows.append(row)
        }
        let width = augmentation.bins
        var flat = [Float](repeating: 0, count: rows.count * longest)
        for (index, row) in rows.enumerated() {
            flat.replaceSubrange(index * longest..<index * longest + row.frames.count, with: row.frames)
        }
        return SpeechBatch(
            mels: Tensor(flat, [rows.count, longest / width, width]), lengths: rows.map { $0.frames.count / width },
            labels: rows.map(\.labels),
            chunks: drawnChunks(&random))
    }

    /// Lengths of few different sizes, so that kernels made for a size are used again: making them is a tenth of a step otherwise.
    private static func rounded(_ frames: Int) -> Int { (frames + 31) / 32 * 32 }

    private func drawnSource(_ random: inout SeededRandom) -> Int {
        var left = Double.random(in: 0..<sources.map(\.share).reduce(0, +), using: &random)
        for (index, source) in sources.enumerated() {
            left -= source.share
            if left < 0 { return index }
        }
        return sources.count - 1
    }

    /// An utterance drawn by its share of the audio.
    private func drawn(from source: Int, _ random: inout SeededRandom) -> Entry {
        let sums = cumulative[source]
        let target = Int.random(in: 0..<max(1, sums.last ?? 1), using: &random)
        return sorted[source][firstIndex(in: sums.count) { sums[$0] > target }]
    }

    private func near(_ range: ClosedRange<Int>?, in source: Int, _ random: inout SeededRandom) -> Entry? {
        guard let range else { return nil }
        let entries = sorted[source]
        let low = firstIndex(in: entries.count) { entries[$0].frames >= range.lowerBound }
        let high = firstIndex(in: entries.count) { entries[$0].frames > range.upperBound }
        return low < high ? entries[Int.random(in: low..<high, using: &random)] : nil
    }

    private func firstIndex(in count: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// How an utterance is to be changed in length.
    private struct Shape {
        var stretch: Float
        /// Frames of silence.
        var before: Int, after: Int
        /// Whether the end of a complete utterance is to be told.
        var ends: Bool

        func frames(of entry: Entry) -> Int { max(2, Int(Float(entry.frames) * stretch)) + before + after }

        /// How long utterances are that end as long as `range` says.
        func range(endingIn range: ClosedRange<Int>) -> ClosedRange<Int>? {
            let padding = before + after
            guard range.upperBound > padding else { return nil }
            return Int(Float(max(0, range.lowerBound - padding)) / stretch)...Int(Float(range.upperBound - padding) / stretch)
        }
    }

    private func drawnShape(_ source: Int, _ random: inout SeededRandom) -> Shape {
        let stretch = Float.random(in: strength.stretch, using: &random)
        if sources[source].isFinished { return Shape(stretch: stretch, before: 0, after: 0, ends: true) }
        // The token is for speech that is over and is heard to be over: silence must follow it.
        let ends = Double.random(in: 0..<1, using: &random) < 0.85
        return Shape(
            stretch: stretch, before: .random(in: 0...40, using: &random),
            after: .random(in: ends ? 30...90 : 0...12, using: &random), ends: ends)
    }

    private func augmented(
        _ entry: Entry, of source: Int, _ shape: Shape, _ random: inout SeededRandom
    ) -> (frames: [Float], labels: [Int]) {
        let store = sources[source].stores[entry.store]
        let item = store.items[entry.item]
        var labels = encode(item.text)
        var padding = Augmentation.Padding(before: shape.before, after: shape.after)
        if item.complete, shape.ends {
            labels.append(endOfSpeech)
        } else {
            padding.after = min(padding.after, 12)
        }
        var strength = strength
        strength.noiseShare = sources[source].noise
        strength.stretch = shape.stretch...shape.stretch
        return (augmentation.apply(store.frames(item), strength, padding, using: &random), labels)
    }

    private func drawnChunks(_ random: inout SeededRandom) -> [Int] {
        // One length for all, or lengths that change from chunk to chunk as the batcher makes them.
        if Double.random(in: 0..<1, using: &random) < 0.8 { return [chunkChoices.randomElement(using: &random) ?? 14] }
        return (0..<64).map { _ in Int.random(in: 2...20, using: &random) }
    }
}
