public import MynaStages
import Synchronization

/// A recogniser that hears what a script says, whatever the sound.
public struct ScriptedRecognizer: SpeechRecognizer {
    private let script: [Event]
    private let final: Transcript?
    private let cost: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - script: told once that much sound has been heard.
    ///   - final: the final words; `nil` breaks the law that there are some, to test who relies on it.
    ///   - cost: runs in every step, to let time pass or to throw.
    public init(
        _ script: [Event] = [], final: Transcript?, cost: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.script = script.sorted { $0.time < $1.time }
        self.final = final
        self.cost = cost
    }

    public func expect(_ sentences: [String]) async {}
    public func listen() async throws -> any ListeningStream { Stream(script: script, final: final, cost: cost) }
    public func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
        try await listen()
    }

    private actor Stream: ListeningStream {
        private var script: [Event]
        private let final: Transcript?
        private let cost: @Sendable () async throws -> Void
        private var heard = 0.0
        private var isFinished = false

        init(script: [Event], final: Transcript?, cost: @escaping @Sendable () async throws -> Void) {
            self.script = script
            self.final = final
            self.cost = cost
        }

        func hear(_ frame: AudioFrame) async throws -> [Event] {
            precondition(!isFinished, "a finished stream takes no more sound")
            try await cost()
            heard += Double(frame.samples.count) / Double(frame.sampleRate)
            let due = script.prefix { $0.time <= heard + 1e-9 }
            script.removeFirst(due.count)
            return Array(due)
        }

        func finish() async throws -> [Event] {
            precondition(!isFinished, "a stream finishes once")
            isFinished = true
            try await cost()
            return final.map { [Event(time: heard, .wordsFinal($0))] } ?? []
        }
    }
}

/// An assistant that replies from a script and keeps what it was asked.
public final class ScriptedAssistant: Assistant {
    /// One turn: steps in order, then the reply.
    public struct Turn: Sendable {
        public var steps: [@Sendable (_ report: @Sendable (Event.Kind) async -> Void) async throws -> Void]
        public var reply: Reply

        public init(_ steps: [@Sendable (_ report: @Sendable (Event.Kind) async -> Void) async throws -> Void] = [], reply: Reply)
        {
            self.steps = steps
            self.reply = reply
        }
    }

    private struct State {
        var turns: [Turn]
        var requests: [Request] = []
        var interruptions: [(reply: String, heard: String)] = []
    }

    private let state: Mutex<State>

    public init(_ turns: [Turn]) { state = Mutex(State(turns: turns)) }

    /// The replies that were broken off, and what was heard of them.
    public var interruptions: [(reply: String, heard: String)] { state.withLock { $0.interruptions } }

    public func wasInterrupted(_ reply: String, after heard: String) async {
        state.withLock { $0.interruptions.append((reply, heard)) }
    }

    /// The requests so far, in order.
    public var requests: [Request] { state.withLock { $0.requests } }

    public func reply(to request: Request, report: @escaping @Sendable (Event.Kind) async -> Void) async throws -> Reply {
        let turn = state.withLock { state in
            precondition(!state.turns.isEmpty, "the script has no turn for “\(request.text)”")
            state.requests.append(request)
            return state.turns.removeFirst()
        }
        for step in turn.steps { try await step(report) }
        return turn.reply
    }
}

/// A synthesizer that speaks a ramp of samples, a fixed number of frames for each word.
public struct ScriptedSynthesizer: SpeechSynthesizer {
    private let framesPerWord: Int
    private let frame: AudioFrame
    private let cost: @Sendable (_ frame: Int) async throws -> Void

    /// - Parameter cost: runs before each frame with its number, to let time pass or to throw.
    public init(
        framesPerWord: Int = 2, frame: Duration = .milliseconds(100), sampleRate: Int = 16_000,
        cost: @escaping @Sendable (_ frame: Int) async throws -> Void = { _ in }
    ) {
        self.framesPerWord = framesPerWord
        let count = Int(Double(sampleRate) * (frame / .seconds(1)))
        self.frame = AudioFrame(samples: (0..<count).map { Float($0) / Float(count) }, sampleRate: sampleRate)
        self.cost = cost
    }

    public func speak(_ text: String, into sink: @Sendable (AudioFrame) async throws -> Void) async throws {
        for index in 0..<(text.split(separator: " ").count * framesPerWord) {
            try await cost(index)
            try await sink(frame)
        }
    }
}
