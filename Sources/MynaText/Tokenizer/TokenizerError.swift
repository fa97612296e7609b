/// Why a tokenizer could not be read, written or trained.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
    case cannotRead(file: String, reason: String)
    case cannotWrite(file: String, reason: String)
    /// The file asks for something this tokenizer does not do; `field` is its path in the file.
    case unsupported(field: String, value: String)
    /// The file contradicts itself.
    case inconsistent(field: String, reason: String)
    /// The vocabulary asked for has no room for the special tokens and the alphabet.
    case vocabularyTooSmall(size: Int, needed: Int)

    public var description: String {
        switch self {
        case .cannotRead(let file, let reason): "Tokenizer: cannot read \(file): \(reason)"
        case .cannotWrite(let file, let reason): "Tokenizer: cannot write \(file): \(reason)"
        case .unsupported(let field, let value): "Tokenizer: \(field) is \(value), which is not supported"
        case .inconsistent(let field, let reason): "Tokenizer: \(field): \(reason)"
        case .vocabularyTooSmall(let size, let needed):
            "Tokenizer: a vocabulary of \(size) has no room for \(needed) special tokens and bytes"
        }
    }
}
