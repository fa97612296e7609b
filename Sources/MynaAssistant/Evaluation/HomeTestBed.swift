public import MynaStages

/// Where home tests run: gives each sentence or conversation a home that stands as its task says.
public protocol HomeTestBed: Sendable {
    /// `home`, as `task` has it at the start.
    func prepared(_ task: HomeTests.Task, in home: Home) async throws -> PreparedHome
}

/// A home at the start of a task.
public enum PreparedHome: Sendable {
    /// What to act on, and the states by which the outcome is judged, read anew at each call.
    case ready(any HomeBackend, states: @Sendable () async throws -> [String: EntityState])
    /// The home cannot be brought to where the task begins, and why.
    case impossible(String)
}

/// A fresh virtual home for each.
public struct VirtualTestBed: HomeTestBed {
    public init() {}

    public func prepared(_ task: HomeTests.Task, in home: Home) -> PreparedHome {
        var description = home
        let areas = Set(task.extraAreas.map(\.id))
        description.areas = description.areas.filter { !areas.contains($0.id) } + task.extraAreas
        let entities = Set(task.extraEntities.map(\.id))
        description.entities = description.entities.filter { !entities.contains($0.id) } + task.extraEntities
        let virtual = VirtualHome(description, setup: task.setup)
        return .ready(virtual) { await virtual.states() }
    }
}

