/// The shape of an offline recogniser, as the published `config.json` of one states it.
///
/// The defaults are those that the published files of ``Kind/tdt`` leave out.
public struct ParakeetConfig: Codable, Sendable, Equatable {
    /// How frames become pieces.
    public enum Kind: String, Sendable, CaseIterable {
        /// One piece or blank a frame (Graves et al. 2006).
        case ctc = "ParakeetForCTC"
        /// A transducer that goes on by one frame at blank (Graves 2012).
        case rnnt = "ParakeetForRNNT"
        /// A transducer that says by how many frames it goes on (Xu et al. 2023, arXiv 2304.06795).
        case tdt = "ParakeetForTDT"
    }

    public var encoder_config = FastConformerConfig.Encoder()
    public var vocab_size = 8193
    public var decoder_hidden_size = 640
    public var num_decoder_layers = 2
    public var hidden_act = "relu"
    public var max_symbols_per_step = 10
    /// Blank of ``Kind/ctc``.
    public var pad_token_id = 2
    /// Blank of the transducers.
    public var blank_token_id = 8192
    /// Frames that one step of ``Kind/tdt`` may span.
    public var durations = [0, 1, 2, 3, 4]
    public var architectures: [String] = []

    public init() { encoder_config.model_type = "parakeet_encoder" }

    /// What `architectures` names.
    public var kind: Kind? { architectures.first.flatMap(Kind.init(rawValue:)) }

    /// The id that stands for nothing.
    public var blank: Int { kind == .ctc ? pad_token_id : blank_token_id }

    /// Checks that the numbers describe a model this code can build.
    public func validate() throws(RecognitionError) {
        guard let kind else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .configuration(field: "architectures", problem: "is \(architectures), must be one of \(known)")
        }
        // The encoder's fields are the streaming one's, with the same limits.
        var shape = transducer
        shape.blank_token_id = shape.vocab_size - 1
        try shape.validate()
        guard encoder_config.conv_kernel_size % 2 == 1 else {
            throw .configuration(
                field: "encoder_config.conv_kernel_size", problem: "is \(encoder_config.conv_kernel_size), must be odd")
        }
        guard (0..<vocab_size).contains(blank) else {
            throw .configuration(
                field: kind == .ctc ? "pad_token_id" : "blank_token_id", problem: "is \(blank), must be an id below \(vocab_size)"
            )
        }
        guard max_symbols_per_step > 0 else {
            throw .configuration(field: "max_symbols_per_step", problem: "is \(max_symbols_per_step), must be positive")
        }
        // The search goes on by the place in this list, as the reference does.
        guard kind != .tdt || durations == Array(0..<durations.count) && durations.count > 1 else {
            throw .configuration(field: "durations", problem: "is \(durations), must count up from 0")
        }
    }

    /// The prediction network's shape, in the streaming transducer's terms.
    var transducer: FastConformerConfig {
        var config = FastConformerConfig()
        config.encoder_config = encoder_config
        config.vocab_size = vocab_size
        config.decoder_hidden_size = decoder_hidden_size
        config.num_decoder_layers = num_decoder_layers
        config.hidden_act = hidden_act
        config.max_symbols_per_step = max_symbols_per_step
        config.blank_token_id = blank_token_id
        return config
    }

    /// How many encoder frames `mels` mel frames become.
    public static func frames(forMels mels: Int) -> Int {
        (0..<3).reduce(mels) { length, _ in length == 0 ? 0 : (length - 1) / 2 + 1 }
    }
}
