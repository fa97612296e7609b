/// JSON as a file's header has it: order kept, a name twice in one object refused, whole numbers told from others.
enum StrictJSON: Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number with a fraction, an exponent or too many digits.
    case number
    case string(String)
    case list([StrictJSON])
    case object([Member])

    struct Member: Equatable {
        var name: String
        var value: StrictJSON
    }

    /// What is wrong, and at which byte.
    struct Fault: Error, Equatable {
        var problem: String
        var offset: Int
    }

    /// Reads exactly one value; only spaces may follow it. The bytes must be valid UTF-8.
    init(_ bytes: UnsafeRawBufferPointer) throws(Fault) {
        var parser = Parser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpaces()
        guard parser.at == bytes.count else { throw parser.fault("something follows the value") }
        self = value
    }

    private struct Parser {
        let bytes: UnsafeRawBufferPointer
        var at = 0

        /// Deeper nesting than any header has.
        static let depthLimit = 16

        func fault(_ problem: String) -> Fault { Fault(problem: problem, offset: at) }

        var next: UInt8? { at < bytes.count ? bytes[at] : nil }

        mutating func skipSpaces() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        mutating func value(depth: Int) throws(Fault) -> StrictJSON {
            guard depth <= Self.depthLimit else { throw fault("nested too deeply") }
            skipSpaces()
            switch next {
            case UInt8(ascii: "{"): return try object(depth: depth)
            case UInt8(ascii: "["): return try list(depth: depth)
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try word("true", .bool(true))
            case UInt8(ascii: "f"): return try word("false", .bool(false))
            case UInt8(ascii: "n"): return try word("null", .null)
            case nil: throw fault("ends early")
            default: return try number()
            }
        }

        mutating func word(_ word: String, _ value: StrictJSON) throws(Fault) -> StrictJSON {
            for byte in word.utf8 {
                guard next == byte else { throw fault("is not JSON") }
                at += 1
            }
            return value
        }

        mutating func object(depth: Int) throws(Fault) -> StrictJSON {
            at += 1
            var members: [Member] = []
            var names: Set<[UInt8]> = []  // by bytes: two spellings that Unicode calls equal are two names
            skipSpaces()
            if take("}") { return .object([]) }
            repeat {
                skipSpaces()
                guard next == UInt8(ascii: "\"") else { throw fault("a name is missing") }
                let name = try string()
                guard names.insert(Array(name.utf8)).inserted else { throw fault("the name \"\(name)\" is there twice") }
                skipSpaces()
                guard take(":") else { throw fault("a colon is missing after \"\(name)\"") }
                members.append(Member(name: name, value: try value(depth: depth + 1)))
                skipSpaces()
            } while take(",")
            guard take("}") else { throw fault("an object does not end") }
            return .object(members)
        }

        mutating func list(depth: Int) throws(Fault) -> StrictJSON {
            at += 1
            var items: [StrictJSON] = []
            skipSpaces()
            if take("]") { return .list([]) }
            repeat {
                items.append(try value(depth: depth + 1))
                skipSpaces()
            } while take(",")
            guard take("]") else { throw fault("a list does not end") }
            return .list(items)
        }

        mutating func number() throws(Fault) -> StrictJSON {
            let start = at
            var whole = true
            func isDigit(_ byte: UInt8?) -> Bool { byte.map { $0 >= 0x30 && $0 <= 0x39 } ?? false }
            let negative = take("-")
            guard isDigit(next) else { throw fault("is not JSON") }
            let first = at
            while isDigit(next) { at += 1 }
            guard at == first + 1 || bytes[first] != UInt8(ascii: "0") else { throw fault("a number begins with zero") }
            if take(".") {
                whole = false
                guard isDigit(next) else { throw fault("a digit is missing") }
                while isDigit(next) { at += 1 }
            }
            if take("e") || take("E") {
                whole = false
                if !take("+") { _ = take("-") }
                guard isDigit(next) else { throw fault("a digit is missing") }
                while isDigit(next) { at += 1 }
            }
            guard whole else { return .number }
            var value = 0
            for byte in bytes[(negative ? start + 1 : start)..<at] {
                let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflow) = tens.addingReportingOverflow(Int(byte) - 0x30)
                guard !tooLarge, !overflow else { return .number }
                value = sum
            }
            return .integer(negative ? -value : value)
        }

        mutating func string() throws(Fault) -> String {
            at += 1
            var text: [UInt8] = []
            while let byte = next {
                at += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"): try escape(into: &text)
                case 0..<0x20: throw fault("a string has a bare control character")
                default: text.append(byte)
                }
            }
            throw fault("a string does not end")
        }

        mutating func escape(into text: inout [UInt8]) throws(Fault) {
            guard let byte = next else { throw fault("a string does not end") }
            at += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var code = UInt32(try hexadecimal())
                if code >= 0xD800 && code < 0xDC00 {
                    guard take("\\"), take("u") else { throw fault("half a surrogate pair") }
                    let low = UInt32(try hexadecimal())
                    guard low >= 0xDC00 && low < 0xE000 else { throw fault("half a surrogate pair") }
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
                text.append(contentsOf: Array(String(Character(scalar)).utf8))
            default: throw fault("an unknown escape")
            }
        }

        mutating func hexadecimal() throws(Fault) -> UInt16 {
            var code: UInt16 = 0
            for _ in 0..<4 {
                guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                    throw fault("an escape needs four hexadecimal digits")
                }
                code = code << 4 | UInt16(digit)
                at += 1
            }
            return code
        }
    }
}
