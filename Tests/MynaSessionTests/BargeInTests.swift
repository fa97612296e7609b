import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaSession

@Suite struct BargeInTests {
    private let reply = "The kitchen light is on, the fan is off."

    @Test func `sound over a reply holds it at once, and a word stops it for good`() {
        var bargeIn = BargeIn()
        #expect(bargeIn.soundBegan(at: 1) == .nothing)
        bargeIn.replyBegan()
        #expect(bargeIn.soundBegan(at: 2) == .hold)
        #expect(bargeIn.soundBegan(at: 2.1) == .nothing)
        #expect(bargeIn.timePassed(to: 2.4) == .nothing)
        #expect(bargeIn.wordsHeard("stop", over: reply) == .interrupt)
        #expect(!bargeIn.isReplying && bargeIn.wordsHeard("stop it", over: reply) == .nothing)
    }

    @Test(arguments: ["the", "the kitten", "light is", "kitchen lit", "off", "up", "i"])
    func `the reply's own words, misheard ones too, and a short word alone stop nothing while they may be its echo`(heard: String)
    {
        var bargeIn = BargeIn()
        bargeIn.replyBegan()
        _ = bargeIn.soundBegan(at: 2)
        #expect(bargeIn.wordsHeard(heard, over: reply) == .nothing)
        #expect(bargeIn.timePassed(to: 2.6) == .nothing)
        // Nothing is added once the voice is silent: it was the echo.
        #expect(bargeIn.wordsHeard(heard, over: reply) == .nothing)
        #expect(bargeIn.timePassed(to: 2 + BargeIn.patience + 0.01) == .goOn)
    }

    @Test func `whoever speaks on over a silent voice stops it, whatever the words are`() {
        var bargeIn = BargeIn()
        bargeIn.replyBegan()
        _ = bargeIn.soundBegan(at: 2)
        #expect(bargeIn.wordsHeard("the", over: reply) == .nothing)
        #expect(bargeIn.timePassed(to: 2 + BargeIn.echo + 0.01) == .nothing)
        #expect(bargeIn.wordsHeard("the kitchen", over: reply) == .interrupt)
    }

    @Test func `a cough without a word lets the reply go on, and may hold it again`() {
        var bargeIn = BargeIn()
        bargeIn.replyBegan()
        _ = bargeIn.soundBegan(at: 2)
        _ = bargeIn.timePassed(to: 2.6)
        #expect(bargeIn.timePassed(to: 2 + BargeIn.patience + 0.01) == .goOn)
        #expect(bargeIn.isReplying)
        #expect(bargeIn.soundBegan(at: 5) == .hold)
        bargeIn.replyEnded()
        #expect(bargeIn.timePassed(to: 9) == .nothing)
    }

    @Test func `a word without a sound before it interrupts too`() {
        var bargeIn = BargeIn()
        bargeIn.replyBegan()
        #expect(bargeIn.wordsHeard("wait", over: reply) == .interrupt)
    }

    @Test func `the words heard are those whose letters fit, and a cut word is none`() {
        #expect(wordsHeard(of: "the light is on", within: 0, of: 1) == "")
        #expect(wordsHeard(of: "the light is on", within: 1, of: 1) == "the light is on")
        #expect(wordsHeard(of: "the light is on", within: 0.5, of: 1) == "the")
        #expect(wordsHeard(of: "the light is on", within: 0.6, of: 1) == "the light")
        #expect(wordsHeard(of: "the light is on", within: 0.3, of: nil) == "the")
    }
}

/// A player whose sound is heard only as the test says.
private final class ScriptedPlayer: ReplyPlayer {
    struct State {
        var taken = 0.0
        var heard = 0.0
        var isHeld = false
        var isStopped = false
        var log: [String] = []
    }
    let state = Mutex(State())

