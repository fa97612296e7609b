import Foundation
import MynaAudio
import MynaEngine
import MynaStages
import MynaTestSupport
import Synchronization
import Testing
import TorchNN

@testable import MynaRecognition

/// When a speaker is taken to have finished: the rules alone, and the shipped model on a request behind silence.
@Suite struct EndOfTurnTests {
    typealias Signal = EndOfSpeechDetector.Signal

    /// What a detector says of frames of 80 ms, each silent or not, of which the words and the token are told when they are written.
    private func signals(_ frames: [Bool], words: [Int: (Double, Bool)]) -> [Int: [Signal]] {
        var detector = EndOfSpeechDetector(EndOfSpeechOptions())
        var signals: [Int: [Signal]] = [:]
        for (index, isSilent) in frames.enumerated() {
            if let (lastWord, endsInToken) = words[index] { detector.wrote(lastWord: lastWord, endsInToken: endsInToken) }
            let new = detector.passed(Double(index + 1) * 0.08, isSilent: isSilent)
            if !new.isEmpty { signals[index] = new }
        }
        return signals
    }

    @Test func `with the token 0.24 s of silence end a turn, without it 0.9 s`() {
        let frames = Array(repeating: false, count: 5) + Array(repeating: true, count: 20)
        let token = signals(frames, words: [5: (0.4, true)])
        #expect(token == [5: [.candidate(reason: "token")], 7: [.decided(reason: "token")]])
        let pause = signals(frames, words: [5: (0.4, false)])
        #expect(pause == [10: [.candidate(reason: "pause")], 16: [.decided(reason: "pause")]])
    }

    @Test func `other words for the same sound don't begin the wait anew, a further word does`() {
        let frames = Array(repeating: false, count: 5) + Array(repeating: true, count: 30)
        #expect(signals(frames, words: [5: (0.4, false), 12: (0.4, false)])[16] == [.decided(reason: "pause")])
        #expect(signals(frames, words: [5: (0.4, false), 12: (0.32, false)])[16] == [.decided(reason: "pause")])
        let further = signals(frames, words: [5: (0.4, false), 12: (1.04, false)])
        #expect(further[16] == nil && further[24] == [.decided(reason: "pause")])
        // A token that was thought better of counts no more.
        #expect(signals(frames, words: [5: (0.4, true), 6: (0.4, false)])[16] == [.decided(reason: "pause")])
    }

