public import Foundation
public import MynaAssistant
public import MynaStages

/// A home whose lists, calendars, timers and delayed calls outlive the program: each change is on the disk before it is answered.
///
/// Those entities are this program's own; all others are those of the home inside.
public actor KeptHome: HomeBackend {
    private let inner: any HomeBackend
    private let own: VirtualHome
    private let ownIDs: Set<String>
    private let store: StateStore
    private let name: String
    private let staysRunning: Bool
    private let clock: @Sendable () -> Date
    private var scheduled: [KeptCalls] = []
    private var waiting: [Int: Task<Void, Never>] = [:]
    private var last = 0
    /// The names of the timers that ran out and were not told of yet, nil for one without a name.
    private var ended: [String?]
    /// Why calls that were due could not be made.
    public private(set) var missed: [String] = []

    /// - Parameters:
    ///   - inner: The home of everything else.
    ///   - description: The home as it is before anything was kept.
    ///   - domains: Those whose entities have no device behind them and are kept here.
    ///   - staysRunning: Whether the program goes on after its reply, so that it can do things later.
    public init(
        _ inner: any HomeBackend, description: Home,
        domains: Set<String> = ["timer", "todo", "calendar"], store: StateStore,
        staysRunning: Bool,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) async throws {
        (self.inner, self.store, self.staysRunning, self.clock) = (inner, store, staysRunning, clock)
        name = description.id
        let kept = try store.state(of: name)
        let now = clock()
        var home = Home(id: description.id, name: description.name, timeZone: description.timeZone)
        home.entities = description.entities.filter { domains.contains($0.domain) }
        if !home.entities.contains(where: { $0.domain == "timer" }) {
            home.entities.append(
                Home.Entity(
                    id: "timer.assistant", name: "Timers", domain: "timer",
                    state: EntityState(state: "idle", attributes: ["running": .list([])])))
        }
        ended = []
        for index in home.entities.indices {
            let id = home.entities[index].id
            if let state = kept.entities[id] { home.entities[index].state = state }
            guard home.entities[index].domain == "timer", kept.entities[id] != nil else { continue }
            let timers = kept.timers.filter { $0.entity == id }
            let running = timers.filter { ($0.due ?? .distantFuture) > now }
            ended += timers.filter { ($0.due ?? .distantFuture) <= now }.map(\.name)
            home.entities[index].state.attributes["running"] = .list(
                running.map { Self.entry($0, now: now) })
            home.entities[index].state.state =
                running.isEmpty ? "idle" : running.allSatisfy { $0.due == nil } ? "paused" : "active"
        }
        own = VirtualHome(home, now: now)
        ownIDs = Set(home.entities.map(\.id))
        scheduled = kept.scheduled
        last = kept.scheduled.map(\.id).max() ?? 0
        if staysRunning { for calls in scheduled { wait(for: calls) } }
        // That they ended is told once; what is kept from here on no longer has them.
        if !ended.isEmpty { try await save() }
    }

    private static func entry(_ timer: KeptTimer, now: Date) -> Value {
        var entry: [String: Value] = [
            "seconds": .number(timer.seconds),
            "remaining": .number(timer.due?.timeIntervalSince(now) ?? timer.remaining),
        ]
        if let name = timer.name { entry["name"] = .string(name) }
        if let area = timer.area { entry["area"] = .string(area) }
        if timer.due == nil { entry["paused"] = true }
        return .object(entry)
    }

    /// The timers that ran out since this was asked last, those that ended while the program was away among them.
    public func takeEnded() async throws -> [String?] {
        try await advance()
        defer { ended = [] }
        return ended
    }

    private func advance() async throws {
        let passed = clock().timeIntervalSince(await own.now())
        guard passed > 0 else { return }
        let names = try await own.advance(by: .seconds(passed))
        guard !names.isEmpty else { return }
        ended += names
        try await save()
    }

    private func save() async throws {
        var state = KeptState()
        let states = await own.states()
        state.entities = states
        let now = await own.now()
        state.timers = await own.timers().map { timer in
            KeptTimer(
                entity: timer.entity, name: timer.name, seconds: timer.seconds,
                due: timer.isPaused ? nil : now.addingTimeInterval(timer.remaining),
                remaining: timer.remaining, area: timer.area)
        }
        state.scheduled = scheduled
        try store.save(state, home: name)
    }

    // MARK: HomeBackend

    public func home() async throws -> Home {
        try await advance()
        var home = try await inner.home()
        home.entities.removeAll { ownIDs.contains($0.id) || $0.domain == "timer" }
        home.entities += await own.home().entities
        return home
    }

    public func state(of entity: String) async throws -> EntityState {
        guard ownIDs.contains(entity) else { return try await inner.state(of: entity) }
        try await advance()
        return try await own.state(of: entity)
    }

    public func state(of entity: String, once isReached: @Sendable (EntityState) -> Bool) async throws
        -> EntityState
    {
        guard ownIDs.contains(entity) else { return try await inner.state(of: entity, once: isReached) }
        return try await state(of: entity)
    }

    public func call(_ call: ServiceCall) async throws {
        guard ownIDs.contains(call.entity) else { return try await inner.call(call) }
        try await advance()
        try await own.call(call)
        try await save()
    }

    public func schedule(_ calls: [ServiceCall], after delay: Duration) async throws -> Int {
        guard staysRunning else { throw ServiceError.cannotWait }
        last += 1
        let kept = KeptCalls(
            id: last, due: clock().addingTimeInterval(delay / .seconds(1)),
            calls: calls.map { .init(name: $0.name, entity: $0.entity, data: $0.data) })
        scheduled.append(kept)
        try await save()
        wait(for: kept)
        return kept.id
    }

    /// Makes the calls when they are due. What was due a while ago, when the program was away, nobody waits for any more: a heater
    /// that starts hours late is a fault.
    private func wait(for kept: KeptCalls) {
        let seconds = kept.due.timeIntervalSince(clock())
        waiting[kept.id] = Task { [weak self] in
            do { try await Task.sleep(for: .seconds(max(0, seconds))) } catch { return }
            await self?.make(kept, isLate: seconds < -60)
        }
    }

    private func make(_ kept: KeptCalls, isLate: Bool) async {
        if isLate {
            missed += kept.calls.map { "\($0.name) on \($0.entity): it was due while nothing ran" }
        }
        for call in kept.calls where !isLate {
            do { try await self.call(ServiceCall(call.name, on: call.entity, call.data)) } catch {
                missed.append("\(call.name) on \(call.entity): \(error)")
            }
        }
        waiting[kept.id] = nil
        do { try await cancelScheduled(kept.id) } catch { missed.append("\(error)") }
    }

    public func cancelScheduled(_ id: Int) async throws {
        guard scheduled.contains(where: { $0.id == id }) else { return }
        scheduled.removeAll { $0.id == id }
        try await save()
        waiting.removeValue(forKey: id)?.cancel()
    }

    public func timers() async throws -> [HomeTimer] {
        try await advance()
        return await own.timers()
    }

    public func now() async throws -> Date { clock() }
}
