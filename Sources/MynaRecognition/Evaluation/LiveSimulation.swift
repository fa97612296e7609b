public import MynaEngine
public import MynaStages

/// Live streams on a clock that only steps move: sound comes as fast as it is spoken, each step takes what a ``MynaEngine/StepCost``
/// says of it, and words are those that the model really finds in the frames that steps take.
///
/// So delays are the same on each machine and in each run, whatever else this one does.
public struct LiveSimulation: Sendable {
    /// One stream's sound.
    public struct Speech: Sendable {
        /// At 16 kHz.
        public var samples: [Float]
        /// When its first sample is spoken, in seconds.
        public var start: Double

        public init(samples: [Float], start: Double) { (self.samples, self.start) = (samples, start) }
    }

    /// What became of one stream.
    public struct Hearing: Sendable {
        public var text = ""
        /// Seconds from the end of each frame of 80 ms until its step was done.
        public var frameDelays: [Double] = []
        /// Seconds from the end of each word of ``text`` until a text first held it at its place, right.
        public var wordDelays: [Double] = []
        /// From the end of the sound to the final text.
        public var finalDelay = 0.0
    }

    public var cost: StepCost
    public var lookahead: Scheduler.Lookahead
    /// Share of all time that looking again may take.
    public var lookShare: Double

    public init(cost: StepCost, lookahead: Scheduler.Lookahead, lookShare: Double) {
        (self.cost, self.lookahead, self.lookShare) = (cost, lookahead, lookShare)
    }

    fileprivate static let sampleRate = 16_000
    fileprivate static let piece = 1280
    fileprivate static let frame = 0.08

    /// Sound that comes in.
    fileprivate struct Piece {
        var time: Double
        var stream: Int
        var samples: Range<Int>
        var isLast: Bool
    }

    fileprivate func pieces(of speech: [Speech]) -> [Piece] {
        var pieces: [Piece] = []
        for (index, speech) in speech.enumerated() {
            for start in stride(from: 0, to: max(1, speech.samples.count), by: Self.piece) {
                let end = min(speech.samples.count, start + Self.piece)
                pieces.append(
                    Piece(
                        time: speech.start + Double(end) / Double(Self.sampleRate), stream: index, samples: start..<end,
                        isLast: end == speech.samples.count))
            }
        }
        return pieces.sorted { ($0.time, $0.stream) < ($1.time, $1.stream) }
    }
}

/// A stream of a simulation while it is heard.
private struct SimulatedStream {
    let transcription: Transcription
    let start: Double
    var hearing = LiveSimulation.Hearing()
    var timing = ListeningTime()
    var frames = 0
    var end = 0.0

    /// A step that began with so many frames was done at `now`.
    mutating func stepped(_ count: Int, at now: Double) {
        let time = now - start
        for frame in frames..<frames + count {
            hearing.frameDelays.append(time - Double(frame + 1) * LiveSimulation.frame)
        }
        frames += count
        told(at: now)
    }

    mutating func told(at now: Double) {
        timing.heard(upTo: now - start, taking: .zero, transcription.events)
        transcription.events = []
    }

    mutating func finished(at now: Double) -> LiveSimulation.Hearing {
        hearing.text = timing.words.map(\.word).joined(separator: " ")
        hearing.wordDelays = timing.wordDelays
        hearing.finalDelay = now - end
        return hearing
    }
}

extension StreamingRecognizer {
    /// Hears live streams on the simulation's clock.
    /// - Returns: what became of each, in their order.
    public func hear(_ speech: [LiveSimulation.Speech], in simulation: LiveSimulation) throws -> [LiveSimulation.Hearing] {
        var options = Scheduler.Options(cost: simulation.cost)
        options.lookShare = simulation.lookShare
        options.mostLoad = .infinity  // who overloads the device sees its delays
        options.mostSessions = speech.count
        var scheduler = Scheduler(options)
        var streams: [Int: SimulatedStream] = [:]
        var heard = Array(repeating: LiveSimulation.Hearing(), count: speech.count)
        var coming = simulation.pieces(of: speech)[...]
        var now = 0.0
        while true {
            while let piece = coming.first, piece.time <= now {
                coming.removeFirst()
                let start = speech[piece.stream].start
                if streams[piece.stream] == nil {
                    streams[piece.stream] = SimulatedStream(transcription: transcription(), start: start)
                    try scheduler.admit(piece.stream, lookahead: simulation.lookahead)
                }
                guard let stream = streams[piece.stream]?.transcription else { continue }
                let before = stream.completed
                let samples = Array(speech[piece.stream].samples[piece.samples])
                let hasPaused = try stream.take(AudioFrame(samples: samples, sampleRate: LiveSimulation.sampleRate))
                if piece.isLast {
                    try stream.end()
                    streams[piece.stream]?.end = piece.time
                }
                scheduler.arrived(stream.completed - before, for: piece.stream, at: piece.time)
                if hasPaused { scheduler.paused(piece.stream) }
                if piece.isLast { scheduler.finished(piece.stream) }
            }
            if let step = scheduler.next(at: now) {
                run(
                    step.rows.compactMap { row in
                        streams[row.session].map { (stream: $0.transcription, frames: row.frames, isLast: row.isLast) }
                    }, commit: step.commits)
                let seconds = simulation.cost.seconds(step.frames)
                now += seconds
                scheduler.ran(step, seconds: seconds, at: now)
                for row in step.rows {
                    if step.commits {
                        streams[row.session]?.stepped(row.frames, at: now)
                    } else {
                        streams[row.session]?.told(at: now)
                    }
                    if row.isLast, var stream = streams.removeValue(forKey: row.session) {
                        heard[row.session] = stream.finished(at: now)
                        release(stream.transcription)
                        scheduler.remove(row.session)
                    }
                }
            } else {
                guard let soonest = [coming.first?.time, scheduler.wake()].compactMap({ $0 }).min() else { return heard }
                now = max(now, soonest)
            }
        }
    }
}
