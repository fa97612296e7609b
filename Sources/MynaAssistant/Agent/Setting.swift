import MynaStages
import MynaText

/// What a device can be set to, read from the words of a request.
enum Setting: Equatable {
    case brightness(Double)
    case color(String)
    case kelvin(Double)
    case temperature(Double)
    case mode(String)
    case preset(String)
    case position(Double)
    case volume(Double)
    case speed(Double)
    case humidity(Double)
    case source(String)
    case power(Bool)
    case locked(Bool)
    case number(Double)

    /// What `value` means for `entity`; nil where it means nothing there.
    static func read(_ value: String, property: String?, for entity: Home.Entity, units: Home.Units) -> Setting? {
        let words = Phrase.words(value)
        let stems = words.map(Phrase.stem)
        let percent = percent(words)
        switch entity.domain {
        case "light":
            switch property {
            case "color", "color_temperature", "temperature", "mode", nil:
                if let kelvin = kelvin(words, isExpected: property == "color_temperature" || property == "temperature") {
                    return entity.canWarm ? .kelvin(kelvin) : nil
                }
                if let color = color(stems) { return entity.canColor ? .color(color) : nil }
                if property == "color_temperature" { return nil }
                if property == "color", percent == nil { return nil }
            default: break
            }
            if let power = power(stems) { return .power(power) }
            guard [nil, "brightness", "color", "power", "state", "mode", "position"].contains(property) else { return nil }
            return percent.flatMap {
                entity.canDim ? .brightness(level($0, words)) : $0 == 0 ? .power(false) : $0 == 100 ? .power(true) : nil
            }
        case "climate", "water_heater":
            if property != "mode", property != "preset", property != "speed", let degrees = degrees(words, units: units) {
                return .temperature(degrees)
            }
            if property == "humidity" { return percent.map { .humidity($0) } }
            if let mode = entity.modes.first(where: { modeMatches($0, stems) }) { return .mode(mode) }
            if let power = power(stems) { return .power(power) }
            let presets = entity.state.attributes["preset_modes"]?.list?.compactMap(\.string) ?? []
            if let preset = presets.first(where: { Phrase($0).stems == stems }) { return .preset(preset) }
            if property == "preset", entity.services.contains("set_preset_mode"), presets.isEmpty, !stems.isEmpty {
                return .preset(words.joined(separator: " "))
            }
            return nil
        case "cover", "valve":
            if stems.contains("open") || stems.contains("opened") { return percent.map { .position($0) } ?? .position(100) }
            if !["closed", "close", "shut"].filter(stems.contains).isEmpty {
                return percent.map { .position(100 - $0) } ?? .position(0)
            }
            if let power = power(stems) { return .position(power ? 100 : 0) }
            guard [nil, "position", "open", "state", "brightness"].contains(property) else { return nil }
            return percent.map { .position($0) }
        case "fan":
            if let power = power(stems) { return .power(power) }
            let steps: [String: Double] = ["low": 33, "slow": 33, "medium": 66, "middle": 66, "high": 100, "fast": 100]
            if let step = stems.lazy.compactMap({ steps[$0] }).first { return .speed(step) }
            guard [nil, "speed", "state", "power", "mode"].contains(property) else { return nil }
            return percent.map { .speed($0) }
        case "media_player":
            if property == "source" { return .source(words.joined(separator: " ")) }
            if let power = power(stems) { return .power(power) }
            guard [nil, "volume"].contains(property) else { return nil }
            return percent.map { .volume($0) }
        case "humidifier": return power(stems).map { .power($0) } ?? percent.map { .humidity($0) }
        case "lock":
            if stems.contains("locked") || stems.contains("lock") { return .locked(true) }
            if stems.contains("unlocked") || stems.contains("unlock") { return .locked(false) }
            return nil
        case "number", "input_number": return NumberWords.first(in: words).map { .number($0.value) }
        case "select", "input_select":
            let options = entity.state.attributes["options"]?.list?.compactMap(\.string) ?? []
            return options.first { Phrase($0).stems == Phrase(value).stems }.map { .source($0) }
        default: return power(stems).map { .power($0) }
        }
    }

    private static func power(_ stems: [String]) -> Bool? { stems == ["on"] ? true : stems == ["off"] ? false : nil }

    private static func modeMatches(_ mode: String, _ stems: [String]) -> Bool {
        let names: [String: Set<String>] = [
            "heat": ["heat", "heating", "hot"], "cool": ["cool", "cooling", "cold"], "heat_cool": ["auto", "automatic", "both"],
            "auto": ["auto", "automatic"], "dry": ["dry", "drying"], "fan_only": ["fan"], "off": ["off"],
        ]
        return !(names[mode] ?? [Phrase.stem(mode)]).isDisjoint(with: stems)
    }

    private static func color(_ stems: [String]) -> String? {
        stems.lazy.compactMap { Color.rgb[$0] != nil ? $0 : Color.rgb[$0 + "s"] != nil ? $0 + "s" : nil }.first
    }

    private static func kelvin(_ words: [String], isExpected: Bool) -> Double? {
        if let (number, _) = NumberWords.first(in: words) {
            return words.contains("kelvin") || (isExpected && number >= 1000) ? number : nil
        }
        let text = words.joined(separator: " ")
        let isWhite = words.contains("white") || words.contains("light") || words.contains("daylight") || isExpected
        guard isWhite else { return nil }
        return Color.whites.first { text.contains($0.words) }?.kelvin
    }

    /// A share in per cent: "half", "max", "twenty percent", "three quarters".
    static func percent(_ words: [String]) -> Double? {
        let stems = words.map(Phrase.stem)
        func says(_ any: Set<String>) -> Bool { !any.isDisjoint(with: stems) }
        if let (number, range) = NumberWords.first(in: words) {
            let rest = words[range.upperBound...]
            if number <= 1, number > 0, !rest.contains("percent"), words[range] != ["one"] { return number * 100 }
            guard number >= 0, number <= 100 else { return nil }
            return number
        }
        if says(["max", "maximum", "full", "fully", "highest", "brightest", "loudest", "top"]) || (says(["all"]) && says(["way"]))
        {
            return 100
        }
        if says(["min", "minimum", "lowest", "dimmest", "quietest"]) { return 1 }
        if says(["high", "bright"]) { return 100 }
        if says(["dark"]) { return 10 }
        if says(["medium", "partially", "partly", "mid", "middle", "halfway", "half"]) { return 50 }
        if says(["low", "dim"]) { return 20 }
        return nil
    }

    /// "one" of a light means one per cent; anything else stands.
    private static func level(_ percent: Double, _ words: [String]) -> Double { min(100, max(0, percent)) }

    /// Degrees in the units of the home; a scale that is named is converted.
    static func degrees(_ words: [String], units: Home.Units) -> Double? {
        guard let (number, range) = NumberWords.first(in: words), !words[range.upperBound...].contains("percent") else {
            return nil
        }
        let isFahrenheit = words.contains("fahrenheit")
        let isCelsius = words.contains("celsius") || words.contains("centigrade")
        switch units {
        case .metric where isFahrenheit: return (((number - 32) / 1.8) * 2).rounded() / 2
        case .imperial where isCelsius: return (number * 1.8 + 32).rounded()
        default: return number
        }
    }
}
