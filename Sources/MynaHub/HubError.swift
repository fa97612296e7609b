/// Why a model could not be fetched from a hub.
public enum HubError: Error, Equatable, CustomStringConvertible {
    /// Not `OWNER/NAME`.
    case badName(String)
    /// A revision or a file name that could lead out of the model's folder.
    case unsafeName(model: String, name: String)
    case badAddress(String)
    case notFound(String)
    /// The hub wants a token, or a licence to be accepted first.
    case notAllowed(String, status: Int)
    case refused(String, status: Int)
    case unreachable(String, reason: String)
    case badListing(String, reason: String)
    case wrongSize(String, expected: Int64, got: Int64)
    case wrongChecksum(String, expected: String, got: String)
    case cannotWrite(String, reason: String)
    /// Nothing on disk, and the hub may not be asked.
    case notKept(String, folder: String)

    public var description: String {
        switch self {
        case .badName(let name): "\(name): is not OWNER/NAME"
        case .unsafeName(let model, let name): "\(model): refuses the name \"\(name)\", which could lead out of its folder"
        case .badAddress(let address): "\(address): is not an http or https address"
        case .notFound(let address): "\(address): not found (404)"
        case .notAllowed(let address, let status): "\(address): not allowed (\(status)); set MYNA_HUB_TOKEN if you have access"
        case .refused(let address, let status): "\(address): the hub answered \(status)"
        case .unreachable(let address, let reason): "\(address): \(reason)"
        case .badListing(let address, let reason): "\(address): \(reason)"
        case .wrongSize(let file, let expected, let got): "\(file): has \(got) bytes, the hub says \(expected)"
        case .wrongChecksum(let file, let expected, let got): "\(file): has the checksum \(got), the hub says \(expected)"
        case .cannotWrite(let file, let reason): "\(file): cannot be written: \(reason)"
        case .notKept(let name, let folder): "\(name): is not in \(folder); fetch it with: myna models pull \(name)"
        }
    }
}
