import MynaStages
import MynaText

/// A step up or down from where something stands.
struct Adjustment {
    var isUp: Bool
    var words: [String]
    var property: String?

    func setting(for entity: Home.Entity) -> Setting? {
        let isMuch = ["lot", "much", "way", "far"].contains(where: words.contains)
        let isLittle = ["bit", "little", "slightly", "touch", "tad", "notch"].contains(where: words.contains)
        let said = NumberWords.first(in: words)?.value ?? (words == ["half"] ? 50 : nil)
        func moved(_ value: Double, by step: Double, in range: ClosedRange<Double> = 0...100) -> Double {
            let step = said ?? step * (isMuch ? 2 : isLittle ? 0.75 : 1)
            let moved = ((value + (isUp ? step : -step)) * 10).rounded() / 10
            return min(range.upperBound, max(range.lowerBound, moved))
        }
        let state = entity.state
        switch entity.domain {
        case "light":
            if property == "color_temperature" {
                guard entity.canWarm else { return nil }
                return .kelvin(moved(state.attributes["color_temp_kelvin"]?.number ?? 3500, by: 500, in: 2000...6500))
            }
            guard property == nil || property == "brightness" || property == "power", entity.canDim else { return nil }
            let level = state.state == "on" ? Quantity.brightness.read(state) ?? 100 : 0
            return .brightness(moved(level, by: 20, in: 1...100))
        case "climate", "water_heater":
            guard property == nil || property == "temperature" else { return nil }
            guard let target = Quantity.targetTemperature.read(state) ?? Quantity.currentTemperature.read(state) else {
                return nil
            }
            let step: Double = isMuch ? 3 : 1
            return .temperature(target + (isUp ? 1 : -1) * (said ?? step))
        case "media_player":
            guard property == nil || property == "volume" else { return nil }
            return .volume(moved(Quantity.volume.read(state) ?? 50, by: 10))
        case "cover", "valve":
            guard property == nil || property == "position" || property == "open" else { return nil }
            // What can only be opened and closed goes all the way.
            if !entity.offers("set_\(entity.domain)_position") { return said == nil ? .position(isUp ? 100 : 0) : nil }
            return .position(moved(Quantity.position.read(state) ?? (state.state == "closed" ? 0 : 100), by: 20))
        case "fan":
            guard property == nil || property == "speed" else { return nil }
            return .speed(moved(state.state == "on" ? Quantity.speed.read(state) ?? 50 : 0, by: 20))
        case "humidifier": return Quantity.humidity.read(state).map { .humidity(moved($0, by: 5)) }
        default: return nil
        }
    }
}
