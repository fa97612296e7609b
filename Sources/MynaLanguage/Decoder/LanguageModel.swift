public import MynaText
public import Torch
public import TorchNN
internal import Foundation

/// A language model with its tokenizer: what a model folder in the published layout holds.
///
/// Holds tensors, so it stays on the executor that made it.
public struct LanguageModel {
    public let model: CausalDecoder
    public let tokenizer: BytePairTokenizer
    /// All weights by their published names, without what an adapter changes.
    public let parameters: ParameterStore
    /// Changes the weights, where one was given.
    public let adapter: LowRankAdapter?

    /// Tokens that end a text.
    public var endTokens: [Int] { model.config.eosTokenIDs }

    /// Makes new weights.
    public init(config: DecoderConfig, tokenizer: BytePairTokenizer, device: Device = .cpu) throws(LanguageError) {
        try config.validate()
        guard tokenizer.count <= config.vocabSize else {
            throw .config(
                field: "vocab_size", value: "\(config.vocabSize)", expected: "at least the tokenizer's \(tokenizer.count)")
        }
        parameters = ParameterStore(device: device)
        model = CausalDecoder(parameters.root, config)
        self.tokenizer = tokenizer
        adapter = nil
    }

    /// Reads a model folder.
    ///
    /// - Parameters:
    ///   - packing: keeps the weights in so few bits, for inference on the CPU, with activations of bfloat16
    ///     whatever `dtype` says; such a model is not written again.
    ///   - adapter: changes the weights; a packed model takes none.
    /// - Throws: `ModelFolderError`, `SafetensorsError`, `WeightsError`, `TokenizerError` or ``LanguageError``, each
    ///   naming the file, field or tensor.
    public init(
        contentsOf folder: ModelFolder, dtype: DType = .float32, device: Device = .cpu, packing: WeightPacking? = nil,
        adapter: LowRankAdapter? = nil
    ) throws {
        let config = try folder.config(DecoderConfig.self)
        let tokenizer = try BytePairTokenizer(contentsOf: URL(filePath: folder.file("tokenizer.json")))
        guard tokenizer.count <= config.vocabSize else {
            throw LanguageError.tokenizer(
                file: folder.file("tokenizer.json"),
                problem: "has \(tokenizer.count) tokens, config.json has vocab_size \(config.vocabSize)")
        }
        if packing != nil, !device.isCPU {
            throw LanguageError.packing(problem: "packed weights are multiplied on the CPU only, not on \(device)")
        }
        if packing != nil, adapter != nil {
            throw LanguageError.packing(problem: "packed weights take no adapter: merge it into the model first")
        }
        parameters = try folder.weights(dtype: packing == nil ? dtype : .bfloat16, device: device)
        model = CausalDecoder(parameters.root, config, packing: packing, adapter: adapter)
        self.adapter = adapter
        if config.tieWordEmbeddings { parameters.ignore(prefix: "lm_head.") }  // some publish the tied weight twice
        try parameters.finish()
        try adapter?.parameters.finish()
        self.tokenizer = tokenizer
    }

    /// Writes `config.json`, `generation_config.json`, `model.safetensors`, `tokenizer.json`,
    /// `tokenizer_config.json`, and `README.md` where a `card` is given; an adapter's changes become part of the weights.
    public func write(to folder: ModelFolder, dtype: DType = .float32, card: String? = nil) throws {
        let weights = withoutGradients {
            parameters.parameters.map { part in
                (name: part.name, tensor: (adapter?.merged(part.name, part.tensor) ?? part.tensor).detach().to(dtype))
            }
        }
        var config = model.config
        config.dtype = dtype == .bfloat16 ? "bfloat16" : "float32"
        try folder.write(config: config, weights)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        func write(_ value: some Encodable, _ name: String) throws {
            try encoder.encode(value).write(to: URL(filePath: folder.file(name)), options: .atomic)
        }
        try write(
            GenerationForm(bos: config.bosTokenID, eos: config.eosTokenIDs, pad: config.padTokenID), "generation_config.json")
        try tokenizer.write(to: URL(filePath: folder.file("tokenizer.json")))
        try write(TokenizerForm(name: "PreTrainedTokenizerFast", end: token(config.eosTokenIDs.first)), "tokenizer_config.json")
        if let card { try Data(card.utf8).write(to: URL(filePath: folder.file("README.md")), options: .atomic) }
    }

    private func token(_ id: Int?) -> String? { id.map { tokenizer.decode([$0], skippingSpecials: false) } }

    private struct GenerationForm: Encodable {
        var bos: Int?
        var eos: [Int]
        var pad: Int?

        enum CodingKeys: String, CodingKey {
            case bos = "bos_token_id"
            case eos = "eos_token_id"
            case pad = "pad_token_id"
        }
    }

    private struct TokenizerForm: Encodable {
        var name: String
        var end: String?

        enum CodingKeys: String, CodingKey {
            case name = "tokenizer_class"
            case end = "eos_token"
        }
    }
}
