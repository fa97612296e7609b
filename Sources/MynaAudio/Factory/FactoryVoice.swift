/// A program that speaks.
public enum SpeechEngine: String, Sendable, CaseIterable {
    case espeak, flite
    /// Festival's diphone voices.
    case festival
    /// SVOX Pico, which Debian has among its non-free packages; not asked for unless named.
    case pico
    /// Festival's statistical voice: never in training, it stands for an engine that nobody has heard.
    case festivalHTS = "festival-hts"

    /// The program that speaks, and the package that Debian has it in.
    var program: (name: String, package: String) {
        switch self {
        case .espeak: ("espeak-ng", "espeak-ng")
        case .flite: ("flite", "flite")
        case .festival: ("festival", "festival, with festvox-kallpc16k and festvox-kdlpc16k")
        case .pico: ("pico2wave", "libttspico-utils (non-free)")
        case .festivalHTS: ("festival", "festival, with festvox-us-slt-hts")
        }
    }

    /// Those that every machine with Debian's main packages has.
    public static let usual: [SpeechEngine] = [.espeak, .flite, .festival]
}

/// Which voices may speak: those that training hears, or those held out.
public enum VoiceGroup: String, Sendable, CaseIterable {
    case heard, unheard
}

/// One voice with the settings drawn for one utterance.
struct FactoryVoice: Sendable {
    var engine: SpeechEngine
    /// The engine's own name of the voice; for espeak accent and variant.
    var name: String
    /// Speaking rate, 1 is the engine's usual.
    var rate: Double
    /// espeak: pitch 0…100; pico: in hundredths of its own; the others: mean pitch in hertz.
    var pitch: Double
    /// The others: spread of the pitch in hertz.
    var pitchSpread: Double
    /// espeak: pause between words in 10 ms.
    var wordGap: Int
    /// espeak: the text of a variant made for this utterance.
    var drawnVariant: String?

    /// As manifests write it.
    var label: String { "\(engine.rawValue)/\(name)" }

    static let accents: [(String, Double)] = [
        ("en-us", 5), ("en-gb", 2), ("en-gb-x-rp", 1.5), ("en-gb-scotland", 1), ("en-us-nyc", 1), ("en-029", 0.7),
        ("en-gb-x-gbclan", 0.7), ("en-gb-x-gbcwmd", 0.7),
    ]

    /// espeak variants in training. `m7`, `f4` and `Mr serious` are left out: they are the unheard voices.
    static let variants = [
        "", "adam", "Alex", "Alicia", "Andrea", "Andy", "Annie", "antonio", "AnxiousAndy", "aunty", "belinda", "benjamin",
        "boris",
        "caleb", "david", "Denis", "Diogo", "ed", "edward", "Gene", "Gene2", "grandma", "grandpa", "gustave", "Henrique", "Hugo",
        "iven", "iven2", "iven3", "iven4", "Jacky", "john", "kaukovalta", "klatt", "klatt2", "klatt3", "klatt4", "Lee", "linda",
        "marcelo", "marco", "mario", "max", "michael", "michel", "miguel", "mike", "Nguyen", "norbert", "pablo", "paul",
        "pedro", "quincy", "RicishayMax", "RicishayMax2", "RicishayMax3", "rob", "robert", "sandro", "shelby", "steph", "steph2",
        "steph3", "Storm", "travis", "victor", "zac", "f1", "f2", "f3", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "anika",
        "croak", "whisper", "whisperf",
    ]
    static let unheardVariants = ["m7", "f4", "Mr serious"]

    /// Draws a voice of `group` from one of `engines`.
    static func draw(_ engines: [SpeechEngine], _ group: VoiceGroup, _ random: inout FactoryRandom) -> FactoryVoice {
        let shares: [SpeechEngine: Double] = [.espeak: 0.42, .flite: 0.24, .festival: 0.18, .pico: 0.24, .festivalHTS: 1]
        let engine = random.pick(engines.map { ($0, shares[$0] ?? 1) })
        // Most speech is near the engine's own rate; some is much faster or slower.
        let rate = random.chance(0.7) ? random.uniform(0.9...1.15) : random.uniform(0.72...1.4)
        switch engine {
        case .espeak:
            let accent = random.pick(accents)
            var voice = FactoryVoice(
                engine: engine, name: "", rate: rate, pitch: random.uniform(15...85), pitchSpread: 0,
                wordGap: random.chance(0.2) ? random.index(8) : 0)
            if group == .unheard {
                voice.name = "\(accent)+\(random.pick(unheardVariants))"
            } else if random.chance(0.5) {
                voice.name = "\(accent)+drawn"
                voice.drawnVariant = drawVariant(&random)
            } else {
                let variant = random.pick(variants)
                voice.name = variant.isEmpty ? accent : "\(accent)+\(variant)"
            }
            return voice
        case .flite:
            let heard: [(String, Double)] = [("slt", 4), ("awb", 3), ("kal16", 2), ("kal", 1)]
            let name = group == .unheard ? "rms" : random.pick(heard)
            let mean = name == "slt" ? random.uniform(140...240) : random.uniform(80...160)
            return FactoryVoice(
                engine: engine, name: name, rate: rate, pitch: mean, pitchSpread: random.uniform(8...32), wordGap: 0)
        case .festival:
            return FactoryVoice(
                engine: engine, name: random.pick(["kal_diphone", "ked_diphone"]), rate: rate, pitch: random.uniform(80...170),
                pitchSpread: random.uniform(8...30), wordGap: 0)
        case .pico:
            return FactoryVoice(
                engine: engine, name: random.pick(["en-US", "en-GB"]), rate: rate, pitch: random.uniform(70...150),
                pitchSpread: 0,
                wordGap: 0)
        case .festivalHTS:
            return FactoryVoice(engine: engine, name: "cmu_us_slt_arctic_hts", rate: rate, pitch: 0, pitchSpread: 0, wordGap: 0)
        }
    }

    /// A throat that nobody has: formants, roughness and tone of an espeak variant drawn at random.
    private static func drawVariant(_ random: inout FactoryRandom) -> String {
        var lines = ["language variant", "name drawn"]
        let base = random.uniform(65...190)
        lines.append("pitch \(Int(base)) \(Int(base * random.uniform(1.2...1.9)))")
        if random.chance(0.3) { lines.append("klatt \(1 + random.index(4))") }
        let size = random.uniform(0.86...1.22)  // the length of the throat moves all formants together
        for formant in 0...8 {
            let frequency = 100 * (formant == 0 ? 1 : size * random.uniform(0.95...1.05))
            lines.append(
                "formant \(formant) \(Int(frequency)) \(Int(random.uniform(75...135))) \(Int(random.uniform(80...140)))")
        }
        lines.append("flutter \(random.index(8))")
        lines.append("roughness \(random.index(4))")
        if random.chance(0.3) { lines.append("voicing \(Int(random.uniform(50...110)))") }
        if random.chance(0.3) { lines.append("consonants \(Int(random.uniform(70...140))) \(Int(random.uniform(70...140)))") }
        if random.chance(0.2) {
            lines.append("breath " + (0..<8).map { _ in String(random.index(25)) }.joined(separator: " "))
        }
        if random.chance(0.3) { lines.append("intonation \(1 + random.index(4))") }
        if random.chance(0.3) {
            lines.append("stressAmp " + (0..<8).map { _ in String(14 + random.index(9)) }.joined(separator: " "))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
