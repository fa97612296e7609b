import Foundation
import MynaTestSupport
import Testing

@Suite struct KeywordCommandTests {
    /// An hour of other sound with three places like the phrase, and four recordings of it.
    private func scores(in scratch: Scratch) throws -> String {
        let rows = [
            #"{"id":"a","kind":"said","text":"jarvis","seconds":1,"scores":{"jarvis":[9]}}"#,
            #"{"id":"b","kind":"said","text":"jarvis","seconds":1,"scores":{"jarvis":[5,1]}}"#,
            #"{"id":"c","kind":"said","text":"jarvis","seconds":1,"scores":{"jarvis":[3]}}"#,
            #"{"id":"d","kind":"said","text":"jarvis","seconds":1,"scores":{"jarvis":[]}}"#,
            #"{"id":"e","kind":"real","text":"travis","seconds":7200,"scores":{"jarvis":[6,2]}}"#,
            #"{"id":"f","kind":"made","text":"service","seconds":28800,"scores":{"jarvis":[4]}}"#,
            #"{"id":"g","kind":"real","text":"oh jarvis please","seconds":50000,"scores":{"jarvis":[99]}}"#,
        ]
        let path = scratch.path("scores.jsonl")
        try rows.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("misses are counted at the thresholds that the other sound's own scores give, recorded sound apart from all")
    func report() throws {
        struct Report: Decodable {
            struct Point: Decodable {
                var allowed: Int
                var threshold: Double
                var misses: Int
                var miss_interval: [Double]
            }
            struct Phrase: Decodable {
                var said: Int
                var real_hours: Double
                var made_hours: Double
                var real: [Point]
                var all: [Point]
            }
            var phrases: [Phrase]
        }
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }  // its folder goes with it
        let run = try CommandRun(["eval", "keyword", "--phrase", "jarvis", "--from", try scores(in: scratch), "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
        let phrase = try #require(report.phrases.first)
        #expect(phrase.said == 4 && phrase.real_hours == 2 && phrase.made_hours == 8)
        // 0.1 an hour allows none in two hours and one in ten; 0.5 allows one and five.
        #expect(phrase.real.map(\.allowed) == [0, 1] && phrase.all.map(\.allowed) == [1, 5])
        #expect(phrase.real.map(\.threshold) == [6, 2] && phrase.all[0].threshold == 4)
        #expect(phrase.real.map(\.misses) == [3, 1] && phrase.all[0].misses == 2)
        // Fewer places than allowed: whatever was found counts.
        #expect(phrase.all[1].misses == 1)
        let interval = phrase.all[0].miss_interval
        #expect(abs(interval[0] - 0.150) < 0.001 && abs(interval[1] - 0.850) < 0.001)
    }

    @Test("a file of scores that is none is named with its line")
    func badScores() throws {
        let scratch = try Scratch()
        let path = scratch.path("bad.jsonl")
        try "{}\n".write(toFile: path, atomically: true, encoding: .utf8)
        let run = try CommandRun(["eval", "keyword", "--phrase", "jarvis", "--from", path])
        #expect(run.status == 65 && run.errors.contains("bad.jsonl: line 1"), "\(run.errors)")
    }

    @Test("recordings of a phrase of one's own that are no sound, too long or not there are named before anything is trained")
    func badRecordings() throws {
        let scratch = try Scratch()
        func train(_ arguments: [String]) throws -> CommandRun {
            try CommandRun(["train", "wake-word", "--phrase", "hey archie", "--out", scratch.path("run")] + arguments)
        }
        let missing = try train(["--recordings", scratch.path("none")])
        #expect(missing.status == 66 && missing.errors.contains("none: no folder of recordings"), "\(missing.errors)")
        let folder = scratch.path("mine")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let empty = try train(["--recordings", folder])
        #expect(empty.status == 66 && empty.errors.contains("holds no recording"), "\(empty.errors)")
        try "no sound".write(toFile: folder + "/one.wav", atomically: true, encoding: .utf8)
        let broken = try train(["--recordings", folder])
        #expect(broken.status != 0 && broken.errors.contains("one.wav"), "\(broken.errors)")
        let odd = try CommandRun(["train", "wake-word", "--phrase", "route 66"])
        #expect(odd.status == 64 && odd.errors.contains("route 66"), "\(odd.errors)")
    }
}
