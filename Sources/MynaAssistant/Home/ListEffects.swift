import Foundation
import MynaStages

// Lists and calendars: what stands on them is in their attributes.

extension Home.Entity {
    /// Where a list keeps what is on it.
    var itemsAttribute: String {
        ["items", "todo_items"].first { state.attributes[$0]?.list != nil } ?? "items"
    }

    /// What stands on a list.
    var items: [String] { (state.attributes[itemsAttribute]?.list ?? []).compactMap(Self.itemText) }

    static func itemText(_ value: Value) -> String? {
        value.string ?? ["summary", "name", "title"].lazy.compactMap { value.object?[$0]?.string }.first
    }

    /// Events of a calendar: title, start and end as written.
    var events: [(title: String, start: String, end: String?)] {
        (state.attributes["events"]?.list ?? []).compactMap { event in
            guard let title = Self.itemText(event), let start = event.object?["start"]?.string else { return nil }
            return (title, start, event.object?["end"]?.string)
        }
    }
}

extension ServiceEffects {
    static func list(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        let attribute = entity.itemsAttribute
        var items = state.attributes[attribute]?.list ?? []
        // The state counts what is still to be done, which need not be all that the attribute shows.
        var count = Int(state.state) ?? items.count
        if call.service == "get_items" { return state }
        let item = try call.text("item")
        let position = items.firstIndex { Home.Entity.itemText($0)?.lowercased() == item.lowercased() }
        switch call.service {
        case "add_item":
            let isDetailed = items.contains { $0.object != nil }
            items.append(isDetailed ? .object(["summary": .string(item), "status": "needs_action"]) : .string(item))
            count += 1
        case "remove_item", "complete_item", "update_item":
            guard let position else { throw .notFound(item, entity: entity.id) }
            let removed = items.remove(at: position)
            count = max(0, count - 1)
            if call.service != "remove_item" {
                state.attributes["completed"] = .list((state.attributes["completed"]?.list ?? []) + [removed])
            }
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        state.attributes[attribute] = .list(items)
        state.state = String(count)
        return state
    }

    static func calendar(_ entity: Home.Entity, _ call: ServiceCall) throws(ServiceError) -> EntityState {
        var state = entity.state
        var events = state.attributes["events"]?.list ?? []
        switch call.service {
        case "get_events": return state
        case "create_event":
            let start = try call.text("start")
            var event: [String: Value] = ["title": .string(try call.text("title")), "start": .string(start)]
            if let end = call.data["end"] { event["end"] = end }
            events.append(.object(event))
            events.sort { ($0.object?["start"]?.string ?? "") < ($1.object?["start"]?.string ?? "") }
        case "delete_event":
            let title = try call.text("title")
            guard let position = events.firstIndex(where: { Home.Entity.itemText($0)?.lowercased() == title.lowercased() }) else {
                throw .notFound(title, entity: entity.id)
            }
            events.remove(at: position)
        default: throw .unsupported(service: call.name, entity: entity.id)
        }
        state.attributes["events"] = .list(events)
        return state
    }
}
