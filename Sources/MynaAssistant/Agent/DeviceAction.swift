import MynaStages

/// What a person wants a device to do.
enum DeviceAction: Equatable {
    case turnOn, turnOff, toggle, open, close, stop, lock, unlock, pause, resume, next, previous, mute, unmute, start, dock,
        activate
    case play(item: String)
    case set(Setting)
}

/// A call, and what the state must be for it to have worked.
struct PlannedCall {
    var call: ServiceCall
    var isVerified: @Sendable (EntityState) -> Bool

    init(
        _ service: String, _ entity: Home.Entity, _ data: [String: Value] = [:],
        verified: @escaping @Sendable (EntityState) -> Bool = { _ in true }
    ) {
        call = ServiceCall("\(entity.domain).\(service)", on: entity.id, data)
        isVerified = verified
    }

    init(_ call: ServiceCall, verified: @escaping @Sendable (EntityState) -> Bool) {
        self.call = call
        isVerified = verified
    }
}

extension Home.Entity {
    /// Whether it offers `service` itself, and does not lack what the service needs.
    func offers(_ service: String) -> Bool {
        guard services.contains(service) else { return false }
        guard let feature = Self.features["\(domain).\(service)"], let known = state.attributes["supported_features"]?.list else {
            return true
        }
        return known.contains(.string(feature))
    }

    /// The feature that a service needs, where an entity says what it has.
    private static let features = [
        "media_player.media_next_track": "next_track", "media_player.media_previous_track": "previous_track",
        "media_player.volume_set": "volume_set", "media_player.volume_mute": "volume_mute", "media_player.turn_on": "turn_on",
        "media_player.turn_off": "turn_off", "cover.set_cover_position": "set_position",
        "valve.set_valve_position": "set_position",
        "climate.set_preset_mode": "preset_mode",
    ]

    /// The calls that do `action`; nil where the entity cannot.
    func calls(for action: DeviceAction) -> [PlannedCall]? {
        switch action {
        case .turnOn: return turnOnCalls()
        case .turnOff: return turnOffCalls()
        case .toggle: return isActive ? turnOffCalls() : turnOnCalls()
        case .open: return domain == "lock" ? calls(for: .unlock) : openCalls(to: 100)
        case .close: return domain == "lock" ? calls(for: .lock) : openCalls(to: 0)
        case .stop: return stopCalls()
        case .lock:
            guard domain == "lock", offers("lock") else { return nil }
            return [PlannedCall("lock", self) { $0.state == "locked" || $0.state == "locking" }]
        case .unlock:
            guard domain == "lock", offers("unlock") else { return nil }
            return [PlannedCall("unlock", self) { $0.state == "unlocked" || $0.state == "unlocking" }]
        case .pause: return pauseCalls()
        case .resume:
            if domain == "media_player", let service = first(["media_play", "turn_on"]) {
                return [PlannedCall(service, self) { $0.state == "playing" || $0.state == "on" }]
            }
            return domain == "vacuum" || domain == "lawn_mower" ? calls(for: .start) : nil
        case .next: return media("media_next_track")
        case .previous: return media("media_previous_track")
        case .mute, .unmute:
            guard domain == "media_player" else { return nil }
            let muted = action == .mute
            if offers("volume_mute") {
                return [
                    PlannedCall("volume_mute", self, ["is_volume_muted": .bool(muted)]) {
                        $0.attributes["is_volume_muted"]?.bool == muted
                    }
                ]
            }
            return muted ? calls(for: .set(.volume(0))) : nil
        case .start: return startCalls()
        case .dock:
            guard let service = first(["return_to_base", "dock"]), domain == "vacuum" || domain == "lawn_mower" else {
                return nil
            }
            return [PlannedCall(service, self) { ["returning", "docked"].contains($0.state) }]
        case .activate:
            switch domain {
            case "scene", "script": return offers("turn_on") ? [PlannedCall("turn_on", self)] : nil
            case "automation": return first(["trigger", "turn_on"]).map { [PlannedCall($0, self)] }
            case "button", "input_button": return offers("press") ? [PlannedCall("press", self)] : nil
            default: return nil
            }
        case .play(let item):
            guard domain == "media_player", offers("play_media") else { return nil }
            return [
                PlannedCall("play_media", self, ["media_content_id": .string(item), "media_content_type": "music"]) {
                    $0.state == "playing"
                }
            ]
        case .set(let setting): return setCalls(setting)
        }
    }

