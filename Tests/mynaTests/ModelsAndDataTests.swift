import Foundation
import MynaAudio
import MynaStages
import MynaTestSupport
import Testing

@Suite struct ModelsAndData {
    @Test("subtitles, several texts, a microphone: what does not go together is refused as wrong usage")
    func usage() throws {
        for (arguments, naming) in [
            (["transcribe", "a.wav", "b.wav", "--format", "srt"], "one file"),
            (["transcribe", "--microphone", "a.wav"], "--microphone"),
            (["transcribe", "a.wav", "--device", "x"], "--device"), (["transcribe", "a.wav", "--nbest", "0"], "--nbest"),
            (["transcribe", "a.wav", "--json", "--format", "vtt"], "--json"),
            (["transcribe", "a.wav", "--format", "ass"], "--format"),
            (["transcribe", "a.wav", "--format", "vtt", "--stream"], "--stream"),
            (["data", "import", "x", "--out", "y"], "--form"),
        ] {
            let run = try CommandRun(arguments)
            #expect(run.status == 64, "\(arguments): \(run.errors)")
            #expect(run.errors.contains(naming), "\(arguments): \(run.errors)")
        }
    }

    @Test("a device that is not there is named")
    func device() throws {
        let run = try CommandRun(["transcribe", "--microphone", "--device", "no such device 7"])
        #expect([66, 69].contains(run.status))
        #expect(run.errors.hasPrefix("myna: microphone") && run.output.isEmpty)
    }

    @Test("an import writes the good rows, names the bad ones and ends with 1; with no good one it ends with 65")
    func imports() throws {
        let scratch = try Scratch()
        try WaveWriter.write([Float](repeating: 0.1, count: 8000), sampleRate: 16_000, to: scratch.path("a.wav"))
        _ = try scratch.file("wav.scp", Data("a a.wav\nb b.wav\n".utf8))
        _ = try scratch.file("text", Data("a hello\nb gone\n".utf8))
        let run = try CommandRun([
            "data", "import", "--form", "kaldi", scratch.folder, "--out", scratch.path("m.jsonl"), "--json",
        ])
        #expect(run.status == 1, "\(run.errors)")
        #expect(run.errors.contains("wav.scp:2: ") && run.errors.contains("b.wav: no such file"))
        #expect(try run.objects.first?["utterances"] as? Int == 1)
        #expect(try SpeechManifest(path: scratch.path("m.jsonl")).utterances.map(\.text) == ["hello"])
        _ = try scratch.file("wav.scp", Data("b b.wav\n".utf8))
        let none = try CommandRun(["data", "import", "--form", "kaldi", scratch.folder, "--out", scratch.path("n.jsonl")])
        #expect(none.status == 65 && none.errors.contains("was not written"))
        let missing = try CommandRun(["data", "import", "--form", "lhotse", "no-such", "--out", scratch.path("o.jsonl")])
        #expect(missing.status == 66 && missing.errors.contains("no-such"))
    }

    @Test("recordings without a transcript get the recogniser's words, where it is sure of them")
    func labels() throws {
        let scratch = try Scratch()
        let rows = ["1-action", "2-question"].map { name in
            #"{"id":"\#(name)","audio":"\#(Fixture.path("demo/\(name).wav"))","split":"train"}"#
        }
        _ = try scratch.file(
            "m.jsonl", Data((rows + [#"{"id":"t","audio":"gone.wav","split":"test"}"#]).joined(separator: "\n").utf8))
        func labelled(_ confidence: String) throws -> (CommandRun, [Utterance]) {
            let run = try CommandRun([
                "data", "label", "--manifest", scratch.path("m.jsonl"), "--out", scratch.path("out.jsonl"), "--confidence",
                confidence,
            ])
            #expect(run.status == 0, "\(run.errors)")
            return (run, run.output.hasPrefix("0 ") ? [] : try SpeechManifest(path: scratch.path("out.jsonl")).utterances)
        }
        let (_, some) = try labelled("0.3")
        #expect(some.map(\.text) == ["turn on the kitchen light", "is the front door locked"])
        #expect(some.allSatisfy { ($0.extra["confidence"]?.number ?? 0) > 0.3 })
        let (run, none) = try labelled("1")
        #expect(none.isEmpty && run.output.contains("2 left out as unsure"))
        #expect(try CommandRun(["data", "label", "--manifest", "m", "--out", "o", "--confidence", "2"]).status == 64)
    }

    @Test("a model that was not pulled says how to, a hub that is not there is named, and a random model has a shape's size")
    func models() throws {
        let scratch = try Scratch()
        let offline = try CommandRun(["models", "pull", "made/up", "--offline", "--into", scratch.folder])
        #expect(offline.status == 66 && offline.errors.contains("myna models pull made/up"))
        let bad = try CommandRun(["models", "pull", "../up", "--hub", "http://127.0.0.1:1"])
        #expect(bad.status == 65 && bad.errors.contains("../up"))
        let new = try CommandRun([
            "models", "new", "--config", "Recipes/models/streaming-5m.json", "--out", scratch.path("new"), "--bfloat16",
        ])
        #expect(new.status == 0 && new.output.contains("parameters"), "\(new.errors)")
        let heard = try CommandRun([
            "transcribe", "--asr", scratch.path("new"), "--bfloat16", "--json", Fixture.path("demo/1-action.wav"),
        ])
        #expect([0, 1].contains(heard.status), "\(heard.errors)")
        #expect(try heard.objects.first?["duration"] != nil)
    }
}
