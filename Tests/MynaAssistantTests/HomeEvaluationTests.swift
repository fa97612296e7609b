import Foundation
import MynaAssistant
import MynaStages
import MynaTestSupport
import Testing

@Suite struct HomeEvaluationTests {
    private static let tests = """
        format: home-tests/1
        home: plover-cottage
        tasks:
          - id: one
            category: action
            sentences: [lamp a, "lamp b, 50%", hall]
            expect:
              changes: [{entity: light.window_lamp, before: {}, after: {state: "on", attributes: {brightness_pct: {min: 40, max: 60}}}}]
              allowed_calls: [light.turn_on]
              must_not_touch: [others]
              reply: done
          - id: unknown
            category: action
            sentences: [x, y]
            expect: {changes: null, reply: done, label: intent-only}
          - id: aim
            category: target-only
            label: target-only
            sentences: [hall]
            expect: {target: [light.hall], changes: null, must_not_touch: [others], reply: done}
          - id: talk
            category: clarify
            area: lounge
            turns:
              - {say: lamp, expect: {changes: [], reply: clarify, mentions_all: [window, piano]}}
              - {say: piano}
            expect:
              changes: [{entity: light.piano_lamp, before: {state: "off"}, after: {state: "on"}}]
              must_not_touch: [others]
              mentions_none: [kitchen]
              reply: done
        """
    private static let script: [String: [Intent]] = [
        "lamp a": [Intent("turn_on", ["target": "window lamp", "value": "half"])],
        "lamp b fifty percent": [Intent("set", ["target": "window lamp", "value": "ninety percent"])],
        "hall": [Intent("turn_off", ["target": "hall light"])],
        "lamp": [Intent("turn_on", ["target": "lamp"])],
        "piano": [Intent("select", ["target": "piano"])],
    ]

    @Test("passes, faults, wrong touches and unknown outcomes are told apart")
    func run() async throws {
        let home = try demoHome()
        let results = Collected<HomeTaskResult>()
        let summary = try await HomeEvaluation.run(
            home: home, tests: HomeTests.tests(from: Self.tests, file: "t", for: home),
            understanding: ScriptedUnderstanding(script: Self.script), report: { results.add($0) })
        #expect(results.all.map(\.pass) == [true, false, false, true, true])
        #expect(results.all[1].why == ["light.window_lamp has brightness_pct 90, not {max: 60, min: 40}"])
        #expect(results.all[2].why.contains("light.hall changed"))
        #expect(results.all[2].why.contains("called light.turn_off"))
        #expect((summary.passed, summary.total, summary.skipped, summary.touchedWrong) == (3, 5, 2, 1))
        #expect(summary.byCategory["action"] == HomeSummary.Count(passed: 1, total: 3))
        #expect(summary.byLabel == ["target-only": HomeSummary.Count(passed: 1, total: 1)])
        let json = String(decoding: try JSONEncoder().encode(results.all[4]), as: UTF8.self)
        for field in ["id", "category", "sentence", "heard", "pass", "reply", "reply_kind", "calls", "changes", "why"] {
            #expect(json.contains("\"\(field)\":"))
        }
    }

    @Test("what is heard, not what was said, is acted on")
    func hearing() async throws {
        let home = try demoHome()
        let results = Collected<HomeTaskResult>()
        let summary = try await HomeEvaluation.run(
            home: home, tests: HomeTests.tests(from: Self.tests, file: "t", for: home),
            understanding: ScriptedUnderstanding(script: Self.script),
            ask: { request, assistant, report in
                let misheard = Request(text: "mumble", speaker: request.speaker, area: request.area)
                return ("mumble", try await assistant.reply(to: misheard, report: report))
            }, report: { results.add($0) })
        #expect(results.all.allSatisfy { Set($0.heard.split(separator: " / ")) == ["mumble"] })
        #expect(summary.passed == 0)
        #expect(summary.touchedWrong == 0)
    }

