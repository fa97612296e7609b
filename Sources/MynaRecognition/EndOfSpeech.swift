/// When a speaker is taken to have finished.
public struct EndOfSpeechOptions: Sendable, Codable, Equatable {
    /// The model's own token ends a turn once this much silence has followed it, in seconds.
    public var afterToken = 0.24
    /// Without the token, this much silence after the last word ends a turn.
    public var pause = 0.9
    /// Silence is sound this far below the loudest speech so far, in decibels.
    public var silenceBelow = 25.0

    public init() {}
}

/// The first pass of end-pointing: the end-of-speech token or a pause, whichever comes first.
///
/// A pure state machine over audio time; each frame of 80 ms is told once.
struct EndOfSpeechDetector {
    enum Signal: Equatable { case candidate(reason: String), decided(reason: String) }

    private let options: EndOfSpeechOptions
    private var lastWord: Double?
    private var hasBegun = false
    private var endsInToken = false
    private var lastSound = 0.0
    private var candidate: String?
    private(set) var decided = false

    init(_ options: EndOfSpeechOptions) { self.options = options }

    /// Sound has begun at `time` that may be speech, of which no word is known; if none comes, the pause ends it. Frames from before it may
    /// still wait: their silence ends nothing.
    mutating func began(at time: Double) { (hasBegun, lastSound) = (true, max(lastSound, time)) }

    /// What is written so far; a beam may think better of it at any time.
    ///
    /// - Parameters:
    ///   - lastWord: when the last piece of a word was said, nil where there is none.
    ///   - endsInToken: whether the end-of-speech token stands behind it.
    mutating func wrote(lastWord: Double?, endsInToken: Bool) {
        if let lastWord, lastWord > self.lastWord ?? -1 { (candidate, decided) = (nil, false) }
        (self.lastWord, self.endsInToken) = (lastWord, endsInToken)
    }

    /// Whether a frame of a pause that has lasted for `silence` seconds may be the one that decides, or bring the token.
    func mayDecide(after silence: Double) -> Bool {
        guard lastWord != nil || hasBegun, !decided else { return false }
        return endsInToken || silence < Self.tokenComes || silence > options.pause - 0.08
    }

    /// A token that has not come so long after the last word comes no more, in seconds.
    private static let tokenComes = 0.5

    /// A frame ended at `time`; `isSilent` tells whether it held speech.
    mutating func passed(_ time: Double, isSilent: Bool) -> [Signal] {
        if !isSilent { lastSound = time }
        guard lastWord != nil || hasBegun, !decided else { return [] }
        let silence = time - max(lastSound, lastWord ?? 0)
        var signals: [Signal] = []
        func propose(_ reason: String) {
            if candidate != reason {
                candidate = reason
                signals.append(.candidate(reason: reason))
            }
        }
        if endsInToken {
            propose("token")
            if silence >= options.afterToken { decided = true; return signals + [.decided(reason: "token")] }
        }
        if silence >= options.pause / 2, !endsInToken { propose("pause") }
        if silence >= options.pause { decided = true; return signals + [.decided(reason: "pause")] }
        return signals
    }
}

/// Notices from sound alone that speech may have begun: 80 ms of 160 that stand out from the quiet before them, since a word like
/// "stop" is silent for 60 ms behind its first sound.
struct OnsetDetector {
    private var floor: Float = .infinity
    private var sum: Float = 0
    private var count = 0
    private var loud: UInt32 = 0  // the last pieces of 10 ms, a bit each
    private static let piece = LogMel.sampleRate / 100
    /// Of powers: 12 dB above the quiet, and no less than −45 dB of full scale.
    private static let ratio: Float = 16
    private static let least: Float = 3.2e-5
    /// How much the quiet rises in 10 ms of sound: 3 dB a second.
    private static let rise: Float = 1.007

    /// - Returns: whether speech may have begun in these samples.
    mutating func heard(_ samples: [Float]) -> Bool {
        var hasBegun = false
        for sample in samples {
            sum += sample * sample
            count += 1
            guard count == Self.piece else { continue }
            let power = sum / Float(count)
            loud = (loud << 1 | (power > max(Self.ratio * floor, Self.least) ? 1 : 0)) & 0xffff
            floor = min(power, max(floor, 1e-10) * Self.rise)
            hasBegun = hasBegun || loud.nonzeroBitCount >= 8
            (sum, count) = (0, 0)
        }
        return hasBegun
    }
}
