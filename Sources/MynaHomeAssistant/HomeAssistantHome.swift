public import Foundation
public import MynaAssistant
public import MynaStages

/// A real home behind Home Assistant: its states followed live, its services called, each change waited for.
///
/// When the connection goes it is opened again, with growing pauses; until then every request fails at once with
/// ``MynaAssistant/ServiceError/unreachable(_:)``. Timers are this program's own, as they need nothing of the home.
public actor HomeAssistantHome: HomeBackend {
    /// Where it is.
    public nonisolated let address: HomeAssistantAddress
    private let token: HomeAssistantToken
    private let options: HomeAssistantOptions
    private let ownTimers: VirtualHome?
    private var connection: HomeAssistantConnection?
    private var keeping: Task<Void, Never>?
    private var registry: Registry?
    private var states: [String: RawState] = [:]
    /// The last change of each entity that came while all states were asked for; nil at other times.
    private var early: [String: RawState?]?
    /// Lists whose items are to be asked for before they are shown.
    private var staleLists: Set<String> = []
    private var isStale = false
    private var scheduled: [Int: Task<Void, Never>] = [:]
    private var lastScheduled = 0
    /// Why the last try to connect failed; nil while connected.
    public private(set) var problem: HomeAssistantError?

    private init(_ address: HomeAssistantAddress, _ token: HomeAssistantToken, _ options: HomeAssistantOptions) {
        self.address = address
        self.token = token
        self.options = options
        ownTimers = options.staysRunning ? VirtualHome(Home(id: "timers", name: "Timers"), now: Date()) : nil
    }

    /// Connects to the home at `address`; throws where that fails the first time.
    public static func connect(
        to address: HomeAssistantAddress, token: HomeAssistantToken, options: HomeAssistantOptions = HomeAssistantOptions()
    ) async throws(HomeAssistantError) -> HomeAssistantHome {
        let home = HomeAssistantHome(address, token, options)
        let connection = try await home.open()
        await home.keep(connection)
        return home
    }

    /// Ends the connection; what is scheduled is forgotten.
    public func close() async {
        keeping?.cancel()
        for task in scheduled.values { task.cancel() }
        await connection?.close()
        connection = nil
    }

    // MARK: Connection

    private func open() async throws(HomeAssistantError) -> HomeAssistantConnection {
        let opened = try await HomeAssistantConnection.open(address, token: token, options: options) { [weak self] event in
            await self?.take(event)
        }
        do throws(HomeAssistantError) {
            early = [:]
            // First the events, then the states: none can be missed in between.
            _ = try await opened.request("subscribe_events", ["event_type": "state_changed"])
            for event in ["area_registry_updated", "device_registry_updated", "entity_registry_updated"] {
                do throws(HomeAssistantError) {
                    _ = try await opened.request("subscribe_events", ["event_type": .string(event)])
                } catch .refused {
                    // Only administrators may follow these; others see new names after the next connection.
                }
            }
            let registry = try await Registry(from: opened)
            guard let list = try await opened.request("get_states").list else {
                throw HomeAssistantError.nonsense("\(address)", reason: "states that are no list")
            }
            var states: [String: RawState] = [:]
            for value in list {
                guard let id = value.object?["entity_id"]?.string, let state = RawState(value) else {
                    throw HomeAssistantError.nonsense("\(address)", reason: "a state without entity_id or state")
                }
                states[id] = state
            }
            // The last change of an entity is what it is, whether all states were read before or after it.
            for (id, change) in early ?? [:] { states[id] = change }
            early = nil
            self.states = states
            self.registry = registry
            staleLists = Set(states.keys.filter { Registry.domain($0) == "todo" })
            isStale = false
        } catch {
            await opened.close()
            throw error
        }
        connection = opened
        problem = nil
        return opened
    }

    /// Connects again whenever the connection ends.
    private func keep(_ first: HomeAssistantConnection) {
        keeping = Task { [weak self, options] in
            var current: HomeAssistantConnection? = first
            var pause = options.firstRetrySeconds
            while !Task.isCancelled {
                if let connection = current {
                    await connection.ended()
                    await self?.lost(connection)
                    pause = options.firstRetrySeconds
                }
                do { try await Task.sleep(for: .seconds(pause)) } catch { return }
                guard let self else { return }
                current = await self.retry()
                pause = min(options.mostRetrySeconds, pause * 2)
            }
        }
    }

    private func lost(_ ended: HomeAssistantConnection) {
        guard connection === ended else { return }
        connection = nil
        problem = .disconnected("\(address)")
    }

    private func retry() async -> HomeAssistantConnection? {
        do { return try await open() } catch {
            problem = error
            return nil
        }
    }

    private func take(_ event: Value) {
        let fields = event.object ?? [:]
        guard fields["event_type"]?.string == "state_changed" else {
            isStale = true
            return
        }
        guard let data = fields["data"]?.object, let id = data["entity_id"]?.string else { return }
        let items = states[id]?.items
        let change = data["new_state"].flatMap(RawState.init)
        states[id] = change
        early?.updateValue(change, forKey: id)
        states[id]?.items = items
        if Registry.domain(id) == "todo" { staleLists.insert(id) }
    }

    /// The connection, or the one error of an outage.
    private func live() throws(ServiceError) -> (HomeAssistantConnection, Registry) {
        guard let connection, let registry else { throw .unreachable("\(address)") }
        return (connection, registry)
    }

    /// The error of a connection that failed a request; from then on all requests have it, until there is another.
    private func unreachable(_ failed: HomeAssistantConnection) -> ServiceError {
        lost(failed)
        Task { await failed.close() }
        return .unreachable("\(address)")
    }

    // MARK: HomeBackend

    public func home() async throws -> Home {
        var (connection, registry) = try live()
        do throws(HomeAssistantError) {
            if isStale {
                isStale = false
                registry = try await Registry(from: connection)
                self.registry = registry
            }
            for list in staleLists { try await readItems(of: list, connection) }
        } catch {
            throw unreachable(connection)
        }
        return registry.home(states, more: try await timerEntities())
    }

    private func readItems(of list: String, _ connection: HomeAssistantConnection) async throws(HomeAssistantError) {
        staleLists.remove(list)
        let answer: Value
        do { answer = try await connection.request("todo/item/list", ["entity_id": .string(list)]) } catch .refused {
            return  // a list that is unavailable has no items to show
        }
        let open = (answer.object?["items"]?.list ?? []).filter { $0.object?["status"]?.string != "completed" }
        states[list]?.items = open.compactMap { $0.object?["summary"]?.string.map { .string(Names.line($0)) } }
    }

    public func state(of entity: String) async throws -> EntityState {
        if let ownTimers, Registry.domain(entity) == "timer" { return try await ownTimers.state(of: entity) }
        let (connection, _) = try live()
        if staleLists.contains(entity) {
            do { try await readItems(of: entity, connection) } catch { throw unreachable(connection) }
        }
        guard let state = states[entity] else { throw ServiceError.unknownEntity(entity) }
        return state.mapped(entity)
    }

    public func state(of entity: String, once isReached: @Sendable (EntityState) -> Bool) async throws -> EntityState {
        let end = ContinuousClock.now + .seconds(options.settleSeconds)
        while true {
            let state = try await state(of: entity)
            if isReached(state) || ContinuousClock.now >= end { return state }
            // States come as events, mostly before the call's own answer; the few that take longer are looked for often.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    public func call(_ call: ServiceCall) async throws {
        if let ownTimers, Registry.domain(call.entity) == "timer" {
            try await advance(ownTimers)
            return try await ownTimers.call(call)
        }
        let (connection, registry) = try live()
        guard let raw = states[call.entity], let entity = registry.entity(call.entity, raw) else {
            throw ServiceError.unknownEntity(call.entity)
        }
        guard call.name == "\(entity.domain).\(call.service)", entity.services.contains(call.service) else {
            throw ServiceError.unsupported(service: call.name, entity: call.entity)
        }
        guard raw.state != "unavailable" else { throw ServiceError.refused(entity: call.entity, reason: "it is unavailable") }
        let (service, data) = EntityMapping.data(of: call)
        do {
            _ = try await connection.request(
                "call_service",
                [
                    "domain": .string(entity.domain), "service": .string(service), "service_data": .object(data),
                    "target": ["entity_id": .string(call.entity)],
                ])
        } catch .refused(_, _, let reason) {
            throw ServiceError.refused(entity: call.entity, reason: reason)
        } catch .timedOut {
            throw ServiceError.unanswered(service: call.name, entity: call.entity)
        } catch {
            throw unreachable(connection)
        }
        if entity.domain == "todo" { staleLists.insert(call.entity) }
    }

    public func schedule(_ calls: [ServiceCall], after delay: Duration) async throws -> Int {
        guard options.staysRunning else { throw ServiceError.cannotWait }
        lastScheduled += 1
        let id = lastScheduled
        scheduled[id] = Task {
            do { try await Task.sleep(for: delay) } catch { return }
            scheduled[id] = nil
            for call in calls {
                do { try await self.call(call) } catch { missed.append("\(call.name) on \(call.entity): \(error)") }
            }
        }
        return id
    }

    /// Calls that were to be made later and could not be, newest last.
    public private(set) var missed: [String] = []

    public func cancelScheduled(_ id: Int) { scheduled.removeValue(forKey: id)?.cancel() }

    public func timers() async throws -> [HomeTimer] {
        guard let ownTimers else { return [] }
        try await advance(ownTimers)
        return await ownTimers.timers()
    }

    public func now() -> Date { Date() }

    private func timerEntities() async throws -> [Home.Entity] {
        guard let ownTimers else { return [] }
        try await advance(ownTimers)
        return await ownTimers.home().entities
    }

    /// Brings the timers' clock to the real one.
    private func advance(_ timers: VirtualHome) async throws {
        let passed = Date().timeIntervalSince(await timers.now())
        if passed > 0 { try await timers.advance(by: .seconds(passed)) }
    }
}
