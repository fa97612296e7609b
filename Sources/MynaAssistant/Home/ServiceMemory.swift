import Foundation
import MynaStages

/// What a virtual home knows beside its states: the level a light had, and when each timer ends.
struct ServiceMemory {
    /// Whether this home shows 0 % for a light that is off.
    var offMeansZeroBrightness = false
    /// The level a light had when it went off.
    var brightness: [String: Double] = [:]
    private var clocks: [String: [TimerClock]] = [:]
    /// The clocks that went with what an entity showed earlier, for taking a call back.
    private var earlierClocks: [String: [Value: [TimerClock]]] = [:]

    /// One entry of a timer entity's `running`, in the same order.
    private struct TimerClock {
        var remaining: Double
        var since: Date
        var isPaused = false
        var area: String?

        func left(at now: Date) -> Double { isPaused ? remaining : max(0, remaining - now.timeIntervalSince(since)) }
    }

    static func offMeansZeroBrightness(in home: Home) -> Bool {
        let off = home.entities.filter { $0.domain == "light" && $0.state.state == "off" }
        let levels = off.compactMap { Quantity.brightness.read($0.state) }
        return !levels.isEmpty && levels.allSatisfy { $0 == 0 }
    }

    /// The clocks of an entity, made anew for entries that came with the home's file.
    private func clocks(of entity: Home.Entity, now: Date) -> [TimerClock] {
        var clocks = self.clocks[entity.id] ?? []
        let running = entity.running
        while clocks.count < running.count {
            let entry = running[clocks.count].object ?? [:]
            let seconds = entry["remaining"]?.number ?? entry["seconds"]?.number ?? 0
            clocks.append(
                TimerClock(
                    remaining: seconds, since: now, isPaused: entry["paused"]?.bool ?? false, area: entry["area"]?.string))
        }
        return Array(clocks.prefix(running.count))
    }

    func timers(of entity: Home.Entity, now: Date) -> [HomeTimer] {
        zip(entity.running, clocks(of: entity, now: now)).map { entry, clock in
            HomeTimer(
                entity: entity.id, name: entry.object?["name"]?.string,
                seconds: entry.object?["seconds"]?.number ?? clock.remaining,
                remaining: clock.left(at: now), isPaused: clock.isPaused, area: clock.area)
        }
    }

    mutating func endTimers(of entity: inout Home.Entity, now: Date) -> [String?] {
        var clocks = clocks(of: entity, now: now)
        var running = entity.running
        var ended: [String?] = []
        for position in clocks.indices.reversed() where clocks[position].left(at: now) == 0 {
            ended.append(running[position].object?["name"]?.string)
            clocks.remove(at: position)
            running.remove(at: position)
        }
        guard !ended.isEmpty else { return [] }
        self.clocks[entity.id] = clocks
        entity.state = Self.state(entity.state, running: running, clocks: clocks)
        return ended.reversed()
    }

    /// Brings the clocks in line with a state that was set back.
    mutating func restoreTimers(of entity: Home.Entity) {
        if let earlier = earlierClocks[entity.id]?[.list(entity.running)] { clocks[entity.id] = earlier }
    }

    private static func state(_ state: EntityState, running: [Value], clocks: [TimerClock]) -> EntityState {
        var state = state
        state.attributes["running"] = .list(running)
        state.state = running.isEmpty ? "idle" : clocks.allSatisfy(\.isPaused) ? "paused" : "active"
        return state
    }

    mutating func timer(_ entity: Home.Entity, _ call: ServiceCall, now: Date) throws(ServiceError) -> EntityState {
        var running = entity.running
        var clocks = clocks(of: entity, now: now)
        earlierClocks[entity.id, default: [:]][.list(running)] = clocks
        switch call.service {
        case "get_all": return entity.state
        case "start" where call.data["index"] == nil:
            let seconds = try call.number("seconds")
            try call.check("seconds", seconds, in: 1...(366 * 86400))
            var entry: [String: Value] = ["seconds": .number(seconds)]
            if let name = call.data["name"] { entry["name"] = name }
            running.append(.object(entry))
            clocks.append(TimerClock(remaining: seconds, since: now, area: call.data["area"]?.string))
        case "start", "cancel", "pause", "resume", "change":
            let position = Int(try call.number("index"))
            guard running.indices.contains(position) else { throw .notFound("timer \(position)", entity: entity.id) }
            let left = clocks[position].left(at: now)
            switch call.service {
            case "cancel":
                running.remove(at: position)
                clocks.remove(at: position)
            case "change":
                let by = try call.number("seconds")
                var entry = running[position].object ?? [:]
                guard left + by > 0 else {
                    throw .outOfRange(argument: "seconds", value: by, low: -left, high: .infinity, entity: entity.id)
                }
                entry["seconds"] = .number((entry["seconds"]?.number ?? left) + by)
                running[position] = .object(entry)
                clocks[position].remaining = left + by
                clocks[position].since = now
            default:
                clocks[position].remaining = left
                clocks[position].since = now
                clocks[position].isPaused = call.service == "pause"
                var entry = running[position].object ?? [:]
                entry["paused"] = call.service == "pause" ? .bool(true) : nil
                running[position] = .object(entry)
            }
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        self.clocks[entity.id] = clocks
        return Self.state(entity.state, running: running, clocks: clocks)
    }
}

extension Home.Entity {
    /// The timers of a timer entity, as its attribute shows them.
    var running: [Value] { state.attributes["running"]?.list ?? [] }
}
