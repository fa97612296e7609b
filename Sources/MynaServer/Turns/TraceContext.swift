/// The trace and the span of a client that a turn belongs to, as the header `traceparent` names them (W3C Trace Context).
struct TraceContext: Sendable, Equatable {
    /// In hexadecimal, 32 and 16 digits.
    var trace: String
    var span: String

    /// - Returns: nil where the header is not as the standard has it.
    init?(_ header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[0].count == 2, parts[0] != "ff", parts[0] != "00" || parts.count == 4, parts[3].count == 2,
            let trace = Self.number(parts[1], digits: 32), let span = Self.number(parts[2], digits: 16)
        else { return nil }
        (self.trace, self.span) = (trace, span)
    }

    /// One that begins here.
    static func random(from random: inout some RandomNumberGenerator) -> (trace: String, span: String) {
        (digits(&random) + digits(&random), digits(&random))
    }

    /// 16 digits, not all of them 0.
    static func digits(_ random: inout some RandomNumberGenerator) -> String {
        let text = String(UInt64.random(in: 1...UInt64.max, using: &random), radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    private static func number(_ text: Substring, digits: Int) -> String? {
        guard text.utf8.count == digits, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            text.contains(where: { $0 != "0" })
        else { return nil }
        return String(text)
    }
}
