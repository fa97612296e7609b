import Foundation
import MynaStages
import Testing

@testable import MynaServer

@Suite struct SoundFormatTests {
    /// Pairs from the tables of ITU-T G.711: a byte and its value in 16 bits.
    @Test func `known bytes of telephony have the standard's values`() {
        let muLaw: [(UInt8, Int16)] = [(0xff, 0), (0x7f, 0), (0x80, 32_124), (0x00, -32_124), (0xf0, 120), (0x8f, 16_764)]
        for (byte, value) in muLaw { #expect(G711.muLawSample(byte) == value, "\(byte)") }
        let aLaw: [(UInt8, Int16)] = [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0xc5, 264), (0x80, 5504)]
        for (byte, value) in aLaw { #expect(G711.aLawSample(byte) == value, "\(byte)") }
    }

    @Test func `every byte survives the way there and back, and every sample comes back close`() {
        for byte in UInt8.min...UInt8.max {
            if byte != 0x7f { #expect(G711.muLaw(G711.muLawSample(byte)) == byte) }  // the standard has two zeros
            #expect(G711.aLaw(G711.aLawSample(byte)) == byte)
        }
        for sample in stride(from: Int(Int16.min), through: Int(Int16.max), by: 37) {
            let sample = Int16(sample)
            let error = 0.035 * abs(Double(sample)) + 9
            #expect(abs(Double(G711.muLawSample(G711.muLaw(sample))) - Double(sample)) <= error)
            #expect(abs(Double(G711.aLawSample(G711.aLaw(sample))) - Double(sample)) <= error)
        }
    }

    @Test func `a format is named, and its rate is its own`() throws {
        #expect(try SoundFormat(["type": "audio/pcm", "rate": 24_000], field: "f") == .pcm)
        #expect(try SoundFormat(["type": "audio/pcma"], field: "f").rate == 8000)
        for bad: [String: Value] in [
            [:], ["type": "audio/opus"], ["type": "audio/pcm", "rate": 16_000], ["type": "audio/pcmu", "rate": 24_000],
        ] {
            #expect(throws: RealtimeError.self) { try SoundFormat(bad, field: "f") }
        }
        #expect(SoundFormat.muLaw.samples(Data([0xff, 0x80]))?.count == 2)
    }
}
