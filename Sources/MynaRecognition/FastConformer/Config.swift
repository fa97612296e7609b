/// The shape of a recogniser, as the published `config.json` of a streaming transducer states it.
///
/// The defaults are the published 0.6B model's; a file need not repeat them.
public struct FastConformerConfig: Codable, Sendable, Equatable {
    /// The encoder's part.
    public struct Encoder: Codable, Sendable, Equatable {
        public var hidden_size = 1024
        public var num_hidden_layers = 24
        public var num_attention_heads = 8
        public var intermediate_size = 4096
        public var hidden_act = "silu"
        public var attention_bias = true
        public var convolution_bias = true
        public var conv_kernel_size = 9
        public var subsampling_factor = 8
        public var subsampling_conv_channels = 256
        public var num_mel_bins = 80
        public var subsampling_conv_kernel_size = 3
        public var subsampling_conv_stride = 2
        public var max_position_embeddings = 5000
        public var scale_input = true
        /// Committed frames that a frame may look back on, plus one.
        public var sliding_window = 71
        /// Frames of a chunk beyond the first, where nothing else is said.
        public var default_num_lookahead_tokens = 13
        public var model_type = "nemotron_asr_streaming_encoder"

        public init() {}
    }

    public var encoder_config = Encoder()
    /// Pieces, the end-of-speech token and blank.
    public var vocab_size = 1025
    public var decoder_hidden_size = 640
    public var num_decoder_layers = 2
    public var hidden_act = "relu"
    public var max_symbols_per_step = 10
    public var pad_token_id = 0
    /// Always the last id.
    public var blank_token_id = 1024
    /// Written after a finished request; published checkpoints have none.
    public var end_of_speech_token_id: Int?
    public var model_type = "nemotron_asr_streaming"
    public var architectures = ["NemotronAsrStreamingForRNNT"]
    public var is_encoder_decoder = true

    public init() {}

    /// Checks that the numbers describe a model this code can build.
    public func validate() throws(RecognitionError) {
        func require(_ good: Bool, _ field: String, _ value: some CustomStringConvertible, _ want: String)
            throws(RecognitionError)
        {
            if !good { throw .configuration(field: field, problem: "is \(value), must be \(want)") }
        }
        let e = encoder_config
        for (field, value) in [
            ("hidden_size", e.hidden_size), ("num_hidden_layers", e.num_hidden_layers),
            ("num_attention_heads", e.num_attention_heads),
            ("intermediate_size", e.intermediate_size), ("conv_kernel_size", e.conv_kernel_size),
            ("subsampling_conv_channels", e.subsampling_conv_channels), ("num_mel_bins", e.num_mel_bins),
            ("sliding_window", e.sliding_window),
        ] {
            try require(value > 0, "encoder_config.\(field)", value, "positive")
        }
        try require(
            e.hidden_size % (2 * e.num_attention_heads) == 0, "encoder_config.hidden_size", e.hidden_size,
            "even and a multiple of num_attention_heads")
        try require(e.subsampling_factor == 8, "encoder_config.subsampling_factor", e.subsampling_factor, "8")
        try require(
            e.subsampling_conv_kernel_size == 3, "encoder_config.subsampling_conv_kernel_size", e.subsampling_conv_kernel_size,
            "3")
        try require(e.subsampling_conv_stride == 2, "encoder_config.subsampling_conv_stride", e.subsampling_conv_stride, "2")
        try require(e.hidden_act == "silu", "encoder_config.hidden_act", e.hidden_act, "silu")
        try require(hidden_act == "relu", "hidden_act", hidden_act, "relu")
        try require(decoder_hidden_size > 0, "decoder_hidden_size", decoder_hidden_size, "positive")
        try require(num_decoder_layers > 0, "num_decoder_layers", num_decoder_layers, "positive")
        try require(blank_token_id == vocab_size - 1, "blank_token_id", blank_token_id, "the last id, \(vocab_size - 1)")
    }

    /// Frequency bins left after the three strided stages.
    var subsampledBins: Int { (0..<3).reduce(encoder_config.num_mel_bins) { length, _ in length / 2 + 1 } }

    /// How many encoder frames `mels` mel frames become.
    public static func frames(forMels mels: Int) -> Int { mels == 0 ? 0 : (0..<3).reduce(mels) { length, _ in length / 2 + 1 } }
}

/// Why a recogniser cannot be made or used.
public enum RecognitionError: Error, Equatable, CustomStringConvertible {
    case configuration(field: String, problem: String)
    case streamFinished
    case notFinite(atSecond: Double)
    case data(String)

    public var description: String {
        switch self {
        case .configuration(let field, let problem): "config.json: \(field) \(problem)"
        case .streamFinished: "the stream has been finished and takes no more sound"
        case .notFinite(let second): "the sound holds a number that is not finite, at second \(second)"
        case .data(let problem): problem
        }
    }
}
