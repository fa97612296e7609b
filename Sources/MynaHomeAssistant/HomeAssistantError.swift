/// Why a Home Assistant could not be reached, or did not do what it was asked.
public enum HomeAssistantError: Error, Equatable, CustomStringConvertible {
    /// The address is not one of ours: `http://HOST:PORT`.
    case badAddress(String, reason: String)
    /// There is no token, or it can't be one.
    case badToken(source: String, reason: String)
    /// Nothing answers there.
    case unreachable(String, reason: String)
    /// Something answers, but it is no Home Assistant.
    case notHomeAssistant(String, reason: String)
    case tokenRefused(String, reason: String)
    /// It answered what its protocol does not allow.
    case nonsense(String, reason: String)
    /// The connection ended, or has not come back yet.
    case disconnected(String)
    /// A command was answered with an error.
    case refused(command: String, code: String, reason: String)
    case timedOut(command: String, seconds: Double)

    public var description: String {
        switch self {
        case .badAddress(let address, let reason): "\(address): \(reason)"
        case .badToken(let source, let reason): "\(source): \(reason)"
        case .unreachable(let address, let reason): "\(address): nothing answers there: \(reason)"
        case .notHomeAssistant(let address, let reason): "\(address): that is no Home Assistant: \(reason)"
        case .tokenRefused(let address, let reason): "\(address): the token was refused: \(reason)"
        case .nonsense(let address, let reason): "\(address): it broke its protocol: \(reason)"
        case .disconnected(let address): "\(address): not connected to it at the moment"
        case .refused(let command, let code, let reason): "\(command) was refused: \(code): \(reason)"
        case .timedOut(let command, let seconds): "\(command) was not answered within \(seconds) s"
        }
    }
}
