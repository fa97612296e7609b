import MynaStages
import Testing

@testable import MynaServer

/// What stands between clients and the HTTP server lets whole requests through unchanged, and nothing without a bound.
@Suite struct RequestWatchTests {
    /// What comes of `pieces`, where every request to change to web sockets is granted or not.
    func passed(_ pieces: [[UInt8]], grants: Bool = true, mostFrame: Int = 1000) throws -> (bytes: [UInt8], isTooLong: Bool) {
        var watch = RequestWatch(mostFrame: mostFrame)
        var bytes: [UInt8] = []
        for piece in pieces {
            var rest = piece[...]
            while !rest.isEmpty {
                let passed = try watch.take(rest)
                bytes += passed.bytes
                if passed.isTooLong { return (bytes, true) }
                rest = rest.dropFirst(passed.count)
                if passed.asksUpgrade { watch.answered(isUpgraded: grants) }
            }
        }
        return (bytes, false)
    }

    let upgrade = Array("GET /v1/realtime HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".utf8)
    /// A masked text frame.
    func frame(_ payload: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            payload.count < 126 ? [0x80 | UInt8(payload.count)] : [0xfe, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        return [0x81] + length + [1, 2, 3, 4] + payload
    }

    @Test func `requests, bodies of both kinds and frames go through unchanged, however they are cut`() throws {
        let stream =
            Array("POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\n\r\n\r\nx".utf8)
            + Array("POST /b HTTP/1.1\nTransfer-Encoding: chunked\n\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n".utf8)
            + Array("GET /c HTTP/1.1\r\n\r\n".utf8) + upgrade + frame([]) + frame(Array(repeating: 10, count: 125))
            + frame(Array(repeating: 13, count: 1000))
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...60, using: &random))
                pieces.append(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            let result = try passed(pieces)
            #expect(result.bytes == stream && !result.isTooLong)
        }
    }

    @Test func `a head, a chunk's line and a frame without end are stopped at their bounds`() throws {
        let endless = Array(repeating: UInt8(ascii: "a"), count: RequestWatch.mostHead + 1)
        #expect(throws: RequestWatch.Fault.headTooLong) { try passed([endless]) }
        let line = Array("A: b\r\n".utf8)
        let many = Array("GET / HTTP/1.1\r\n".utf8) + (0...RequestWatch.mostHead / line.count).flatMap { _ in line }
        #expect(throws: RequestWatch.Fault.headTooLong) { try passed([many]) }
        let chunked = Array("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
        #expect(throws: RequestWatch.Fault.headTooLong) { try passed([chunked + endless]) }
        #expect(throws: RequestWatch.Fault.headTooLong) { try passed([chunked + Array("0\r\n".utf8) + many.dropFirst(16)]) }
        // Claimed, not sent: the length alone decides.
        let giant: [UInt8] = [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]
        let result = try passed([upgrade + frame([1]) + giant + [1, 2, 3]])
        #expect(result.isTooLong && result.bytes == upgrade + frame([1]))
        #expect(try passed([upgrade + frame(Array(repeating: 0, count: 1001))]).isTooLong)
    }

    @Test func `what is no request, or of no length, is named`() throws {
        for text in ["\u{16}\u{3}\r\n", "GET /\r\n", "GET / FTP/1.0\r\n", "{}\n", "\r\n"] {
            #expect(throws: RequestWatch.Fault.noRequest, "\(text)") { try passed([Array(text.utf8)]) }
        }
        #expect(throws: RequestWatch.Fault.noRequest) { try passed([Array("GET / HTTP/1.1\r\nA: ".utf8) + [0xff, 0x0a]]) }
        for fields in [
            "Content-Length: 1\r\nContent-Length: 2", "Content-Length: -1", "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: gzip", "Content-Length: 99999999999999999999",
        ] {
            #expect(throws: RequestWatch.Fault.badLength, "\(fields)") {
                try passed([Array("POST / HTTP/1.1\r\n\(fields)\r\n\r\n".utf8)])
            }
        }
        #expect(throws: RequestWatch.Fault.badLength) {
            try passed([Array("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".utf8)])
        }
    }

    @Test func `a change to web sockets that was refused leaves requests, so that frames hide none`() throws {
        let hidden = upgrade + frame(Array(repeating: 65, count: 900)) + frame(Array(repeating: 65, count: 900))
        #expect(throws: RequestWatch.Fault.self) {
            try passed([hidden] + Array(repeating: frame(Array(repeating: 65, count: 900)), count: 60), grants: false)
        }
    }

    @Test func `no bytes at all make it keep more than a head`() throws {
        var random = SeededRandom(seed: 9)
        let words = [
            "GET / HTTP/1.1\r\n", "Content-Length: 7\r\n", "Transfer-Encoding: chunked\r\n", "Upgrade: websocket\r\n", "\r\n",
            "7f\r\n", ":", "\n",
        ]
        for _ in 0..<2000 {
            var watch = RequestWatch(mostFrame: 100)
            var bytes: [UInt8] = Int.random(in: 0..<4, using: &random) == 0 ? [] : Array(words[0].utf8)
            for _ in 0..<Int.random(in: 1..<30, using: &random) {
                bytes +=
                    Bool.random(using: &random)
                    ? Array(words[Int.random(in: 0..<words.count, using: &random)].utf8)
                    : (0..<Int.random(in: 1..<20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            var rest = bytes[...]
            do {
                while !rest.isEmpty {
                    let passed = try watch.take(rest)
                    #expect(passed.bytes.count <= passed.count + 14)
                    if passed.isTooLong { break }
                    #expect(passed.count > 0)
                    rest = rest.dropFirst(passed.count)
                    if passed.asksUpgrade { watch.answered(isUpgraded: Bool.random(using: &random)) }
                }
            } catch {}
        }
    }
}
