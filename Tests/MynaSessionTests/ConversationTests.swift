import Foundation
import MynaSession
import MynaStages
import MynaTestSupport
import Testing

/// A number of frames of 100 ms; a clock makes them come no faster than they were spoken.
private struct Frames: AsyncSequence, Sendable {
    let count: Int
    var clock: ManualClock?
    let read = Collected<Int>()

    struct Iterator: AsyncIteratorProtocol {
        let frames: Frames
        mutating func next() async throws -> AudioFrame? {
            guard frames.read.all.count < frames.count else { return nil }
            frames.read.add(1)
            try await frames.clock?.sleep(for: .milliseconds(100))
            return AudioFrame(samples: [Float](repeating: 0, count: 1600), sampleRate: 16_000)
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(frames: self) }
}

private let lampOn = Event.Kind.homeChanged(
    entity: "light.desk", before: EntityState(state: "off"), after: EntityState(state: "on"))
private let words = Transcript(text: "lamp on", words: [Word(word: "lamp", start: 0.1, end: 0.3, confidence: 0.9)])
private let script = [
    Event(time: 0.1, .speechStarted),
    Event(time: 0.3, .wordsPartial(text: "lamp", stable: 4)),
    Event(time: 0.5, .endDecided(reason: "token")),
]

/// Turns the lamp on, each step taking a while.
private func actingAssistant(_ clock: ManualClock) -> ScriptedAssistant {
    ScriptedAssistant([
        ScriptedAssistant.Turn(
            [
                { report in
                    try await clock.sleep(for: .milliseconds(30))
                    await report(.understood([Intent("turn_on", ["name": "lamp"])]))
                },
                { report in
                    await report(.callStarted(name: "light.turn_on", arguments: ["entity_id": "light.desk"]))
                    try await clock.sleep(for: .milliseconds(20))
                    await report(lampOn)
                    await report(.callFinished(name: "light.turn_on", result: "done"))
                },
            ], reply: Reply(text: "It is on", kind: .done))
    ])
}

private func timeline(_ events: [Event]) -> [String] {
    events.map { "\(String(format: "%.2f", $0.time)) \($0.type)" }
}

@Suite struct SpokenTurns {
    let clock = ManualClock(sleepsPassTime: true)

    private func conversation(
        _ recognizer: ScriptedRecognizer? = nil, limits: Conversation.Limits = Conversation.Limits()
    ) -> Conversation {
        let clock = clock
        return Conversation(
            recognizer: recognizer
                ?? ScriptedRecognizer(script, final: words) { try await clock.sleep(for: .milliseconds(10)) },
            assistant: actingAssistant(clock),
            synthesizer: ScriptedSynthesizer(framesPerWord: 1) { _ in try await clock.sleep(for: .milliseconds(6)) },
            clock: clock, limits: limits)
    }

    @Test("a spoken turn hears, acts and speaks, and reports in order what it returns")
    func order() async throws {
        let reported = Collected<Event>()
        let played = Collected<AudioFrame>()
        let turn = try await conversation().turn(
            hearing: Frames(count: 8, clock: clock), play: { played.add($0) }, report: { reported.add($0) })
        #expect(
            timeline(turn.events) == [
                "0.10 speech.started", "0.30 words.partial", "0.50 end.decided", "0.80 words.final", "0.92 understood",
                "0.92 call.started", "0.94 home.changed", "0.94 call.finished", "0.94 reply.text",
                "0.95 reply.audio", "0.95 reply.audio", "0.96 reply.audio", "0.96 turn.finished",
            ])
        #expect(reported.all == turn.events)
        #expect(played.all.count == 3)
        #expect(turn.heard == "lamp on")
        #expect(turn.reply == Reply(text: "It is on", kind: .done))
        #expect(turn.calls == [Turn.Call(name: "light.turn_on", arguments: ["entity_id": "light.desk"], result: "done")])
        #expect(turn.changes.map(\.entity) == ["light.desk"])
        #expect(turn.speechFailure == nil)
    }

    @Test("sound heard faster than it was spoken counts as if it had come live")
    func fasterThanLive() async throws {
        let turn = try await conversation().turn(hearing: Frames(count: 8))
        // 0.8 s of sound; then 0.01 s for the last frame, 0.01 s for the last words and 0.03 s to understand.
        #expect(timeline(turn.events)[4] == "0.85 understood")
        let timings = turn.timings
        #expect(timings.audio == .milliseconds(800))
        #expect(timings.hear == .milliseconds(90))
        #expect(timings.change?.rounded == 70)
        #expect(timings.firstReplyAudio?.rounded == 76)
    }

