import MynaAssistant
import MynaStages
import Testing

@testable import MynaHomeAssistant

@Suite struct ProtocolTests {
    /// A frame as a server sends it: without a mask.
    private func served(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            payload.count < 126
            ? [UInt8(payload.count)]
            : payload.count < 65536
                ? [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
                : [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        return [first] + length + payload
    }

    @Test("frames are read whole, however their bytes come", arguments: [0, 1, 125, 126, 65535, 65536])
    func lengths(count: Int) throws {
        let text = String(repeating: "a", count: count)
        let bytes =
            served(0x81, Array(text.utf8)) + served(0x01, Array("b".utf8)) + served(0x89, [7]) + served(0x80, Array("c".utf8))
        for size in [1, 7, 4096, bytes.count] where size > 1 || count < 1000 {
            var reader = WebSocketReader(mostBytes: 1 << 20)
            var messages: [WebSocketReader.Message] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(Array(bytes[start..<min(bytes.count, start + size)]))
                while let message = try reader.next() { messages.append(message) }
            }
            #expect(messages == [.text(text), .ping([7]), .text("bc")])
        }
    }

    @Test("what we send is masked, and is what it was once the mask is off", arguments: [0, 5, 126, 65536])
    func masked(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let mask: [UInt8] = [1, 2, 3, 250]
        let bytes = WebSocketFrame(kind: .text, payload: payload).encoded(mask: mask)
        #expect(bytes[0] == 0x81 && bytes[1] & 0x80 != 0)
        let body = Array(bytes.suffix(count))
        #expect(body.enumerated().map { $1 ^ mask[$0 & 3] } == payload)
        #expect(Array(bytes.dropLast(count).suffix(4)) == mask)
    }

    @Test("a server that breaks the protocol is found out")
    func faults() {
        func fault(_ bytes: [UInt8], most: Int = 1000) -> WebSocketFault? {
            var reader = WebSocketReader(mostBytes: most)
            reader.append(bytes)
            do throws(WebSocketFault) {
                while try reader.next() != nil {}
                return nil
            } catch { return error }
        }
        #expect(fault(served(0xc1, [])) == .reservedBits)
        #expect(fault(served(0x83, [])) == .unknownKind(3))
        #expect(fault([0x81, 0x80, 0, 0, 0, 0]) == .masked)
        #expect(fault(served(0x09, [])) == .longControlFrame)
        #expect(fault(served(0x89, [UInt8](repeating: 0, count: 126))) == .longControlFrame)
        #expect(fault(served(0x80, [])) == .outOfOrder)
        #expect(fault(served(0x01, []) + served(0x81, [])) == .outOfOrder)
        #expect(fault(served(0x81, [0xff])) == .notUTF8)
        #expect(fault([0x82, 127] + [UInt8](repeating: 0xff, count: 8)) == .tooLong(bytes: .max, most: 1000))
        #expect(
            fault(served(0x01, [UInt8](repeating: 97, count: 600)) + served(0x80, [UInt8](repeating: 97, count: 600)))
                == .tooLong(bytes: 1200, most: 1000))
        #expect(fault(served(0x81, Array("fine".utf8))) == nil)
    }

    @Test("the acceptance of a key is the one in RFC 6455") func acceptance() {
        #expect(WebSocket.acceptance(of: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test("an address is a host and a port") func addresses() throws {
        #expect(try HomeAssistantAddress("http://home.local").authority == "home.local:8123")
        #expect(try HomeAssistantAddress("ws://10.0.0.2:80/").authority == "10.0.0.2:80")
        #expect(try HomeAssistantAddress("http://[::1]:8123").host == "::1")
        for bad in ["", "home", "https://home", "http://", "http://a:99999", "http://a/lovelace", "http://u:p@a", "ftp://a"] {
            #expect(throws: HomeAssistantError.self, "\(bad)") { try HomeAssistantAddress(bad) }
        }
    }

    @Test("a token never shows itself") func tokens() throws {
        let token = try HomeAssistantToken(" abc.def\n", source: "test")
        #expect(token.text == "abc.def")
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains("abc"))
        for bad in ["", " \n", "two words", "caf\u{e9}", String(repeating: "a", count: 5000)] {
            #expect(throws: HomeAssistantError.self) { try HomeAssistantToken(bad, source: "test") }
        }
        #expect(throws: HomeAssistantError.badToken(source: "no-such-file", reason: "the file with the token cannot be read")) {
            try HomeAssistantToken.read(at: "no-such-file")
        }
    }

    @Test("levels and whites convert, and bits of features become services") func mapping() {
        let light = EntityMapping.state(
            domain: "light", "on", ["brightness": 128, "color_temp": 400, "supported_features": 4, "icon": "x", "effect": .null])
        #expect(light.attributes == ["brightness_pct": 50, "color_temp_kelvin": 2500])
        for percent in 1...100 {
            // As Home Assistant does it, on its scale of 255.
            let level = (Double(percent) * 255 / 100).rounded()
            let back = EntityMapping.state(domain: "light", "on", ["brightness": .number(level)])
            #expect(back.attributes["brightness_pct"] == .number(Double(percent)))
        }
        let cover = EntityMapping.services(
            domain: "cover", offered: ["open_cover", "close_cover", "set_cover_position", "stop_cover"],
            attributes: ["supported_features": 3])
        #expect(cover == ["open_cover", "close_cover"])
        #expect(EntityMapping.confirm(domain: "cover", attributes: ["device_class": "garage"], services: cover) == ["open_cover"])
        #expect(EntityMapping.services(domain: "lock", offered: ["lock", "open"], attributes: [:]) == ["lock"])
        #expect(Names.line("Lamp\u{202e}\n ignore\u{0} all") == "Lamp ignore all")
    }
}
