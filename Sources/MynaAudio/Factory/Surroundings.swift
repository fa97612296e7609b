internal import Foundation
internal import MynaStages

/// Where an utterance is heard: the rooms, the noises, and what happens between mouth and file.
struct Surroundings: Sendable {
    static let rate = 16000

    private let rooms: Rooms
    private let transform = FourierTransform(count: 32768)
    private let recorded: [[Float]]
    /// Speech of several people at once, made of training voices.
    var babble: [[Float]] = []

    /// Reads recorded noises and responses of the train split from a corpus in the form of `noise-rir`.
    init(manifest path: String, rooms count: Int, seed: UInt64) throws(AudioError) {
        let manifest = try SpeechManifest(path: path)
        var noises: [[Float]] = []
        var responses: [[Float]] = []
        for row in manifest.utterances where row.split == "train" {
            let samples = try manifest.samples(of: row, at: Surroundings.rate)
            switch row.extra["kind"]?.string {
            case "rir": responses.append(samples)
            default:
                let level = SoundEffects.loudness(samples)
                if level > 0 && samples.count > Surroundings.rate / 2 { noises.append(samples.map { $0 / Float(level) }) }
            }
        }
        recorded = noises
        rooms = Rooms(count: count, recorded: responses, sampleRate: Surroundings.rate, seed: seed)
    }

    /// How an utterance came out.
    struct Heard {
        var samples: [Float]
        /// Silences inside, in seconds.
        var pauses: [(start: Double, end: Double)]
        var snr: Double?
        var room: Bool
        var telephone: Bool
        var vocoder: Bool
    }

    /// Joins, warps, pads, and degrades what an engine said; nil where a wanted pause could not be found in it.
    func hear(_ spoken: [(samples: [Float], rate: Int)], plan: UtterancePlan, drawn: Bool) -> Heard? {
        var random = plan.random
        let rate = Double(Surroundings.rate)
        // Warping moves pitch, throat and speed together; then, mostly, the speed is put back. The throats of espeak are drawn
        // already; the other engines have few speakers, which this makes many.
        let few = plan.voice.engine != .espeak
        let warp = drawn && random.chance(few ? 0.8 : 0.5) ? random.uniform(few ? 0.83...1.2 : 0.88...1.14) : 1
        let restore = random.chance(0.65)
        let vocoder = drawn && random.chance(few ? 0.15 : 0.08) ? Vocoder.draw(&random) : nil
        var parts: [[Float]] = []
        for part in spoken {
            guard var samples = Resampler.whole(part.samples, ratio: rate / Double(part.rate) / warp),
                let level = Optional(SoundEffects.loudness(samples)), level > 0
            else { return nil }
            if restore { samples = SoundEffects.stretched(samples, by: warp) }
            guard let trimmed = SoundEffects.trimmed(samples, rate: Surroundings.rate), trimmed.count > 1600 else { return nil }
            var part = trimmed.map { $0 * Float(0.1 / level) }
            if let vocoder { part = Vocoder.resynthesised(part, vocoder, &random) }
            parts.append(part)
        }
        var speech = parts[0]
        var pauses: [Range<Int>] = []
        var trail = random.uniform(0.2...0.9)
        switch plan.form {
        case .whole: break
        case .cut:
            guard let silence = SoundEffects.longestSilence(speech, rate: Surroundings.rate, atLeast: 0.06) else { return nil }
            speech = Array(speech[..<min(silence.lowerBound + 160, speech.count)])
            trail = random.chance(0.4) ? 0 : random.uniform(0...0.3)
        case .paused(_, let seconds):
            guard let silence = SoundEffects.longestSilence(speech, rate: Surroundings.rate, atLeast: 0.06) else { return nil }
            let length = Int(seconds * rate)
            let pause = silence.lowerBound..<silence.lowerBound + length
            speech.replaceSubrange(silence, with: [Float](repeating: 0, count: length))
            pauses = [pause]
        case .joined(let gap):
            let length = Int(gap * rate)
            pauses = [speech.count..<speech.count + length]
            speech += [Float](repeating: 0, count: length) + parts[1]
        }
        let lead = Int(random.uniform(0.1...0.6) * rate)
        var sound = [Float](repeating: 0, count: lead) + speech + [Float](repeating: 0, count: Int(trail * rate))
        let room = drawn && random.chance(0.5)
        if room { sound = transform.convolve(sound, random.pick(rooms.responses)) }
        if drawn && random.chance(0.5) { SoundEffects.equalise(&sound, &random) }
        let snr = addNoise(&sound, drawn: drawn, &random)
        let telephone = drawn && random.chance(0.08)
        if telephone { SoundEffects.telephone(&sound, &random) }
        setLevel(&sound, drawn: drawn, &random)
        return Heard(
            samples: sound,
            pauses: pauses.map { (Double($0.lowerBound + lead) / rate, Double($0.upperBound + lead) / rate) },
            snr: snr, room: room, telephone: telephone, vocoder: vocoder != nil)
    }

    private func addNoise(_ sound: inout [Float], drawn: Bool, _ random: inout FactoryRandom) -> Double? {
        let level = SoundEffects.loudness(sound)
        var snr: Double?
        if drawn && random.chance(0.6) {
            let decibels = random.uniform(2...30)
            snr = decibels
            let noise: [Float]
            switch random.pick([(0, 5.0), (1, 3), (2, 2)]) {
            case 0 where !recorded.isEmpty: noise = SoundEffects.excerpt(random.pick(recorded), sound.count, &random)
            case 2 where !babble.isEmpty:
                var sum = [Float](repeating: 0, count: sound.count)
                for _ in 0..<2 + random.index(5) {
                    let voice = SoundEffects.excerpt(random.pick(babble), sound.count, &random)
                    for i in sum.indices { sum[i] += voice[i] }
                }
                noise = sum
            default: noise = SoundEffects.colouredNoise(sound.count, &random)
            }
            let noiseLevel = SoundEffects.loudness(noise)
            if noiseLevel > 0 {
                let gain = Float(level / noiseLevel * pow(10, -decibels / 20))
                for i in sound.indices { sound[i] += gain * noise[i] }
            }
        }
        // No microphone is digitally silent.
        let floor = Float(level * pow(10, random.uniform(-65 ... -42) / 20))
        for i in sound.indices { sound[i] += floor * Float(random.gaussian()) }
        return snr
    }

    private func setLevel(_ sound: inout [Float], drawn: Bool, _ random: inout FactoryRandom) {
        let peak = max(1e-6, sound.reduce(0) { max($0, abs($1)) })
        if drawn && random.chance(0.03) {
            let limit = peak * Float(random.uniform(0.25...0.7))
            for i in sound.indices { sound[i] = max(-limit, min(limit, sound[i])) }
        }
        let top = max(1e-6, sound.reduce(0) { max($0, abs($1)) })
        let gain = 0.95 / top * Float(pow(10, random.uniform(drawn ? -25...0 : -12...0) / 20))
        for i in sound.indices { sound[i] *= gain }
    }

    /// Adds speech of several people to the noises; `lines` are spoken one after the other.
    mutating func addBabble(_ lines: [EngineRunner.Line], through runner: EngineRunner) {
        for line in lines {
            guard let said = runner.speak(line),
                let samples = Resampler.whole(said.samples, ratio: Double(Surroundings.rate) / Double(said.rate))
            else { continue }
            let level = SoundEffects.loudness(samples)
            if level > 0 { babble.append(samples.map { $0 / Float(level) }) }
        }
    }
}