    @Test("timings add up, stage by stage")
    func timings() async throws {
        let turn = try await conversation().turn(hearing: Frames(count: 8, clock: clock))
        let timings = turn.timings
        #expect(timings.words == .milliseconds(20))
        #expect(timings.understand?.rounded == 30)
        #expect(timings.act?.rounded == 20)
        #expect(timings.speak == .milliseconds(18))
        #expect(timings.turn.rounded == 958)
        let fields = try JSONSerialization.jsonObject(with: JSONEncoder().encode(timings)) as? [String: Double]
        let expected: [String: Double] = [
            "audio": 800, "hear": 90, "end_of_audio_to_words": 20, "understand": 30, "act": 20, "speak": 18,
            "end_of_audio_to_change": 70, "first_reply_audio": 76, "turn": 958,
        ]
        #expect(fields == expected)
    }

    @Test("a file is heard to its end, a microphone until the speaker's", arguments: [true, false])
    func endOfListening(file: Bool) async throws {
        let frames = Frames(count: 8)
        _ = try await conversation().turn(hearing: frames, until: file ? .inputEnds : .speechEnds)
        #expect(frames.read.all.count == (file ? 8 : 5))
    }

    @Test("a reply that is told in parts is spoken before the whole of it is known")
    func parts() async throws {
        let played = Collected<AudioFrame>()
        let reply = Reply(text: "It is late. Go to bed.", kind: .answer)
        let assistant = ScriptedAssistant([
            .init(
                [
                    { await $0(.replyPart("It is late.")) },
                    { _ in #expect(played.all.count == 3) },
                ], reply: reply)
        ])
        let conversation = Conversation(
            recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer(framesPerWord: 1), clock: clock)
        let turn = try await conversation.turn(text: "how late is it", play: { played.add($0) })
        #expect(turn.reply == reply && turn.speechFailure == nil)
        #expect(played.all.count == 6)
        let sound = Array(repeating: "reply.audio", count: 3)
        #expect(turn.events.map(\.type) == ["reply.part"] + sound + ["reply.text"] + sound + ["turn.finished"])
    }

    @Test("what is said after all other than it was told is spoken whole")
    func otherThanTold() async throws {
        let played = Collected<AudioFrame>()
        let assistant = ScriptedAssistant([
            .init([{ await $0(.replyPart("It is late.")) }], reply: Reply(text: "I can't.", kind: .refuse))
        ])
        let conversation = Conversation(
            recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer(framesPerWord: 1), clock: clock)
        _ = try await conversation.turn(text: "how late is it", play: { played.add($0) })
        #expect(played.all.count == 5)
    }

    @Test("an interruption amid the parts ends the assistant's wording of the rest", .timeLimit(.minutes(1)))
    func partsInterrupted() async throws {
        let assistant = ScriptedAssistant([
            .init(
                [
                    { await $0(.replyPart("It is late.")) },
                    { _ in try await Task.sleep(for: .seconds(600)) },
                ], reply: Reply(text: "never", kind: .answer))
        ])
        let conversation = Conversation(
            recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer(), clock: clock)
        let turn = try await conversation.turn(text: "how late is it", play: { _ in throw ReplyInterrupted() })
        #expect(turn.reply.text == "It is late." && turn.speechFailure is ReplyInterrupted)
    }

    @Test("silence is answered without asking the assistant")
    func silence() async throws {
        let assistant = ScriptedAssistant([])
        let silent = Conversation(
            recognizer: ScriptedRecognizer(final: Transcript(text: "", words: [])), assistant: assistant,
            synthesizer: ScriptedSynthesizer(), clock: clock)
        let turn = try await silent.turn(hearing: Frames(count: 2))
        #expect(turn.reply.kind == .clarify)
        #expect(assistant.requests.isEmpty)
        #expect(turn.events.contains { $0.type == "reply.audio" })
    }

    @Test("a request that goes on too long is an error, and the next turn works")
    func tooLong() async throws {
        let conversation = conversation(limits: Conversation.Limits(sound: .milliseconds(500)))
        await #expect(throws: ConversationError.soundTooLong(limit: .milliseconds(500))) {
            try await conversation.turn(hearing: Frames(count: 8))
        }
        let turn = try await conversation.turn(hearing: Frames(count: 5))
        #expect(turn.heard == "lamp on")
    }

    @Test("a recogniser without final words is named")
    func noFinalWords() async throws {
        await #expect(throws: ConversationError.noFinalWords) {
            try await conversation(ScriptedRecognizer(final: nil)).turn(hearing: Frames(count: 1))
        }
    }

    @Test("a conversation without a recogniser says so")
    func noRecognizer() async throws {
        let deaf = Conversation(recognizer: nil, assistant: ScriptedAssistant([]), synthesizer: nil, clock: clock)
        await #expect(throws: ConversationError.noRecognizer) { try await deaf.turn(hearing: Frames(count: 1)) }
    }
}

@Suite struct WrittenTurns {
    let clock = ManualClock(sleepsPassTime: true)

