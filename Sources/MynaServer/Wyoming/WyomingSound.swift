internal import Foundation
internal import MynaStages

/// The form that a Wyoming client says its sound has.
struct WyomingSound: Equatable {
    var rate: Int
    var width: Int
    var channels: Int

    /// - Returns: nil where a field is missing or not as sound has it.
    init?(_ data: [String: Value]) {
        func whole(_ name: String, within range: ClosedRange<Int>) -> Int? {
            data[name]?.number.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
        guard let rate = whole("rate", within: 4000...192_000), let width = whole("width", within: 2...4), width != 3,
            let channels = whole("channels", within: 1...8)
        else { return nil }
        (self.rate, self.width, self.channels) = (rate, width, channels)
    }

    /// The mean of the channels; nil where the bytes are no whole samples.
    func frame(_ bytes: Data) -> AudioFrame? {
        let step = width * channels
        guard bytes.count % step == 0 else { return nil }
        let samples = bytes.withUnsafeBytes { raw in
            (0..<bytes.count / step).map { index in
                var sum: Float = 0
                for channel in 0..<channels {
                    let place = index * step + channel * width
                    sum +=
                        width == 2
                        ? Float(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: Int16.self))) / 32_768
                        : Float(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: Int32.self))) / 2_147_483_648
                }
                return sum / Float(channels)
            }
        }
        return AudioFrame(samples: samples, sampleRate: rate)
    }
}
