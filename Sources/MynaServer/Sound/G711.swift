/// The 8-bit companded samples of telephony at 8 kHz (ITU-T G.711): µ-law and A-law.
enum G711 {
    static let rate = 8000

    static func muLawSample(_ byte: UInt8) -> Int16 {
        let code = ~byte
        let exponent = Int(code >> 4 & 7)
        let magnitude = ((Int(code & 15) << 3 + 132) << exponent) - 132
        return Int16(code & 0x80 == 0 ? magnitude : -magnitude)
    }

    static func muLaw(_ sample: Int16) -> UInt8 {
        let magnitude = min(32_635, abs(Int(sample))) + 132
        let exponent = max(0, Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 7)
        let mantissa = magnitude >> (exponent + 3) & 15
        return ~UInt8((sample < 0 ? 0x80 : 0) | exponent << 4 | mantissa)
    }

    static func aLawSample(_ byte: UInt8) -> Int16 {
        let code = byte ^ 0x55
        let exponent = Int(code >> 4 & 7)
        let mantissa = Int(code & 15) << 4 + 8
        let magnitude = exponent == 0 ? mantissa : (mantissa + 256) << (exponent - 1)
        return Int16(code & 0x80 == 0 ? -magnitude : magnitude)
    }

    static func aLaw(_ sample: Int16) -> UInt8 {
        // Sign and magnitude with the half step down for negative ones, as the standard's tables have it.
        let magnitude = sample < 0 ? -Int(sample) - 1 : Int(sample)
        let exponent = magnitude < 256 ? 0 : Int.bitWidth - 1 - magnitude.leadingZeroBitCount - 7
        let mantissa = magnitude >> (exponent == 0 ? 4 : exponent + 3) & 15
        return UInt8((sample < 0 ? 0 : 0x80) | exponent << 4 | mantissa) ^ 0x55
    }
}
