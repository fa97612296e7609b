import MynaAudio
import MynaStages
import Testing

@Suite struct SpeechManifestTests {
    /// A corpus of one shard under manifests/ and shards/, and one plain file.
    private func corpus(_ folder: ScratchFolder, _ rows: String) throws -> String {
        try WaveWriter.write(tone(800), sampleRate: 8000, to: "\(folder.path)/plain.wav")
        let writer = try TarWriter(path: "\(folder.path)/s.tar")
        try writer.add("x.wav", try folder.bytes("plain.wav"))
        try writer.finish()
        return try folder.file("m.jsonl", Array(rows.utf8))
    }

    @Test("rows tell speaker, age as text or number, and where the sound lies")
    func rows() throws {
        let folder = try ScratchFolder()
        let path = try corpus(
            folder,
            """
            {"id":"a","shard":"s.tar","member":"x.wav","duration":0.1,"text":"hello","speaker":"p","age":7,"gender":"f","split":"train","kind":"home"}

            {"id":"b","audio":"plain.wav","age":"50-70","complete":false,"text":null}
            {"path":"plain.wav"}
            {"audio_filepath":"plain.wav","duration":0.1}
            """)
        let manifest = try SpeechManifest(path: path)
        #expect(manifest.utterances.map(\.id) == ["a", "b", "plain.wav", "plain.wav"])
        let first = manifest.utterances[0]
        #expect(first.text == "hello" && first.age == "7" && first.split == "train" && first.duration == 0.1 && first.complete)
        #expect(first.extra == ["kind": .string("home")])
        #expect(manifest.utterances[1].age == "50-70" && !manifest.utterances[1].complete && manifest.utterances[1].text == nil)
        for utterance in manifest.utterances { #expect(try manifest.samples(of: utterance, at: 16000).count == 1600) }
    }

    @Test("a shard beside the manifests folder is found")
    func layout() throws {
        let folder = try ScratchFolder()
        let path = try corpus(folder, #"{"shard":"shards/s.tar","member":"x.wav"}"#)
        try folder.move(["m.jsonl": "manifests/m.jsonl", "s.tar": "shards/s.tar"])
        #expect(path.hasSuffix("m.jsonl"))
        let manifest = try SpeechManifest(path: "\(folder.path)/manifests/m.jsonl")
        #expect(try manifest.samples(of: manifest.utterances[0], at: 8000).count == 800)
    }

    @Test(
        "a bad row is refused with its line",
        arguments: [
            "not json", "[1]", #"{"id":"a"}"#, #"{"shard":"s.tar"}"#, #"{"audio":"a.wav","duration":"long"}"#,
            #"{"audio":"a.wav","duration":-1}"#, #"{"audio":"a.wav","text":["x"]}"#,
        ])
    func badRows(row: String) throws {
        let folder = try ScratchFolder()
        let path = try corpus(folder, #"{"audio":"plain.wav"}"# + "\n\n" + row + "\n")
        #expect { try SpeechManifest(path: path) } throws: { error in
            if case .badManifest(file: path, line: 3, reason: _)? = error as? AudioError { true } else { false }
        }
    }

    @Test("a missing manifest, file or member is named")
    func missing() throws {
        let folder = try ScratchFolder()
        #expect(throws: AudioError.missing(file: "\(folder.path)/no.jsonl")) {
            try SpeechManifest(path: "\(folder.path)/no.jsonl")
        }
        let path = try corpus(folder, #"{"audio":"gone.wav"}"# + "\n" + #"{"shard":"s.tar","member":"gone"}"#)
        let manifest = try SpeechManifest(path: path)
        for utterance in manifest.utterances {
            #expect(throws: AudioError.self) { try manifest.samples(of: utterance, at: 16000) }
        }
    }
}
