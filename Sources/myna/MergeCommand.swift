import ArgumentParser
import Foundation
import MynaLanguage
import Torch
import TorchNN

/// `myna models merge`: a model with what an adapter changes in it.
struct MergeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one model of a language model and a low-rank adapter (LoRA).",
        discussion: """
            The model is in the Llama or Qwen3 layout, the adapter as the peft package or myna train lm writes one: \
            adapter_config.json and adapter_model.safetensors. The new folder needs neither, and can be packed into fewer bits.

            Example: myna models merge models/base runs/lm/best --out models/tuned
            """)

    @Argument(help: "The language model's folder.") var base: String
    @Argument(help: "The adapter's folder.") var adapter: String
    @Option(help: "The folder to make.") var out: String
    @Flag(help: "Weights in float32, in place of the type in which the base's are stored.") var float32 = false

    func run() throws {
        for folder in [base, adapter] where !FileManager.default.fileExists(atPath: folder) {
            throw CommandError("\(folder): no such model folder", status: ExitStatus.noInput)
        }
        if FileManager.default.fileExists(atPath: out + "/config.json") {
            throw CommandError("\(out): holds a model already", status: ExitStatus.cannotCreate)
        }
        let change = try LowRankAdapter(contentsOf: ModelFolder(adapter))
        let language = try LanguageModel(contentsOf: ModelFolder(base), adapter: change)
        let keepsExact = float32 || language.model.config.dtype == "float32"
        try language.write(to: ModelFolder(out), dtype: keepsExact ? .float32 : .bfloat16)
        Output.standard.line(
            "\(out): \(language.parameters.count) parameters, \(change.parameters.count) of changes merged into them")
        try Output.standard.check()
    }
}
