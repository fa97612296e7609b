internal import Foundation

/// Where a Home Assistant is: `http://HOST:PORT`, port 8123 if it names none.
public struct HomeAssistantAddress: Sendable, Equatable, CustomStringConvertible {
    public var host: String
    public var port: UInt16

    /// Reads `http://HOST:PORT` (`ws:` means the same), with nothing after the port but a slash.
    public init(_ text: String) throws(HomeAssistantError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            !host.isEmpty
        else { throw .badAddress(text, reason: "an address is written http://HOST:PORT") }
        guard scheme == "http" || scheme == "ws" else {
            throw .badAddress(
                text,
                reason: scheme == "https" || scheme == "wss"
                    ? "TLS is not spoken here; give the http address inside the home's own network"
                    : "an address is written http://HOST:PORT")
        }
        guard parts.user == nil, parts.password == nil, parts.query == nil, ["", "/"].contains(parts.path) else {
            throw .badAddress("\(scheme)://\(host)", reason: "nothing but host and port belongs in the address")
        }
        guard let port = UInt16(exactly: parts.port ?? 8123), port > 0 else {
            throw .badAddress(text, reason: "port \(parts.port ?? 0) is not within 1 to 65535")
        }
        // URLs write an IPv6 address in brackets, sockets without.
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        self.port = port
    }

    public var description: String { "http://\(authority)" }
    /// As the Host header has it.
    var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

/// A long-lived access token; it never shows itself in descriptions.
public struct HomeAssistantToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let text: String

    /// The token in `text`, which came from `source` (a file or a variable, for errors).
    public init(_ text: String, source: String) throws(HomeAssistantError) {
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty else { throw .badToken(source: source, reason: "there is no token in it") }
        guard token.utf8.count <= 4096, token.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw .badToken(source: source, reason: "a token is one word of letters, digits and dots")
        }
        self.text = token
    }

    /// The token in the file at `path`.
    public static func read(at path: String) throws(HomeAssistantError) -> HomeAssistantToken {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw .badToken(source: path, reason: "the file with the token cannot be read")
        }
        return try HomeAssistantToken(text, source: path)
    }

    public var description: String { "a token" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
