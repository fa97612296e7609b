internal import MynaAssistant
internal import MynaStages

/// What Home Assistant's registries say of its places and entities, apart from their states.
struct Registry: Sendable {
    var name = "Home"
    var timeZone: String?
    var units = Home.Units.metric
    var floors: [Home.Floor] = []
    var areas: [Home.Area] = []
    /// Services by domain.
    var services: [String: Set<String>] = [:]
    var entries: [String: Entry] = [:]

    /// What is known of one entity.
    struct Entry: Sendable, Equatable {
        var area: String?
        var device: String?
        var aliases: [String] = []
        var isHidden = false
    }

    /// Asks for everything; registries that this version has not, or this user may not read, are left empty.
    init(from connection: HomeAssistantConnection) async throws(HomeAssistantError) {
        let config = try await connection.request("get_config").object ?? [:]
        name = Names.line(config["location_name"]?.string ?? name)
        timeZone = config["time_zone"]?.string
        if config["unit_system"]?.object?["temperature"]?.string?.contains("F") ?? false { units = .imperial }
        for (domain, value) in try await connection.request("get_services").object ?? [:] {
            services[domain] = Set((value.object ?? [:]).keys)
        }
        for floor in try await Self.list("config/floor_registry/list", connection) {
            guard let id = floor["floor_id"]?.string, let name = floor["name"]?.string else { continue }
            floors.append(.init(id: id, name: Names.line(name), aliases: Self.aliases(floor)))
        }
        for area in try await Self.list("config/area_registry/list", connection) {
            guard let id = area["area_id"]?.string, let name = area["name"]?.string else { continue }
            areas.append(
                .init(id: id, name: Names.line(name), aliases: Self.aliases(area), floor: area["floor_id"]?.string))
        }
        var devices: [String: (name: String?, area: String?)] = [:]
        for device in try await Self.list("config/device_registry/list", connection) {
            guard let id = device["id"]?.string else { continue }
            devices[id] = (
                (device["name_by_user"]?.string ?? device["name"]?.string).map { Names.line($0) }, device["area_id"]?.string
            )
        }
        for entity in try await Self.list("config/entity_registry/list", connection) {
            guard let id = entity["entity_id"]?.string else { continue }
            let device = entity["device_id"]?.string.flatMap { devices[$0] }
            entries[id] = Entry(
                area: entity["area_id"]?.string ?? device?.area, device: device?.name,
                isHidden: ["hidden_by", "disabled_by", "entity_category"].contains { entity[$0]?.string != nil })
        }
        try await readAliases(connection)
        try await readExposed(connection)
    }

    private mutating func readAliases(_ connection: HomeAssistantConnection) async throws(HomeAssistantError) {
        let ids = entries.keys.filter { EntityMapping.domains.contains(Self.domain($0)) }.sorted()
        let answer = try await Self.optional(
            "config/entity_registry/get_entries", ["entity_ids": .list(ids.map { .string($0) })], connection)
        for (id, value) in answer.object ?? [:] { entries[id]?.aliases = Self.aliases(value.object ?? [:]) }
    }

    /// Hides what people keep from their assistants; what nobody decided on is shown.
    private mutating func readExposed(_ connection: HomeAssistantConnection) async throws(HomeAssistantError) {
        let answer = try await Self.optional("homeassistant/expose_entity/list", [:], connection)
        for (id, value) in answer.object?["exposed_entities"]?.object ?? [:]
        where value.object?["conversation"]?.bool == false { entries[id, default: Entry()].isHidden = true }
    }

    private static func aliases(_ fields: [String: Value]) -> [String] {
        (fields["aliases"]?.list ?? []).compactMap { $0.string.map { Names.line($0) } }.filter { !$0.isEmpty }
    }

    private static func list(_ command: String, _ connection: HomeAssistantConnection) async throws(HomeAssistantError)
        -> [[String: Value]]
    { (try await optional(command, [:], connection).list ?? []).compactMap(\.object) }

    /// The answer; null where this version does not know the command or this user may not give it.
    private static func optional(_ command: String, _ fields: [String: Value], _ connection: HomeAssistantConnection)
        async throws(HomeAssistantError) -> Value
    {
        do { return try await connection.request(command, fields) } catch .refused(_, let code, _)
            where ["unknown_command", "unauthorized"].contains(code)
        { return .null }
    }

    static func domain(_ id: String) -> String { String(id.prefix { $0 != "." }) }

    /// The home with the states of the moment; `states` are as Home Assistant gives them.
    func home(_ states: [String: RawState], more: [Home.Entity]) -> Home {
        var home = Home(id: "home_assistant", name: name, units: units, timeZone: timeZone, floors: floors, areas: areas)
        let known = Set(areas.map(\.id))
        for (id, raw) in states.sorted(by: { $0.key < $1.key }) {
            guard let entity = entity(id, raw) else { continue }
            var placed = entity
            if let area = entity.area, !known.contains(area) { placed.area = nil }
            home.entities.append(placed)
            if entity.domain == "person" { home.residents.append(.init(id: id, name: entity.name)) }
        }
        home.entities += more
        return home
    }

    /// One entity as the assistant sees it; nil where it is not to.
    func entity(_ id: String, _ raw: RawState) -> Home.Entity? {
        let domain = Self.domain(id)
        let entry = entries[id]
        guard EntityMapping.domains.contains(domain), entry?.isHidden != true else { return nil }
        let fallback = String(id.dropFirst(domain.count + 1)).replacing("_", with: " ")
        let name = Names.line(raw.attributes["friendly_name"]?.string ?? "")
        let services = EntityMapping.services(
            domain: domain, offered: self.services[domain] ?? [], attributes: raw.attributes)
        return Home.Entity(
            id: id, name: name.isEmpty ? fallback : name, aliases: entry?.aliases ?? [], area: entry?.area, domain: domain,
            state: raw.mapped(id), services: services,
            confirm: EntityMapping.confirm(domain: domain, attributes: raw.attributes, services: services), device: entry?.device)
    }
}

/// A state as Home Assistant tells it.
struct RawState: Sendable, Equatable {
    var state: String
    var attributes: [String: Value]
    /// What stands on a list, which is no attribute.
    var items: [Value]?

    /// Reads the object of `get_states` and of `state_changed`.
    init?(_ value: Value) {
        guard let fields = value.object, let state = fields["state"]?.string else { return nil }
        self.state = state
        attributes = fields["attributes"]?.object ?? [:]
    }

    func mapped(_ id: String) -> EntityState {
        var mapped = EntityMapping.state(domain: Registry.domain(id), state, attributes)
        if let items { mapped.attributes["items"] = .list(items) }
        return mapped
    }
}
