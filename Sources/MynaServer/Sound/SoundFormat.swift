internal import Foundation
internal import MynaStages

/// How a realtime client's sound stands in bytes.
enum SoundFormat: String {
    case pcm = "audio/pcm"
    case muLaw = "audio/pcmu"
    case aLaw = "audio/pcma"

    /// - Throws: ``RealtimeError`` that names the field.
    init(_ format: [String: Value], field: String) throws {
        guard let type = format["type"]?.string, let known = SoundFormat(rawValue: type) else {
            throw RealtimeError(
                code: "invalid_value", "\(field).type is not audio/pcm, audio/pcmu or audio/pcma", param: "\(field).type")
        }
        if let rate = format["rate"], rate != .null, rate.number != Double(known.rate) {
            throw RealtimeError(code: "invalid_value", "\(field).rate is not \(known.rate)", param: "\(field).rate")
        }
        self = known
    }

    /// In hertz.
    var rate: Int { self == .pcm ? PCM16.rate : G711.rate }

    /// As clients are told.
    var described: Value {
        self == .pcm ? ["type": .string(rawValue), "rate": .number(Double(rate))] : ["type": .string(rawValue)]
    }

    /// - Returns: nil where the bytes are no whole samples.
    func samples(_ data: Data) -> [Float]? {
        switch self {
        case .pcm: PCM16.samples(data)
        case .muLaw: data.map { Float(G711.muLawSample($0)) / 32_768 }
        case .aLaw: data.map { Float(G711.aLawSample($0)) / 32_768 }
        }
    }

    func data(_ samples: [Float]) -> Data {
        func whole(_ sample: Float) -> Int16 { Int16(max(-32_768, min(32_767, (sample * 32_768).rounded()))) }
        return switch self {
        case .pcm: PCM16.data(samples)
        case .muLaw: Data(samples.map { G711.muLaw(whole($0)) })
        case .aLaw: Data(samples.map { G711.aLaw(whole($0)) })
        }
    }
}
