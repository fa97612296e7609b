import MynaStages

/// What people call the states of things, and whether one holds.
enum StateWords {
    /// Whether `entity` is what `words` say; nil where that makes no sense for it.
    static func holds(_ words: String, of entity: Home.Entity) -> Bool? {
        let phrase = Phrase.words(words).map(Phrase.stem).filter {
            !["still", "already", "currently", "right", "now", "left", "any"].contains($0)
        }
        if phrase.first == "not" || phrase.first == "isnt" {
            return holds(phrase.dropFirst().joined(separator: " "), of: entity).map { !$0 }
        }
        let word = phrase.joined(separator: " ")
        let state = entity.mode.lowercased()
        if let battery = ["low", "flat", "empty", "dead"].contains(word) ? battery(entity) : nil { return battery <= 20 }
        if ["full", "charged"].contains(word), let battery = battery(entity) { return battery >= 95 }
        switch entity.domain {
        case "light", "switch", "input_boolean", "fan", "siren", "humidifier", "automation":
            if ["on", "open", "running", "lit", "active", "going", "spinning"].contains(word) { return state == "on" }
            if ["off", "out", "closed"].contains(word) { return state == "off" }
            if entity.domain == "light", Color.rgb[word] != nil, let color = entity.state.attributes["color"]?.string {
                return color == word
            }
        case "cover", "valve":
            if ["open", "opened", "on", "running", "up", "ajar", "raised"].contains(word) {
                return state == "open" || state == "opening"
            }
            if ["closed", "close", "shut", "off", "down", "lowered"].contains(word) { return state == "closed" }
            if ["opening", "closing"].contains(word) { return state == word }
        case "lock":
            if ["locked", "secure", "secured"].contains(word) { return state == "locked" }
            if ["unlocked", "open"].contains(word) { return state == "unlocked" || state == "open" }
            if ["closed", "shut"].contains(word) { return state == "locked" }
            if word == "jammed" { return state == "jammed" }
        case "media_player":
            if ["playing", "on", "running"].contains(word) {
                return state == "playing" || (word == "on" && ["on", "idle", "paused"].contains(state))
            }
            if word == "paused" { return state == "paused" }
            if word == "off" { return state == "off" }
            if word == "muted" { return entity.state.attributes["is_volume_muted"]?.bool ?? false }
        case "climate", "water_heater":
            if ["on", "running"].contains(word) { return state != "off" && state != "unknown" }
            if word == "off" { return state == "off" }
            if word == "heating" {
                return entity.state.attributes["hvac_action"]?.string.map { $0 == "heating" } ?? (state == "heat")
            }
            if word == "cooling" {
                return entity.state.attributes["hvac_action"]?.string.map { $0 == "cooling" } ?? (state == "cool")
            }
            if entity.modes.contains(word) { return state == word }
        case "vacuum", "lawn_mower":
            if ["cleaning", "running", "on", "vacuuming", "mowing", "working"].contains(word) {
                return state == "cleaning" || state == "mowing"
            }
            if ["docked", "charging", "home", "off"].contains(word) { return state == "docked" }
            if ["returning", "paused", "idle"].contains(word) { return state == word }
        case "binary_sensor": return sensor(word, entity)
        case "person", "device_tracker":
            if ["home", "in", "here", "at home"].contains(word) { return state == "home" }
            if ["away", "out", "not home", "gone"].contains(word) { return state != "home" }
        case "alarm_control_panel":
            if ["on", "armed", "set"].contains(word) { return state.hasPrefix("armed") }
            if ["off", "disarmed"].contains(word) { return state == "disarmed" }
        case "timer":
            if ["running", "on", "active"].contains(word) { return state == "active" }
        default: break
        }
        return state == word || state == Phrase.stem(word)
            ? true
            : ["on", "off", "open", "closed", "home", "locked"].contains(word) && ["on", "off", "open", "closed"].contains(state)
                ? false : nil
    }

    static func battery(_ entity: Home.Entity) -> Double? {
        if entity.domain == "sensor", entity.deviceClass == "battery" { return reading(entity) }
        return entity.domain == "binary_sensor" || entity.domain == "sensor" ? nil : Quantity.battery.read(entity.state)
    }

    /// A sensor's number, from its state or from where a home keeps it while that is unknown.
    static func reading(_ entity: Home.Entity) -> Double? {
        Double(entity.state.state) ?? entity.state.attributes["value"]?.number
    }

