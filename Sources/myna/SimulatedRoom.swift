import Foundation
import MynaAudio
import MynaDevices
import MynaSession
import MynaStages
import Synchronization

/// A loudspeaker and a microphone in a room, by samples: what is played comes back through an impulse response, and people speak over it.
///
/// Nothing in it knows the clock: 20 ms pass whenever the session asks for the next frame, and while a reply is being made none do.
final class SimulatedRoom: ReplyPlayer {
    static let sampleRate = EchoCanceller.sampleRate
    static let frame = sampleRate / 50

    /// What happened at which sample.
    struct Log {
        var heard: [Float] = []
        var cleaned: [Float] = []
        var isVoice: [Bool] = []  // by frame: the loudspeaker played sound
        var holds: [Int] = []
        var goesOn: [Int] = []
        var stops: [Int] = []
        var replyStarts: [Int] = []
    }

    private struct State {
        var log = Log()
        var far: [Float] = []
        var near: [Float] = []  // what people will say, from now on
        var sample = 0
        var isReplying = false
        var isMade = false  // all of the reply
        var isHeld = false
        var isStopped = false  // until the reply that was stopped has come to its end
        var isClosed = false  // nobody is in the room any more
        /// Whether the loudspeaker waits for the voice.
        var needsVoice: Bool { isReplying && !isMade && !isHeld && !isStopped }
        var random = SeededRandom(seed: 1)
    }
    private let state = Mutex(State())
    private let output = SpeakerOutput(sampleRate: SimulatedRoom.sampleRate)
    private let response: [Float]
    private let noise: Float
    private let resampler = Mutex<(rate: Int, resampler: Resampler?)>((0, nil))

    /// - Parameters:
    ///   - response: from the loudspeaker to the microphone at 16 kHz; made to pass on `gain` of the power.
    ///   - delay: samples more until the echo comes.
    ///   - gain: of the echo's amplitude.
    init(response: [Float], delay: Int, gain: Float, noise: Float = 0.0005) {
        let power = response.reduce(0) { $0 + $1 * $1 }.squareRoot()
        // What comes later than a third of a second is too soft to matter.
        let kept = response.prefix(Self.sampleRate / 3).map { $0 * gain / max(power, 1e-9) }
        self.response = [Float](repeating: 0, count: delay) + kept
        self.noise = noise
    }

    var played: SampleRing { output.played }
    var log: Log { state.withLock { $0.log } }
    var sample: Int { state.withLock { $0.sample } }
    var isReplying: Bool { state.withLock { $0.isReplying } }
    /// Where the replies so far began.
    var replyStarts: [Int] { state.withLock { $0.log.replyStarts } }

    /// People speak from the next sample on.
    func say(_ samples: [Float]) { state.withLock { $0.near = samples } }
    var isSomebodySpeaking: Bool { state.withLock { !$0.near.isEmpty } }

    /// No more frames will be asked for: what is still to be played is not waited for.
    func close() { state.withLock { $0.isClosed = true } }

    /// What the session got of a frame, for the log.
    func noteCleaned(_ samples: [Float]) { state.withLock { $0.log.cleaned += samples } }

