import Foundation
import MynaAudio
import Testing

@Suite struct AudioReaderTests {
    @Test("what is written as wav or flac is read back to within half a step of 16 bits", arguments: ["a.wav", "a.flac"])
    func roundTrip(name: String) throws {
        let folder = try ScratchFolder()
        let sound = tone(5000)
        try WaveWriter.write(sound, sampleRate: 22050, to: "\(folder.path)/\(name)")
        let reader = try AudioReader(path: "\(folder.path)/\(name)")
        #expect(reader.sampleRate == 22050)
        #expect(reader.frameCount == 5000)
        let back = try reader.readAll()
        #expect(back.count == 5000)
        #expect(zip(back, sound).allSatisfy { abs($0 - $1) <= 0.5 / 32768 + 1e-7 })
    }

    @Test("opus, vorbis and mp3 sound as they should, from memory and from a file", arguments: ["opus", "vorbis", "mp3"])
    func lossy(form: String) throws {
        let encoded = ["opus": SoundFixtures.opus, "vorbis": SoundFixtures.vorbis, "mp3": SoundFixtures.mp3][form]
        let text = try #require(encoded)
        let bytes = [UInt8](try #require(Data(base64Encoded: text)))
        let folder = try ScratchFolder()
        let path = try folder.file("tone.\(form)", bytes)
        let fromMemory = try AudioReader.samples(bytes: bytes, name: form, at: 16000)
        #expect(try AudioReader.samples(path: path, at: 16000) == fromMemory)
        #expect(abs(fromMemory.count - 4000) < 1200)  // mp3 is padded to whole frames
        let middle = Array(fromMemory[1000..<3000])
        #expect(abs(middle.rootMeanSquare - 0.4 / 2.0.squareRoot()) < 0.04)
        let crossings = zip(middle, middle.dropFirst()).count { $0 < 0 && $1 >= 0 }
        #expect(abs(Double(crossings) - 440.0 * 2000 / 16000) <= 2)
    }

    @Test("several channels are mixed to their mean")
    func mixing() throws {
        var data: [UInt8] = []
        for i in 0..<100 {
            for value in [Int16(i * 100), Int16(-i * 50), Int16(i * 10)] {
                data += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
            }
        }
        let mono = try AudioReader(bytes: waveBytes(channels: 3, rate: 8000, data), name: "three").readAll()
        #expect(mono.count == 100)
        #expect(zip(mono, 0..<100).allSatisfy { abs($0 - Float($1 * 20) / 32768) < 1e-6 })
    }

    @Test("pieces of any size together are the whole")
    func pieces() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/a.flac"
        try WaveWriter.write(tone(40000), sampleRate: 16000, to: path)
        let whole = try AudioReader(path: path).readAll()
        var dice = Dice(state: 5)
        let reader = try AudioReader(path: path)
        var joined: [Float] = []
        while true {
            let piece = try reader.read(Int.random(in: 1...3000, using: &dice))
            if piece.isEmpty { break }
            joined += piece
        }
        #expect(joined == whole)
    }

