/// Decides what one device that many sessions share runs next.
///
/// Sessions' work comes in frames that wait. A step starts when a session **pauses** and may be at an end, when some frame is
/// as old as its session's latency budget allows (**deadline**), or when much is to do and the device would be **full**; it takes
/// everything whose time is nearly up, and in a crowd all that waits. Where there is room before a deadline, waiting frames may be **looked** at without
/// being taken. A session of fixed chunks is different in one thing: it offers its frames chunk by chunk, so its result does
/// not depend on what else runs.
///
/// A pure value: time is passed in, as seconds of any clock that never goes back.
public struct Scheduler: Sendable {
    public typealias Session = Int

    /// How many frames of one session run together, and see each other.
    public enum Lookahead: Sendable, Equatable {
        /// Always so many; the rest only at the end.
        case fixed(Int)
        /// All that waits; none waits longer than `budget` seconds for its step to start.
        case dynamic(budget: Double)
    }

    public enum Trigger: String, Sendable, CaseIterable {
        case full, pause, deadline, look
    }

    /// What to run together.
    public struct Step: Sendable, Equatable {
        public struct Row: Sendable, Equatable {
            public var session: Session
            public var frames: Int
            /// Whether these are the session's last.
            public var isLast: Bool
        }
        public var trigger: Trigger
        public var rows: [Row]
        /// Whether its frames count as heard; those of a look are only read ahead.
        public var commits: Bool { trigger != .look }
        public var frames: Int { rows.reduce(0) { $0 + $1.frames } }
    }

    public struct Options: Sendable {
        public var cost: StepCost
        /// More sessions than this are refused.
        public var mostSessions = 1024
        /// A session is refused if the device would be busier than this with it, 0 to 1.
        public var mostLoad = 0.9
        /// Frames that one session brings a second.
        public var framesPerSecond = 12.5
        /// Frames of one session that one step takes at most.
        public var mostPerSession = 28
        /// Frames that one step takes at most, over all sessions.
        public var mostPerStep = 4096
        /// Share of all time that looking ahead may take; 0 turns it off.
        public var lookShare = 0.2
        /// New frames that make a look worth while.
        public var lookFrames = 3

        public init(cost: StepCost) { self.cost = cost }
    }

    fileprivate struct Waiting {
        var lookahead: Lookahead
        var priority: Int
        var isLive: Bool
        /// When frames came that still wait, oldest first.
        var arrivals: [(time: Double, count: Int)] = []
        var count = 0
        var looked = 0
        var paused = false
        var finished = false

        var deadline: Double? {
            guard case .dynamic(let budget) = lookahead, let oldest = arrivals.first else { return nil }
            return oldest.time + budget
        }
    }

    public private(set) var options: Options
    public private(set) var metrics = SchedulerMetrics()
    private var sessions: [Session: Waiting] = [:]
    private var live = 0
    /// When live sessions left whose seats nobody has taken yet.
    private var vacated: [Double] = []
    /// Seconds for which a seat is kept: who goes on speaking in a new session is not refused because the device is slow just then.
    private static let seatKept = 10.0
    private var busy = 0.0  // busy seconds, fading over `fading` seconds
    private var busyAt: Double?
    private var lookDebt = 0.0
    private static let fading = 4.0
    /// Share of its budget that a frame has waited when a step that runs anyway takes its session along.
    private static let ripe = 0.8
    /// Seconds of work that may wait before it is begun, whatever time its frames have left.
    private static let backlog = 0.1
    /// Load from which throughput comes before lookahead, and before whatever else could be done.
    public static let crowded = 0.5

    public init(_ options: Options) { self.options = options }

    // MARK: Sessions

    /// Takes a session in. Sessions that are not live, whose sound is at hand as a whole, cost no promise.
    ///
    /// Refuses it where that would slow everybody: nobody who was taken in notices. A live one may take the seat of another that
    /// has just left.
    public mutating func admit(
        _ session: Session, lookahead: Lookahead, priority: Int = 0, isLive: Bool = true, at now: Double = 0
    ) throws(AdmissionError) {
        precondition(sessions[session] == nil, "session \(session) is there already")
        if sessions.count >= options.mostSessions {
            metrics.refused += 1
            throw .tooMany(sessions: sessions.count)
        }
        vacated.removeAll { now - $0 > Self.seatKept }
        let load = predictedLoad(live + 1)
        if isLive, live > 0, load > options.mostLoad, vacated.isEmpty {
            metrics.refused += 1
            throw .overloaded(sessions: live, load: load)
        }
        if isLive {
            live += 1
            if !vacated.isEmpty { vacated.removeFirst() }
        }
        sessions[session] = Waiting(lookahead: lookahead, priority: priority, isLive: isLive)
    }

