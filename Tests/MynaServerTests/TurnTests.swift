import Foundation
import MynaStages
import MynaTestSupport
import Synchronization
import Testing

@testable import MynaServer

/// Turns as the log, the metrics and the traces tell of them.
@Suite struct TurnTests {
    /// A turn of which every stage is known.
    var turn: ServedTurn {
        var turn = ServedTurn(form: "realtime", began: Date(timeIntervalSince1970: 1_000_000))
        let state = EntityState(state: "on")
        let events: [(Double, Event.Kind)] = [
            (0, .speechStarted), (1.5, .endCandidate(reason: "pause")), (1.6, .endCandidate(reason: "token")),
            (1.7, .endDecided(reason: "token")), (1.75, .wordsFinal(Transcript(text: "secret lamp", words: []))),
            (1.8, .understood([Intent("turn_on", ["target": "secret lamp"])])),
            (1.81, .callStarted(name: "light.turn_on", arguments: ["entity_id": "secret"])),
            (1.82, .callStarted(name: "light.turn_on", arguments: [:])),
            (1.9, .callFinished(name: "light.turn_on", result: "secret")),
            (1.91, .homeChanged(entity: "light.secret", before: state, after: state)),
            (1.92, .replyText(text: "The secret lamp is on.", kind: .done)), (2, .replyAudio(seconds: 0.5)),
            (2.5, .replyAudio(seconds: 0.5)), (2.6, .turnFinished),
        ]
        turn.moments = events.map { ServedTurn.Moment(seconds: $0, event: Event(time: $0, $1)) }
        (turn.kind, turn.words, turn.reply, turn.seconds) = ("done", "secret lamp", "The secret lamp is on.", 2.6)
        return turn
    }