    func play(_ frame: AudioFrame) async throws { state.withLock { $0.taken += frame.duration / .seconds(1) } }
    func finish() async throws {
        while state.withLock({ !$0.isStopped && $0.heard < $0.taken }) { try await Task.sleep(for: .milliseconds(1)) }
        state.withLock { state in
            state.log.append("finished")
            (state.taken, state.heard, state.isStopped) = (0, 0, false)
        }
    }
    func hold() async { state.withLock { ($0.isHeld, _) = (true, $0.log.append("held")) } }
    func goOn() async { state.withLock { ($0.isHeld, _) = (false, $0.log.append("on")) } }
    func stop() async -> Double {
        state.withLock {
            ($0.isHeld, $0.isStopped) = (false, true)
            $0.log.append("stopped")
            return $0.heard
        }
    }
    /// Sound goes by at the listener.
    func pass(_ seconds: Double) {
        state.withLock { if !$0.isHeld, !$0.isStopped { $0.heard = min($0.taken, $0.heard + seconds) } }
    }
    var log: [String] { state.withLock { $0.log } }
}

/// Listens by one script after another.
private final class SequencedRecognizer: SpeechRecognizer {
    private let scripts: Mutex<[ScriptedRecognizer]>
    let ends = Collected<EndOfTurn?>()

    init(_ scripts: [ScriptedRecognizer]) { self.scripts = Mutex(scripts) }
    func expect(_ sentences: [String]) async {}
    func listen() async throws -> any ListeningStream { try await next().listen() }
    func listen(until end: EndOfTurn, expecting sentences: [String]) async throws -> any ListeningStream {
        ends.add(end)
        return try await next().listen()
    }
    private func next() -> ScriptedRecognizer {
        scripts.withLock { $0.isEmpty ? ScriptedRecognizer(final: nil) : $0.removeFirst() }
    }
}

@Suite struct DuplexTests {
    private let request = ScriptedRecognizer(
        [Event(time: 0.2, .speechStarted), Event(time: 0.6, .endDecided(reason: "token"))],
        final: Transcript(text: "is it on", words: []))

    private func sound(_ text: String) -> Transcript { Transcript(text: text, words: []) }

    /// Runs a session over frames of 100 ms and gives what it told. Each frame passes when `isReady` says so.
    private func run(
        _ recognizer: SequencedRecognizer, _ assistant: ScriptedAssistant, _ player: ScriptedPlayer, frames: Int,
        gate: any AttentionGate = AlwaysOpenGate()
    ) async throws -> [AttentiveSession.Report] {
        let conversation = Conversation(recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer(framesPerWord: 2))
        let session = AttentiveSession(recognizer: recognizer, conversation: conversation)
        let reports = Collected<AttentiveSession.Report>()
        let source = Frames(count: frames) { index in
            player.pass(0.1)
            // The reply's own task needs its turn between two frames.
            for _ in 0..<50 { await Task.yield() }
            try await Task.sleep(for: .milliseconds(2))
        }
        try await session.converse(hearing: source, gate: gate, player: player) { reports.add($0) }
        return reports.all
    }

    private struct Frames: AsyncSequence {
        let count: Int
        let before: @Sendable (Int) async throws -> Void
        func makeAsyncIterator() -> Iterator { Iterator(frames: self) }
        struct Iterator: AsyncIteratorProtocol {
            let frames: Frames
            var index = 0
            mutating func next() async throws -> AudioFrame? {
                guard index < frames.count else { return nil }
                try await frames.before(index)
                index += 1
                return AudioFrame(samples: [Float](repeating: 0, count: 1600), sampleRate: 16_000)
            }
        }
    }

