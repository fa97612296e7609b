internal import Foundation
internal import MynaAssistant
internal import MynaStages

/// Home Assistant's entities as the project's: names, attributes and what each can do.
enum EntityMapping {
    /// Bits of `supported_features` by service, as each of Home Assistant's domains numbers them; any of the bits will do.
    /// A service that isn't listed needs none.
    private static let features: [String: Int] = [
        "cover.open_cover": 1, "cover.close_cover": 2, "cover.set_cover_position": 4, "cover.stop_cover": 8,
        "valve.open_valve": 1, "valve.close_valve": 2, "valve.set_valve_position": 4, "valve.stop_valve": 8,
        "fan.set_percentage": 1, "fan.oscillate": 2, "fan.set_preset_mode": 8,
        "climate.set_temperature": 1, "climate.set_humidity": 4, "climate.set_fan_mode": 8, "climate.set_preset_mode": 16,
        "climate.turn_off": 128, "climate.turn_on": 256,
        "water_heater.set_temperature": 1, "water_heater.set_operation_mode": 2, "water_heater.turn_on": 8,
        "water_heater.turn_off": 8, "humidifier.set_mode": 1,
        "media_player.media_pause": 1, "media_player.volume_set": 4, "media_player.volume_mute": 8,
        "media_player.media_previous_track": 16, "media_player.media_next_track": 32, "media_player.turn_on": 128,
        "media_player.turn_off": 256, "media_player.play_media": 512, "media_player.volume_up": 4 | 1024,
        "media_player.volume_down": 4 | 1024, "media_player.select_source": 2048, "media_player.media_stop": 4096,
        "media_player.media_play": 16384,
        "vacuum.turn_on": 1, "vacuum.turn_off": 2, "vacuum.pause": 4, "vacuum.stop": 8, "vacuum.return_to_base": 16,
        "vacuum.start": 8192, "lawn_mower.start_mowing": 1, "lawn_mower.pause": 2, "lawn_mower.dock": 4,
        "alarm_control_panel.alarm_arm_home": 1, "alarm_control_panel.alarm_arm_away": 2,
        "alarm_control_panel.alarm_arm_night": 4, "siren.turn_on": 1, "siren.turn_off": 2,
        "todo.add_item": 1, "todo.remove_item": 2, "todo.update_item": 4,
    ]

    /// Domains of devices and helpers that people speak of. A domain that is missing here is not shown to the assistant.
    static let domains: Set<String> = [
        "light", "switch", "input_boolean", "automation", "siren", "humidifier", "water_heater", "fan", "climate", "cover",
        "valve",
        "lock", "media_player", "vacuum", "lawn_mower", "todo", "scene", "script", "button", "input_button", "number",
        "input_number", "select", "input_select", "alarm_control_panel", "sensor", "binary_sensor", "person", "weather",
    ]

    /// What can be called on an entity: what its domain has, the home offers and the entity supports.
    static func services(domain: String, offered: Set<String>, attributes: [String: Value]) -> [String] {
        // What an entity of the project offers where nothing more is said.
        let known = Home.Entity(id: "\(domain).any", name: "", domain: domain, state: EntityState(state: "")).services
        let bits = attributes["supported_features"]?.number.flatMap { Int(exactly: $0) }
        return known.filter { service in
            guard offered.contains(service) else { return false }
            guard let needed = features["\(domain).\(service)"], let bits else { return true }
            return bits & needed != 0
        }
    }

    /// What needs a spoken yes first: what lets people into the home.
    static func confirm(domain: String, attributes: [String: Value], services: [String]) -> [String] {
        let isGate = ["garage", "gate", "door"].contains(attributes["device_class"]?.string ?? "")
        let wanted: Set<String> =
            switch domain {
            case "lock": ["unlock", "open"]
            case "alarm_control_panel": ["alarm_disarm"]
            case "cover" where isGate: ["open_cover", "set_cover_position"]
            default: []
            }
        return services.filter(wanted.contains)
    }

    /// A state as the project has it: levels in per cent, whites in kelvin, no bits and no pictures.
    static func state(domain: String, _ state: String, _ attributes: [String: Value]) -> EntityState {
        var kept = attributes.filter { name, value in
            !["supported_features", "friendly_name", "icon", "entity_picture", "attribution"].contains(name) && value != .null
        }
        if domain == "light" {
            if let level = kept.removeValue(forKey: "brightness")?.number {
                kept["brightness_pct"] = .number((level / 255 * 100).rounded())
            }
            for (mireds, kelvin) in [
                ("color_temp", "color_temp_kelvin"), ("min_mireds", "max_color_temp_kelvin"),
                ("max_mireds", "min_color_temp_kelvin"),
            ] {
                guard let value = kept.removeValue(forKey: mireds)?.number, value > 0, kept[kelvin] == nil else { continue }
                kept[kelvin] = .number((1_000_000 / value).rounded())
            }
        }
        for (name, value) in kept {
            if let text = value.string { kept[name] = .string(Names.line(text)) }
        }
        return EntityState(state: Names.line(state), attributes: kept)
    }

    /// A call as Home Assistant takes it.
    static func data(of call: ServiceCall) -> (service: String, data: [String: Value]) {
        switch call.name {
        case "todo.remove_item": ("remove_item", ["item": .list([call.data["item"] ?? .null])])
        case "light.turn_on":
            // Home Assistant takes whole per cents and kelvins only.
            (call.service, call.data.mapValues { $0.number.map { .number($0.rounded()) } ?? $0 })
        default: (call.service, call.data)
        }
    }
}