/// One real home for all: before each task what can be set there is brought back to where it stood at first, and to the task's own
/// setup.
///
/// Tasks that need rooms, devices or people which it hasn't are left out, as are those whose setup it won't take. What nobody can
/// call, such as a sensor, isn't looked at: it changes by itself.
public struct RealTestBed: HomeTestBed {
    private let backend: any HomeBackend
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameter pause: waits while a motor runs.
    public init(
        _ backend: any HomeBackend, pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.backend, self.pause) = (backend, pause)
    }

    public func prepared(_ task: HomeTests.Task, in home: Home) async throws -> PreparedHome {
        if !task.extraAreas.isEmpty || !task.extraEntities.isEmpty { return .impossible("it adds rooms or devices") }
        if task.speaker != nil { return .impossible("it is said by somebody who doesn't live there") }
        let here = try await settled()
        for entity in home.entities where !entity.services.isEmpty {
            guard let now = here.entity(entity.id) else { return .impossible("\(entity.id) is gone") }
            var wanted = entity.state
            if let overlay = task.setup[entity.id] {
                if let state = overlay.state { wanted.state = state }
                wanted.attributes.merge(overlay.attributes) { $1 }
            }
            guard let calls = now.calls(toBe: wanted) else {
                return .impossible("\(entity.id) cannot be made \(wanted.state)")
            }
            for planned in calls {
                do { try await backend.call(planned.call) } catch let error as ServiceError {
                    return .impossible("\(entity.id) cannot be made \(wanted.state): \(error)")
                }
                guard try await hasTaken(planned) else {
                    return .impossible("\(entity.id) did not become \(wanted.state)")
                }
            }
        }
        _ = try await settled()
        return .ready(backend) { try await Self.judged(settled()) }
    }

    /// Whether a call has had its effect within half a minute: not every motor says that it runs.
    private func hasTaken(_ planned: PlannedCall) async throws -> Bool {
        for _ in 0..<60 {
            if planned.isVerified(try await backend.state(of: planned.call.entity, once: planned.isVerified)) { return true }
            try await pause(.milliseconds(500))
        }
        return false
    }

    /// The home once none of its motors runs, or after half a minute.
    private func settled() async throws -> Home {
        for _ in 0..<60 {
            let home = try await backend.home()
            guard home.entities.contains(where: { ["opening", "closing", "locking", "unlocking"].contains($0.state.state) })
            else {
                return home
            }
            try await pause(.milliseconds(500))
        }
        return try await backend.home()
    }

    /// What a request can change: not how far a song has come.
    private static func judged(_ home: Home) -> [String: EntityState] {
        let entities = home.entities.filter { !$0.services.isEmpty }
        return Dictionary(
            entities.map { entity in
                (
                    entity.id,
                    EntityState(
                        state: entity.state.state, attributes: entity.state.attributes.filter { settable.contains($0.key) })
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    private static let settable: Set<String> = [
        "brightness", "brightness_pct", "color_name", "color_temp_kelvin", "temperature", "target_temperature", "position",
        "current_position", "volume_level", "is_volume_muted", "percentage", "humidity", "items", "todo_items", "source",
        "preset_mode", "hvac_mode", "mode",
    ]
}

extension Home.Entity {
    /// The calls after which it is as `wanted`, as far as that can be called for; none where it is already, nil where there are none.
    fileprivate func calls(toBe wanted: EntityState) -> [PlannedCall]? {
        if domain == "todo" { return calls(toHold: wanted) }
        func differs(_ quantity: Quantity) -> Double? {
            guard let level = quantity.read(wanted) else { return nil }
            return quantity.read(state).map { abs($0 - level) <= 1 } ?? false ? nil : level
        }
        var made: [PlannedCall] = []
        func add(_ action: DeviceAction) -> Bool {
            guard let calls = calls(for: action) else { return false }
            made += calls
            return true
        }
        let isOff = wanted.state == "off"
        // What it can be called to be; any other state isn't had for the asking.
        let states: [String: Set<String>] = [
            "light": ["on", "off"], "fan": ["on", "off"], "cover": ["open", "closed"], "valve": ["open", "closed"],
            "lock": ["locked", "unlocked"], "media_player": ["playing", "paused", "on", "off", "idle"],
        ]
        if let known = states[domain], state.state != wanted.state, !known.contains(wanted.state) { return nil }
        switch domain {
        case "light":
            if !isOff, let level = differs(.brightness), level > 0, canDim {
                if !add(.set(.brightness(level))) { return nil }
            } else if state.state != wanted.state, !add(isOff ? .turnOff : .turnOn) {
                return nil
            }
        case "fan":
            if !isOff, let speed = differs(.speed), speed > 0, add(.set(.speed(speed))) { return made }
            if state.state != wanted.state, !add(isOff ? .turnOff : .turnOn) { return nil }
        case "cover", "valve":
            if let position = differs(.position), add(.set(.position(position))) { return made }
            if state.state != wanted.state, !add(wanted.state == "closed" ? .close : .open) { return nil }
        case "lock":
            if state.state != wanted.state, !add(wanted.state == "locked" ? .lock : .unlock) { return nil }
        case "climate":
            if state.state != wanted.state, !add(isOff ? .turnOff : .set(.mode(wanted.state))) { return nil }
            if !isOff, let degrees = differs(.targetTemperature), !add(.set(.temperature(degrees))) { return nil }
        case "media_player":
            if state.state != wanted.state {
                let action: DeviceAction =
                    isOff ? .turnOff : wanted.state == "playing" ? .resume : wanted.state == "paused" ? .pause : .turnOn
                if !add(action) { return nil }
            }
            if !isOff, let volume = differs(.volume), !add(.set(.volume(volume))) { return nil }
        case "scene", "script", "automation", "button", "input_button", "calendar", "timer", "update", "camera": return []
        default:
            guard state.state != wanted.state else { return [] }
            guard ["on", "off"].contains(wanted.state), add(isOff ? .turnOff : .turnOn) else { return nil }
        }
        return made
    }

    /// The calls after which a list holds just what `wanted` holds.
    private func calls(toHold wanted: EntityState) -> [PlannedCall]? {
        func items(_ state: EntityState) -> [String] { (state.attributes[itemsAttribute]?.list ?? []).compactMap(\.string) }
        let (here, there) = (items(state), items(wanted))
        guard here != there else { return [] }
        guard offers("remove_item"), offers("add_item") else { return nil }
        return here.filter { !there.contains($0) }.map { PlannedCall("remove_item", self, ["item": .string($0)]) }
            + there.filter { !here.contains($0) }.map { PlannedCall("add_item", self, ["item": .string($0)]) }
    }
}