    @Test("a written turn skips the hearing and names its timings so")
    func written() async throws {
        let conversation = Conversation(
            recognizer: nil, assistant: actingAssistant(clock), synthesizer: nil, clock: clock)
        let turn = try await conversation.turn(text: " lamp\n on ", speaker: "ann", area: "study")
        #expect(turn.heard == "lamp on")
        #expect(turn.events.first?.type == "understood")
        let fields = try JSONSerialization.jsonObject(with: JSONEncoder().encode(turn.timings)) as? [String: Double]
        #expect(fields == ["understand": 30, "act": 20, "request_to_change": 50, "turn": 50])
    }

    @Test("the assistant learns who speaks and where")
    func origin() async throws {
        let assistant = ScriptedAssistant([ScriptedAssistant.Turn(reply: Reply(text: "Hello", kind: .chat))])
        let conversation = Conversation(recognizer: nil, assistant: assistant, synthesizer: nil, clock: clock)
        _ = try await conversation.turn(text: "hello", speaker: "ann", area: "study")
        #expect(assistant.requests == [Request(text: "hello", speaker: "ann", area: "study")])
    }

    @Test("an assistant that tells its reply itself isn't told twice")
    func replyToldOnce() async throws {
        let reply = Reply(text: "Hello", kind: .chat)
        let assistant = ScriptedAssistant([
            ScriptedAssistant.Turn([{ await $0(.replyText(text: reply.text, kind: reply.kind)) }], reply: reply)
        ])
        let conversation = Conversation(recognizer: nil, assistant: assistant, synthesizer: nil, clock: clock)
        let turn = try await conversation.turn(text: "hello")
        #expect(turn.events.map(\.type) == ["reply.text", "turn.finished"])
    }

    @Test(
        "text that is no request is refused with the reason",
        arguments: [
            ("", ConversationError.emptyText),
            (" \t\n", .emptyText),
            (String(repeating: "a", count: 100_000), .textTooLong(characters: 100_000, limit: 4096)),
            ("lamp\u{0} on", .controlCharacter(0, at: 4)),
            ("\u{1B}[2Jlamp", .controlCharacter(0x1B, at: 0)),
        ])
    func refused(text: String, error: ConversationError) async throws {
        let conversation = Conversation(recognizer: nil, assistant: ScriptedAssistant([]), synthesizer: nil, clock: clock)
        await #expect(throws: error) { try await conversation.turn(text: text) }
    }

    @Test("what was done stays told when the reply can't be spoken")
    func unspoken() async throws {
        struct NoVoice: Error {}
        let conversation = Conversation(
            recognizer: nil, assistant: actingAssistant(clock),
            synthesizer: ScriptedSynthesizer { frame in if frame == 1 { throw NoVoice() } }, clock: clock)
        let turn = try await conversation.turn(text: "lamp on")
        #expect(turn.speechFailure is NoVoice)
        #expect(turn.changes.count == 1)
        #expect(turn.events.last?.type == "turn.finished")
    }

    @Test("a cancelled turn ends with the cancellation and frees the conversation")
    func cancelled() async throws {
        let clock = ManualClock()
        let conversation = Conversation(
            recognizer: nil,
            assistant: ScriptedAssistant([
                ScriptedAssistant.Turn(reply: Reply(text: "Hello", kind: .chat)),
                ScriptedAssistant.Turn(reply: Reply(text: "", kind: .chat)),
            ]),
            synthesizer: ScriptedSynthesizer { _ in try await clock.sleep(for: .seconds(1)) }, clock: clock)
        let task = Task { try await conversation.turn(text: "hello") }
        try await until { clock.sleeperCount > 0 }
        await #expect(throws: ConversationError.turnInProgress) { try await conversation.turn(text: "hello again") }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let next = try await conversation.turn(text: "hello again")
        #expect(next.reply.text.isEmpty)
    }
}

@Suite struct Calls {
    @Test("calls that run at once are told apart by name and order")
    func pairing() {
        let events: [Event.Kind] = [
            .callStarted(name: "a", arguments: ["n": 1]), .callStarted(name: "b", arguments: [:]),
            .callStarted(name: "a", arguments: ["n": 2]), .callFinished(name: "b", result: "B"),
            .callFinished(name: "a", result: "A1"),
        ]
        #expect(
            Turn.Call.all(in: events.map { Event(time: 0, $0) }) == [
                Turn.Call(name: "a", arguments: ["n": 1], result: "A1"), Turn.Call(name: "b", arguments: [:], result: "B"),
                Turn.Call(name: "a", arguments: ["n": 2], result: String?.none),
            ])
    }
}

extension Duration {
    /// Whole milliseconds: event times are seconds as `Double`.
    fileprivate var rounded: Int { Int((self / .milliseconds(1)).rounded()) }
}
