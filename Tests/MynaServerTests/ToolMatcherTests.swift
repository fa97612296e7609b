import Foundation
import MynaStages
import Testing

@testable import MynaServer

@Suite struct ToolMatcherTests {
    func tool(_ json: String) throws -> ClientTool {
        try #require(ClientTool(try JSONDecoder().decode([String: Value].self, from: Data(json.utf8))))
    }
    var weather: ClientTool {
        get throws {
            try tool(
                #"""
                {"type": "function", "name": "get_weather", "description": "Get the current weather of a city",
                 "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum":
                 ["celsius", "fahrenheit"]}, "days": {"type": "integer"}}, "required": ["city"]}}
                """#)
        }
    }
    var light: ClientTool {
        get throws {
            try tool(
                #"""
                {"name": "setLight", "parameters": {"type": "object", "required": ["room", "on"], "properties":
                 {"room": {"enum": ["kitchen", "living_room"]}, "on": {"type": "boolean"}}}}
                """#)
        }
    }

    @Test func `a function is called where the request names it, with the request's words as values`() throws {
        let matcher = ToolMatcher(tools: [try weather, try light])
        let asked: [(String, ToolCall)] = [
            ("what's the weather in paris", ToolCall(name: "get_weather", arguments: ["city": "paris"])),
            (
                "tell me the weather for new york in celsius for three days",
                ToolCall(name: "get_weather", arguments: ["city": "new york", "unit": "celsius", "days": 3])
            ),
            (
                "switch the living room light off please",
                ToolCall(name: "setLight", arguments: ["room": "living_room", "on": false])
            ),
        ]
        for (request, call) in asked {
            let found = matcher.call(for: request, .auto, isOurs: true)
            #expect(found == call, "\(request): \(String(describing: found))")
        }
    }

    @Test func `what names no function, or lacks a value it needs, is left to our assistant`() throws {
        let matcher = ToolMatcher(tools: [try weather, try light])
        for request in ["lock the front door", "what's the weather", "turn the light on", ""] {
            #expect(matcher.call(for: request, .auto, isOurs: true) == nil, "\(request)")
        }
        #expect(matcher.call(for: "the weather in paris", .none, isOurs: true) == nil)
        #expect(matcher.call(for: "anything", .function("get_weather"), isOurs: true)?.name == "get_weather")
        #expect(matcher.call(for: "the kitchen light", .required, isOurs: true)?.name == "setLight")
    }

    @Test func `a description's words are enough where our own assistant understood nothing`() throws {
        let ordering = try tool(
            #"{"name": "submit", "description": "Orders a pizza", "parameters": {"type": "object", "properties": {"count": {"type": "integer"}}}}"#
        )
        let matcher = ToolMatcher(tools: [ordering])
        #expect(matcher.call(for: "i want to order two pizzas", .auto, isOurs: true) == nil)
        #expect(
            matcher.call(for: "i want to order two pizzas", .auto, isOurs: false)
                == ToolCall(name: "submit", arguments: ["count": 2]))
    }

    @Test func `a function without a name or with a schema that is no object is none`() {
        for bad: [String: Value] in [
            [:], ["name": ""], ["name": "a b"], ["name": "ä"], ["name": 3], ["name": "a", "parameters": "x"],
            ["function": ["name": ""]],
        ] { #expect(ClientTool(bad) == nil, "\(bad)") }
        #expect(ToolChoice("any") == nil && ToolChoice(["type": "function"]) == nil)
        #expect(ToolChoice(["type": "function", "function": ["name": "a"]]) == .function("a"))
    }

    @Test func `random functions and requests never crash and only name what is offered`() throws {
        var random = SeededRandom(seed: 8)
        let words = ["set", "light", "on", "in", "for", "kitchen", "two", "half", "a", "weather", "from", "to", "", "日本", "it's"]
        for _ in 0..<400 {
            func pick(_ most: Int) -> [String] {
                (0..<Int.random(in: 0...most, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
            }
            let forms: [Value] = [
                ["type": "string"], ["type": "integer"], ["type": "boolean"], ["enum": .list(pick(4).map { .string($0) })],
                ["type": "array"],
            ]
            let properties = Dictionary(pick(4).map { ($0, forms.randomElement(using: &random) ?? .null) }) { $1 }
            let tool = try #require(
                ClientTool([
                    "name": "do_light-weather", "description": .string(pick(6).joined(separator: " ")),
                    "parameters": ["properties": .object(properties), "required": .list(pick(3).map { .string($0) })],
                ]))
            let request = pick(12).joined(separator: " ")
            for choice in [ToolChoice.auto, .required, .function("do_light-weather")] {
                let call = ToolMatcher(tools: [tool]).call(for: request, choice, isOurs: false)
                let filled = Set(call.map { Array($0.arguments.keys) } ?? [])
                #expect(filled.isSubset(of: Set(properties.keys)))
            }
        }
    }

    @Test func `what a function gave back becomes a sentence`() {
        #expect(ToolOutput.text("It is sunny.") == "It is sunny.")
        #expect(ToolOutput.text(#"{"message": "All done", "code": 3}"#) == "All done")
        #expect(ToolOutput.text(#"{"temperature": 18, "unit": "celsius"}"#) == "temperature: 18, unit: celsius.")
        #expect(ToolOutput.text("{}") == "Done." && ToolOutput.text("") == "" && ToolOutput.text("[1, 2]") == "1, 2")
    }
}
