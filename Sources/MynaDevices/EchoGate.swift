internal import Foundation

/// Lets sound through while a voice plays only where it is louder than the echo that the canceller leaves behind.
///
/// What is left of the echo follows the voice: its loudness over that of what was played is learnt as both go on, whatever the room, the
/// loudspeaker's volume and the canceller's progress are. In the first second of a voice nothing is known yet, and nothing passes.
struct EchoGate {
    /// Pieces of a voice until what is left of its echo can be told from speech.
    private static let least = 100
    /// Pieces of a voice over which it is learnt.
    private static let window = 500
    /// The share of a voice's pieces whose echo is softer than what counts as echo; people may speak over the others.
    private static let share = 0.95
    /// Decibels that sound has to be over that, and how many more while a voice begins: the canceller lets its first sounds through.
    private static let (over, overBeginning) = (Float(6), Float(8))
    /// Pieces for which a voice begins.
    private static let beginning = 70
    /// Pieces for which what has passed goes on passing.
    private static let hangover = 12
    /// Decibels by which a room's sound falls in a piece: by 60 in 1.2 s.
    private static let decay: Float = 0.5
    /// Decibels that a voice has at least.
    private static let voice: Float = -55
    /// Pieces after which the latest echo comes, where its delay isn't known, and by which a room spreads one.
    private static let (latest, spread) = (50, 8)

    private var played: [Float] = []
    private var tail: Float = -100
    private var ratios: [Float] = []
    private var threshold: Float?
    private var voiced = 0
    private var open = 0
    private var isPassing = true

    /// Takes the loudness of a piece of what was played and of what the canceller made of the piece that was heard at the same time;
    /// gives back how much of the latter passes, from its beginning to its end.
    ///
    /// - Parameter delay: pieces that the echo comes later, where known.
    mutating func gains(played far: Float, cleaned near: Float, delay: Int?) -> (from: Float, to: Float) {
        played.append(far)
        if played.count > Self.latest + Self.spread { played.removeFirst() }
        let didPass = isPassing
        isPassing = passes(near, delay: delay)
        return (didPass ? 1 : 0, isPassing ? 1 : 0)
    }

    private mutating func passes(_ near: Float, delay: Int?) -> Bool {
        // A room sends a voice back sooner and later than where most of it comes.
        tail = max(played.suffix((delay ?? Self.latest) + Self.spread).max() ?? -100, tail - Self.decay)
        guard tail > Self.voice else {
            voiced = 0
            return true
        }
        voiced += 1
        let ratio = near - tail
        // Speech is no echo: it moves the threshold little.
        ratios.append(threshold.map { min(ratio, $0 + 3) } ?? ratio)
        if ratios.count > Self.window { ratios.removeFirst() }
        guard ratios.count >= Self.least else { return false }
        if threshold == nil || voiced % 10 == 0 {
            threshold = ratios.sorted()[Int(Self.share * Double(ratios.count))] + Self.over
        }
        if let threshold, ratio > threshold + (voiced < Self.beginning ? Self.overBeginning : 0) { open = Self.hangover }
        open -= 1
        return open >= 0
    }

    /// Decibels, not below what a microphone's own noise has.
    static func loudness(_ samples: some Collection<Float>) -> Float {
        let power = samples.reduce(Float(0)) { $0 + $1 * $1 } / Float(max(1, samples.count))
        return 10 * log10(max(power, 1e-8))
    }
}
