import Foundation
import MynaStages

/// Reads homes in the `home/1` form; the comments of ../shared/formats/home.example.yaml define it.
public enum HomeFile {
    /// The home in the file at `path`.
    public static func read(at path: String) throws(HomeError) -> Home {
        try home(from: text(at: path), file: path)
    }

    /// The home in `text`; `file` is how errors name it.
    public static func home(from text: String, file: String) throws(HomeError) -> Home {
        let fields = try FieldReader.read(text, file: file)
        let format = try fields.string("format")
        guard format == "home/1" else { throw fields.error("format", .notAllowed(value: format, allowed: ["home/1"])) }
        try fields.only([
            "format", "id", "name", "kind", "location", "units", "time_zone", "now", "residents", "floors", "areas", "entities",
        ])
        let floors = try floors(fields)
        let areas = try areas(fields, floors: floors)
        let areaIDs = Set(areas.map(\.id))
        let units = try fields.stringIfPresent("units") ?? "metric"
        guard let units = Home.Units(rawValue: units) else {
            throw fields.error("units", .notAllowed(value: units, allowed: Home.Units.allCases.map(\.rawValue)))
        }
        let timeZone = try fields.stringIfPresent("time_zone")
        if let timeZone, TimeZone(identifier: timeZone) == nil {
            throw fields.error("time_zone", .wrongType(expected: "a time zone such as Europe/London", value: timeZone))
        }
        let now = try fields.stringIfPresent("now")
        if let now, HomeTime.date(now) == nil {
            throw fields.error("now", .wrongType(expected: "a moment such as 2027-03-09T18:40:00+00:00", value: now))
        }
        return Home(
            id: try fields.string("id"), name: try fields.string("name"), units: units, timeZone: timeZone, now: now,
            residents: try residents(fields, areas: areaIDs),
            floors: floors.isEmpty ? impliedFloors(areas) : floors, areas: areas,
            entities: try entities(fields.mappings("entities"), areas: areaIDs, taken: []))
    }

    static func text(at path: String) throws(HomeError) -> String {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "it cannot be opened" : "no such file"
            throw HomeError(file: path, line: nil, field: "", problem: .unreadable(reason: reason))
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw HomeError(file: path, line: nil, field: "", problem: .unreadable(reason: "it is not UTF-8 text"))
        }
        return text
    }

    private static func floors(_ home: FieldReader) throws(HomeError) -> [Home.Floor] {
        var floors: [Home.Floor] = []
        for fields in try home.mappings("floors") {
            try fields.only(["id", "name", "aliases", "level"])
            let id = try identifier(fields, taken: floors.map(\.id))
            floors.append(.init(id: id, name: try fields.string("name"), aliases: try fields.strings("aliases")))
        }
        return floors
    }

    private static func areas(_ home: FieldReader, floors: [Home.Floor]) throws(HomeError) -> [Home.Area] {
        var areas: [Home.Area] = []
        for fields in try home.mappings("areas") {
            areas.append(try area(fields, taken: areas.map(\.id), floors: floors.map(\.id)))
        }
        return areas
    }

    static func area(_ fields: FieldReader, taken: [String], floors: [String]) throws(HomeError) -> Home.Area {
        try fields.only(["id", "name", "aliases", "floor"])
        let floor = try fields.stringIfPresent("floor")
        if let floor, !floors.isEmpty, !floors.contains(floor) {
            throw fields.error("floor", .unknownReference(value: floor, kind: "floor"))
        }
        return .init(
            id: try identifier(fields, taken: taken), name: try fields.string("name"),
            aliases: try fields.strings("aliases"), floor: floor)
    }

    /// The floors that areas name where a file has no list of them: name and id are one.
    private static func impliedFloors(_ areas: [Home.Area]) -> [Home.Floor] {
        var floors: [Home.Floor] = []
        for floor in areas.compactMap(\.floor) where !floors.contains(where: { $0.id == floor }) {
            floors.append(.init(id: floor, name: floor))
        }
        return floors
    }

    private static func residents(_ home: FieldReader, areas: Set<String>) throws(HomeError) -> [Home.Resident] {
        var residents: [Home.Resident] = []
        for fields in try home.mappings("residents") {
            try fields.only(["id", "name", "role", "room", "may_not_call"])
            let room = try fields.stringIfPresent("room")
            if let room, !areas.contains(room) { throw fields.error("room", .unknownReference(value: room, kind: "area")) }
            residents.append(
                .init(
                    id: try identifier(fields, taken: residents.map(\.id)), name: try fields.string("name"),
                    role: try fields.stringIfPresent("role"), room: room,
                    forbiddenCalls: try fields.strings("may_not_call")))
        }
        return residents
    }

    static func entities(_ list: [FieldReader], areas: Set<String>, taken: Set<String>) throws(HomeError) -> [Home.Entity] {
        var taken = taken
        var entities: [Home.Entity] = []
        for fields in list {
            try fields.only([
                "id", "name", "aliases", "area", "domain", "state", "attributes", "services", "confirm", "device",
            ])
            let id = try identifier(fields, taken: [])
            let prefix = id.split(separator: ".", maxSplits: 1)
            guard prefix.count == 2, !prefix[0].isEmpty else {
                throw fields.error("id", .wrongType(expected: "domain.name", value: id))
            }
            let domain = try fields.stringIfPresent("domain") ?? String(prefix[0])
            guard domain == prefix[0] else {
                throw fields.error("domain", .notAllowed(value: domain, allowed: [String(prefix[0])]))
            }
            let area = try fields.stringIfPresent("area")
            if let area, !areas.contains(area) { throw fields.error("area", .unknownReference(value: area, kind: "area")) }
            let name = try fields.string("name")
            if !taken.insert(id).inserted {
                // Listed again under another area, it is one entity that is in both; anything else is a mistake.
                guard let first = entities.firstIndex(where: { $0.id == id && $0.name == name }), let area,
                    entities[first].area != nil, !entities[first].areas.contains(area)
                else { throw fields.error("id", .duplicate(value: id)) }
                entities[first].otherAreas.append(area)
                continue
            }
            let services = fields.has("services") ? try fields.strings("services") : nil
            let confirm = try fields.strings("confirm")
            for service in confirm where !(services ?? DomainServices.all[domain] ?? []).contains(service) {
                throw fields.error("confirm", .unknownReference(value: service, kind: "service of this entity"))
            }
            entities.append(
                .init(
                    id: id, name: name, aliases: try fields.strings("aliases"), area: area,
                    domain: domain, state: try state(fields) ?? EntityState(state: "unknown"),
                    services: services, confirm: confirm, device: try fields.stringIfPresent("device")))
        }
        return entities
    }

    /// `state` and `attributes` of a mapping; nil where it has no state.
    static func state(_ fields: FieldReader) throws(HomeError) -> EntityState? {
        guard fields.has("state") else { return nil }
        return EntityState(state: try fields.stringIfPresent("state") ?? "", attributes: try fields.values("attributes"))
    }

    private static func identifier(_ fields: FieldReader, taken: [String]) throws(HomeError) -> String {
        let id = try fields.string("id")
        if id.isEmpty { throw fields.error("id", .wrongType(expected: "a word", value: "nothing")) }
        if taken.contains(id) { throw fields.error("id", .duplicate(value: id)) }
        return id
    }
}
