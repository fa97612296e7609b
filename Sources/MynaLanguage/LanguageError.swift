/// Why a language model cannot be built, loaded or used.
public enum LanguageError: Error, Equatable, CustomStringConvertible {
    /// A field of `config.json` has a value that makes no model.
    case config(field: String, value: String, expected: String)
    /// A field of `adapter_config.json` has a value that makes no adapter, or one that is not read here.
    case adapter(field: String, value: String, expected: String)
    /// A recipe file cannot be read.
    case recipe(file: String, problem: String)
    /// Tokenizer and model disagree.
    case tokenizer(file: String, problem: String)
    /// The weights cannot be kept in fewer bits here.
    case packing(problem: String)
    /// The text has more tokens than the model was made for.
    case tooLong(tokens: Int, limit: Int)
    /// The constraint allows nothing that the vocabulary can write.
    case deadEnd(written: String)

    public var description: String {
        switch self {
        case .config(let field, let value, let expected): "config.json: \(field) is \(value), expected \(expected)"
        case .adapter(let field, let value, let expected): "adapter_config.json: \(field) is \(value), expected \(expected)"
        case .tokenizer(let file, let problem), .recipe(let file, let problem): "\(file): \(problem)"
        case .packing(let problem): problem
        case .tooLong(let tokens, let limit): "the text has \(tokens) tokens, the model takes \(limit)"
        case .deadEnd(let written): "nothing that is allowed after \"\(written)\" can be written with this vocabulary"
        }
    }
}
