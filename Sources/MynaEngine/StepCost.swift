/// What a step costs on this device: a part that every step pays and a part for each frame in it.
///
/// Found at start-up from timings of growing steps, then corrected by what steps really took.
public struct StepCost: Sendable, Equatable {
    /// Seconds that the smallest step takes.
    public private(set) var base: Double
    /// Seconds for each further frame.
    public private(set) var perFrame: Double
    /// The device-filling size: the fewest frames in a step that come near the best throughput.
    public let full: Int
    /// Seconds that the last steps took, and those they were expected to take: by their sum, as the small ones among them may
    /// take many times as long where something else has the device for a moment.
    private var taken = 0.0
    private var planned = 0.0
    private var correction: Double { planned > 0 ? taken / planned : 1 }
    /// How much of the past is kept at each step, and how many full steps stand for what start-up found.
    private static let (memory, prior) = (0.99, 10.0)

    public init(base: Double, perFrame: Double, full: Int) {
        precondition(base >= 0 && perFrame >= 0 && full > 0, "costs of \(base) s and \(perFrame) s a frame, full at \(full)")
        (self.base, self.perFrame, self.full) = (base, perFrame, full)
        planned = Self.prior * (base + perFrame * Double(full))
        taken = planned
    }

    /// Reads the cost off timings of steps of growing size; `full` is the knee of the throughput curve.
    ///
    /// - Parameter timings: frames in a step and the seconds it took; at least one, in growing size.
    /// - Parameter near: how much of the best throughput is near enough.
    public init(timings: [(frames: Int, seconds: Double)], near: Double = 0.8) {
        precondition(!timings.isEmpty, "no timings")
        let best = timings.map { Double($0.frames) / $0.seconds }.max() ?? 0
        let knee = timings.first { Double($0.frames) / $0.seconds >= near * best } ?? timings[timings.count - 1]
        let (first, last) = (timings[0], timings[timings.count - 1])
        let span = last.frames - first.frames
        let slope = span > 0 ? max(0, (last.seconds - first.seconds) / Double(span)) : first.seconds / Double(first.frames)
        self.init(base: max(0, first.seconds - slope * Double(first.frames)), perFrame: slope, full: knee.frames)
    }

    /// Seconds that a step of so many frames is expected to take.
    public func seconds(_ frames: Int) -> Double { correction * (base + perFrame * Double(frames)) }

    /// Learns from a step that took `seconds`.
    mutating func took(_ seconds: Double, for frames: Int) {
        let expected = base + perFrame * Double(frames)
        guard expected > 0 else { return }
        taken = Self.memory * taken + min(seconds, 10 * expected)
        planned = Self.memory * planned + expected
    }
}
