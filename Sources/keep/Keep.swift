import Foundation
import MynaAssistant
import MynaStages
import MynaStore

/// `keep FOLDER`: puts one thing after another on a kept list and says the number of each once it is acknowledged, until it is killed.
///
/// The tests of the store kill it.
@main
struct Keep {
    static func main() async throws {
        let list = Home.Entity(
            id: "todo.list", name: "List", domain: "todo",
            state: EntityState(state: "0", attributes: ["items": .list([])]))
        let home = Home(id: "kept", name: "Kept", entities: [list])
        let store = try StateStore(folder: CommandLine.arguments[1])
        let kept = try await KeptHome(
            VirtualHome(home), description: home, store: store, staysRunning: false)
        var number =
            try await kept.home().entity("todo.list")?.state.attributes["items"]?.list?.count ?? 0
        while true {
            number += 1
            try await kept.call(
                ServiceCall("todo.add_item", on: "todo.list", ["item": .string("\(number)")]))
            if number % 5 == 0 {
                try await kept.call(ServiceCall("timer.start", on: "timer.assistant", ["seconds": 86400]))
            }
            FileHandle.standardOutput.write(Data("\(number)\n".utf8))
        }
    }
}
