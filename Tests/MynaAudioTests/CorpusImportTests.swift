import Foundation
import MynaStages
import Testing

@testable import MynaAudio

/// Tiny corpora in each form, with good rows and bad ones.
@Suite struct CorpusImportTests {
    let scratch: ScratchFolder
    var root: String { scratch.path }

    init() throws { scratch = try ScratchFolder() }

    private func write(_ name: String, _ text: String) throws {
        let path = "\(root)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func sound(_ name: String, seconds: Double = 0.5) throws {
        try write(name, "")
        try WaveWriter.write(tone(Int(seconds * 16_000)), sampleRate: 16_000, to: "\(root)/\(name)")
    }

    /// Imports `source` and gives the report and what the manifest reads as.
    private func imported(
        _ form: CorpusImport.Form, _ source: String, split: String? = nil, to name: String = "out.jsonl"
    ) throws -> (report: CorpusImport.Report, utterances: [Utterance]) {
        let report = try CorpusImport(form: form, source: "\(root)/\(source)", corpus: "tiny", split: split)
            .run(into: "\(root)/\(name)")
        guard report.utterances > 0 else { return (report, []) }
        let manifest = try SpeechManifest(path: "\(root)/\(name)")
        for utterance in manifest.utterances {
            // What the manifest promises is there to be read.
            let samples = try manifest.samples(of: utterance, at: 16_000)
            #expect(abs(Double(samples.count) / 16_000 - (utterance.duration ?? 0)) < 0.01, "\(utterance.id)")
            #expect(utterance.extra["corpus"] == "tiny")
        }
        #expect(manifest.utterances.count == report.utterances)
        return (report, manifest.utterances)
    }

    /// The problems as `file:line` and a part of each.
    private func expect(
        _ report: CorpusImport.Report, _ expected: [(String, Int?, String)], _ at: SourceLocation = #_sourceLocation
    ) {
        #expect(report.problemCount == expected.count, "\(report.problems)", sourceLocation: at)
        for (problem, (file, line, part)) in zip(report.problems, expected) {
            #expect(problem.file == "\(root)/\(file)" && problem.line == line, "\(problem)", sourceLocation: at)
            #expect(problem.reason.contains(part), "\(problem)", sourceLocation: at)
        }
    }

    @Test func `LibriSpeech's folders give id, words, speaker, sex and split`() throws {
        try write(
            "LS/SPEAKERS.TXT",
            "; comment | x\n19 | F | train-clean-100 | 25.1 | A Name\n26 | M | dev-clean | 8 | B | C\n77 | ? | x\n")
        try write("LS/train-clean-100/19/198/19-198.trans.txt", "19-198-0000 NORTHANGER ABBEY\n19-198-0001\n19-198-0002 GONE\n")
        try write("LS/dev-clean/26/1/26-1.trans.txt", "26-1-0000 YES\n26-1-0000 AGAIN\n")
        for name in ["train-clean-100/19/198/19-198-0000", "train-clean-100/19/198/19-198-0001", "dev-clean/26/1/26-1-0000"] {
            try sound("LS/\(name).flac")
        }
        let (report, found) = try imported(.librispeech, "LS", split: "test")
        #expect(found.map(\.id) == ["26-1-0000", "19-198-0000"])
        #expect(found.map(\.speaker) == ["26", "19"])
        #expect(found.map(\.gender) == ["m", "f"])
        #expect(found.map(\.split) == ["dev", "train"])
        #expect(found[1].text == "NORTHANGER ABBEY" && found[1].extra["subset"] == "train-clean-100")
        #expect(found[1].sound == .file(path: "\(root)/LS/train-clean-100/19/198/19-198-0000.flac"))
        #expect(abs(report.seconds - 1) < 0.01)
        expect(
            report,
            [
                ("LS/SPEAKERS.TXT", 4, "M or F"), ("LS/dev-clean/26/1/26-1.trans.txt", 2, "already"),
                ("LS/train-clean-100/19/198/19-198.trans.txt", 2, "no text"),
                ("LS/train-clean-100/19/198/19-198.trans.txt", 3, "19-198-0002.flac: no such file"),
            ])
        // One part alone: its own name tells the split.
        #expect(try imported(.librispeech, "LS/dev-clean", split: "test").utterances.map(\.split) == ["dev"])
    }

