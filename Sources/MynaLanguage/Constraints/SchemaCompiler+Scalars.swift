internal import MynaText

/// Strings and numbers.
extension SchemaCompiler {
    /// Any string.
    mutating func string(from: Node, to: Node) {
        let body = grammar.node()
        grammar.read("\"", from: from, to: body)
        character(from: body, to: body)
        grammar.read("\"", from: body, to: to)
    }

    mutating func string(_ schema: JSONTree, _ path: String, from: Node, to: Node) throws(JSONSchemaError) {
        let (least, most) = (try count(schema, "minLength", path) ?? 0, try count(schema, "maxLength", path))
        if least == 0, most == nil {
            grammar.call(try rule("string") { (c, a, b) in c.string(from: a, to: b) }, from: from, to: to)
            return
        }
        let steps = most ?? least
        guard max(steps, least) <= Self.repetitionLimit else {
            throw .unsupported(path: "\(path).\(most == nil ? "minLength" : "maxLength") above \(Self.repetitionLimit)")
        }
        let one = try rule("character") { (c, a, b) in c.character(from: a, to: b) }
        var last = grammar.node()
        grammar.read("\"", from: from, to: last)
        for index in 0..<steps {
            if index >= least { grammar.read("\"", from: last, to: to) }
            let next = grammar.node()
            grammar.call(one, from: last, to: next)
            last = next
        }
        if steps >= least { grammar.read("\"", from: last, to: to) }
        if most == nil { grammar.call(one, from: last, to: last) }
    }

    /// One character of a string: UTF-8 as RFC 3629 has it, or an escape that stands for one character.
    mutating func character(from: Node, to: Node) {
        for bytes in [0x20...0x21, 0x23...0x5B, 0x5D...0x7E] as [ClosedRange<UInt8>] { grammar.read(bytes, from: from, to: to) }
        func follow(_ count: Int, _ compiler: inout SchemaCompiler) -> Node {  // `count` bytes that continue a character
            var next = to
            for _ in 0..<count {
                let node = compiler.grammar.node()
                compiler.grammar.read(0x80...0xBF, from: node, to: next)
                next = node
            }
            return next
        }
        let (one, two, three) = (follow(1, &self), follow(2, &self), follow(3, &self))
        grammar.read(0xC2...0xDF, from: from, to: one)
        for bytes in [0xE1...0xEC, 0xEE...0xEF] as [ClosedRange<UInt8>] { grammar.read(bytes, from: from, to: two) }
        grammar.read(0xF1...0xF3, from: from, to: three)
        // What would be overlong, a surrogate, or beyond Unicode is ruled out by the second byte.
        for (first, second, rest) in [
            (0xE0, 0xA0...0xBF, one), (0xED, 0x80...0x9F, one), (0xF0, 0x90...0xBF, two), (0xF4, 0x80...0x8F, two),
        ] as [(UInt8, ClosedRange<UInt8>, Node)] {
            let node = grammar.node()
            grammar.read(first...first, from: from, to: node)
            grammar.read(second, from: node, to: rest)
        }
        let escape = grammar.node()
        grammar.read("\\", from: from, to: escape)
        for letter in "\"\\/bfnrt".unicodeScalars { grammar.read(letter, from: escape, to: to) }
        let code = grammar.node()
        grammar.read("u", from: escape, to: code)
        let (second, secondOfD, third, fourth) = (grammar.node(), grammar.node(), grammar.node(), grammar.node())
        func digits(_ ranges: [ClosedRange<UInt8>], _ from: Node, _ to: Node, _ compiler: inout SchemaCompiler) {
            for range in ranges { compiler.grammar.read(range, from: from, to: to) }
        }
        let any: [ClosedRange<UInt8>] = [0x30...0x39, 0x41...0x46, 0x61...0x66]
        digits([0x30...0x39, 0x41...0x43, 0x45...0x46, 0x61...0x63, 0x65...0x66], code, second, &self)
        digits([0x44...0x44, 0x64...0x64], code, secondOfD, &self)  // D800 to DFFF are halves of pairs
        digits(any, second, third, &self)
        digits([0x30...0x37], secondOfD, third, &self)
        digits(any, third, fourth, &self)
        digits(any, fourth, to, &self)
    }

    /// Up to 15 digits before and after the point, and an exponent of up to two: what a Double holds.
    mutating func number(from: Node, to: Node) {
        let (whole, point, marked, signed) = (grammar.node(), grammar.node(), grammar.node(), grammar.node())
        signedDigits(15, from: from, to: whole)
        grammar.skip(from: whole, to: to)
        grammar.read(".", from: whole, to: point)
        let fraction = grammar.node()
        someDigits(15, from: point, to: fraction)
        grammar.skip(from: fraction, to: to)
        for end in [whole, fraction] {
            for letter in "eE".unicodeScalars { grammar.read(letter, from: end, to: marked) }
        }
        for sign in "+-".unicodeScalars { grammar.read(sign, from: marked, to: signed) }
        grammar.skip(from: marked, to: signed)
        someDigits(2, from: signed, to: to)
    }

