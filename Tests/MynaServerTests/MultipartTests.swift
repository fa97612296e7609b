import Foundation
import MynaStages
import Testing

@testable import MynaServer

@Suite struct MultipartTests {
    let type = "multipart/form-data; boundary=XX"
    func body(_ text: String) -> Data { Data(text.replacingOccurrences(of: "\n", with: "\r\n").utf8) }

    @Test func `fields and files are read as they are`() throws {
        var form = body(
            "--XX\nContent-Disposition: form-data; name=\"model\"\n\nmyna\n--XX\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\nContent-Type: audio/wav\n\n"
        )
        let bytes = Data([0, 13, 10, 45, 45, 88, 255, 13, 10])
        form += bytes + body("\n--XX\nContent-Disposition: form-data; name=\"empty\"\n\n\n--XX--\n")
        let read = try #require(Multipart(form, contentType: type))
        #expect(read.parts.map(\.name) == ["model", "file", "empty"])
        #expect(read["model"] == "myna")
        #expect(read.parts[1].data == bytes)
        #expect(read.parts[1].file == "a.wav")
        #expect(read["empty"] == "")
    }

    @Test func `what is no form is refused`() {
        #expect(Multipart(Data(), contentType: type) == nil)
        #expect(Multipart(body("--XX--"), contentType: "application/json") == nil)
        #expect(Multipart(body("--XX\nContent-Disposition: form-data\n\nx\n--XX--"), contentType: type) == nil)
        #expect(Multipart(body("--XX\nContent-Disposition: form-data; name=a\n\nno end"), contentType: type) == nil)
    }

    @Test func `damaged forms never crash`() {
        let whole = body(
            "--XX\nContent-Disposition: form-data; name=\"model\"\n\nmyna\n--XX\nContent-Disposition: form-data; name=\"b\"\n\n\n--XX--\n"
        )
        var random = SeededRandom(seed: 4)
        var (read, refused) = (0, 0)
        for _ in 0..<4000 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) where !damaged.isEmpty {
                let place = damaged.startIndex + Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: damaged.remove(at: place)
                default: damaged = damaged.prefix(damaged.distance(from: damaged.startIndex, to: place))
                }
            }
            if Multipart(damaged, contentType: type) == nil { refused += 1 } else { read += 1 }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test func `samples survive the way there and back`() throws {
        let samples: [Float] = [0, 0.5, -1, 0.999, 2, -2]
        let back = try #require(PCM16.samples(PCM16.data(samples)))
        for (a, b) in zip(samples, back) { #expect(abs(max(-1, min(1, a)) - b) < 1e-4) }
        #expect(PCM16.samples(Data([1])) == nil)
        #expect(PCM16.wave(samples, rate: 24_000).count == 44 + 12)
    }
}
