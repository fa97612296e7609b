import Foundation
import Testing

@testable import MynaText

@Suite("JSON in order")
struct JSONTreeTests {
    @Test("what is read is written again, in order and digit for digit")
    func roundTrip() throws {
        let text = #"{"b": 1.50, "a": [true, null, {}], "ü\n\"": "👍\\", "n": -0e+2}"#
        let tree = try JSONTree(text)
        #expect(tree.text == text)
        #expect(try JSONTree(tree.compactText) == tree && JSONTree(tree.indentedText) == tree)
        #expect(try JSONTree(#""\ud83d\udc4d\u00e9\/""#) == .string("👍é/"))
        #expect(tree["a"] == .list([.bool(true), .null, .object([])]) && tree["c"] == nil)
    }

    @Test(
        "what is no JSON is refused with the byte",
        arguments: [
            "", "{", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "01", "1.", "-", "+1", ".5", "1e", "tru", "\"a",
            "\"\u{1}\"", "\"\\x\"",
            "\"\\u12\"", "\"\\ud800\"", "1 2", "{\"a\":1,\"a\":2}", String(repeating: "[", count: 100_000),
        ])
    func refused(text: String) {
        #expect(throws: JSONTree.Fault.self) { try JSONTree(text) }
    }

    @Test("it reads what Foundation reads, and refuses what that refuses, for random damage")
    func damage() {
        var random = SystemRandomNumberGenerator()
        let text = Array(#"{"a": [1, -2.5e3, true, "x\n\u00e9"], "b": {"c": null}}"#.utf8)
        for _ in 0..<2000 {
            var bytes = text
            bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                "{}[]:,\"\\0123e.-tn ".utf8.randomElement(using: &random) ?? 0
            let string = String(decoding: bytes, as: UTF8.self)
            let ours = (try? JSONTree(string)) != nil  // only whether it is taken counts
            let theirs = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            // Foundation takes a name twice and lets half a surrogate pair pass.
            #expect(!ours || theirs, "\(string)")
        }
    }
}