    @Test func `a pause is told after 200 ms, and then each frame of it that may decide`() {
        var detector = PauseDetector(silenceBelow: 25)
        func piece(_ level: Float) -> [Float] { Array(repeating: level, count: 160) }
        for _ in 0..<50 { #expect(!detector.heard(piece(0.3)) { _ in true }) }
        var told: [Int] = []
        for index in 1...60 where detector.heard(piece(0.001), counts: { $0 < 0.4 }) { told.append(index) }
        #expect(told == [20, 28, 36])
        #expect(detector.since == 70 * 160, "where its first 200 ms were over, however long it lasts")
        _ = detector.heard(piece(0.3)) { _ in true }
        #expect(detector.since == nil, "somebody speaks again")
    }

    @Test func `speech may begin with 80 ms of sound that stands out, in quiet and in noise, and not with a click`() {
        func piece(_ level: Float) -> [Float] { (0..<160).map { $0.isMultiple(of: 2) ? level : -level } }
        for quiet in [Float(0), 0.001, 0.02] {
            var detector = OnsetDetector()
            func heard(_ level: Float, _ pieces: Int) -> Int? { (1...pieces).first { _ in detector.heard(piece(level)) } }
            #expect(heard(quiet, 300) == nil)
            #expect(heard(quiet + 0.3, 7) == nil, "a click of 70 ms behind \(quiet)")
            #expect(heard(quiet, 100) == nil)
            #expect(heard(quiet + 0.3, 50) == 8, "behind \(quiet)")
        }
        // A consonant's silence doesn't begin it anew.
        var stop = OnsetDetector()
        #expect(!(0..<100).contains { _ in stop.heard(piece(0.001)) })
        let word = Array(repeating: Float(0.1), count: 5) + Array(repeating: 0.001, count: 6) + Array(repeating: 0.3, count: 20)
        #expect(word.firstIndex { stop.heard(piece($0)) } == 13)
        // Sound that goes on from the beginning is no beginning.
        var detector = OnsetDetector()
        #expect(!(0..<300).contains { _ in detector.heard(piece(0.3)) })
    }

    @Test func `what began with sound and brought no word ends with the pause`() {
        var detector = EndOfSpeechDetector(EndOfSpeechOptions())
        var signals: [Int: [Signal]] = [:]
        for index in 0..<40 {
            if index == 3 { detector.began(at: 0.32) }
            let new = detector.passed(Double(index + 1) * 0.08, isSilent: index > 5)
            if !new.isEmpty { signals[index] = new }
        }
        #expect(signals == [11: [.candidate(reason: "pause")], 17: [.decided(reason: "pause")]])
    }

    @Test func `silence from before a sound that began ends no turn, though it is looked at later`() {
        var detector = EndOfSpeechDetector(EndOfSpeechOptions())
        // The sound is known at once, the frames before it wait for their step.
        detector.began(at: 3.1)
        let waiting = (33..<39).flatMap { detector.passed(Double($0) * 0.08, isSilent: true) }
        #expect(waiting.isEmpty && !detector.decided)
        #expect(detector.passed(3.2, isSilent: false).isEmpty)
    }

    final class HandClock: Sendable {
        private let time = Mutex(0.0)
        var now: Double { time.withLock { $0 } }
        func move(to seconds: Double) { time.withLock { $0 = seconds } }
    }

    /// The last word's end, the decision's time by the clock, its reason, and the words, of the demo's request behind some silence.
    private func heard(
        after silence: Double, _ end: EndOfTurn = EndOfTurn()
    ) async throws -> (word: Word, decided: Double, reason: String, text: String, began: Double) {
        let clock = HandClock()
        var options = RecognizerOptions(lookahead: .dynamic(budget: 1.12))
        options.threads = 1
        options.clock = { clock.now }
        // As a session knows it: of the actor's own and the protocol's method, an asynchronous caller would get the latter's default.
        let recognizer: any SpeechRecognizer = try await StreamingRecognizer(
            contentsOf: ModelFolder(Fixture.root.appending(path: "Models/myna-asr").path), options: options)
        let rate = LogMel.sampleRate
        let sound = try AudioReader.samples(path: Fixture.path("demo/1-action.wav"), at: rate)
        let samples =
            Array(repeating: Float(0), count: Int(silence * Double(rate))) + sound + Array(repeating: 0, count: 2 * rate)
        let stream = try await recognizer.listen(until: end, expecting: [])
        var (decided, reason, events, began): (Double?, String, [Event], [Double]) = (nil, "", [], [])
        for start in stride(from: 0, to: samples.count, by: rate / 25) {
            let end = min(samples.count, start + rate / 25)
            clock.move(to: Double(end) / Double(rate))
            let new = try await stream.hear(AudioFrame(samples: Array(samples[start..<end]), sampleRate: rate))
            if new.contains(where: { $0.kind == .speechStarted }) { began.append(clock.now) }
            for case .endDecided(let why) in new.map(\.kind) where decided == nil { (decided, reason) = (clock.now, why) }
            events += new
        }
        for event in try await stream.finish() { events.append(event) }
        let transcripts = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }
        let transcript = try #require(transcripts.last)
        #expect(began.count == 1)
        return (try #require(transcript.words.last), try #require(decided), reason, transcript.text, began.first ?? 0)
    }

    @Test func `a request is decided soon after its end, also behind a long silence, and its words keep their times`()
        async throws
    {
        let soon = try await heard(after: 0.3)
        for silence in [4.0, 9.7] {
            let late = try await heard(after: silence)
            #expect(late.text == soon.text && soon.text == "turn on the kitchen light")
            #expect(late.reason == "token", "after \(silence) s")
            #expect(late.decided - late.word.end < 0.7, "after \(silence) s: \(late.decided - late.word.end) s")
            #expect(abs((late.word.end - silence) - (soon.word.end - 0.3)) < 0.25, "\(late.word.end) \(soon.word.end)")
        }
    }

    @Test func `where speech begins with sound it is told within 200 ms, once, and the words are the same`() async throws {
        let (sound, words) = (try await heard(after: 3, EndOfTurn(beginsWithSound: true)), try await heard(after: 3))
        let samples = try AudioReader.samples(path: Fixture.path("demo/1-action.wav"), at: LogMel.sampleRate)
        let first = try #require(samples.firstIndex { abs($0) > 0.05 })
        let onset = 3 + Double(first) / Double(LogMel.sampleRate)
        #expect(sound.text == words.text)
        #expect(sound.began - onset < 0.2 && sound.began > onset, "\(sound.began - onset) s")
        #expect(sound.began < words.began)
    }
}
