/// One step of a device that many streams share, for whoever looks on: whose frames ran together, when and why.
public struct EngineStep: Sendable, Equatable, Codable {
    /// The frames of one stream.
    public struct Row: Sendable, Equatable, Codable {
        public var stream: Int
        public var frames: Int
        /// Frames of the stream that wait for a later step.
        public var waiting: Int

        public init(stream: Int, frames: Int, waiting: Int) {
            (self.stream, self.frames, self.waiting) = (stream, frames, waiting)
        }
    }

    /// When it began, in seconds since the engine did.
    public var start: Double
    /// How long it took.
    public var seconds: Double
    /// `full`, `pause`, `deadline`, or `look` where its frames were only looked at.
    public var trigger: String
    public var rows: [Row]
    /// Streams that are listened to, whether or not they had frames in it.
    public var streams: Int
    /// How busy the device has been of late, 0 to 1.
    public var load: Double

    public init(start: Double, seconds: Double, trigger: String, rows: [Row], streams: Int, load: Double) {
        (self.start, self.seconds, self.trigger, self.rows) = (start, seconds, trigger, rows)
        (self.streams, self.load) = (streams, load)
    }
}

/// Those who look on at an engine's steps; nothing is made ready where there is nobody.
public struct StepWatchers: Sendable {
    private var watchers: [Int: AsyncStream<EngineStep>.Continuation] = [:]
    private var next = 0

    public init() {}

    public var isEmpty: Bool { watchers.isEmpty }

    /// Steps from now on; of more than 256 that wait for who looks on, the oldest are dropped.
    ///
    /// - Parameter left: hears that nobody looks on any more, with the number for ``remove(_:)``.
    public mutating func add(left: @escaping @Sendable (Int) -> Void) -> AsyncStream<EngineStep> {
        let (steps, watcher) = AsyncStream.makeStream(of: EngineStep.self, bufferingPolicy: .bufferingNewest(256))
        next += 1
        watchers[next] = watcher
        watcher.onTermination = { [next] _ in left(next) }
        return steps
    }

    public mutating func remove(_ number: Int) { watchers[number] = nil }

    public func tell(_ step: EngineStep) { for watcher in watchers.values { watcher.yield(step) } }
}
