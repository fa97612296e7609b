public import Foundation
public import MynaStages

/// A home that exists in memory only: its states change as Home Assistant's would.
///
/// Its clock stands still but for ``advance(by:)``, which lets timers run out and makes calls that are due.
public actor VirtualHome: HomeBackend {
    private var description: Home
    private var index: [String: Int] = [:]
    private var clock: Date
    private var memory = ServiceMemory()
    private var pending: [(id: Int, due: Date, calls: [ServiceCall])] = []
    private var scheduled = 0

    /// A home as `home` says, with `setup` laid over its states: a new state, and attributes one by one.
    ///
    /// A home without a timer entity gets one, so that timers work everywhere.
    /// - Parameter now: The clock's start where the home names none.
    public init(_ home: Home, setup: [String: StateOverlay] = [:], now: Date = Date(timeIntervalSince1970: 0)) {
        description = home
        clock = home.now.flatMap { HomeTime.date($0) } ?? now
        memory.offMeansZeroBrightness = ServiceMemory.offMeansZeroBrightness(in: home)
        if !home.entities.contains(where: { $0.domain == "timer" }) {
            description.entities.append(
                .init(
                    id: "timer.assistant", name: "Timers", domain: "timer",
                    state: EntityState(state: "idle", attributes: ["running": .list([])])))
        }
        for (position, entity) in description.entities.enumerated() {
            index[entity.id] = position
            setup[entity.id]?.apply(to: &description.entities[position].state)
        }
    }

    public func home() -> Home { description }

    /// All states by entity.
    public func states() -> [String: EntityState] {
        Dictionary(uniqueKeysWithValues: description.entities.map { ($0.id, $0.state) })
    }

    public func state(of entity: String) throws(ServiceError) -> EntityState {
        guard let position = index[entity] else { throw .unknownEntity(entity) }
        return description.entities[position].state
    }

    public func now() -> Date { clock }

    public func call(_ call: ServiceCall) throws(ServiceError) {
        guard let position = index[call.entity] else { throw .unknownEntity(call.entity) }
        let entity = description.entities[position]
        guard call.name == "\(entity.domain).\(call.service)", entity.services.contains(call.service) else {
            throw .unsupported(service: call.name, entity: call.entity)
        }
        let after = try ServiceEffects.state(of: entity, after: call, memory: &memory, now: clock)
        description.entities[position].state = call.restoring ?? after
        if call.restoring != nil, entity.domain == "timer" { memory.restoreTimers(of: description.entities[position]) }
        if entity.domain == "scene" { applyScene(entity) }
    }

    /// A scene that lists states sets them.
    private func applyScene(_ scene: Home.Entity) {
        for (id, value) in scene.state.attributes["entities"]?.object ?? [:] {
            guard let position = index[id] else { continue }
            if let state = value.string ?? value.object?["state"]?.string { description.entities[position].state.state = state }
            for (name, attribute) in value.object ?? [:] where name != "state" {
                description.entities[position].state.attributes[name] = attribute
            }
        }
    }

    @discardableResult
    public func schedule(_ calls: [ServiceCall], after delay: Duration) -> Int {
        scheduled += 1
        pending.append((scheduled, clock.addingTimeInterval(delay / .seconds(1)), calls))
        pending.sort { $0.due < $1.due }
        return scheduled
    }

    public func cancelScheduled(_ id: Int) { pending.removeAll { $0.id == id } }

    public func timers() -> [HomeTimer] {
        description.entities.filter { $0.domain == "timer" }.flatMap { memory.timers(of: $0, now: clock) }
    }

    /// Lets time pass: makes the calls that become due and ends the timers that run out.
    ///
    /// - Returns: The names of the timers that ran out, nil for one without a name.
    @discardableResult
    public func advance(by duration: Duration) throws(ServiceError) -> [String?] {
        let end = clock.addingTimeInterval(duration / .seconds(1))
        while let next = pending.first, next.due <= end {
            pending.removeFirst()
            clock = next.due
            for due in next.calls { try call(due) }
        }
        clock = end
        var ended: [String?] = []
        for position in description.entities.indices where description.entities[position].domain == "timer" {
            ended += memory.endTimers(of: &description.entities[position], now: clock)
        }
        return ended
    }
}

/// What a test or a caller lays over the state of an entity.
public struct StateOverlay: Sendable, Equatable {
    public var state: String?
    public var attributes: [String: Value]

    public init(state: String? = nil, attributes: [String: Value] = [:]) {
        self.state = state
        self.attributes = attributes
    }

    func apply(to target: inout EntityState) {
        if let state { target.state = state }
        for (name, value) in attributes { target.attributes[name] = value }
    }
}
