import Foundation

/// Finds how much later the echo of what is played comes back, by the loudness of pieces of 10 ms.
///
/// The loudness of both is held against each other over the last two seconds at every delay up to half a second; a delay counts that fits
/// clearly and is found twice running. The canceller's own search takes many seconds for delays above a tenth of a second, or never ends.
struct EchoDelay {
    /// Pieces that the echo comes later, once known.
    private(set) var pieces: Int?

    private static let window = 200
    private static let most = 50
    /// How often it looks, in pieces.
    private static let interval = 20
    /// The correlation that counts.
    private static let least: Float = 0.6

    private var played: [Float] = []
    private var heard: [Float] = []
    private var count = 0
    private var candidate: Int?

    /// Takes a piece of what is played and of what is heard at the same time.
    mutating func note(played far: some Collection<Float>, heard near: some Collection<Float>) {
        played.append(Self.loudness(far))
        heard.append(Self.loudness(near))
        if played.count > Self.window + Self.most {
            played.removeFirst()
            heard.removeFirst()
        }
        count += 1
        guard count % Self.interval == 0, played.count == Self.window + Self.most, let found = search() else { return }
        // A neighbour is the same delay: the echo of a room is no single moment.
        if let candidate, abs(candidate - found) <= 1 { pieces = pieces.map { abs($0 - found) <= 1 ? $0 : found } ?? found }
        candidate = found
    }

    private func search() -> Int? {
        let near = heard.suffix(Self.window)
        guard let (nearMean, nearSpread) = Self.spread(near) else { return nil }
        var best: (pieces: Int, fit: Float) = (0, 0)
        for delay in 0..<Self.most {
            let end = played.count - delay
            let far = played[end - Self.window..<end]
            guard let (farMean, farSpread) = Self.spread(far) else { continue }
            let sum = zip(near, far).reduce(Float(0)) { $0 + ($1.0 - nearMean) * ($1.1 - farMean) }
            let fit = sum / (nearSpread * farSpread)
            if fit > best.fit { best = (delay, fit) }
        }
        return best.fit >= Self.least ? best.pieces : nil
    }

    /// Decibels, not below what a microphone's own noise has.
    private static func loudness(_ samples: some Collection<Float>) -> Float {
        let power = samples.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(1, samples.count))
        return 10 * log10(max(power, 1e-6))
    }

    /// The mean and the root of the summed squares about it; nil where there is hardly any change to compare.
    private static func spread(_ values: ArraySlice<Float>) -> (mean: Float, spread: Float)? {
        let mean = values.reduce(0, +) / Float(values.count)
        let squares = values.reduce(Float(0)) { $0 + ($1 - mean) * ($1 - mean) }
        guard squares > Float(values.count) * 9 else { return nil }  // a deviation of 3 dB
        return (mean, squares.squareRoot())
    }
}