    @Test("an answer that cannot be used fails its task, named, and the rest goes on; any other error ends the run")
    func badAnswers() async throws {
        struct BadAnswer: Error, CustomStringConvertible { var description = "names a sauna" }
        let home = try demoHome()
        let tests = try HomeTests.tests(from: Self.tests, file: "t", for: home)
        let ask: HomeEvaluation.Ask = { request, assistant, report in
            if request.text == "lamp a" || request.text == "piano" { throw BadAnswer() }
            return (request.text, try await assistant.reply(to: request, report: report))
        }
        let results = Collected<HomeTaskResult>()
        let summary = try await HomeEvaluation.run(
            home: home, tests: tests, understanding: ScriptedUnderstanding(script: Self.script), ask: ask,
            isOneAnswers: { $0 is BadAnswer }, report: { results.add($0) })
        #expect(results.all.map(\.pass) == [false, false, false, true, false])
        #expect(results.all[0].why.first == "after \"lamp a\": names a sauna")
        #expect(results.all[4].why.first == "after \"piano\": names a sauna")
        #expect(summary.total == 5)
        await #expect(throws: BadAnswer.self) {
            try await HomeEvaluation.run(
                home: home, tests: tests, understanding: ScriptedUnderstanding(script: Self.script), ask: ask)
        }
    }

    @Test("one home for all tasks gives the results that a fresh one for each does, and is left out where it can't be set")
    func oneHome() async throws {
        let home = try demoHome()
        let more =
            Self.tests
                + """

                  - id: stranger
                    category: action
                    speaker: ines
                    sentences: [hall]
                    expect: {changes: [], reply: done}
                  - id: weather
                    category: action
                    setup: {sensor.outside: {state: "30"}, light.hall: {state: "off"}}
                    sentences: [hall]
                    expect: {changes: [], reply: done}
                  - id: locked
                    category: action
                    setup: {lock.front_door: {state: ajar}}
                    sentences: [hall]
                    expect: {changes: [], reply: done}
                """.replacing("\n      ", with: "\n  ")
        let tests = try HomeTests.tests(from: more, file: "t", for: home)
        let real = VirtualHome(home)
        let results = Collected<HomeTaskResult>()
        let summary = try await HomeEvaluation.run(
            home: home, tests: tests, understanding: ScriptedUnderstanding(script: Self.script),
            on: RealTestBed(real) { _ in }, report: { results.add($0) })
        #expect(results.all.prefix(5).map(\.pass) == [true, false, false, true, true])
        #expect(results.all[2].why.contains("light.hall changed"))
        // A sensor isn't set, as nobody can, and isn't judged.
        #expect(results.all.map(\.id).last == "weather" && results.all.last?.pass == true)
        #expect(Set(summary.impossible.keys) == ["stranger", "locked"] && summary.touchedWrong == 1)
        #expect(summary.impossible["locked"]?.contains("lock.front_door") == true)
    }

    @Test("a broken file of tests names its fault")
    func broken() throws {
        let home = try demoHome()
        func fault(_ old: String, _ new: String) -> HomeError? {
            do {
                _ = try HomeTests.tests(from: Self.tests.replacing(old, with: new), file: "t", for: home)
                return nil
            } catch { return error }
        }
        #expect(fault("home: plover-cottage", "home: other")?.problem == .notAllowed(value: "other", allowed: ["plover-cottage"]))
        #expect(fault("area: lounge", "area: moon")?.problem == .unknownReference(value: "moon", kind: "area"))
        #expect(
            fault("entity: light.piano_lamp", "entity: light.none")?.problem
                == .unknownReference(value: "light.none", kind: "entity"))
        #expect(fault("reply: clarify", "reply: maybe")?.field == "tasks[3].turns[0].expect.reply")
        #expect(fault("id: aim", "id: one")?.problem == .duplicate(value: "one"))
        #expect(fault("category: clarify", "kategory: clarify")?.problem == .unknownField)
    }
}
