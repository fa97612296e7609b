internal import MynaStages

/// How a realtime session finds the ends of turns: by the recogniser's own end-pointing, which both kinds ask for in their terms.
struct TurnDetection: Equatable {
    var isSemantic = true
    /// `low`, `medium`, `high` or `auto`; semantic only.
    var eagerness = "auto"
    /// In milliseconds; of `server_vad` only.
    var silence = 500.0
    /// Kept to be told again: how loud speech is goes by the silence before it, and all sound before it is kept.
    var threshold = 0.5
    var padding = 300.0
    var responds = true
    var interrupts = true

    private static let field = "session.audio.input.turn_detection"

    init() {}

    /// - Throws: ``RealtimeError`` that names the field.
    init(_ fields: [String: Value]) throws {
        func invalid(_ name: String, _ problem: String) -> RealtimeError {
            RealtimeError(code: "invalid_value", "\(Self.field).\(name) \(problem)", param: "\(Self.field).\(name)")
        }
        func number(_ name: String, _ standard: Double, within range: ClosedRange<Double>) throws -> Double {
            guard let value = fields[name], value != .null else { return standard }
            guard let number = value.number, range.contains(number) else {
                throw invalid(name, "is not within \(Int(range.lowerBound)) to \(Int(range.upperBound))")
            }
            return number
        }
        func truth(_ name: String) throws -> Bool {
            guard let value = fields[name], value != .null else { return true }
            guard let truth = value.bool else { throw invalid(name, "is not true or false") }
            return truth
        }
        switch fields["type"]?.string {
        case "server_vad": isSemantic = false
        case "semantic_vad": isSemantic = true
        case let type: throw invalid("type", "is \"\(type ?? "")\", not server_vad or semantic_vad")
        }
        if let value = fields["eagerness"], value != .null {
            guard isSemantic, let text = value.string, ["low", "medium", "high", "auto"].contains(text) else {
                throw invalid("eagerness", "is not low, medium, high or auto of semantic_vad")
            }
            eagerness = text
        }
        if let value = fields["idle_timeout_ms"], value != .null {
            throw invalid("idle_timeout_ms", "is not offered: Myna does not speak first")
        }
        silence = try number("silence_duration_ms", 500, within: 100...10_000)
        threshold = try number("threshold", 0.5, within: 0...1)
        padding = try number("prefix_padding_ms", 300, within: 0...10_000)
        responds = try truth("create_response")
        interrupts = try truth("interrupt_response")
    }

    /// In the recogniser's terms. `server_vad` goes by sound and silence alone, `semantic_vad` by the words with a pause as last resort.
    var end: EndOfTurn {
        guard isSemantic else { return EndOfTurn(afterGuess: silence / 1000, pause: silence / 1000, beginsWithSound: true) }
        return switch eagerness {
        case "low": EndOfTurn(afterGuess: 0.8, pause: 2)
        case "high": EndOfTurn(afterGuess: 0.16, pause: 0.6)
        default: EndOfTurn()
        }
    }

    var described: Value {
        var fields: [String: Value] = ["create_response": .bool(responds), "interrupt_response": .bool(interrupts)]
        if isSemantic {
            fields["type"] = "semantic_vad"
            fields["eagerness"] = .string(eagerness)
        } else {
            fields["type"] = "server_vad"
            fields["threshold"] = .number(threshold)
            fields["prefix_padding_ms"] = .number(padding)
            fields["silence_duration_ms"] = .number(silence)
        }
        return .object(fields)
    }
}
