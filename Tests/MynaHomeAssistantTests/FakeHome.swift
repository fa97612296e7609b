import FlyingFox
import FlyingSocks
import Foundation
import MynaStages
import Synchronization

@testable import MynaHomeAssistant

/// A server that speaks Home Assistant's protocol, well or badly, for one lamp in a study and one list.
final class FakeHome: WSMessageHandler, Sendable {
    /// What it does wrong.
    enum Manner: Sendable {
        case well, refusesToken, isSomethingElse, talksNonsense, forgetsStates
        /// At the next call it closes the connection, says nothing, refuses, or takes it and does nothing.
        case vanishes, isSilent, refuses, ignores
    }

    let manner: Mutex<Manner>
    let calls = Mutex<[[String: Value]]>([])
    let connections = Mutex(0)
    private let lamp = Mutex<[String: Value]>(["state": "off", "brightness": .null])

    init(_ manner: Manner) { self.manner = Mutex(manner) }

    /// Serves it on a free port while `body` runs.
    static func serving(
        _ manner: Manner, _ body: @escaping @Sendable (FakeHome, HomeAssistantAddress) async throws -> Void
    ) async throws {
        let fake = FakeHome(manner)
        let server = HTTPServer(address: .loopback(port: 0))
        await server.appendRoute("GET /api/websocket", to: .webSocket(fake))
        let running = Task { try await server.run() }
        defer { running.cancel() }
        try await server.waitUntilListening(timeout: 60)
        guard case .ip4(_, let port)? = await server.listeningAddress else {
            // Where a loopback is IPv6 first, the server listens on that.
            guard case .ip6(_, let port)? = await server.listeningAddress else { return }
            return try await body(fake, HomeAssistantAddress("http://[::1]:\(port)"))
        }
        try await body(fake, HomeAssistantAddress("http://127.0.0.1:\(port)"))
    }

    func makeMessages(for client: AsyncStream<WSMessage>) async throws -> AsyncStream<WSMessage> {
        let (messages, output) = AsyncStream.makeStream(of: WSMessage.self, bufferingPolicy: .unbounded)
        connections.withLock { $0 += 1 }
        func say(_ value: Value) { output.yield(.text(String(decoding: try! JSONEncoder().encode(value), as: UTF8.self))) }
        say(manner.withLock { $0 } == .isSomethingElse ? ["hello": "world"] : ["type": "auth_required", "ha_version": "1"])
        let task = Task {
            for await message in client {
                guard case .text(let text) = message,
                    let fields = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)).object
                else { break }
                let answers = self.answers(to: fields)
                guard let answers else { break }
                if case .talksNonsense = manner.withLock({ $0 }), fields["type"] == "get_states" { output.yield(.text("][")) }
                for answer in answers { say(answer) }
            }
            output.yield(.close())
            output.finish()
        }
        output.onTermination = { _ in task.cancel() }
        return messages
    }

    /// What it says to a message; nil where it hangs up.
    private func answers(to message: [String: Value]) -> [Value]? {
        let manner = manner.withLock { $0 }
        let id = message["id"] ?? .null
        func result(_ value: Value) -> [Value] { [["id": id, "type": "result", "success": true, "result": value]] }
        func failure(_ code: Value, _ text: Value) -> [Value] {
            [["id": id, "type": "result", "success": false, "error": ["code": code, "message": text]]]
        }
        switch message["type"]?.string {
        case "auth":
            return manner == .refusesToken || message["access_token"] != "secret"
                ? [["type": "auth_invalid", "message": "Invalid access token or password"]]
                : [["type": "auth_ok", "ha_version": "1"]]
        case "get_config":
            return result(["location_name": "Fake\u{7}home", "time_zone": "Europe/Paris", "unit_system": ["temperature": "°C"]])
        case "get_services":
            return result(["light": ["turn_on": [:], "turn_off": [:]], "todo": ["add_item": [:]], "lock": ["unlock": [:]]])
        case "subscribe_events", "ping": return result(.null)
        case "config/area_registry/list": return result([["area_id": "study", "name": "Study", "aliases": ["den"]]])
        case "config/device_registry/list": return result([["id": "d", "name": "Bulb", "area_id": "study"]])
        case "config/entity_registry/list":
            return result([
                ["entity_id": "light.lamp", "device_id": "d", "area_id": .null],
                ["entity_id": "light.hidden", "hidden_by": "user"],
            ])
        case "config/entity_registry/get_entries": return result(["light.lamp": ["aliases": ["Reading Light"]]])
        case "homeassistant/expose_entity/list":
            return result(["exposed_entities": ["light.private": ["conversation": false]]])
        case "get_states":
            if manner == .forgetsStates { return result(["not": "a list"]) }
            let other: [Value] = ["light.hidden", "light.private", "sun.sun"].map {
                ["entity_id": .string($0), "state": "on", "attributes": [:]]
            }
            return result(
                .list(
                    [lampState] + other + [
                        ["entity_id": "lock.door", "state": "locked", "attributes": ["friendly_name": "Door"]]
                    ]))
        case "call_service": return called(message, manner, result, failure)
        default: return failure("unknown_command", "Unknown command.")
        }
    }

    private var lampState: Value {
        let lamp = lamp.withLock { $0 }
        return [
            "entity_id": "light.lamp", "state": lamp["state"] ?? .null,
            "attributes": [
                "friendly_name": "Desk Lamp", "brightness": lamp["brightness"] ?? .null, "supported_features": 0,
                "supported_color_modes": ["color_temp"], "color_temp": 400,
            ],
        ]
    }

    private func called(
        _ message: [String: Value], _ manner: Manner, _ result: (Value) -> [Value], _ failure: (Value, Value) -> [Value]
    ) -> [Value]? {
        calls.withLock { $0.append(message) }
        switch manner {
        case .vanishes: return nil
        case .isSilent: return []
        case .refuses: return failure("home_assistant_error", "The bulb\u{1b} is broken")
        case .ignores: return result(.null)
        default: break
        }
        let isOn = message["service"] == "turn_on"
        lamp.withLock {
            $0["state"] = isOn ? "on" : "off"
            let level = message["service_data"]?.object?["brightness_pct"]?.number ?? 100
            $0["brightness"] = isOn ? .number((level * 2.55).rounded()) : .null
        }
        let event: Value = [
            "type": "event", "id": 1,
            "event": ["event_type": "state_changed", "data": ["entity_id": "light.lamp", "new_state": lampState]],
        ]
        // Real ones answer before the event as well as after it.
        return result(.null) + [event]
    }
}