    /// The next 20 ms at the microphone.
    func next() async throws -> AudioFrame {
        // The voice is made on the real clock; the room waits for it, as far as it is asked for at all.
        while output.waiting.count < Self.frame, state.withLock({ $0.needsVoice }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        var room = [Float](repeating: 0, count: Self.frame)
        room.withUnsafeMutableBufferPointer { output.fill($0) }
        let far = room
        return state.withLock { state in
            state.far += far
            let kept = response.count + Self.frame
            if state.far.count > kept { state.far.removeFirst(state.far.count - kept) }
            var frame = echo(state.far)
            for index in frame.indices {
                if index < state.near.count { frame[index] += state.near[index] }
                frame[index] += noise * Float.random(in: -1...1, using: &state.random)
            }
            state.near.removeFirst(min(Self.frame, state.near.count))
            state.sample += Self.frame
            state.log.heard += frame
            state.log.isVoice.append(far.contains { $0 != 0 })
            return AudioFrame(samples: frame, sampleRate: Self.sampleRate)
        }
    }

    /// The echo's last frame of all that was played.
    private func echo(_ far: [Float]) -> [Float] {
        let first = far.count - Self.frame
        return far.withUnsafeBufferPointer { far in
            response.withUnsafeBufferPointer { response in
                (0..<Self.frame).map { index in
                    var sum: Float = 0
                    let end = first + index
                    for tap in 0..<min(response.count, end + 1) { sum += response[tap] * far[end - tap] }
                    return sum
                }
            }
        }
    }

    // MARK: The loudspeaker

    func play(_ frame: AudioFrame) async throws {
        let samples = try resampler.withLock { kept throws -> [Float] in
            if kept.resampler == nil || kept.rate != frame.sampleRate {
                kept = (frame.sampleRate, try Resampler(from: frame.sampleRate, to: Self.sampleRate))
            }
            return kept.resampler?.process(frame.samples) ?? []
        }
        state.withLock { state in
            if !state.isReplying { state.log.replyStarts.append(state.sample) }
            state.isReplying = true
        }
        try await write(samples)
    }

    private func write(_ samples: [Float]) async throws {
        var rest = samples[...]
        while !rest.isEmpty, !isOver {
            let piece = rest.prefix(output.waiting.capacity - output.waiting.count)
            piece.withUnsafeBufferPointer { output.waiting.write($0) }
            rest = rest.dropFirst(piece.count)
            if !rest.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    private var isOver: Bool { state.withLock { $0.isStopped || $0.isClosed } }

    func finish() async throws {
        let rest = resampler.withLock { kept -> [Float] in
            defer { kept.resampler = nil }
            return kept.resampler?.finish() ?? []
        }
        try await write(rest)
        state.withLock { $0.isMade = true }
        while output.waiting.count > 0, !isOver { try await Task.sleep(for: .milliseconds(1)) }
        state.withLock { ($0.isReplying, $0.isMade, $0.isHeld, $0.isStopped) = (false, false, false, false) }
        _ = output.takePlayedCount()
    }

    func hold() {
        output.hold()
        state.withLock { state in
            state.log.holds.append(state.sample)
            state.isHeld = true
        }
    }

    func goOn() {
        output.goOn()
        state.withLock { state in
            state.log.goesOn.append(state.sample)
            state.isHeld = false
        }
    }

    func stop() async -> Double {
        output.stop()
        // What waits is thrown away with the next fill, which may come late: the reply that follows must not be thrown away too.
        output.fill(UnsafeMutableBufferPointer(start: nil, count: 0))
        state.withLock { state in
            state.log.stops.append(state.sample)
            state.isStopped = true
        }
        return Double(output.takePlayedCount()) / Double(Self.sampleRate)
    }
}

/// What happens in a room: a request, its reply, perhaps a sentence over it, silence, and the next, until so many replies were heard.
final class DuplexScript: AsyncSequence {
    /// One reply, by the room's samples.
    struct Reply {
        var start: Int
        var end: Int
        /// Where a sentence over it began.
        var onset: Int?
    }
    private(set) var replies: [Reply] = []

    private let room: SimulatedRoom
    private let spoken: [[Float]?]
    private let request: [Float]
    private let canceller: EchoCanceller?

    /// - Parameter spoken: for each reply what is spoken over it, nil where it is left alone.
    init(_ room: SimulatedRoom, over spoken: [[Float]?], request: [Float], canceller: EchoCanceller?) {
        (self.room, self.spoken, self.request, self.canceller) = (room, spoken, request, canceller)
    }

    func makeAsyncIterator() -> Iterator { Iterator(script: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let script: DuplexScript
        private var waited = 0  // samples without a voice since anything happened
        private var isReplying = false

        fileprivate init(script: DuplexScript) { self.script = script }

        /// Samples into a reply at which the sentence over it begins.
        private static let into = 3 * SimulatedRoom.sampleRate / 2

        mutating func next() async throws -> AudioFrame? {
            let (room, spoken) = (script.room, script.spoken)
            let starts = room.replyStarts
            // A reply may follow another within a frame.
            let isNext = starts.count > script.replies.count
            if room.isReplying != isReplying || isNext {
                isReplying = room.isReplying
                if script.replies.count == spoken.count {
                    room.close()
                    return nil
                }
                if isNext { script.replies.append(.init(start: starts[script.replies.count], end: room.sample)) }
                waited = 0
            }
            if isReplying, let reply = script.replies.last {
                script.replies[script.replies.count - 1].end = room.sample
                if reply.onset == nil, let sentence = spoken[script.replies.count - 1], room.sample >= reply.start + Self.into {
                    script.replies[script.replies.count - 1].onset = room.sample
                    room.say(sentence)
                }
            } else if !room.isSomebodySpeaking {
                waited += SimulatedRoom.frame
                // What was said over the last reply may be answered; if not, there is another request.
                if waited == 2 * SimulatedRoom.sampleRate { room.say(script.request) }
                if waited > 8 * SimulatedRoom.sampleRate { waited = 0 }
            }
            let heard = try await room.next()
            guard let canceller = script.canceller else {
                _ = room.played.read(SimulatedRoom.frame)
                room.noteCleaned(heard.samples)
                return heard
            }
            let clean = try canceller.clean(heard.samples, played: room.played.read(SimulatedRoom.frame))
            room.noteCleaned(clean)
            return AudioFrame(samples: clean, sampleRate: heard.sampleRate)
        }
    }
}

extension EvalEcho.Report {
    /// Counts what a script's replies led to.
    mutating func add(_ replies: [DuplexScript.Reply], _ log: SimulatedRoom.Log, room: String, holds: inout [Double]) {
        func within(_ reply: DuplexScript.Reply, _ samples: [Int]) -> [Int] {
            samples.filter { $0 >= reply.start && $0 <= reply.end }
        }
        var (first, rest) = ((before: 0.0, after: 0.0), (before: 0.0, after: 0.0))
        var voice = 0.0
        for reply in replies {
            let (held, stopped) = (within(reply, log.holds), within(reply, log.stops))
            if let onset = reply.onset {
                replies_spoken_over += 1
                false_holds += held.count { $0 < onset }
                guard let hold = (held + stopped).filter({ $0 >= onset }).min() else { continue }
                self.held += 1
                holds.append(Double(hold - onset) * 1000 / Double(SimulatedRoom.sampleRate))
                if stopped.contains(where: { $0 >= onset }) { self.stopped += 1 }
                continue
            }
            replies_alone += 1
            seconds_alone += Double(reply.end - reply.start) / Double(SimulatedRoom.sampleRate)
            false_holds += held.count
            false_interruptions += stopped.count
            for sample in stride(from: reply.start, to: reply.end, by: SimulatedRoom.frame)
            where log.isVoice[sample / SimulatedRoom.frame] {
                let range = sample..<min(sample + SimulatedRoom.frame, log.heard.count, log.cleaned.count)
                let before = range.reduce(0.0) { $0 + Double(log.heard[$1] * log.heard[$1]) }
                let after = range.reduce(0.0) { $0 + Double(log.cleaned[$1] * log.cleaned[$1]) }
                voice += 0.02
                if voice <= 2 {
                    first = (first.before + before, first.after + after)
                } else {
                    rest = (rest.before + before, rest.after + after)
                }
            }
        }
        func decibels(_ power: (before: Double, after: Double)) -> Double {
            (100 * log10(max(power.before, 1e-12) / max(power.after, 1e-12))).rounded() / 10
        }
        erle[room] = [decibels(first), decibels(rest)]
    }
}
