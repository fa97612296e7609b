import Foundation
import MynaAssistant
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaStore

@Suite(.timeLimit(.minutes(3))) struct StoreTests {
    private let home = Home(
        id: "test", name: "Test",
        entities: [
            .init(
                id: "todo.list", name: "List", domain: "todo",
                state: EntityState(state: "0", attributes: ["items": .list([])])),
            .init(id: "light.lamp", name: "Lamp", domain: "light", state: EntityState(state: "off")),
        ])

    /// A folder that goes with the test.
    private func inFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        let folder = NSTemporaryDirectory() + "myna-store-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }  // the system empties its temporary folder
        return try await body(folder)
    }

    private func opened(
        _ folder: String, staysRunning: Bool = false, at moment: Double = 0
    ) async throws -> KeptHome {
        try await KeptHome(
            VirtualHome(home), description: home, store: Self.reopened(folder),
            staysRunning: staysRunning,
            clock: { Date(timeIntervalSince1970: moment) })
    }

    @Test("lists and timers are there after the program, by the clock on the wall")
    func survives() async throws {
        try await inFolder { folder in
            do {
                let kept = try await opened(folder, at: 1000)
                try await kept.call(ServiceCall("todo.add_item", on: "todo.list", ["item": "milk"]))
                try await kept.call(
                    ServiceCall(
                        "timer.start", on: "timer.assistant", ["seconds": 60, "name": "tea", "area": "den"]))
                try await kept.call(ServiceCall("timer.start", on: "timer.assistant", ["seconds": 600]))
                try await kept.call(ServiceCall("light.turn_on", on: "light.lamp"))
                let lamp = try await kept.state(of: "light.lamp")
                #expect(lamp.state == "on")
            }
            let kept = try await opened(folder, at: 1100)
            let list = try await kept.state(of: "todo.list")
            #expect(list.attributes["items"] == ["milk"])
            let (ended, endedAgain) = (try await kept.takeEnded(), try await kept.takeEnded())
            #expect(ended == ["tea"] && endedAgain.isEmpty)
            let timers = try await kept.timers()
            #expect(timers.map(\.remaining) == [500])
            // The light is the home's own, which nothing keeps here.
            let lamp = try await kept.state(of: "light.lamp")
            #expect(lamp.state == "off")
        }
    }

    @Test("a timer that ended is told of once, also by a later program")
    func toldOnce() async throws {
        try await inFolder { folder in
            do {
                let kept = try await opened(folder, at: 0)
                try await kept.call(ServiceCall("timer.start", on: "timer.assistant", ["seconds": 5]))
            }
            let first = try await opened(folder, at: 10).takeEnded()
            let second = try await opened(folder, at: 20).takeEnded()
            #expect(first == [nil] && second.isEmpty)
        }
    }

    @Test("a second program in the same folder, and a file that is no store, are one typed error")
    func refused() async throws {
        try await inFolder { folder in
            let first = try StateStore(folder: folder)
            #expect(throws: StoreError.inUse(folder)) { _ = try StateStore(folder: folder) }
            withExtendedLifetime(first) {}
        }
        try await inFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(repeating: 7, count: 5000).write(to: URL(filePath: folder + "/state.sqlite"))
            #expect(throws: StoreError.self) { _ = try StateStore(folder: folder) }
        }
        #expect(throws: StoreError.self) { _ = try StateStore(folder: "/dev/null/state") }
    }

    @Test("a program that ends with its answer does nothing later")
    func later() async throws {
        try await inFolder { folder in
            let kept = try await opened(folder)
            await #expect(throws: ServiceError.cannotWait) {
                _ = try await kept.schedule([], after: .seconds(1))
            }
        }
        try await inFolder { folder in
            do {
                let kept = try await opened(folder, staysRunning: true)
                let id = try await kept.schedule(
                    [ServiceCall("light.turn_on", on: "light.lamp")], after: .seconds(9000))
                #expect(id == 1)
            }
            let kept = try await Self.reopened(folder).state(of: "test")
            #expect(kept.scheduled.map(\.due) == [Date(timeIntervalSince1970: 9000)])
        }
    }

    /// Opens the store once the one before is gone, which may be a moment after its owner.
    private static func reopened(_ folder: String) async throws -> StateStore {
        for _ in 0..<2000 {
            if let store = try opened(at: folder) { return store }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw StoreError.inUse(folder)
    }

    private static func opened(at folder: String) throws -> StateStore? {
        do { return try StateStore(folder: folder) } catch StoreError.inUse { return nil }
    }
}