    /// Whether it is doing something now: on, open, playing, running.
    var isActive: Bool {
        !["off", "closed", "idle", "paused", "docked", "standby", "unavailable", "unknown", "locked", ""].contains(mode)
    }

    private func first(_ services: [String]) -> String? { services.first(where: offers) }

    private func media(_ service: String) -> [PlannedCall]? {
        domain == "media_player" && offers(service) ? [PlannedCall(service, self)] : nil
    }

    private func turnOnCalls() -> [PlannedCall]? {
        switch domain {
        case "climate":
            if offers("turn_on") { return [PlannedCall("turn_on", self) { $0.state != "off" }] }
            guard offers("set_hvac_mode") else { return nil }
            let mode = defaultMode()
            return [PlannedCall("set_hvac_mode", self, ["hvac_mode": .string(mode)]) { $0.state == mode }]
        case "media_player":
            if offers("turn_on") { return [PlannedCall("turn_on", self) { $0.state != "off" }] }
            return calls(for: .resume)
        case "cover", "valve": return openCalls(to: 100)
        case "vacuum", "lawn_mower": return startCalls()
        case "scene", "script", "button", "input_button": return calls(for: .activate)
        case "lock", "todo", "calendar", "timer": return nil
        default: return offers("turn_on") ? [PlannedCall("turn_on", self) { $0.state == "on" }] : nil
        }
    }

    private func turnOffCalls() -> [PlannedCall]? {
        switch domain {
        case "climate":
            if offers("turn_off") { return [PlannedCall("turn_off", self) { $0.state == "off" }] }
            guard offers("set_hvac_mode"), modes.isEmpty || modes.contains("off") else { return nil }
            return [PlannedCall("set_hvac_mode", self, ["hvac_mode": "off"]) { $0.state == "off" }]
        case "media_player":
            return first(["turn_off", "media_stop", "media_pause"]).map {
                [PlannedCall($0, self) { ["off", "idle", "paused", "standby"].contains($0.state) }]
            }
        case "cover", "valve": return openCalls(to: 0)
        case "vacuum", "lawn_mower": return stopCalls()
        case "lock", "todo", "calendar", "timer", "scene": return nil
        default: return offers("turn_off") ? [PlannedCall("turn_off", self) { $0.state == "off" }] : nil
        }
    }

    private func openCalls(to position: Double) -> [PlannedCall]? {
        guard domain == "cover" || domain == "valve" else { return nil }
        let isOpen = position > 0
        if position == 0 || position == 100, offers("\(isOpen ? "open" : "close")_\(domain)") {
            return [
                PlannedCall("\(isOpen ? "open" : "close")_\(domain)", self) {
                    (isOpen ? ["open", "opening"] : ["closed", "closing"]).contains($0.state)
                }
            ]
        }
        guard offers("set_\(domain)_position") else { return nil }
        return [
            PlannedCall("set_\(domain)_position", self, ["position": .number(position)]) {
                // A motor takes its time; that it runs is what can be seen of it at once.
                ["opening", "closing"].contains($0.state)
                    || Quantity.position.read($0).map { abs($0 - position) <= 2 } ?? (($0.state == "open") == isOpen)
            }
        ]
    }

    private func stopCalls() -> [PlannedCall]? {
        switch domain {
        case "cover": return offers("stop_cover") ? [PlannedCall("stop_cover", self)] : nil
        case "valve":
            return offers("stop_valve") && ["opening", "closing"].contains(state.state)
                ? [PlannedCall("stop_valve", self)] : openCalls(to: 0)
        case "vacuum": return first(["stop", "pause"]).map { [PlannedCall($0, self) { ["idle", "paused"].contains($0.state) }] }
        case "lawn_mower": return first(["pause", "dock"]).map { [PlannedCall($0, self)] }
        case "media_player":
            return first(["media_stop", "media_pause"]).map { [PlannedCall($0, self) { $0.state != "playing" }] }
        default: return turnOffCalls()
        }
    }

    private func pauseCalls() -> [PlannedCall]? {
        switch domain {
        case "media_player":
            return first(["media_pause", "media_stop"]).map { [PlannedCall($0, self) { $0.state != "playing" }] }
        case "vacuum", "lawn_mower": return offers("pause") ? [PlannedCall("pause", self) { $0.state == "paused" }] : nil
        default: return nil
        }
    }