    /// How busy so many live sessions keep the device if steps are full, 0 to 1 and beyond.
    public func predictedLoad(_ sessions: Int) -> Double {
        Double(sessions) * options.framesPerSecond * options.cost.seconds(options.cost.full) / Double(options.cost.full)
    }

    public mutating func remove(_ session: Session, at now: Double = 0) {
        guard sessions.removeValue(forKey: session)?.isLive == true else { return }
        live -= 1
        vacated.append(now)
    }

    public var sessionCount: Int { sessions.count }
    /// Frames of a session that wait.
    public func waiting(_ session: Session) -> Int { sessions[session]?.count ?? 0 }

    // MARK: What happens to them

    /// Frames came.
    public mutating func arrived(_ frames: Int, for session: Session, at now: Double) {
        guard frames > 0, sessions[session] != nil else { return }
        sessions[session]?.arrivals.append((now, frames))
        sessions[session]?.count += frames
    }

    /// The session's speech has paused long enough to be a possible end.
    public mutating func paused(_ session: Session) {
        guard let state = sessions[session], case .dynamic = state.lookahead, state.count > 0 else { return }
        sessions[session]?.paused = true
    }

    /// No more frames will come; a last step runs even where none wait.
    public mutating func finished(_ session: Session) { sessions[session]?.finished = true }

    // MARK: Steps

    /// The step to run now, whose frames no longer wait unless it is a look; nil where nothing should run yet.
    public mutating func next(at now: Double) -> Step? {
        fade(to: now)
        if let trigger = trigger(at: now) { return take(trigger, at: now) }
        return look(at: now)
    }

    /// When ``next(at:)`` may say something else though nothing comes.
    public func wake() -> Double? { sessions.values.compactMap(\.deadline).min() }

    /// A step has run.
    public mutating func ran(_ step: Step, seconds: Double, at now: Double) {
        options.cost.took(seconds, for: step.frames)
        fade(to: now)
        busy += seconds
        metrics.ran(step, seconds: seconds)
        if !step.commits { lookDebt += seconds }
    }

    /// How busy the device has been of late, 0 to 1.
    public var load: Double { min(1, busy / Self.fading) }

    private mutating func fade(to now: Double) {
        guard let last = busyAt else { return busyAt = now }
        let passed = max(0, now - last)
        busy *= max(0, 1 - passed / Self.fading)
        lookDebt = max(0, lookDebt - options.lookShare * passed)
        busyAt = now
    }

    /// Frames of a session that a step could take now.
    private func ready(_ state: Waiting) -> Int {
        switch state.lookahead {
        case .fixed(let chunk): state.count >= chunk ? chunk : state.finished ? state.count : 0
        case .dynamic: min(state.count, options.mostPerSession)
        }
    }

    private func isUrgent(_ state: Waiting) -> Bool { state.paused || state.finished }

    /// Whether so much is to do, or waits to be done, that steps must be as large as can be.
    private var isCrowded: Bool {
        load >= Self.crowded || options.cost.seconds(sessions.values.reduce(0) { $0 + ready($1) }) > Self.backlog
    }

    /// Whether a step that runs anyway takes a session along: a frame that has long to wait yet gains by what comes behind it.
    private func goesAlong(_ state: Waiting, at now: Double) -> Bool {
        guard case .dynamic(let budget) = state.lookahead, let oldest = state.arrivals.first, !isUrgent(state) else {
            return true
        }
        return isRipe(state) || now - oldest.time >= Self.ripe * budget
    }

    /// Whether the next frame would come too late for the oldest one's budget, or hardly in time: then there is nothing to wait for.
    private func isRipe(_ state: Waiting) -> Bool {
        guard case .dynamic(let budget) = state.lookahead else { return false }
        return Double(state.count) > budget * options.framesPerSecond - 0.25
    }

