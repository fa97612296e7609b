import Foundation
import MynaAudio
import MynaTestSupport
import Testing

/// What every refusal has: its status, one line that names the thing, and nothing on standard output.
private func refuses(_ run: CommandRun, _ status: Int32, naming name: String, _ location: SourceLocation = #_sourceLocation) {
    #expect(run.status == status, "\(run.errors)", sourceLocation: location)
    #expect(run.errors.contains(name), "\(run.errors)", sourceLocation: location)
    #expect(run.errors.hasPrefix("myna: "), sourceLocation: location)
    #expect(run.errors.split(separator: "\n").count == 1, sourceLocation: location)
    #expect(run.output.isEmpty, sourceLocation: location)
}

@Suite struct BadInput {
    @Test(
        "wrong usage ends with 64 and says what is wrong",
        arguments: [
            (["ask"], "--text"), (["ask", "--text", "a", "--audio", "b"], "--text"), (["frobnicate"], "frobnicate"),
            (["transcribe"], "files"), (["transcribe", "-", "-"], "standard input"),
            (["transcribe", "--raw", "16000", "a.wav"], "--raw"), (["transcribe", "--chunk", "0", "a.wav"], "--chunk"),
            (["ask", "--text", "a", "--threads", "0"], "--threads"),
        ])
    func usage(arguments: [String], naming: String) throws {
        let run = try CommandRun(arguments)
        #expect(run.status == 64, "\(run.errors)")
        #expect(run.errors.contains(naming))
    }

    @Test("a missing file is named and ends with 66")
    func missing() throws {
        refuses(try CommandRun(["transcribe", "no-such.wav"]), 66, naming: "no-such.wav: no such file")
        refuses(try CommandRun(["ask", "--text", "hello", "--home", "no-such.yaml"]), 66, naming: "no-such.yaml")
        refuses(try CommandRun(["train", "asr", "--recipe", "no-such.json"]), 65, naming: "no-such.json")
    }

    @Test("a model folder that isn't there is named and ends with 66")
    func missingModel() throws {
        let sound = Fixture.path("demo/1-action.wav")
        refuses(try CommandRun(["transcribe", sound, "--asr", "no-such-model"]), 66, naming: "no-such-model")
    }

    @Test("a folder that is no model names the file it lacks and ends with 65")
    func noModel() throws {
        let sound = Fixture.path("demo/1-action.wav")
        refuses(try CommandRun(["transcribe", sound, "--asr", "Sources"]), 65, naming: "Sources/config.json")
    }

    @Test("run far from the project, the commands say how to find its files")
    func elsewhere() throws {
        let scratch = try Scratch()
        // The program itself lies in the project, so it finds the shipped files; a root that is wrong hides them.
        let run = try CommandRun(["transcribe", Fixture.path("demo/1-action.wav"), "--asr", "Models/none"], in: scratch.folder)
        refuses(run, 66, naming: "Models/none")
    }

    @Test(
        "a home file that is wrong is named with the field and ends with 65",
        arguments: [
            ("", "home.yaml"),
            ("just words", "home.yaml"),
            ("format: home/1\nid: a\nname: A\ncolour: red\n", "colour"),
            ("entities: [\n", "is not YAML"),
        ])
    func home(text: String, naming: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("home.yaml", Data(text.utf8))
        refuses(try CommandRun(["ask", "--text", "hello", "--home", path]), 65, naming: naming)
    }
}

/// Whether the shipped models are there; a checkout in the middle of training may lack them.
private let hasModels = ["Models/myna-asr", "Models/myna-lm"].allSatisfy {
    FileManager.default.fileExists(atPath: Fixture.root.appending(path: $0).appending(path: "config.json").path)
}