    @Test func `speech over a reply stops it, is the next request, and the assistant learns what was heard`() async throws {
        let over = ScriptedRecognizer(
            [
                Event(time: 0.5, .speechStarted), Event(time: 0.8, .wordsPartial(text: "and", stable: 0)),
                Event(time: 1, .wordsPartial(text: "and what", stable: 0)), Event(time: 1.5, .endDecided(reason: "token")),
            ], final: sound("and the fan"))
        let recognizer = SequencedRecognizer([request, over])
        let assistant = ScriptedAssistant([
            .init(reply: Reply(text: "the light in the kitchen is on", kind: .answer)),
            .init(reply: Reply(text: "so is the fan", kind: .answer)),
        ])
        let player = ScriptedPlayer()
        let reports = try await run(recognizer, assistant, player, frames: 60)
        #expect(assistant.requests.map(\.text) == ["is it on", "and the fan"])
        #expect(assistant.interruptions.map(\.reply) == ["the light in the kitchen is on"])
        let heard = try #require(assistant.interruptions.first?.heard)
        #expect(!heard.isEmpty && "the light in the kitchen is on".hasPrefix(heard) && heard.count < 30)
        #expect(player.log.starts(with: ["held", "stopped", "finished"]))
        #expect(recognizer.ends.all.first == EndOfTurn(beginsWithSound: true))
        #expect(reports.contains { if case .interrupted(_, let words) = $0 { words == heard } else { false } })
        // Both turns are told with their stages' times.
        let turns = reports.compactMap { if case .answered(let turn) = $0 { turn } else { nil } }
        #expect(turns.count == 2 && turns.allSatisfy { $0.timings.act != nil && $0.timings.firstReplyAudio != nil })
    }

    @Test func `a sound without words only holds the reply for a while`() async throws {
        let cough = ScriptedRecognizer([Event(time: 0.3, .speechStarted)], final: nil)
        let recognizer = SequencedRecognizer([request, cough])
        let assistant = ScriptedAssistant([.init(reply: Reply(text: "the light in the kitchen is on", kind: .answer))])
        let player = ScriptedPlayer()
        _ = try await run(recognizer, assistant, player, frames: 60)
        #expect(player.log == ["held", "on", "finished"])
        #expect(assistant.interruptions.isEmpty)
        #expect(assistant.requests.count == 1)
    }

    @Test func `after a reply a follow-up needs no wake word, and nothing is taken once its time is over`() async throws {
        let silent = ScriptedRecognizer(final: nil)
        let followUp = ScriptedRecognizer(
            [Event(time: 0.3, .speechStarted), Event(time: 1, .endDecided(reason: "token"))],
            final: Transcript(text: "thanks", words: []))
        let late = ScriptedRecognizer(
            [Event(time: 7, .speechStarted), Event(time: 8, .endDecided(reason: "token"))],
            final: Transcript(text: "turn it off", words: []))
        let recognizer = SequencedRecognizer([request, silent, followUp, silent, late])
        let assistant = ScriptedAssistant([
            .init(reply: Reply(text: "yes it is on", kind: .answer)), .init(reply: Reply(text: "fine", kind: .chat)),
        ])
        var gate = WakeWordGate(patience: 5, followUp: 3)
        gate.note(.wakeWord, at: 0)
        let player = ScriptedPlayer()
        _ = try await run(recognizer, assistant, player, frames: 150, gate: gate)
        #expect(assistant.requests.map(\.text) == ["is it on", "thanks"])
        #expect(assistant.interruptions.isEmpty)
        #expect(player.log == ["finished", "finished"])
    }

    @Test func `what the player throws ends the session`() async throws {
        struct Gone: Error {}
        final class Broken: ReplyPlayer {
            func play(_ frame: AudioFrame) async throws {}
            func finish() async throws { throw Gone() }
            func hold() async {}
            func goOn() async {}
            func stop() async -> Double { 0 }
        }
        let assistant = ScriptedAssistant([.init(reply: Reply(text: "yes", kind: .answer))])
        let conversation = Conversation(recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer())
        let session = AttentiveSession(recognizer: SequencedRecognizer([request]), conversation: conversation)
        await #expect(throws: Gone.self) {
            let frames = Frames(count: 30) { _ in try await Task.sleep(for: .milliseconds(2)) }
            try await session.converse(hearing: frames, gate: AlwaysOpenGate(), player: Broken())
        }
    }
}
