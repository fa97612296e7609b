internal import Foundation

/// Impulse responses of rooms: boxes computed by the image method, and recorded ones.
struct Rooms: Sendable {
    let responses: [[Float]]

    /// Draws `count` boxes; `recorded` responses are added as they are.
    init(count: Int, recorded: [[Float]], sampleRate: Int, seed: UInt64) {
        var random = FactoryRandom(seed: seed, stream: 0x526f_6f6d)
        var all: [[Float]] = []
        for _ in 0..<count { all.append(Rooms.box(sampleRate: sampleRate, &random)) }
        for response in recorded {
            let cut = Array(response.drop { abs($0) < 1e-3 * (response.map(abs).max() ?? 1) }.prefix(sampleRate * 4 / 5))
            if let ready = Rooms.normalised(cut) { all.append(ready) }
        }
        responses = all
    }

    /// Image method (Allen and Berkley 1979) for the first 80 ms, then noise that dies away at the same rate.
    private static func box(sampleRate: Int, _ random: inout FactoryRandom) -> [Float] {
        let size = [random.uniform(2...8), random.uniform(2...7), random.uniform(2.2...3.5)]
        let decay = random.uniform(0.12...0.7)  // seconds to fall by 60 dB
        func place(_ margin: Double) -> [Double] { size.map { random.uniform(margin...($0 - margin)) } }
        let microphone = place(0.2)
        var source = place(0.3)
        // Half the speakers stand within a metre or two.
        if random.chance(0.5) {
            let pull = random.uniform(0.5...0.85)
            source = zip(source, microphone).map { $0 + ($1 - $0) * pull }
        }
        let speed = 343.0
        let early = 0.08
        let length = Int(Double(sampleRate) * min(0.75, decay * 0.9))
        var response = [Float](repeating: 0, count: length)
        let volume = size[0] * size[1] * size[2]
        let surface = 2 * (size[0] * size[1] + size[0] * size[2] + size[1] * size[2])
        let absorption = min(0.95, 0.161 * volume / (surface * decay))
        let reflection = (1 - absorption).squareRoot()
        let reach = size.map { extent in Int((early * speed / (2 * extent)).rounded(.up)) }
        for x in -reach[0]...reach[0] {
            for y in -reach[1]...reach[1] {
                for z in -reach[2]...reach[2] {
                    for corner in 0..<8 {
                        let flip = [corner & 1, corner >> 1 & 1, corner >> 2 & 1]
                        let cell = [x, y, z]
                        var square = 0.0
                        var bounces = 0
                        for axis in 0..<3 {
                            let image = Double(1 - 2 * flip[axis]) * source[axis] + 2 * Double(cell[axis]) * size[axis]
                            square += (image - microphone[axis]) * (image - microphone[axis])
                            bounces += abs(cell[axis] - flip[axis]) + abs(cell[axis])
                        }
                        let distance = max(0.1, square.squareRoot())
                        let time = distance / speed
                        if time >= early { continue }
                        let gain = Float(pow(reflection, Double(bounces)) / distance)
                        let at = time * Double(sampleRate)
                        let i = Int(at)
                        let part = Float(at - Double(i))
                        if i + 1 < length {
                            response[i] += gain * (1 - part)
                            response[i + 1] += gain * part
                        }
                    }
                }
            }
        }
        let border = Int(early * Double(sampleRate))
        if length > border + 1 {
            let last = response[max(0, border - sampleRate / 50)..<border]
            let level = (last.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, last.count))).squareRoot()
            for i in border..<length {
                let seconds = Double(i - border) / Double(sampleRate)
                response[i] += Float(random.gaussian() * level * pow(10, -3 * seconds / decay))
            }
        }
        return normalised(Array(response.drop { $0 == 0 })) ?? [1]
    }

    /// Scaled so that speech keeps about its loudness.
    private static func normalised(_ response: [Float]) -> [Float]? {
        let energy = response.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
        return energy > 0 ? response.map { $0 / Float(energy) } : nil
    }
}