    /// What a binary sensor's "on" is called, by class: the word for on, then for off.
    private static let classes: [String: (on: Set<String>, off: Set<String>)] = [
        "window": (["open", "opened"], ["closed", "shut", "close"]),
        "door": (["open", "opened", "ajar"], ["closed", "shut", "close"]),
        "garage_door": (["open", "opened"], ["closed", "shut"]), "opening": (["open", "opened"], ["closed", "shut"]),
        "lock": (["unlocked", "open"], ["locked", "closed"]),
        "motion": (["motion", "movement", "detected", "active", "occupied"], ["clear", "still"]),
        "occupancy": (["occupied", "detected", "someone"], ["empty", "clear", "free", "unoccupied"]),
        "presence": (["home", "detected", "present"], ["away", "clear"]),
        "battery": (["low", "flat"], ["normal", "fine", "ok", "full"]),
        "battery_charging": (["charging"], ["full", "not charging"]),
        "moisture": (["wet", "leaking", "leak", "detected"], ["dry"]),
        "smoke": (["smoke", "detected", "smoky"], ["clear"]), "gas": (["gas", "detected"], ["clear"]),
        "carbon_monoxide": (["detected", "monoxide"], ["clear"]), "cold": (["cold"], ["normal"]), "heat": (["hot"], ["normal"]),
        "connectivity": (["connected", "online"], ["disconnected", "offline"]),
        "light": (["light", "bright", "detected"], ["dark", "no light"]),
        "plug": (["plugged in", "plugged"], ["unplugged"]), "power": (["powered", "power"], ["no power"]),
        "problem": (["problem", "wrong", "broken"], ["ok", "fine"]), "running": (["running"], ["stopped", "not running"]),
        "safety": (["unsafe"], ["safe"]), "sound": (["sound", "noise", "detected", "noisy"], ["quiet", "silent", "clear"]),
        "tamper": (["tampered", "tampering", "detected"], ["clear"]),
        "update": (["update", "available", "outdated"], ["up to date"]),
        "vibration": (["vibrating", "vibration", "detected"], ["clear", "still"]), "moving": (["moving"], ["still"]),
    ]

    /// Whether a binary sensor is on; its state may be a word of its class.
    static func isOn(_ entity: Home.Entity) -> Bool? {
        let state = entity.state.state.lowercased()
        if state == "on" { return true }
        if state == "off" { return false }
        if state.isEmpty || state == "unknown" || state == "unavailable" { return nil }
        if let words = entity.deviceClass.flatMap({ classes[$0] }) {
            if words.on.contains(state) { return true }
            if words.off.contains(state) { return false }
        }
        return ["open", "detected", "unlocked", "wet", "home", "occupied", "charging", "connected", "hot", "low"].contains(state)
    }

    private static func sensor(_ word: String, _ entity: Home.Entity) -> Bool? {
        guard let isOn = isOn(entity) else { return nil }
        if ["on", "triggered", "active"].contains(word) { return isOn }
        if word == "off" { return !isOn }
        if let words = entity.deviceClass.flatMap({ classes[$0] }) {
            if words.on.contains(word) { return isOn }
            if words.off.contains(word) { return !isOn }
        }
        if ["open", "opened", "wet", "detected", "occupied", "unlocked"].contains(word) { return isOn }
        if ["closed", "shut", "dry", "clear", "empty", "locked"].contains(word) { return !isOn }
        return nil
    }

    /// What the state of `entity` is called in a reply.
    static func spoken(_ entity: Home.Entity, units: Home.Units) -> String {
        let state = entity.mode
        if entity.domain == "binary_sensor", let isOn = isOn(entity), ["on", "off"].contains(state) {
            let words: [String: (String, String)] = [
                "window": ("open", "closed"), "door": ("open", "closed"), "garage_door": ("open", "closed"),
                "opening": ("open", "closed"),
                "lock": ("unlocked", "locked"), "motion": ("detecting motion", "clear"), "occupancy": ("occupied", "empty"),
                "presence": ("home", "away"), "battery": ("low", "fine"), "moisture": ("wet", "dry"),
                "connectivity": ("connected", "disconnected"),
                "plug": ("plugged in", "unplugged"), "running": ("running", "not running"), "safety": ("unsafe", "safe"),
            ]
            if let (on, off) = entity.deviceClass.flatMap({ words[$0] }) { return isOn ? on : off }
        }
        if entity.domain == "sensor" || entity.domain == "number" || entity.domain == "input_number", let number = reading(entity)
        {
            return Wording.number(number) + unit(entity, number)
        }
        if ["unknown", "unavailable", ""].contains(state) { return "not known" }
        return state.replacing("_", with: " ")
    }

    private static func unit(_ entity: Home.Entity, _ number: Double) -> String {
        let unit =
            (entity.state.attributes["unit"] ?? entity.state.attributes["unit_of_measurement"])?.string
            ?? (entity.deviceClass == "battery" || entity.deviceClass == "humidity" ? "%" : "")
        let spoken = [
            "%": " percent", "°C": number == 1 ? " degree" : " degrees", "°F": number == 1 ? " degree" : " degrees",
            "kWh": " kilowatt hours",
            "W": " watts", "m³": " cubic metres", "lx": " lux", "ppm": " parts per million", "V": " volts",
            "hPa": " hectopascals",
            "km/h": " kilometres an hour", "mm": " millimetres",
        ]
        return unit.isEmpty ? "" : spoken[unit] ?? " \(unit)"
    }
}