    /// One to `most` digits.
    private mutating func someDigits(_ most: Int, from: Node, to: Node) {
        var last = from
        for _ in 0..<most {
            let next = grammar.node()
            grammar.read(0x30...0x39, from: last, to: next)
            grammar.skip(from: next, to: to)
            last = next
        }
    }

    /// A whole number of up to `most` digits that does not begin with 0.
    private mutating func signedDigits(_ most: Int, from: Node, to: Node) {
        let (signed, first) = (grammar.node(), grammar.node())
        grammar.read("-", from: from, to: signed)
        grammar.skip(from: from, to: signed)
        grammar.read("0", from: signed, to: to)
        grammar.read(0x31...0x39, from: signed, to: first)
        grammar.skip(from: first, to: to)
        if most > 1 { someDigits(most - 1, from: first, to: to) }
    }

    /// Whole numbers, within bounds where there are some; up to 18 digits.
    mutating func integer(_ schema: JSONTree, _ path: String, from: Node, to: Node) throws(JSONSchemaError) {
        func bound(_ keyword: String, _ step: Int, _ rounding: FloatingPointRoundingRule) throws(JSONSchemaError) -> Int? {
            guard let value = schema[keyword] else { return nil }
            guard case .number(let digits) = value, let number = Double(digits), number.magnitude < 1e15 else {
                throw .invalid(path: "\(path).\(keyword)", expected: "a number within ±10¹⁵")
            }
            let whole = number.rounded(rounding)
            return Int(whole) + (whole == number ? step : 0)
        }
        let lows = [try bound("minimum", 0, .up), try bound("exclusiveMinimum", 1, .up)].compactMap { $0 }
        let highs = [try bound("maximum", 0, .down), try bound("exclusiveMaximum", -1, .down)].compactMap { $0 }
        guard !lows.isEmpty || !highs.isEmpty else {
            grammar.call(try rule("integer") { (c, a, b) in c.signedDigits(18, from: a, to: b) }, from: from, to: to)
            return
        }
        let widest = 999_999_999_999_999
        let (low, high) = (lows.max() ?? -widest, highs.min() ?? widest)
        guard low <= high else { return }  // nothing: told as unsatisfiable
        if high >= 0 { natural(max(low, 0), high, from: from, to: to) }
        if low < 0 {
            let signed = grammar.node()
            grammar.read("-", from: from, to: signed)
            natural(max(-high, 1), -low, from: signed, to: to)
        }
    }

    /// The numbers `low` to `high`, both at least 0, by their digits.
    private mutating func natural(_ low: Int, _ high: Int, from: Node, to: Node) {
        for length in String(low).utf8.count...String(high).utf8.count {
            let next = (0..<length).reduce(1) { power, _ in power * 10 }
            let (least, most) = (max(low, length == 1 ? 0 : next / 10), min(high, next - 1))
            digits(Array(String(least).utf8)[...], Array(String(most).utf8)[...], from: from, to: to)
        }
    }

    /// Numbers of one length from `low` to `high`, digit by digit.
    private mutating func digits(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>, from: Node, to: Node) {
        guard let lowest = low.first, let highest = high.first else {
            grammar.skip(from: from, to: to)
            return
        }
        let (nine, zero) = (UInt8(ascii: "9"), UInt8(ascii: "0"))
        let rest = low.count - 1
        if lowest == highest {
            let next = grammar.node()
            grammar.read(lowest...lowest, from: from, to: next)
            digits(low.dropFirst(), high.dropFirst(), from: next, to: to)
            return
        }
        let zeros = ArraySlice([UInt8](repeating: zero, count: rest))
        let nines = ArraySlice([UInt8](repeating: nine, count: rest))
        let (atLowest, atHighest, between) = (grammar.node(), grammar.node(), grammar.node())
        grammar.read(lowest...lowest, from: from, to: atLowest)
        digits(low.dropFirst(), nines, from: atLowest, to: to)
        grammar.read(highest...highest, from: from, to: atHighest)
        digits(zeros, high.dropFirst(), from: atHighest, to: to)
        if highest - lowest > 1 {
            grammar.read(lowest + 1...highest - 1, from: from, to: between)
            var last = between
            for _ in 0..<rest {
                let next = grammar.node()
                grammar.read(zero...nine, from: last, to: next)
                last = next
            }
            grammar.skip(from: last, to: to)
        }
    }
}