    @Test func `a turn's stages are its spans, each from where it began`() {
        let spans = Span.all(of: turn, tellsWords: false)
        let times = spans.map { "\($0.name) \($0.start) \($0.end)" }
        #expect(
            times == [
                "turn 0.0 2.6", "hear 0.0 1.75", "end_of_speech 1.5 1.7", "first_sound 1.7 2.0", "understand 1.75 1.8",
                "call 1.81 1.9", "call 1.82 2.6", "reply 1.92 2.5",
            ])
        #expect(spans.map(\.isError) == [false, false, false, false, false, false, true, false])
        var typed = ServedTurn(form: "http", began: Date())
        typed.moments = [.init(seconds: 0.2, event: Event(time: 0.2, .understood([])))]
        (typed.seconds, typed.kind) = (0.3, "failed")
        let few = Span.all(of: typed, tellsWords: false)
        #expect(few.map(\.name) == ["turn", "understand"] && few[0].isError && few[1].start == 0 && few[1].end == 0.2)
    }

    @Test func `spans hold no words unless they are to`() throws {
        var options = TraceOptions(address: try #require(URL(string: "http://a")))
        var random = SeededRandom(seed: 1)
        let silent = String(decoding: OTLP.body([(turn, nil)], options, &random), as: UTF8.self)
        #expect(!silent.contains("secret") && silent.contains("light.turn_on"))
        options.tellsWords = true
        let told = String(decoding: OTLP.body([(turn, nil)], options, &random), as: UTF8.self)
        #expect(told.contains("secret lamp") && told.contains("The secret lamp is on."))
    }

    @Test func `spans are one tree, within the client's own trace where it names one`() throws {
        let options = TraceOptions(address: try #require(URL(string: "http://a")))
        let context = try #require(TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        var random = SeededRandom(seed: 2)
        let body = OTLP.body([(turn, nil), (turn, context)], options, &random)
        let tree = try JSONDecoder().decode(Value.self, from: body)
        let scope = tree.object?["resourceSpans"]?.list?.first?.object?["scopeSpans"]?.list?.first?.object
        let spans = (scope?["spans"]?.list ?? []).compactMap(\.object)
        #expect(spans.count == 16 && Set(spans.map { $0["spanId"]?.string }).count == 16)
        let (first, second) = (spans.prefix(8), spans.suffix(8))
        #expect(first.first?["parentSpanId"] == nil)
        #expect(first.dropFirst().allSatisfy { $0["parentSpanId"] == first.first?["spanId"] })
        #expect(second.first?["parentSpanId"] == "b7ad6b7169203331")
        #expect(second.allSatisfy { $0["traceId"] == "0af7651916cd43dd8448eb211c80319c" })
        #expect(first.allSatisfy { $0["traceId"]?.string?.count == 32 && $0["traceId"] == first.first?["traceId"] })
        #expect(first.first?["startTimeUnixNano"] == "1000000000000000" && first.first?["endTimeUnixNano"] == "1000002600000000")
    }

    @Test func `a header that is no trace context is none`() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(TraceContext(good) != nil && TraceContext(good.replacing("00-", with: "42-") + "-more") != nil)
        for bad in [
            "", "00", good + "-more", good.uppercased(), good.replacing("00-", with: "ff-"), String(good.dropLast(3)),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319é-b7ad6b7169203331-01",
        ] {
            #expect(TraceContext(bad) == nil, "\(bad)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a collector that is away or slow costs nothing: what can't be told is dropped and counted`() async throws {
        let options = TraceOptions(address: try #require(URL(string: "http://a")))
        let away = TraceExporter(options) { _ in throw URLError(.cannotConnectToHost) }
        let exporting = Task { await away.run() }
        for _ in 0..<10 { away.add(turn, within: nil) }
        try await until { away.counts.dropped == 10 }
        exporting.cancel()
        await exporting.value

        let bodies = Collected<Int>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let slow = TraceExporter(options) { body in
            bodies.add(body.count)
            for await _ in gate { break }
        }
        let waiting = Task { await slow.run() }
        slow.add(turn, within: nil)
        try await until { bodies.all.count == 1 }
        for _ in 0..<TraceExporter.most + 7 { slow.add(turn, within: nil) }
        #expect(slow.counts.dropped == 7 && slow.counts.sent == 0)
        open.finish()
        try await until { slow.counts.sent == TraceExporter.most + 1 }
        #expect(bodies.all.count == 1 + TraceExporter.most / TraceExporter.batch)
        // What comes last is told on the way out.
        slow.add(turn, within: nil)
        waiting.cancel()
        await waiting.value
        #expect(slow.counts.sent == TraceExporter.most + 2)
    }

    @Test func `stages are counted as Prometheus counts them`() {
        let times = StageTimes()
        times.add(turn)
        times.add(turn)
        let text = times.lines
        #expect(text.contains(#"myna_stage_seconds_bucket{stage="turn",le="2.5"} 0"#))
        #expect(text.contains(#"myna_stage_seconds_bucket{stage="turn",le="5.0"} 2"#))
        #expect(text.contains(#"myna_stage_seconds_bucket{stage="call",le="+Inf"} 4"#))
        #expect(text.contains(#"myna_stage_seconds_count{stage="hear"} 2"#))
    }

    @Test func `a recorder keeps a turn on one line of time, and no more of it than a bound`() async throws {
        let clock = ManualClock()
        let recorder = TurnRecorder(form: "realtime", offset: 3, began: Date(), clock: clock)
        recorder.note(.speechStarted)
        clock.advance(by: .seconds(2))
        recorder.note(.wordsPartial(text: "a", stable: 1))
        recorder.answering("words")
        clock.advance(by: .seconds(1))
        #expect(recorder.event(.turnFinished) == Event(time: 6, .turnFinished))
        for index in 0..<1000 { recorder.note(index < 5 ? .replyAudio(seconds: 1) : .endCandidate(reason: "pause")) }
        let turn = try #require(recorder.finished())
        #expect(turn.seconds == 3 && turn.answering == 1 && turn.words == "words")
        #expect(turn.moments.count == 256 && turn.moments[0].event.time == 3)
        #expect(
            turn.moments[1..<3].allSatisfy { $0.event.type == "reply.audio" } && turn.moments[3].event.type == "end.candidate")
        #expect(recorder.finished() == nil)
    }
}
