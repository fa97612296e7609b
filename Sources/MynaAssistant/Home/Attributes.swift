import MynaStages

/// Quantities that homes keep under different names and scales.
///
/// Reading takes the first name that holds a number; writing fills every name in use, so that a home sees the change
/// where it looks, and the name Home Assistant uses where none is.
enum Quantity: CaseIterable {
    case brightness, position, targetTemperature, currentTemperature, volume, speed, humidity, battery

    /// Attribute name and what 100 % (or one degree) is there.
    var names: [(name: String, scale: Double)] {
        switch self {
        case .brightness: [("brightness_pct", 1), ("brightness", 2.55)]
        case .position:
            [("position", 1), ("current_position", 1), ("current_valve_position", 1), ("current_cover_position", 1)]
        case .targetTemperature: [("temperature", 1), ("target_temperature", 1)]
        case .currentTemperature: [("current_temperature", 1)]
        case .volume: [("volume_level", 0.01), ("volume_pct", 1), ("volume", 1)]
        case .speed: [("percentage", 1), ("speed_pct", 1)]
        case .humidity: [("humidity", 1), ("target_humidity", 1)]
        case .battery: [("battery_pct", 1), ("battery_level", 1), ("battery", 1)]
        }
    }

    /// The name to write where a home has none of them.
    private var standardName: (name: String, scale: Double) {
        switch self {
        case .position: ("current_position", 1)
        default: names[0]
        }
    }

    /// The quantity in per cent or degrees; nil where the state does not tell.
    func read(_ state: EntityState) -> Double? {
        for (name, scale) in names {
            if let number = state.attributes[name]?.number { return (number / scale * 1000).rounded() / 1000 }
        }
        return nil
    }

    /// Whether the state tells it under one of its names.
    func isPresent(in state: EntityState) -> Bool { read(state) != nil }

    func write(_ value: Double, to state: inout EntityState) {
        var targets = names.filter { state.attributes[$0.name]?.number != nil }
        let standard = standardName
        if targets.isEmpty || (self == .targetTemperature && !targets.contains { $0.name == standard.name }) {
            targets.append(standard)
        }
        for (name, scale) in targets {
            let scaled = value * scale
            state.attributes[name] = .number(scale > 1 ? scaled.rounded() : (scaled * 1000).rounded() / 1000)
        }
    }
}

extension Home.Entity {
    /// The modes the entity can be in, under whichever name the home lists them.
    var modes: [String] {
        for name in ["hvac_modes", "modes", "available_modes", "operation_list"] {
            if let list = state.attributes[name]?.list { return list.compactMap(\.string) }
        }
        return []
    }

    /// The mode it is in: the `hvac_mode` where the state tells none.
    var mode: String {
        if ["unknown", "unavailable", ""].contains(state.state), let mode = state.attributes["hvac_mode"]?.string { return mode }
        return state.state
    }

    /// The lowest and highest target temperature, where the home says.
    var temperatureRange: ClosedRange<Double>? {
        let low = state.attributes["min"]?.number ?? state.attributes["min_temp"]?.number
        let high = state.attributes["max"]?.number ?? state.attributes["max_temp"]?.number
        guard let low, let high, low <= high else { return nil }
        return low...high
    }

    private var colorModes: [String]? { state.attributes["supported_color_modes"]?.list?.compactMap(\.string) }

    /// Whether the light takes a level; a home that says nothing of it is believed to.
    var canDim: Bool {
        if let dimmable = state.attributes["dimmable"]?.bool { return dimmable }
        if let colorModes { return colorModes.contains { $0 != "onoff" } }
        return true
    }

    /// Whether the light takes a colour; a home that says nothing of it is believed to.
    var canColor: Bool {
        if let colors = state.attributes["colors"]?.bool { return colors }
        if let colorModes { return colorModes.contains { ["rgb", "rgbw", "rgbww", "hs", "xy"].contains($0) } }
        return state.attributes["dimmable"] == nil || state.attributes["color"] != nil
    }

    /// Whether the light takes a white between warm and cold.
    var canWarm: Bool {
        if let colorModes { return colorModes.contains("color_temp") || canColor }
        return canColor
    }
}
