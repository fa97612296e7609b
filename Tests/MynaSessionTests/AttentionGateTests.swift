import MynaSession
import MynaStages
import MynaTestSupport
import Testing

@Suite struct AttentionGateTests {
    private func opened() -> WakeWordGate {
        var gate = WakeWordGate(patience: 5, followUp: 6)
        gate.note(.wakeWord, at: 10)
        return gate
    }

    private func replied(_ gate: WakeWordGate = WakeWordGate(patience: 5, followUp: 6)) -> WakeWordGate {
        var gate = gate
        gate.note(.wakeWord, at: 10)
        gate.note(.speechStarted, at: 11)
        gate.note(.requestEnded, at: 13)
        gate.note(.replyEnded, at: 16)
        return gate
    }

    @Test func alwaysOpen() {
        #expect(AlwaysOpenGate().isOpen(at: 0))
    }

    @Test func aButtonOpensOnlyWhileHeld() {
        var gate = PushToTalkGate()
        #expect(!gate.isOpen(at: 0))
        gate.note(.wakeWord, at: 0)
        #expect(!gate.isOpen(at: 0))
        gate.note(.pressed, at: 1)
        gate.note(.requestEnded, at: 2)
        #expect(gate.isOpen(at: 100))
        gate.note(.released, at: 101)
        #expect(!gate.isOpen(at: 101))
    }

    @Test func speechAloneDoesNotOpen() {
        var gate = WakeWordGate()
        gate.note(.speechStarted, at: 1)
        #expect(!gate.isOpen(at: 1))
    }

    @Test func theWordOpensForAWhile() {
        #expect(opened().isOpen(at: 14.9))
        #expect(!opened().isOpen(at: 15))
    }

    @Test func speechThatBeginsTooLateIsNotARequest() {
        var gate = opened()
        gate.note(.speechStarted, at: 15)
        #expect(!gate.isOpen(at: 15))
    }

    @Test func aRequestMayTakeLongerThanThePatience() {
        var gate = opened()
        gate.note(.speechStarted, at: 14)
        #expect(gate.isOpen(at: 60))
    }

    @Test func theReplyIsNotHeard() {
        var gate = opened()
        gate.note(.speechStarted, at: 11)
        gate.note(.requestEnded, at: 13)
        gate.note(.speechStarted, at: 14)
        #expect(!gate.isOpen(at: 14))
    }

    @Test func theWordInterruptsAReply() {
        var gate = opened()
        gate.note(.speechStarted, at: 11)
        gate.note(.requestEnded, at: 13)
        gate.note(.wakeWord, at: 14)
        #expect(gate.isOpen(at: 14))
        gate.note(.replyEnded, at: 14.1)
        #expect(gate.isOpen(at: 18.9) && !gate.isOpen(at: 19))
    }

    @Test func aFollowUpNeedsNoWord() {
        var gate = replied()
        #expect(gate.isOpen(at: 21.9) && !gate.isOpen(at: 22))
        gate.note(.speechStarted, at: 21)
        #expect(gate.isOpen(at: 30))
    }

    @Test func withoutFollowUpsEachRequestNeedsTheWord() {
        #expect(!replied(WakeWordGate(patience: 5, followUp: 0)).isOpen(at: 16))
    }
}

@Suite struct AttentiveSessionFaultTests {
    private struct Frames: AsyncSequence {
        struct Vanished: Error, Equatable {}
        var frames: [AudioFrame]
        func makeAsyncIterator() -> Iterator { Iterator(rest: frames[...]) }
        struct Iterator: AsyncIteratorProtocol {
            var rest: ArraySlice<AudioFrame>
            mutating func next() async throws -> AudioFrame? {
                guard let first = rest.popFirst() else { throw Vanished() }
                return first
            }
        }
    }

    private let request = ScriptedRecognizer(
        [Event(time: 0.2, .speechStarted), Event(time: 0.6, .endDecided(reason: "token"))],
        final: Transcript(text: "is it on", words: []))

    private func session(_ assistant: ScriptedAssistant) -> AttentiveSession {
        let conversation = Conversation(recognizer: nil, assistant: assistant, synthesizer: ScriptedSynthesizer())
        return AttentiveSession(recognizer: request, conversation: conversation)
    }

    @Test func `a device that vanishes ends the session with its own error, after what was asked before was answered`() async {
        let assistant = ScriptedAssistant([.init(reply: Reply(text: "yes", kind: .answer))])
        let frames = Frames(
            frames: (0..<8).map { _ in AudioFrame(samples: [Float](repeating: 0, count: 1_600), sampleRate: 16_000) })
        await #expect(throws: Frames.Vanished.self) { try await session(assistant).attend(to: frames, gate: AlwaysOpenGate()) }
        #expect(assistant.requests.map(\.text) == ["is it on"])
    }

    @Test(arguments: [8_000, 11_025, 44_100, 96_000, 192_000])
    func `times are those of the sound at any rate of the device, and where frames are of different rates`(rate: Int) async {
        let assistant = ScriptedAssistant([.init(reply: Reply(text: "yes", kind: .answer))])
        var frames = (0..<8).map { _ in AudioFrame(samples: [Float](repeating: 0, count: rate / 10), sampleRate: rate) }
        frames[1] = AudioFrame(samples: [Float](repeating: 0, count: 4_800), sampleRate: 48_000)
        var gate = WakeWordGate(patience: 0.5)
        gate.note(.wakeWord, at: 0)
        await #expect(throws: Frames.Vanished.self) {
            try await session(assistant).attend(to: Frames(frames: frames), gate: gate)
        }
        #expect(assistant.requests.map(\.text) == ["is it on"])
    }
}