    private func startCalls() -> [PlannedCall]? {
        switch domain {
        case "vacuum": return offers("start") ? [PlannedCall("start", self) { $0.state == "cleaning" }] : nil
        case "lawn_mower": return offers("start_mowing") ? [PlannedCall("start_mowing", self) { $0.state == "mowing" }] : nil
        case "lock", "cover": return nil
        default: return turnOnCalls()
        }
    }

    private func setCalls(_ setting: Setting) -> [PlannedCall]? {
        switch setting {
        case .power(let isOn): return isOn ? turnOnCalls() : turnOffCalls()
        case .locked(let isLocked): return calls(for: isLocked ? .lock : .unlock)
        case .brightness(let level):
            guard domain == "light", canDim, offers("turn_on") else { return nil }
            if level == 0 { return turnOffCalls() }
            return [
                PlannedCall("turn_on", self, ["brightness_pct": .number(level)]) {
                    $0.state == "on" && abs((Quantity.brightness.read($0) ?? level) - level) <= 1
                }
            ]
        case .color(let name):
            guard domain == "light", canColor, offers("turn_on") else { return nil }
            return [PlannedCall("turn_on", self, ["color_name": .string(name)]) { $0.state == "on" }]
        case .kelvin(let kelvin):
            guard domain == "light", canWarm, offers("turn_on") else { return nil }
            return [PlannedCall("turn_on", self, ["color_temp_kelvin": .number(kelvin)]) { $0.state == "on" }]
        case .temperature(let degrees):
            guard offers("set_temperature") else { return nil }
            var calls: [PlannedCall] = []
            // Whoever sets a temperature wants it reached, which a thermostat that is off does not do.
            if domain == "climate", state.state == "off", offers("set_hvac_mode") || offers("turn_on") {
                if offers("set_hvac_mode") {
                    calls.append(
                        PlannedCall("set_hvac_mode", self, ["hvac_mode": .string(defaultMode(towards: degrees))]) {
                            $0.state != "off"
                        })
                } else {
                    calls.append(PlannedCall("turn_on", self) { $0.state != "off" })
                }
            }
            calls.append(
                PlannedCall("set_temperature", self, ["temperature": .number(degrees)]) {
                    Quantity.targetTemperature.read($0).map { abs($0 - degrees) < 0.3 } ?? false
                })
            return calls
        case .mode(let mode):
            if mode == "off" { return turnOffCalls() }
            let (service, argument) =
                switch domain {
                case "climate": ("set_hvac_mode", "hvac_mode")
                case "water_heater": ("set_operation_mode", "operation_mode")
                default: ("set_mode", "mode")
                }
            return offers(service) ? [PlannedCall(service, self, [argument: .string(mode)])] : nil
        case .preset(let preset):
            return offers("set_preset_mode") ? [PlannedCall("set_preset_mode", self, ["preset_mode": .string(preset)])] : nil
        case .position(let position): return openCalls(to: position)
        case .volume(let volume):
            guard domain == "media_player", offers("volume_set") else { return nil }
            return [
                PlannedCall("volume_set", self, ["volume_level": .number(volume / 100)]) {
                    abs((Quantity.volume.read($0) ?? volume) - volume) <= 1
                }
            ]
        case .speed(let speed):
            guard domain == "fan", speed > 0 else { return domain == "fan" ? turnOffCalls() : nil }
            if offers("set_percentage") {
                return [PlannedCall("set_percentage", self, ["percentage": .number(speed)]) { $0.state == "on" }]
            }
            return offers("turn_on") ? [PlannedCall("turn_on", self, ["percentage": .number(speed)]) { $0.state == "on" }] : nil
        case .humidity(let humidity):
            return offers("set_humidity") ? [PlannedCall("set_humidity", self, ["humidity": .number(humidity)])] : nil
        case .source(let source):
            if domain == "select" || domain == "input_select" {
                return offers("select_option")
                    ? [PlannedCall("select_option", self, ["option": .string(source)]) { $0.state == source }] : nil
            }
            return offers("select_source") ? [PlannedCall("select_source", self, ["source": .string(source)])] : nil
        case .number(let number):
            return offers("set_value") ? [PlannedCall("set_value", self, ["value": .number(number)])] : nil
        }
    }
}