    private func trigger(at now: Double) -> Trigger? {
        var waiting = 0
        var due = false
        for state in sessions.values {
            if isUrgent(state) { return .pause }
            let frames = ready(state)
            waiting += frames
            // A whole chunk gains nothing by waiting.
            if case .fixed = state.lookahead, frames > 0 { due = true }
            if isRipe(state) { due = true }
            if let deadline = state.deadline, deadline <= now { due = true }
        }
        if isCrowded, waiting >= options.cost.full { return .full }
        return due ? .deadline : nil
    }

    private mutating func take(_ trigger: Trigger, at now: Double) -> Step {
        // A pause waits for nobody, and has nobody give up lookahead for it: where it is long, steps for it come frame by frame.
        let isCrowded = isCrowded && trigger != .pause
        let order = sessions.filter {
            (ready($0.value) > 0 || $0.value.finished) && (isCrowded || goesAlong($0.value, at: now))
        }.sorted { a, b in
            let (x, y) = (a.value, b.value)
            if isUrgent(x) != isUrgent(y) { return isUrgent(x) }
            if x.priority != y.priority { return x.priority > y.priority }
            let (first, second) = (x.arrivals.first?.time ?? now, y.arrivals.first?.time ?? now)
            return first != second ? first < second : a.key < b.key
        }
        var rows: [Step.Row] = []
        var room = options.mostPerStep
        for (session, state) in order {
            let frames = ready(state)
            guard frames <= room || rows.isEmpty else { break }
            room -= frames
            let isLast = state.finished && frames == state.count
            rows.append(.init(session: session, frames: frames, isLast: isLast))
            sessions[session]?.take(frames, at: now, into: &metrics)
            if isLast { sessions[session]?.finished = false }
        }
        return Step(trigger: trigger, rows: rows)
    }

    /// A look at frames that wait, if the device has nothing better to do: bounded by a share of time and the first thing
    /// given up under load.
    private mutating func look(at now: Double) -> Step? {
        guard options.lookShare > 0, !isCrowded, lookDebt <= 0 else { return nil }
        var rows: [Step.Row] = []
        for (session, state) in sessions.sorted(by: { $0.key < $1.key }) where state.count - state.looked >= options.lookFrames {
            rows.append(.init(session: session, frames: min(state.count, options.mostPerSession), isLast: false))
        }
        let step = Step(trigger: .look, rows: rows)
        guard !rows.isEmpty, step.frames <= options.mostPerStep else { return nil }
        if let deadline = wake(), now + 1.5 * options.cost.seconds(step.frames) > deadline { return nil }
        for row in rows { sessions[row.session]?.looked = row.frames }
        return step
    }
}

extension Scheduler.Waiting {
    fileprivate mutating func take(_ frames: Int, at now: Double, into metrics: inout SchedulerMetrics) {
        count -= frames
        (looked, paused) = (0, paused && count > 0)
        var left = frames
        while left > 0, let oldest = arrivals.first {
            metrics.waited(now - oldest.time)
            if oldest.count > left {
                arrivals[0].count -= left
                left = 0
            } else {
                left -= oldest.count
                arrivals.removeFirst()
            }
        }
    }
}

/// Why a session was refused.
public enum AdmissionError: Error, Equatable, CustomStringConvertible {
    case tooMany(sessions: Int)
    case overloaded(sessions: Int, load: Double)

    public var description: String {
        switch self {
        case .tooMany(let sessions): "there are \(sessions) sessions, and no more are taken"
        case .overloaded(let sessions, let load):
            "with one more than \(sessions) live sessions the device would be busy for \(Int((load * 100).rounded())) % of the time"
        }
    }
}

/// What a scheduler has decided so far.
public struct SchedulerMetrics: Sendable, Equatable {
    public internal(set) var steps: [Scheduler.Trigger: Int] = [:]
    /// Frames that counted as heard, and frames that were only looked at.
    public internal(set) var frames = 0
    public internal(set) var lookedFrames = 0
    public internal(set) var refused = 0
    /// Seconds that steps took.
    public internal(set) var busySeconds = 0.0
    /// The longest that a frame waited for its step to start, in seconds.
    public internal(set) var longestWait = 0.0

    mutating func ran(_ step: Scheduler.Step, seconds: Double) {
        steps[step.trigger, default: 0] += 1
        busySeconds += seconds
        if step.commits { frames += step.frames } else { lookedFrames += step.frames }
    }

    mutating func waited(_ seconds: Double) { longestWait = max(longestWait, seconds) }
}
