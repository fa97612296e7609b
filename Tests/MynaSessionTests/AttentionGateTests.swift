import MynaSession
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