@Suite(.serialized, .enabled(if: hasModels)) struct WithModels {
    @Test("a request in words changes the home and tells all of it in one line of JSON")
    func ask() throws {
        let scratch = try Scratch()
        let reply = scratch.path("reply.wav")
        let run = try CommandRun(["ask", "--text", "Turn on the kitchen light", "--out", reply, "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let turn = try #require(try run.objects.first)
        #expect(Set(turn.keys) == ["heard", "reply", "calls", "changes", "events", "timings_ms"])
        let changes = try #require(turn["changes"] as? [[String: Any]])
        #expect(!changes.isEmpty)
        #expect(changes.allSatisfy { Set($0.keys) == ["entity", "before", "after"] })
        let size = try FileManager.default.attributesOfItem(atPath: reply)[.size] as? Int
        #expect((size ?? 0) > 10_000)
    }

    @Test("sound files become a line of JSON each, and one that fails doesn't stop the others")
    func transcribe() throws {
        let scratch = try Scratch()
        let empty = try scratch.file("empty.wav", Data())
        let sound = Fixture.path("demo/1-action.wav")
        let run = try CommandRun(["transcribe", "--json", sound, empty, sound])
        #expect(run.status == 1)
        #expect(run.errors.contains("empty.wav: holds no sound"))
        let lines = try run.objects
        #expect(lines.count == 2)
        for line in lines {
            #expect(Set(line.keys) == ["audio", "text", "duration", "rtf", "words", "events"])
            #expect(line["text"] as? String != "")
        }
    }

    @Test("a recording is heard in any width, rate and number of channels, clipped and with half a sample at its end")
    func anyForm() throws {
        let said = try AudioReader.samples(path: Fixture.path("demo/1-action.wav"), at: 16_000)
        let scratch = try Scratch()
        func little<T: FixedWidthInteger>(_ value: T) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
        func file(_ name: String, rate: Int, channels: Int, bits: Int, _ data: Data) throws -> String {
            let (block, length) = (channels * bits / 8, UInt32(data.count))
            var bytes = Data("RIFF".utf8) + little(36 + length) + Data("WAVEfmt ".utf8) + little(UInt32(16)) + little(UInt16(1))
            bytes += little(UInt16(channels)) + little(UInt32(rate)) + little(UInt32(rate * block)) + little(UInt16(block))
            bytes += little(UInt16(bits)) + Data("data".utf8) + little(length) + data
            return try scratch.file(name, bytes)
        }
        func words(_ samples: [Float], gain: Float = 32_000) -> Data {
            samples.reduce(into: Data()) { $0 += little(Int16(max(-32_768, min(32_767, $1 * gain)))) }
        }
        let fast = said.flatMap { Array(repeating: $0, count: 12) }
        let all = said.flatMap { Array(repeating: $0, count: 32) }
        let run = try CommandRun([
            "transcribe", "--json",
            try file("8bit.wav", rate: 16_000, channels: 1, bits: 8, Data(said.map { UInt8(max(0, min(255, 128 + $0 * 127))) })),
            try file("192k.wav", rate: 192_000, channels: 1, bits: 16, words(fast)),
            try file("32channels.wav", rate: 16_000, channels: 32, bits: 16, words(all)),
            try file("odd.wav", rate: 16_000, channels: 1, bits: 16, words(said) + Data([7])),
            try file("clipped.wav", rate: 16_000, channels: 1, bits: 16, words(said, gain: 300_000)),
        ])
        #expect(run.status == 0, "\(run.errors)")
        let heard = try run.objects.map { $0["text"] as? String }
        #expect(heard.prefix(4) == Array(repeating: "turn on the kitchen light", count: 4)[...])
        #expect(heard.count == 5)
        // One sample is a sound without words.
        let one = try CommandRun(["transcribe", try file("one.wav", rate: 16_000, channels: 1, bits: 16, words([0.5]))])
        #expect(one.status == 1 && one.errors.contains("one.wav: no speech was heard"), "\(one.errors)")
    }

    @Test("standard input is heard as its file is")
    func standardInput() throws {
        let sound = Fixture.path("demo/2-question.wav")
        let piped = try CommandRun(["transcribe", "-"], input: Data(contentsOf: URL(filePath: sound)))
        #expect(piped.status == 0, "\(piped.errors)")
        #expect(piped.output == (try CommandRun(["transcribe", sound])).output)
    }

    @Test(
        "sound that can't be heard is named with its fault",
        arguments: [
            (Data(), "holds no sound"), (Data("not a sound file".utf8), "is not a sound file"),
            (Data(repeating: 0x52, count: 4000), "is not a sound file"),
        ])
    func badSound(bytes: Data, fault: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("bad.wav", bytes)
        refuses(try CommandRun(["transcribe", path]), 65, naming: "bad.wav: \(fault)")
        refuses(try CommandRun(["ask", "--audio", path, "--out", scratch.path("reply.wav")]), 65, naming: "bad.wav: \(fault)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == ["bad.wav"])
    }

    @Test(
        "text that is no request is refused with the reason",
        arguments: [(String(repeating: "a", count: 100_000), "100000 characters"), ("lamp\u{07}", "U+0007"), (" ", "empty")])
    func badText(text: String, fault: String) throws {
        refuses(try CommandRun(["ask", "--text", text]), 65, naming: fault)
    }

    @Test("silence and noise are no words, and nothing happens in the home", arguments: ["silence", "tone", "hiss"])
    func nothingSaid(kind: String) throws {
        let samples = (0..<48_000).map { (index: Int) -> Float in
            switch kind {
            case "tone": sin(Float(index) * 0.2) * 0.2
            case "hiss": Float((index &* 7919) % 1009) / 1009 * 0.01
            default: 0
            }
        }
        let scratch = try Scratch()
        let path = scratch.path("nothing.wav")
        let writer = try WaveWriter(path: path, sampleRate: 16_000)
        try writer.write(samples)
        try writer.finish()
        let heard = try CommandRun(["transcribe", path])
        #expect(heard.status == 1, "\(heard.output)")
        #expect(heard.errors.contains("nothing.wav: no speech was heard"), "\(heard.output)")
        let run = try CommandRun(["ask", "--audio", path, "--json"])
        #expect(try run.objects.first?["changes"] as? [[String: String]] == [], "\(run.output)")
    }

    @Test(
        "a model folder that is short of something is refused by file and field",
        arguments: [
            ("config.json", nil, "config.json: is missing"), ("model.safetensors", nil, "model.safetensors"),
            ("tokenizer.json", nil, "tokenizer.json"), ("ngram.bin", "what", "ngram.bin"),
            ("decoding.json", #"{"width": 0}"#, "width"), ("decoding.json", #"{"languageWeight": "much"}"#, "languageWeight"),
        ] as [(String, String?, String)])
    func brokenModel(file: String, content: String?, naming: String) throws {
        let scratch = try Scratch()
        let folder = scratch.path("model")
        try FileManager.default.copyItem(atPath: Fixture.root.appending(path: "Models/myna-asr").path, toPath: folder)
        try FileManager.default.removeItem(atPath: folder + "/" + file)
        if let content { try Data(content.utf8).write(to: URL(filePath: folder + "/" + file)) }
        let run = try CommandRun(["transcribe", "--asr", folder, Fixture.path("demo/1-action.wav")])
        #expect(run.status != 0)
        #expect(run.errors.contains(naming), "\(run.errors)")
        #expect(run.output.isEmpty)
    }
}
