/// The common words for what a device is, beside its name.
enum Kinds {
    /// Words that mean the same thing; any of them stands for all.
    static let synonyms: [Set<String>] = [
        ["blind", "shade", "shutter", "roller"], ["curtain", "drape"], ["tv", "television", "telly"],
        ["vacuum", "hoover", "robot", "roomba", "vac"], ["plug", "outlet", "socket"], ["sprinkler", "irrigation"],
        ["couch", "sofa"], ["fridge", "refrigerator"], ["lamp", "light"], ["bulb", "light"],
        ["nightstand", "bedside"], ["mower", "lawnmower"], ["stereo", "hifi"], ["thermostat", "heating"],
        ["heater", "heating"], ["heat", "heating"], ["color", "colour"], ["gray", "grey"], ["movie", "film", "cinema"],
        ["grocery", "shopping"], ["shower", "bath"], ["fountain", "water"], ["chore", "task"], ["garage", "garage"],
        ["aircon", "ac"], ["dryer", "drier"], ["veranda", "porch"], ["socket", "plug"],
    ]

    /// `stem` and the words that mean the same.
    static func meanings(_ stem: String) -> Set<String> {
        synonyms.reduce(into: [stem]) { all, group in if group.contains(stem) { all.formUnion(group) } }
    }

    /// Words that any device may be called with and that tell nothing.
    static let empty: Set<String> = [
        "smart", "device", "system", "controller", "unit", "thing", "one", "set", "appliance", "main", "level", "setting",
        "brightness", "color", "colour", "position", "speed", "house", "home",
    ]

    /// The words of a domain whose entities need not have them in the name.
    private static let byDomain: [String: Set<String>] = [
        "light": ["light", "lamp", "bulb", "lighting", "illumination"],
        "switch": ["switch"],
        "fan": ["fan", "ventilator", "ventilation", "extractor"],
        "climate": [
            "thermostat", "heating", "heat", "heater", "climate", "temperature", "temp", "hvac", "ac", "air", "conditioning",
            "conditioner", "aircon", "cooling", "radiator",
        ],
        "water_heater": ["boiler", "water", "heater", "geyser"],
        "humidifier": ["humidifier", "dehumidifier"],
        "cover": ["cover"],
        "valve": ["valve", "water", "tap"],
        "lock": ["lock", "door"],
        "media_player": ["media", "player", "music", "audio", "sound", "song", "track", "playback", "volume", "playlist"],
        "vacuum": ["vacuum", "hoover", "robot", "cleaner", "roomba", "vac"],
        "lawn_mower": ["mower", "lawn", "lawnmower", "grass", "mowing"],
        "todo": ["list", "todo", "do"], "calendar": ["calendar", "schedule", "agenda", "diary"], "timer": ["timer"],
        "scene": ["scene", "mode", "mood"], "script": ["script", "routine"], "automation": ["automation"],
        "camera": ["camera"], "siren": ["siren"], "alarm_control_panel": ["alarm", "security"],
        "person": ["person"], "weather": ["weather", "forecast"], "binary_sensor": ["sensor"], "sensor": ["sensor"],
        "input_boolean": ["switch", "toggle"], "button": ["button"], "input_button": ["button"],
    ]

    private static let byClass: [String: Set<String>] = [
        "outlet": ["plug", "outlet", "socket"],
        "tv": ["tv", "television", "telly", "show", "movie", "film", "video", "programme"],
        "speaker": ["speaker", "radio", "stereo"], "receiver": ["speaker", "receiver", "stereo"],
        "blind": ["blind", "shade", "shutter"], "shade": ["shade", "blind"], "shutter": ["shutter", "blind"],
        "curtain": ["curtain", "drape"], "garage": ["garage", "door"], "garage_door": ["garage", "door"], "gate": ["gate"],
        "door": ["door"], "window": ["window"], "awning": ["awning"], "opening": ["opening"],
        "water": ["water"], "gas": ["gas"], "motion": ["motion", "movement"], "occupancy": ["occupancy", "motion"],
        "presence": ["presence"], "temperature": ["temperature", "temp", "thermometer"], "humidity": ["humidity"],
        "battery": ["battery"], "moisture": ["moisture", "leak", "wet", "water"], "smoke": ["smoke"], "energy": ["energy"],
        "power": ["power"], "illuminance": ["illuminance", "light"], "carbon_dioxide": ["co2", "carbon", "dioxide"],
        "carbon_monoxide": ["co", "carbon", "monoxide"], "lock": ["lock", "door"], "battery_charging": ["battery", "charging"],
        "pressure": ["pressure"], "pm25": ["pm", "air"], "aqi": ["air", "quality"], "sound": ["sound", "noise"],
    ]

    /// The words people may use for `entity` without saying its name, by what it is.
    static func words(for entity: Home.Entity) -> Set<String> {
        var words = byDomain[entity.domain] ?? [Phrase.stem(entity.domain)]
        if let deviceClass = entity.deviceClass {
            words.formUnion(byClass[deviceClass] ?? Set(Phrase(deviceClass.replacing("_", with: " ")).stems))
        }
        if entity.domain == "media_player" {
            let isTelevision =
                entity.deviceClass == "tv"
                || entity.names.contains { !["tv", "television"].filter(Phrase($0).stems.contains).isEmpty }
            if entity.deviceClass == nil { words.formUnion(byClass[isTelevision ? "tv" : "speaker"] ?? []) }
            if isTelevision { words.subtract(["music", "song", "track", "playlist"]) }
        }
        return words
    }

    /// Words that mean the same as one in the name of `entity`: a "sprinkler" is an "irrigation".
    static func otherWords(for entity: Home.Entity) -> Set<String> {
        Set(entity.names.flatMap { Phrase($0).stems }.flatMap { meanings($0).subtracting([$0]) })
    }

    /// The order in which entities of one name are meant.
    static let domainOrder = [
        "light", "media_player", "climate", "fan", "cover", "lock", "valve", "vacuum", "lawn_mower", "switch", "humidifier",
        "water_heater", "input_boolean", "siren", "alarm_control_panel", "scene", "script", "automation", "button",
        "input_button", "todo", "calendar", "timer", "number", "select", "camera", "person", "weather", "binary_sensor", "sensor",
    ]

    static func rank(_ entity: Home.Entity) -> Int { domainOrder.firstIndex(of: entity.domain) ?? domainOrder.count }
}
