import Foundation
import MynaStages

/// What the services of Home Assistant's domains do to the state of an entity.
enum ServiceEffects {
    static func state(
        of entity: Home.Entity, after call: ServiceCall, memory: inout ServiceMemory, now: Date
    ) throws(ServiceError) -> EntityState {
        switch entity.domain {
        case "light": return try light(entity, call, &memory)
        case "fan": return try fan(entity, call)
        case "climate", "water_heater", "humidifier": return try climate(entity, call)
        case "cover", "valve": return try cover(entity, call)
        case "lock":
            return EntityState(
                state: call.service == "unlock" ? "unlocked" : call.service == "open" ? "open" : "locked",
                attributes: entity.state.attributes)
        case "media_player": return try mediaPlayer(entity, call)
        case "todo": return try list(entity, call)
        case "calendar": return try calendar(entity, call)
        case "timer": return try memory.timer(entity, call, now: now)
        default: return try simple(entity, call, now: now)
        }
    }

    /// Switches, helpers, cleaners and all else whose services are only a new state.
    private static func simple(_ entity: Home.Entity, _ call: ServiceCall, now: Date) throws(ServiceError) -> EntityState {
        var state = entity.state
        switch (entity.domain, call.service) {
        case ("scene", "turn_on"), ("button", "press"), ("input_button", "press"): state.state = HomeTime.text(now, zone: .gmt)
        case ("script", "turn_on"), ("automation", "trigger"):
            state.attributes["last_triggered"] = .string(HomeTime.text(now, zone: .gmt))
        case (_, "turn_on"): state.state = "on"
        case (_, "turn_off"): state.state = "off"
        case (_, "toggle"): state.state = state.state == "on" ? "off" : "on"
        case (_, "start"), (_, "clean_area"): state.state = "cleaning"
        case (_, "start_mowing"): state.state = "mowing"
        case (_, "pause"): state.state = "paused"
        case (_, "stop"): state.state = "idle"
        case (_, "return_to_base"), (_, "dock"): state.state = "returning"
        case (_, "alarm_disarm"): state.state = "disarmed"
        case (_, let service) where service.hasPrefix("alarm_arm_"):
            state.state = "armed_" + service.dropFirst("alarm_arm_".count)
        case (_, "set_value"): state.state = Self.text(try call.number("value"))
        case (_, "select_option"): state.state = try call.text("option")
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        return state
    }

    private static func light(_ entity: Home.Entity, _ call: ServiceCall, _ memory: inout ServiceMemory) throws(ServiceError)
        -> EntityState
    {
        var state = entity.state
        let service = call.service == "toggle" ? (state.state == "on" ? "turn_off" : "turn_on") : call.service
        guard service == "turn_on" else {
            state.state = "off"
            memory.brightness[entity.id] = Quantity.brightness.read(entity.state)
            if memory.offMeansZeroBrightness, Quantity.brightness.isPresent(in: state) {
                Quantity.brightness.write(0, to: &state)
            }
            // Home Assistant reports no colour mode for a light that is off.
            if state.attributes["color_mode"] != nil { state.attributes["color_mode"] = .null }
            return state
        }
        state.state = "on"
        if let level = call.data["brightness_pct"]?.number {
            try call.check("brightness_pct", level, in: 0...100)
            if level == 0 { state.state = "off" }
            Quantity.brightness.write(level, to: &state)
        } else if memory.offMeansZeroBrightness, Quantity.brightness.read(state) == 0 {
            let last = memory.brightness[entity.id] ?? 100
            Quantity.brightness.write(last > 0 ? last : 100, to: &state)
        }
        let modes = state.attributes["supported_color_modes"]?.list?.compactMap(\.string) ?? []
        if let name = call.data["color_name"]?.string {
            let colorMode = modes.first { ["rgb", "rgbw", "rgbww", "hs", "xy"].contains($0) }
            if state.attributes["color"] != nil || (colorMode == nil && state.attributes["rgb_color"] == nil) {
                state.attributes["color"] = .string(name)
            }
            if colorMode != nil || state.attributes["rgb_color"] != nil, let rgb = Color.rgb[name] {
                state.attributes["rgb_color"] = .list(rgb.map { .number(Double($0)) })
                if let colorMode { state.attributes["color_mode"] = .string(colorMode) }
            }
        } else if let kelvin = call.data["color_temp_kelvin"]?.number {
            try call.check("color_temp_kelvin", kelvin, in: 1000...12000)
            state.attributes["color_temp_kelvin"] = .number(kelvin)
            if state.attributes["color"] != nil { state.attributes["color"] = .string(Color.whiteName(kelvin)) }
            if modes.contains("color_temp") { state.attributes["color_mode"] = .string("color_temp") }
        } else if state.attributes["color_mode"] == .null, let mode = modes.last {
            state.attributes["color_mode"] = .string(mode)
        }
        return state
    }

    private static func fan(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        let features = state.attributes["supported_features"]?.list?.compactMap(\.string)
        let hasSpeed =
            Quantity.speed.isPresent(in: state)
            || entity.services.contains("set_percentage")
                && features?.contains("set_speed") ?? true
        func set(_ percentage: Double) {
            state.state = percentage > 0 ? "on" : "off"
            if hasSpeed { Quantity.speed.write(percentage, to: &state) }
        }
        switch call.service {
        case "turn_on", "set_percentage":
            if let percentage = call.data["percentage"]?.number {
                try call.check("percentage", percentage, in: 0...100)
                set(percentage)
            } else {
                let last = Quantity.speed.read(state) ?? 0
                set(last > 0 ? last : 100)
            }
        case "turn_off": set(0)
        case "toggle": set(state.state == "on" ? 0 : 100)
        case "oscillate": state.attributes["oscillating"] = call.data["oscillating"] ?? .bool(true)
        case "set_preset_mode": state.attributes["preset_mode"] = .string(try call.text("preset_mode"))
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        return state
    }

    private static func climate(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        func setMode(_ mode: String) {
            state.state = mode
            if state.attributes["hvac_mode"] != nil { state.attributes["hvac_mode"] = .string(mode) }
        }
        switch call.service {
        case "turn_on":
            if entity.domain != "climate" {
                state.state = "on"
            } else if entity.mode == "off" || entity.mode == "unknown" {
                setMode(entity.defaultMode())
            } else {
                setMode(entity.mode)
            }
        case "turn_off": setMode("off")
        case "set_temperature":
            let temperature = try call.number("temperature")
            if let range = entity.temperatureRange { try call.check("temperature", temperature, in: range) }
            Quantity.targetTemperature.write(temperature, to: &state)
        case "set_hvac_mode", "set_operation_mode", "set_mode":
            let mode = try call.text(
                call.service == "set_hvac_mode" ? "hvac_mode" : call.service == "set_mode" ? "mode" : "operation_mode")
            let modes = entity.modes
            if !modes.isEmpty, !modes.contains(mode) {
                throw .notAllowed(argument: "mode", value: mode, allowed: modes, entity: entity.id)
            }
            if entity.domain == "climate" { setMode(mode) } else { state.attributes["mode"] = .string(mode) }
        case "set_preset_mode": state.attributes["preset_mode"] = .string(try call.text("preset_mode"))
        case "set_fan_mode": state.attributes["fan_mode"] = .string(try call.text("fan_mode"))
        case "set_humidity":
            let humidity = try call.number("humidity")
            try call.check("humidity", humidity, in: 0...100)
            Quantity.humidity.write(humidity, to: &state)
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        return state
    }

    private static func cover(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        switch call.service {
        case "open_cover", "open_valve", "close_cover", "close_valve":
            let position: Double = call.service.hasPrefix("open") ? 100 : 0
            state.state = position > 0 ? "open" : "closed"
            if Quantity.position.isPresent(in: state) { Quantity.position.write(position, to: &state) }
        case "set_cover_position", "set_valve_position":
            let position = try call.number("position")
            try call.check("position", position, in: 0...100)
            state.state = position > 0 ? "open" : "closed"
            Quantity.position.write(position, to: &state)
        case "stop_cover", "stop_valve":
            if state.state == "opening" { state.state = "open" }
            if state.state == "closing" { state.state = "closed" }
        case "toggle": state.state = state.state == "closed" ? "open" : "closed"
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        return state
    }

    private static func mediaPlayer(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        let volume = Quantity.volume.read(state)
        switch call.service {
        case "turn_on": state.state = "on"
        case "turn_off": state.state = "off"
        case "toggle": state.state = state.state == "off" ? "on" : "off"
        case "media_play", "media_next_track", "media_previous_track": state.state = "playing"
        case "media_play_pause": state.state = state.state == "playing" ? "paused" : "playing"
        case "media_pause": state.state = "paused"
        case "media_stop": state.state = "idle"
        case "volume_set":
            let level = try call.number("volume_level")
            try call.check("volume_level", level, in: 0...1)
            Quantity.volume.write(level * 100, to: &state)
        case "volume_up": Quantity.volume.write(min(100, (volume ?? 50) + 10), to: &state)
        case "volume_down": Quantity.volume.write(max(0, (volume ?? 50) - 10), to: &state)
        case "volume_mute": state.attributes["is_volume_muted"] = .bool(call.data["is_volume_muted"]?.bool ?? true)
        case "play_media":
            state.state = "playing"
            state.attributes["media_title"] = .string(try call.text("media_content_id"))
        case "select_source": state.attributes["source"] = .string(try call.text("source"))
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        return state
    }

    /// A number as a state would be written.
    static func text(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? String(number) }
}

extension Home.Entity {
    /// The mode a thermostat goes to when it is turned on, or on towards `target` degrees.
    func defaultMode(towards target: Double? = nil) -> String {
        let modes = self.modes
        if modes.contains("heat"), !modes.contains("cool") { return "heat" }
        if modes.contains("cool"), !modes.contains("heat") { return "cool" }
        if let target, let current = Quantity.currentTemperature.read(state), modes.contains("heat"), modes.contains("cool") {
            return target < current ? "cool" : "heat"
        }
        return ["heat_cool", "auto", "heat"].first(where: modes.contains) ?? modes.first { $0 != "off" } ?? "heat"
    }
}

extension ServiceCall {
    func number(_ argument: String) throws(ServiceError) -> Double {
        guard let number = data[argument]?.number, number.isFinite else { throw .missingArgument(argument, service: name) }
        return number
    }

    func text(_ argument: String) throws(ServiceError) -> String {
        guard let text = data[argument]?.string, !text.isEmpty else { throw .missingArgument(argument, service: name) }
        return text
    }

    func check(_ argument: String, _ value: Double, in range: ClosedRange<Double>) throws(ServiceError) {
        guard range.contains(value) else {
            throw .outOfRange(argument: argument, value: value, low: range.lowerBound, high: range.upperBound, entity: entity)
        }
    }
}

/// Colours by name.
enum Color {
    static let rgb: [String: [Int]] = [
        "red": [255, 0, 0], "green": [0, 255, 0], "blue": [0, 0, 255], "yellow": [255, 255, 0], "orange": [255, 165, 0],
        "purple": [128, 0, 128], "violet": [238, 130, 238], "pink": [255, 192, 203], "magenta": [255, 0, 255],
        "cyan": [0, 255, 255], "turquoise": [64, 224, 208], "teal": [0, 128, 128], "lime": [0, 255, 0], "amber": [255, 191, 0],
        "gold": [255, 215, 0], "brown": [165, 42, 42], "white": [255, 255, 255], "lavender": [230, 230, 250],
        "indigo": [75, 0, 130], "crimson": [220, 20, 60], "coral": [255, 127, 80], "salmon": [250, 128, 114],
        "maroon": [128, 0, 0], "navy": [0, 0, 128], "olive": [128, 128, 0], "peach": [255, 218, 185], "black": [0, 0, 0],
    ]

    /// Whites by the words for them, in kelvin.
    static let whites: [(words: String, kelvin: Double)] = [
        ("candle light", 1900), ("candlelight", 1900), ("candle", 1900), ("warm white", 2700), ("soft white", 2700),
        ("neutral white", 3500), ("cool white", 4000), ("cold white", 4000), ("cool", 4000), ("cold", 4000),
        ("daylight", 6500), ("day light", 6500), ("warmer white", 2700), ("warm", 2700), ("neutral", 3500),
    ]

    static func whiteName(_ kelvin: Double) -> String {
        kelvin < 3100 ? "warm white" : kelvin < 3900 ? "neutral white" : kelvin < 5500 ? "cool white" : "daylight"
    }
}
