import MynaStages

extension Home.Entity {
    /// The call that takes `call` back, so that the entity is as `before` again.
    func callBack(_ call: ServiceCall, to before: EntityState) -> ServiceCall {
        func restoring(_ service: String, _ data: [String: Value] = [:]) -> ServiceCall {
            ServiceCall("\(domain).\(service)", on: id, data, restoring: before)
        }
        switch (domain, call.service) {
        case (_, "turn_on"), (_, "turn_off"), (_, "toggle"):
            guard domain != "scene", domain != "script" else { return restoring(call.service) }
            if domain == "light", before.state == "on", let level = Quantity.brightness.read(before), level > 0 {
                return restoring("turn_on", ["brightness_pct": .number(level)])
            }
            if domain == "climate" { return restoring(before.state == "off" ? "turn_off" : "turn_on") }
            return restoring(before.state == "off" || before.state == "closed" ? "turn_off" : "turn_on")
        case (_, "set_temperature"):
            return restoring(
                "set_temperature", Quantity.targetTemperature.read(before).map { ["temperature": .number($0)] } ?? call.data)
        case (_, "set_hvac_mode"): return restoring("set_hvac_mode", ["hvac_mode": .string(before.state)])
        case (_, "set_percentage"):
            return restoring(
                "set_percentage", ["percentage": .number(before.state == "off" ? 0 : Quantity.speed.read(before) ?? 100)])
        case (_, "volume_set"), (_, "volume_up"), (_, "volume_down"):
            return restoring(call.service, Quantity.volume.read(before).map { ["volume_level": .number($0 / 100)] } ?? call.data)
        case (_, "volume_mute"):
            return restoring("volume_mute", ["is_volume_muted": before.attributes["is_volume_muted"] ?? .bool(false)])
        case ("cover", _), ("valve", _):
            let isOpen = before.state == "open"
            if offers("set_\(domain)_position"), let position = Quantity.position.read(before), position > 0, position < 100 {
                return restoring("set_\(domain)_position", ["position": .number(position)])
            }
            return restoring("\(isOpen ? "open" : "close")_\(domain)")
        case ("lock", _): return restoring(before.state == "locked" ? "lock" : "unlock")
        case ("media_player", _):
            let service = before.state == "playing" ? "media_play" : before.state == "off" ? "turn_off" : "media_pause"
            return restoring(offers(service) ? service : call.service, call.data)
        case ("todo", "add_item"): return restoring(offers("remove_item") ? "remove_item" : "add_item", call.data)
        case ("todo", _): return restoring("add_item", call.data)
        case ("calendar", "create_event"): return restoring(offers("delete_event") ? "delete_event" : "create_event", call.data)
        case ("calendar", "delete_event"):
            guard
                let event = Home.Entity(id: id, name: name, domain: domain, state: before).events.first(where: {
                    $0.title == call.data["title"]?.string
                })
            else {
                return restoring(call.service, call.data)
            }
            return restoring(
                offers("create_event") ? "create_event" : call.service,
                ["title": .string(event.title), "start": .string(event.start)])
        case ("timer", "start"): return restoring("cancel", ["index": .number(Double(max(0, running.count - 1)))])
        case ("timer", "cancel"): return restoring("start", ["seconds": .number(1)])
        case ("vacuum", _):
            return restoring(before.state == "cleaning" ? "start" : offers("return_to_base") ? "return_to_base" : call.service)
        default: return restoring(call.service, call.data)
        }
    }
}
