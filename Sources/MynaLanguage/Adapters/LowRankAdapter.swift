internal import Foundation
public import Torch
public import TorchNN

/// Low-rank changes to the linear layers of a decoder, apart from its weights: a folder of `adapter_config.json` and
/// `adapter_model.safetensors`, as the `peft` package reads and writes them.
///
/// Holds tensors, so it stays on the executor that made it.
public final class LowRankAdapter {
    public let config: AdapterConfig
    /// The thin matrices by their published names: `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight` and on.
    public let parameters: ParameterStore
    /// The changed layers, by the base weight's name.
    private var layers: [String: LowRankLinear] = [:]

    /// A new one, which changes nothing yet.
    ///
    /// - Throws: ``LanguageError/adapter(field:value:expected:)``.
    public init(_ config: AdapterConfig, dtype: DType = .float32, device: Device = .cpu) throws(LanguageError) {
        try config.validate()
        self.config = config
        parameters = ParameterStore(dtype: dtype, device: device)
    }

    /// Reads an adapter's folder; what doesn't fit is told when the model is made.
    ///
    /// - Throws: `ModelFolderError`, ``LanguageError/adapter(field:value:expected:)`` or `SafetensorsError`, naming file and field.
    public init(contentsOf folder: ModelFolder, dtype: DType = .float32, device: Device = .cpu) throws {
        config = try Self.config(of: folder)
        let file = folder.file("adapter_model.safetensors")
        parameters = ParameterStore(try Safetensors(contentsOf: file), named: file, dtype: dtype, device: device)
    }

    private static func config(of folder: ModelFolder) throws -> AdapterConfig {
        let file = folder.file("adapter_config.json")
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ModelFolderError(file: file, problem: "is missing: not an adapter's folder")
        }
        do {
            return try JSONDecoder().decode(AdapterConfig.self, from: data)
        } catch let error as DecodingError {
            throw ModelFolderError(file: file, problem: error.named)
        }
    }

    /// The layer at `path` with its change around it; nil where that layer isn't a target.
    func layer(at path: String, around base: Linear) -> LowRankLinear? {
        guard let module = path.split(separator: ".").last, config.targetModules.contains(String(module)) else { return nil }
        let layer = LowRankLinear(
            parameters.root / "base_model" / "model" / path, around: base, rank: config.rank,
            alpha: config.scale * Double(config.rank))
        layers[path + ".weight"] = layer
        return layer
    }

    /// `weight` with the change of the layer that it belongs to.
    func merged(_ name: String, _ weight: Tensor) -> Tensor { layers[name].map { $0.merged().weight } ?? weight }

    /// Writes `adapter_config.json`, `adapter_model.safetensors`, and `README.md` where a `card` is given.
    public func write(to folder: ModelFolder, card: String? = nil) throws {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(config).write(to: URL(filePath: folder.file("adapter_config.json")), options: .atomic)
        let weights = withoutGradients { parameters.parameters.map { (name: $0.name, tensor: $0.tensor.detach()) } }
        try Safetensors.write(weights, metadata: ["format": "pt"], to: folder.file("adapter_model.safetensors"))
        if let card { try Data(card.utf8).write(to: URL(filePath: folder.file("README.md")), options: .atomic) }
    }
}
