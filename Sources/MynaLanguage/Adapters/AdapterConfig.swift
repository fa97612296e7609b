internal import Foundation
internal import TorchNN

/// The `adapter_config.json` of low-rank adapters (Hu et al. 2021) as the `peft` package writes it; names and meanings are its own.
public struct AdapterConfig: Sendable, Equatable {
    /// Of the two thin matrices that stand for the change of a weight.
    public var rank: Int
    /// The change counts `alpha / rank`, or `alpha / √rank` where it is stabilised (Kalajdzievski 2023).
    public var alpha: Double
    public var isRankStabilized = false
    /// Which linear layers are changed, by the last part of their names.
    public var targetModules: [String]
    /// The folder or name of the model that is changed.
    public var base: String?

    /// The layers of a decoder that can be changed.
    public static let modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

    public init(rank: Int, alpha: Double, targetModules: [String] = ["q_proj", "v_proj"], base: String? = nil) {
        (self.rank, self.alpha, self.targetModules, self.base) = (rank, alpha, targetModules, base)
    }

    /// What the change is multiplied by.
    public var scale: Double { alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank)) }

    /// - Throws: ``LanguageError/adapter(field:value:expected:)``.
    public func validate() throws(LanguageError) {
        guard (1...65536).contains(rank) else { throw .adapter(field: "r", value: "\(rank)", expected: "from 1 to 65536") }
        guard alpha.isFinite, alpha > 0 else {
            throw .adapter(field: "lora_alpha", value: "\(alpha)", expected: "a positive number")
        }
        guard !targetModules.isEmpty, Set(targetModules).isSubset(of: Self.modules) else {
            throw .adapter(
                field: "target_modules", value: "\(targetModules)", expected: "some of \(Self.modules.joined(separator: ", "))")
        }
    }
}

extension AdapterConfig: Codable {
    private struct Form: Codable {
        var peft_type: String
        var task_type: String?
        var base_model_name_or_path: String?
        var r: Int
        var lora_alpha: Double
        var lora_dropout: Double?
        var target_modules: [String]
        var bias: String?
        var fan_in_fan_out: Bool?
        var use_rslora: Bool?
        var use_dora: Bool?
        var modules_to_save: [String]?
        var rank_pattern: [String: Int]?
        var alpha_pattern: [String: Double]?
        var layers_to_transform: [Int]?
        var layer_replication: [[Int]]?
        var lora_bias: Bool?
        var use_qalora: Bool?
        var target_parameters: [String]?
        var alora_invocation_tokens: [Int]?
        var inference_mode: Bool?
    }

    public init(from decoder: any Decoder) throws {
        let form = try Form(from: decoder)
        // What would change the numbers and isn't done here is refused.
        for (field, value, expected) in [
            ("peft_type", form.peft_type == "LORA" ? nil : form.peft_type, "LORA"),
            ("bias", form.bias.flatMap { $0 == "none" ? nil : $0 }, "none"),
            ("fan_in_fan_out", form.fan_in_fan_out == true ? "true" : nil, "false"),
            ("use_dora", form.use_dora == true ? "true" : nil, "false"),
            ("modules_to_save", form.modules_to_save.flatMap { $0.isEmpty ? nil : "\($0)" }, "none"),
            ("rank_pattern", form.rank_pattern.flatMap { $0.isEmpty ? nil : "\($0)" }, "one rank for all"),
            ("alpha_pattern", form.alpha_pattern.flatMap { $0.isEmpty ? nil : "\($0)" }, "one alpha for all"),
            ("layers_to_transform", form.layers_to_transform.map { "\($0)" }, "all layers"),
            ("layer_replication", form.layer_replication.map { "\($0)" }, "none"),
            ("lora_bias", form.lora_bias == true ? "true" : nil, "false"),
            ("use_qalora", form.use_qalora == true ? "true" : nil, "false"),
            ("target_parameters", form.target_parameters.flatMap { $0.isEmpty ? nil : "\($0)" }, "none"),
            ("alora_invocation_tokens", form.alora_invocation_tokens.map { "\($0)" }, "none"),
        ] {
            if let value { throw LanguageError.adapter(field: field, value: value, expected: expected) }
        }
        // The package writes a set, in an order of its own.
        self.init(
            rank: form.r, alpha: form.lora_alpha, targetModules: form.target_modules.sorted(),
            base: form.base_model_name_or_path)
        isRankStabilized = form.use_rslora ?? false
        try validate()
    }

    public func encode(to encoder: any Encoder) throws {
        try Form(
            peft_type: "LORA", task_type: "CAUSAL_LM", base_model_name_or_path: base, r: rank, lora_alpha: alpha, lora_dropout: 0,
            target_modules: targetModules, bias: "none", fan_in_fan_out: false, use_rslora: isRankStabilized, use_dora: false,
            inference_mode: true
        ).encode(to: encoder)
    }
}
