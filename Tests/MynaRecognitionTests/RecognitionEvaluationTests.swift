import Foundation
import MynaAudio
import MynaRecognition
import MynaStages
import MynaTestSupport
import MynaText
import Testing

@Suite struct RecognitionEvaluationTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "evaluation-\(UUID().uuidString)").path

    /// A folder with a second of sound, a broken file, and manifests of those rows.
    private func manifest(_ rows: [String], _ name: String = "some.jsonl") throws -> SpeechManifest {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let writer = try WaveWriter(path: folder + "/tone.wav", sampleRate: 8000)
        try writer.write((0..<8000).map { sin(Float($0) * 0.3) * 0.2 })
        try writer.finish()
        try Data("no sound".utf8).write(to: URL(filePath: folder + "/broken.wav"))
        let path = folder + "/" + name
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        return try SpeechManifest(path: path)
    }

    private func hypotheses(_ rows: [String]) throws -> Hypotheses {
        let path = folder + "/heard.jsonl"
        try Data(rows.joined(separator: "\n").utf8).write(to: URL(filePath: path))
        return try Hypotheses(path: path)
    }

    private func recognizer(hearing text: String) -> RecognitionEvaluation.Source {
        .recognizer(ScriptedRecognizer(final: Transcript(text: text, words: [])))
    }

    @Test("rows without a text, with slots for text, and of other splits take no part and are counted")
    func skipped() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"one two","split":"test"}"#, #"{"id":"b","audio":"tone.wav","split":"test"}"#,
            #"{"id":"c","audio":"tone.wav","text":"small tea","text_kind":"slots","split":"test"}"#,
            #"{"id":"d","audio":"tone.wav","text":"three","split":"train"}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        var evaluation = RecognitionEvaluation([manifest])
        evaluation.split = "test"
        let report = try await evaluation.run(recognizer(hearing: "one"))
        #expect(report.rates.wer == 0.5 && report.rates.utterances == 1)
        #expect(report.skipped.noText == 1 && report.skipped.slots == 1 && report.skipped.otherSplit == 1)
        #expect(report.audioSeconds.map { abs($0 - 1) < 0.01 } == true)
        #expect((report.realTimeFactor ?? -1) >= 0)
    }

    @Test("the oracle takes the best of the listed texts, and names are counted")
    func alternatives() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"one two"}"#, #"{"id":"b","audio":"tone.wav","text":"three four"}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        var evaluation = RecognitionEvaluation([manifest])
        evaluation.recallWords = ["two six"]
        let listed = [
            Alternative(text: "one six", acoustic: -1, language: 0), Alternative(text: "one two", acoustic: -2, language: 0),
        ]
        let report = try await evaluation.run(
            .recognizer(ScriptedRecognizer(final: Transcript(text: "one six", words: [], alternatives: listed))))
        #expect(report.rates.wer == 0.75)
        #expect(report.oracle?.wer == 0.5)
        #expect(report.recall?.said == 1 && report.recall?.heard == 0 && report.recall?.inserted == 2)
        #expect(try await RecognitionEvaluation([manifest]).run(recognizer(hearing: "one")).oracle == nil)
    }

    @Test("sound that cannot be read is named and leaves the others scored")
    func badAudio() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"one"}"#, #"{"id":"broken","audio":"broken.wav","text":"two"}"#,
            #"{"id":"gone","audio":"gone.wav","text":"two"}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        let report = try await RecognitionEvaluation([manifest]).run(recognizer(hearing: "one"))
        #expect(report.badAudio.map(\.id) == ["broken", "gone"])
        #expect(report.badAudio[0].error.contains("broken.wav") && report.badAudio[1].error.contains("gone.wav"))
        #expect(report.rates.wer == 0 && report.rates.utterances == 1)
    }

    @Test("a manifest none of whose sound can be read is an error that names the first")
    func allBad() async throws {
        let manifest = try manifest([#"{"id":"gone","audio":"gone.wav","text":"two"}"#])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        let fault = await #expect(throws: RecognitionError.self) {
            try await RecognitionEvaluation([manifest]).run(recognizer(hearing: "one"))
        }
        #expect(fault?.description.contains("gone.wav") == true)
    }

    @Test("results are told apart by a field, else by the manifest's name")
    func groups() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"one","corpus":"digits"}"#, #"{"id":"b","audio":"tone.wav","text":"two"}"#,
            #"{"id":"c","audio":"tone.wav","text":"one","speaker":"s1"}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        var evaluation = RecognitionEvaluation([manifest])
        let report = try await evaluation.run(recognizer(hearing: "one"))
        #expect(report.groups.mapValues(\.wer) == ["digits": 0, "some": 0.5])
        evaluation.groupField = "speaker"
        #expect(try await evaluation.run(recognizer(hearing: "one")).groups.keys.sorted() == ["s1", "some"])
    }

    @Test("a limit takes utterances from everywhere in the manifests")
    func limit() async throws {
        let manifest = try manifest((0..<10).map { #"{"id":"\#($0)","audio":"tone.wav","text":"one"}"# })
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        var evaluation = RecognitionEvaluation([manifest])
        evaluation.limit = 3
        var ids: [String] = []
        let report = try await evaluation.run(recognizer(hearing: "one")) { heard, _, total in
            ids.append(heard.id)
            #expect(total == 3)
        }
        #expect(ids == ["0", "3", "6"] && report.skipped.beyondLimit == 7)
    }

    @Test("another recogniser's hypotheses are scored by the same rules, and its time is kept")
    func peer() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"Set it to 20%","duration":2}"#,
            #"{"id":"b","audio":"gone.wav","text":"two","duration":2}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        let heard = try hypotheses([
            #"{"id":"a","text":"SET IT TO TWENTY PERCENT","seconds":1}"#, #"{"id":"b","text":"","seconds":1}"#,
        ])
        let report = try await RecognitionEvaluation([manifest]).run(.hypotheses(heard))
        #expect(report.rates.wer == 1.0 / 6 && report.realTimeFactor == 0.5)
    }

    @Test("a missing, doubled or broken hypothesis is an error that names it")
    func badHypotheses() async throws {
        let manifest = try manifest([
            #"{"id":"a","audio":"tone.wav","text":"one"}"#, #"{"id":"b","audio":"tone.wav","text":"one"}"#,
        ])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        let some = try hypotheses([#"{"id":"a","text":"one"}"#])
        let fault = await #expect(throws: RecognitionError.self) {
            try await RecognitionEvaluation([manifest]).run(.hypotheses(some))
        }
        #expect(fault?.description.contains("\"b\"") == true)
        #expect(throws: RecognitionError.self) { try hypotheses([#"{"id":"a","text":"one"}"#, #"{"id":"a","text":"two"}"#]) }
        let broken = #expect(throws: RecognitionError.self) { try hypotheses([#"{"id":"a","text":"one"}"#, "", #"{"id":"b"}"#]) }
        #expect(broken?.description.contains("heard.jsonl:3") == true)
    }

    @Test("nothing to score is an error that names the manifest and the split")
    func empty() async throws {
        let manifest = try manifest([#"{"id":"a","audio":"tone.wav","text":"one","split":"train"}"#])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        var evaluation = RecognitionEvaluation([manifest])
        evaluation.split = "test"
        let fault = await #expect(throws: RecognitionError.self) { try await evaluation.run(recognizer(hearing: "")) }
        #expect(fault?.description.contains("some.jsonl") == true && fault?.description.contains("\"test\"") == true)
    }

    @Test("the JSON form has the fields that are promised")
    func json() async throws {
        let manifest = try manifest([#"{"id":"a","audio":"tone.wav","text":"one"}"#])
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in the temporary folder does no harm
        let report = try await RecognitionEvaluation([manifest]).run(recognizer(hearing: "one"))
        let fields = try JSONDecoder().decode([String: Value].self, from: try JSONEncoder().encode(report))
        #expect(
            Set(["wer", "cer", "utterances", "words", "wer_interval", "by_corpus", "rtf", "skipped", "bad_audio"]).isSubset(
                of: fields.keys))
        #expect(fields["wer_interval"] == .list([.number(0), .number(0)]))
        guard case .object(let corpora) = fields["by_corpus"], case .object(let some) = corpora["some"] else {
            Issue.record("by_corpus is \(String(describing: fields["by_corpus"]))")
            return
        }
        #expect(some["wer"] == .number(0) && some["utterances"] == .number(1))
    }
}