    @Test("a missing, an empty, a foreign file and a folder are refused by name")
    func refused() throws {
        let folder = try ScratchFolder()
        #expect(throws: AudioError.missing(file: "\(folder.path)/none.wav")) { try AudioReader(path: "\(folder.path)/none.wav") }
        let empty = try folder.file("empty.wav", [])
        #expect(throws: AudioError.empty(file: empty)) { try AudioReader(path: empty) }
        #expect(throws: AudioError.empty(file: "b")) { try AudioReader(bytes: [], name: "b") }
        let text = try folder.file("text.wav", Array("this is not sound, whatever its name says".utf8))
        #expect { try AudioReader(path: text) } throws: { error in
            if case .notAudio(file: text, reason: _)? = error as? AudioError { true } else { false }
        }
        #expect { try AudioReader(path: folder.path) } throws: { error in
            if case .unreadable(file: folder.path, reason: _)? = error as? AudioError { true } else { false }
        }
        #expect(throws: AudioError.empty(file: "none")) {
            try AudioReader(bytes: waveBytes(channels: 1, rate: 8000, []), name: "none")
        }
    }

    @Test("files that were cut off are told apart from short ones")
    func truncated() throws {
        let folder = try ScratchFolder()
        func expectTruncated(_ bytes: [UInt8], _ name: String) {
            #expect("\(name) was cut off") {
                _ = try AudioReader(bytes: bytes, name: name).readAll()
            } throws: { error in
                if case .truncated(file: name, _, _, _)? = error as? AudioError { true } else { false }
            }
        }
        expectTruncated(waveBytes(channels: 1, rate: 8000, [1, 0, 2, 0], promised: 400), "wav")
        let opus = [UInt8](try #require(Data(base64Encoded: SoundFixtures.opus)))
        expectTruncated(Array(opus.dropLast(200)), "opus")
        try WaveWriter.write(tone(40000), sampleRate: 16000, to: "\(folder.path)/a.flac")
        let flac = try folder.bytes("a.flac")
        #expect(throws: AudioError.self) {
            _ = try AudioReader(bytes: Array(flac.prefix(flac.count / 2)), name: "flac").readAll()
        }
    }

    @Test("a wav that was piped, its size left open, is read")
    func piped() throws {
        let data = [UInt8](repeating: 7, count: 2000)
        let samples = try AudioReader(bytes: waveBytes(channels: 1, rate: 8000, data, promised: 0x7fff_ffff), name: "pipe")
            .readAll()
        #expect(samples.count == 1000)
    }

    @Test("a sample that is no number is refused with its place")
    func notANumber() throws {
        var data: [UInt8] = []
        for i in 0..<800 { data += withUnsafeBytes(of: i == 400 ? Float.nan : Float(0.1)) { Array($0) } }
        #expect(throws: AudioError.notFinite(file: "nan", second: 0.05)) {
            _ = try AudioReader(bytes: waveBytes(channels: 1, rate: 8000, format: 3, data), name: "nan").readAll()
        }
    }

    @Test("damaged files throw or read: they never crash")
    func fuzz() throws {
        let folder = try ScratchFolder()
        try WaveWriter.write(tone(2000), sampleRate: 16000, to: "\(folder.path)/a.flac")
        try WaveWriter.write(tone(2000), sampleRate: 16000, to: "\(folder.path)/a.wav")
        var originals = [try folder.bytes("a.flac"), try folder.bytes("a.wav")]
        for text in [SoundFixtures.opus, SoundFixtures.vorbis, SoundFixtures.mp3] {
            originals.append([UInt8](try #require(Data(base64Encoded: text))))
        }
        var dice = Dice(state: 11)
        var refused = 0
        for round in 0..<250 {
            var bytes = originals[round % originals.count]
            for _ in 0..<Int.random(in: 1...8, using: &dice) {
                bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &dice)) }
            do {
                let reader = try AudioReader(bytes: bytes, name: "damaged")
                var total = 0
                while total < 1 << 20 {
                    let piece = try reader.read(4096)
                    if piece.isEmpty { break }
                    let finite = piece.allSatisfy(\.isFinite)
                    #expect(finite)
                    total += piece.count
                }
            } catch {
                #expect(error.description.contains("damaged"))
                refused += 1
            }
        }
        #expect(refused > 20)
    }

    @Test("a writer that is dropped leaves nothing, and a finished one only its file")
    func nothingHalfWritten() throws {
        let folder = try ScratchFolder()
        do {
            let writer = try WaveWriter(path: "\(folder.path)/half.wav", sampleRate: 16000)
            try writer.write(tone(100))
        }
        #expect(try folder.names.isEmpty)
        try WaveWriter.write(tone(100), sampleRate: 16000, to: "\(folder.path)/whole.wav")
        #expect(try folder.names == ["whole.wav"])
        #expect(throws: AudioError.self) { try WaveWriter(path: "\(folder.path)/no/such/folder.wav", sampleRate: 16000) }
    }
}