    @Test func `Common Voice's tables give age and gender in our words`() throws {
        let header = "client_id\tpath\tsentence_id\tsentence\tage\tgender\taccents\tlocale"
        try write(
            "cv/train.tsv", header + "\nab\tone.wav\t1\tHello, \"you\".\ttwenties\tfemale_feminine\tScottish\ten\nab\tone.wav\n")
        try write("cv/test.tsv", header + "\r\ncd\ttwo.wav\t2\tNo\t\t\t\ten\r\n\r\ncd\tgone\t3\tGone\t\t\t\ten\r\n")
        try write("cv/validated.tsv", header + "\nab\tthree.wav\t1\tThree\tteens\tmale\t\ten\n")
        for name in ["one", "two", "three"] { try sound("cv/clips/\(name).wav") }
        let (report, found) = try imported(.commonVoice, "cv")
        #expect(found.map(\.id) == ["one", "two"])
        #expect(found.map(\.split) == ["train", "test"])
        #expect(found[0].text == "Hello, \"you\"." && found[0].age == "20-29" && found[0].gender == "f")
        #expect(found[0].extra["accent"] == "Scottish" && found[0].extra["locale"] == "en")
        #expect(found[1].age == nil && found[1].extra["accent"] == nil)
        expect(report, [("cv/train.tsv", 3, "2 columns"), ("cv/test.tsv", 4, "gone.mp3: no such file")])
        let other = try imported(.commonVoice, "cv/validated.tsv", split: "dev").utterances
        #expect(other.map(\.split) == ["dev"] && other[0].age == "13-19")
        try write("other/train.tsv", "a\tb\n")
        #expect(
            throws: AudioError.badManifest(
                file: "\(root)/other/train.tsv", line: 1, reason: "has no columns \"path\" and \"sentence\"")
        ) { try imported(.commonVoice, "other") }
    }

    @Test func `Kaldi's segments are stretches of their recordings; commands and archives are refused`() throws {
        try sound("kaldi/a.wav", seconds: 2)
        try write("kaldi/wav.scp", "a a.wav\nb sox b.flac -t wav - |\nc feats.ark:123\n")
        try write(
            "kaldi/segments",
            "u1 a 0.25 1.0\nu2 a 1.5 -1\nu3 b 0 1\nu4 c 0 1\nu5 a 1 9\nu6 z 0 1\nu7 a one 2\nu8 a 1 1\n")
        try write("kaldi/text", (1...8).map { "u\($0) words \($0)\n" }.joined() + "u9 nowhere\n")
        try write("kaldi/utt2spk", "u1 ann\nu2 bob\nu2 bob\n")
        try write("kaldi/spk2gender", "ann f\n")
        let (report, found) = try imported(.kaldi, "kaldi", split: "train")
        #expect(found.map(\.id) == ["u1", "u2"])
        #expect(found.map(\.start) == [0.25, 1.5])
        #expect(found.map(\.duration) == [0.75, 0.5])
        #expect(found.map(\.speaker) == ["ann", "bob"] && found.map(\.gender) == ["f", nil])
        #expect(found[0].text == "words 1" && found[0].split == "train")
        expect(
            report,
            [
                ("kaldi/utt2spk", 3, "already"), ("kaldi/wav.scp", 2, "command"), ("kaldi/wav.scp", 3, "archive"),
                ("kaldi/segments", 5, "ends at 9"), ("kaldi/segments", 6, "no recording \"z\""),
                ("kaldi/segments", 7, "not a segment"), ("kaldi/segments", 8, "lasts 0"), ("kaldi/text", 9, "no \"u9\""),
            ])
        // Without segments every recording is an utterance.
        try write("whole/wav.scp", "a \(root)/kaldi/a.wav\n")
        try write("whole/text", "a all of it\n")
        let whole = try imported(.kaldi, "whole").utterances
        #expect(whole.map(\.duration) == [2] && whole[0].start == nil)
    }

    @Test func `a stretch is read from where it begins, at any rate`() throws {
        let quiet = [Float](repeating: 0, count: 16_000)
        try WaveWriter.write(quiet + tone(16_000) + quiet, sampleRate: 16_000, to: "\(root)/three.flac")
        try write("m.jsonl", "{\"id\": \"x\", \"audio\": \"three.flac\", \"start\": 1, \"duration\": 1}\n")
        let manifest = try SpeechManifest(path: "\(root)/m.jsonl")
        for rate in [16_000, 8000] {
            let samples = try manifest.samples(of: manifest.utterances[0], at: rate)
            #expect(abs(samples.count - rate) < 10)
            #expect(samples[200..<samples.count - 200].allSatisfy { abs($0) < 0.5 })
            #expect(abs(Array(samples[200..<samples.count - 200]).rootMeanSquare - 0.4 / 2.0.squareRoot()) < 0.01)
        }
        for row in ["{\"audio\": \"a\", \"start\": 1}", "{\"audio\": \"a\", \"start\": -1, \"duration\": 1}"] {
            try write("bad.jsonl", row)
            #expect(throws: AudioError.self) { try SpeechManifest(path: "\(root)/bad.jsonl") }
        }
        try write("late.jsonl", "{\"audio\": \"three.flac\", \"start\": 5, \"duration\": 1}")
        let late = try SpeechManifest(path: "\(root)/late.jsonl")
        #expect(throws: AudioError.self) { try late.samples(of: late.utterances[0], at: 16_000) }
    }

    @Test func `Lhotse's cuts, and its recordings with supervisions`() throws {
        try sound("lhotse/a.wav", seconds: 2)
        func recording(_ id: String, _ source: String) -> String {
            """
            {"id": "\(id)", "sources": [\(source)], "sampling_rate": 16000, "num_samples": 32000, "duration": 2.0}
            """
        }
        let plain = recording("a", "{\"type\": \"file\", \"channels\": [0], \"source\": \"a.wav\"}")
        let command = recording("b", "{\"type\": \"command\", \"channels\": [0], \"source\": \"cat x\"}")
        let said = """
            {"id": "s1", "recording_id": "a", "start": 0.0, "duration": 0.5, "text": "one", "speaker": "p", "gender": "Female"}
            """
        let later =
            "{\"id\": \"s2\", \"recording_id\": \"a\", \"start\": 0.6, \"duration\": 0.3, \"text\": \"two\", \"speaker\": \"p\"}"
        try write(
            "lhotse/cuts_dev.jsonl",
            """
            {"id": "c1", "type": "MonoCut", "start": 0.5, "duration": 1.0, "channel": 0, "supervisions": [\(later), \(said)], "recording": \(plain)}
            {"id": "c2", "type": "MixedCut", "tracks": []}
            {"id": "c3", "type": "MonoCut", "start": 0, "duration": 1.0, "supervisions": [\(said)], "recording": \(command)}
            nonsense
            """)
        let (report, found) = try imported(.lhotse, "lhotse/cuts_dev.jsonl")
        #expect(found.map(\.id) == ["c1"])
        #expect(found[0].text == "one two" && found[0].speaker == "p" && found[0].split == "dev" && found[0].start == 0.5)
        expect(
            report,
            [
                ("lhotse/cuts_dev.jsonl", 2, "MixedCut"), ("lhotse/cuts_dev.jsonl", 3, "command"),
                ("lhotse/cuts_dev.jsonl", 4, "not a cut"),
            ])

        try sound("pair/a.wav", seconds: 2)
        try write("pair/x_recordings_train.jsonl", plain + "\n" + command + "\n")
        let lost = said.replacingOccurrences(of: "\"a\"", with: "\"z\"").replacingOccurrences(of: "s1", with: "s3")
        try write("pair/x_supervisions_train.jsonl", "\(said)\n\(lost)\n\(later)\n")
        let pair = try imported(.lhotse, "pair")
        #expect(pair.utterances.map(\.id) == ["s1", "s2"])
        #expect(pair.utterances.map(\.text) == ["one", "two"] && pair.utterances[0].gender == "f")
        #expect(pair.utterances.map(\.split) == ["train", "train"])
        expect(pair.report, [("pair/x_supervisions_train.jsonl", 2, "\"z\"")])
        try write("alone/x.jsonl", said)
        #expect(throws: AudioError.self) { try imported(.lhotse, "alone") }
    }

    @Test func `Hugging Face's metadata, quoted or in JSON, by the folders of splits`() throws {
        try write(
            "hf/train/metadata.csv",
            "file_name,transcription,speaker_id,mood\none.wav,\"Hello, \"\"you\"\"\nthere\",7,happy\nsub/two.wav,Two,8,\nx.wav,only\n"
        )
        try write(
            "hf/validation/metadata.jsonl",
            "{\"file_name\": \"one.wav\", \"text\": \"Uno\", \"duration\": \"9\"}\n[]\n{\"text\": \"x\"}\n")
        for name in ["train/one", "train/sub/two", "validation/one"] { try sound("hf/\(name).wav") }
        let (report, found) = try imported(.huggingFace, "hf")
        #expect(found.map(\.id) == ["train/one", "train/sub/two", "validation/one"])
        #expect(found.map(\.text) == ["Hello, \"you\"\nthere", "Two", "Uno"])
        #expect(found.map(\.split) == ["train", "train", "dev"])
        #expect(found[0].speaker == "7" && found[0].extra["mood"] == "happy" && found[1].extra["mood"] == nil)
        #expect(found[2].duration == 0.5, "the column is not the sound's length")
        expect(
            report,
            [
                ("hf/train/metadata.csv", 5, "2 columns"), ("hf/validation/metadata.jsonl", 2, "JSON object"),
                ("hf/validation/metadata.jsonl", 3, "file_name"),
            ])
        try write("open/metadata.csv", "file_name,text\nx.wav,\"never closed\n")
        #expect(throws: AudioError.badManifest(file: "\(root)/open/metadata.csv", line: 2, reason: "a quote is not closed")) {
            try imported(.huggingFace, "open")
        }
    }

    @Test func `with no good row nothing is written, and what is no corpus is named`() throws {
        try write("ls/1/2/1-2.trans.txt", "1-2-3 GONE\n")
        let report = try imported(.librispeech, "ls").report
        #expect(report.utterances == 0 && report.problemCount == 1)
        #expect(!FileManager.default.fileExists(atPath: "\(root)/out.jsonl"))
        #expect(try scratch.names.filter { $0.hasSuffix("out.jsonl") }.isEmpty, "no draft is left")
        try write("empty/readme", "")
        for form in CorpusImport.Form.allCases {
            #expect(throws: AudioError.missing(file: "\(root)/no-such")) { try imported(form, "no-such") }
            #expect(throws: AudioError.self) { try imported(form, "empty") }
        }
    }

    @Test func `sound below the manifest's folder is listed by a relative path`() throws {
        try write("set/ls/1/2/1-2.trans.txt", "1-2-3 HERE\n")
        try sound("set/ls/1/2/1-2-3.flac")
        _ = try imported(.librispeech, "set/ls", to: "set/m.jsonl")
        let text = try String(contentsOfFile: "\(root)/set/m.jsonl", encoding: .utf8)
        #expect(text.contains("\"audio\":\"ls/1/2/1-2-3.flac\""))
    }

    @Test func `gzip files are unpacked, and broken ones refused`() throws {
        func bytes(_ base64: String) throws -> [UInt8] { [UInt8](try #require(Data(base64Encoded: base64))) }
        // Written by Python's gzip: one block of dynamic codes, one stored, one of fixed codes.
        let dynamic = try bytes(
            """
            H4sIAAAAAAACA32SwQ6CMBBE737FpmclLVhR/wahCBEowZqYEP9dViXZXdRDAyWZx+zsjKou1BFUfgsbrdagriEbwvRFR1pP1+DueFNN1vZwcsXg\
            fQtNfa4ChNvQqcdqJARDCSaKLSW8RH3jsqvjDwGJKSSOLLXhyxIudcgr1wEFCkRCEUmUUh+hcoAYPJ+BhHpL1ZbngOqPeZx/NiMIlhJ2PAceou9g\
            Qgr5jspTngAawFPU7RdlSpV7PjjNDt+X6j1bn2gA/nCW/1vfgUFECSjE/0rPsCIaUQHh4bWF5SiGVzFZRoFW3jvAbk/yJxRuQMULAwAA
            """)
        let text = String(decoding: try Gzip.unpacked(dynamic), as: UTF8.self)
        #expect(text.hasPrefix("{\"id\": \"cut-0\", \"start\": 0.00, \"text\": \"lamp bedroom light turn\"}\n"))
        #expect(text.hasSuffix("{\"id\": \"cut-11\", \"start\": 13.75, \"text\": \"off dim light lamp\"}\n"))
        #expect(text.utf8.count == 779)
        let stored = try bytes("H4sIAAAAAAAEAwEGAPn/c3RvcmVkC/lDVgYAAAA=")
        let fixed = try bytes("H4sIAAAAAAACA0tMxAmSANpdk3QcAAAA")
        #expect(try Gzip.unpacked(stored + fixed) == Array("stored".utf8) + Array("\(String(repeating: "a", count: 27))b".utf8))
        for cut in [0, 5, 12, 60, 200, dynamic.count - 1] {
            #expect(throws: Gzip.Fault.self, "\(cut)") { try Gzip.unpacked(Array(dynamic[..<cut])) }
        }
        var dice = Dice(state: 5)
        for _ in 0..<300 {  // damage is found and never read past
            var broken = dynamic
            broken[Int.random(in: 10..<broken.count, using: &dice)] ^= UInt8.random(in: 1...255, using: &dice)
            #expect(throws: Gzip.Fault.self) { try Gzip.unpacked(broken) }
        }
        #expect(throws: Gzip.Fault.tooLong) { try Gzip.unpacked(fixed, limit: 10) }
        try Data(dynamic).write(to: URL(filePath: "\(root)/cuts.jsonl.gz"))
        #expect(numberedLines(try tableBytes(of: "\(root)/cuts.jsonl.gz")).count == 12)
    }
}
