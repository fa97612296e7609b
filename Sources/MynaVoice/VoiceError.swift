/// What can go wrong with speaking.
public enum VoiceError: Error, Sendable, Equatable {
    /// The synthesis library did not start; `code` is its own.
    case noEngine(code: Int)
    case noVoice(name: String)
    case textTooLong(characters: Int, limit: Int)
    case badSetting(name: String, value: Int, allowed: ClosedRange<Int>)
    /// The library failed in the middle; `code` is its own.
    case synthesis(code: Int)
}

extension VoiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noEngine(let code): "espeak-ng did not start (error \(code)): is the package espeak-ng-data installed?"
        case .noVoice(let name): "espeak-ng has no voice \"\(name)\"; `espeak-ng --voices` lists them"
        case .textTooLong(let characters, let limit):
            "a text of \(characters) characters is too long to speak: the limit is \(limit)"
        case .badSetting(let name, let value, let allowed):
            "the voice's \(name) is \(value), outside \(allowed.lowerBound) to \(allowed.upperBound)"
        case .synthesis(let code): "espeak-ng failed while speaking (error \(code))"
        }
    }
}
