import MynaAssistant
import MynaSession
import MynaStages

/// A home as lines for people: a line for each area, its devices and their states.
struct HomeTable {
    /// Devices that hold a state a person would look at; a scene has none.
    private static let unseen: Set<String> = ["scene", "script", "calendar", "timer", "button", "input_button"]

    private let home: Home
    private let before: [String: EntityState]

    /// - Parameter before: an earlier look at the home; what differs is shown with both states.
    init(_ home: Home, since before: Home? = nil) {
        self.home = home
        self.before = Dictionary(uniqueKeysWithValues: (before?.entities ?? []).map { ($0.id, $0.state) })
    }

    var lines: [String] {
        let shown = home.entities.filter { !HomeTable.unseen.contains($0.domain) }
        let width = (home.areas.map(\.name.count) + ["Elsewhere".count]).max()! + 2
        var lines: [String] = []
        for area in home.areas {
            let devices = shown.filter { $0.area == area.id }
            if !devices.isEmpty { lines += wrapped(area.name, devices.map(text), width: width) }
        }
        let elsewhere = shown.filter { entity in !home.areas.contains { $0.id == entity.area } }
        if !elsewhere.isEmpty { lines += wrapped("Elsewhere", elsewhere.map(text), width: width) }
        return lines
    }

    private func text(_ entity: Home.Entity) -> String {
        if let old = before[entity.id], old != entity.state { return "\(entity.name): \(difference(old, entity.state)) ◀" }
        return "\(entity.name): \(word(for: entity))\(unit(entity))"
    }

    /// A window that is "on" is open, a list has items.
    private func word(for entity: Home.Entity) -> String {
        if entity.domain == "todo" { return entity.state.state + (entity.state.state == "1" ? " item" : " items") }
        let opens = ["window", "door", "garage_door", "opening"]
        guard entity.domain == "binary_sensor", opens.contains(entity.deviceClass ?? "") else { return entity.state.state }
        return ["on": "open", "off": "closed"][entity.state.state] ?? entity.state.state
    }

    private func unit(_ entity: Home.Entity) -> String {
        let attributes = entity.state.attributes
        return (attributes["unit"] ?? attributes["unit_of_measurement"])?.string.map { " \($0)" } ?? ""
    }

    /// `label`, then the items, as many on a line as fit in 110 columns.
    private func wrapped(_ label: String, _ items: [String], width: Int) -> [String] {
        var lines: [String] = []
        var line = "  " + label + String(repeating: " ", count: max(1, width - label.count))
        let indent = String(repeating: " ", count: line.count)
        var isEmpty = true
        for item in items {
            if !isEmpty, line.count + item.count + 3 > 110 {
                lines.append(line)
                (line, isEmpty) = (indent, true)
            }
            line += (isEmpty ? "" : " · ") + item
            isEmpty = false
        }
        return lines + [line]
    }
}
