/// What can go wrong with sound files, their archives and their manifests; each case names the file.
public enum AudioError: Error, Sendable, Equatable {
    case missing(file: String)
    case unreadable(file: String, reason: String)
    /// The file has no bytes, or a header and no sound.
    case empty(file: String)
    case notAudio(file: String, reason: String)
    /// The file promises more than it holds.
    case truncated(file: String, expected: Int, got: Int, unit: String)
    /// A sample is not a number or infinite.
    case notFinite(file: String, second: Double)
    case unwritable(file: String, reason: String)
    case badArchive(file: String, offset: Int, reason: String)
    case noMember(file: String, member: String)
    case badManifest(file: String, line: Int, reason: String)
    case unsupportedRate(from: Int, to: Int)
    /// A program that making sound needs is not installed.
    case noProgram(name: String, package: String)
}

extension AudioError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let file): "\(file): no such file"
        case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
        case .empty(let file): "\(file): holds no sound"
        case .notAudio(let file, let reason): "\(file): is not a sound file: \(reason)"
        case .truncated(let file, let expected, let got, let unit):
            "\(file): is cut off: \(expected) \(unit) promised, \(got) there"
        case .notFinite(let file, let second): "\(file): a sample at \(second) s is not a finite number"
        case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
        case .badArchive(let file, let offset, let reason): "\(file): is not a tar archive at byte \(offset): \(reason)"
        case .noMember(let file, let member): "\(file): holds no member \"\(member)\""
        case .badManifest(let file, let line, let reason): "\(file):\(line): \(reason)"
        case .noProgram(let name, let package): "the program \(name) is not installed; Debian has it in the package \(package)"
        case .unsupportedRate(let from, let to): "cannot resample from \(from) Hz to \(to) Hz"
        }
    }
}
