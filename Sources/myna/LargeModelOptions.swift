import ArgumentParser
import TorchNN

/// A large language model in place of the small one that ships.
struct LargeModelOptions: ParsableArguments {
    /// Holds the key of a server, which no option takes: what a command line holds, every user of the machine can see.
    static let keyVariable = "MYNA_MODEL_KEY"

    @Option(
        help: """
            A large language model in place of the shipped small one: a folder (or OWNER/NAME that was pulled) in the Llama or \
            Qwen3 layout, or the address of a server that speaks OpenAI's chat completions, with its key in MYNA_MODEL_KEY.
            """)
    var model: String?
    @Option(help: "The model's name at the server; the first that it offers if not given.") var modelName: String?
    @Option(help: "Bits that a weight of the model in a folder is kept in: 16, 8 or 4; 8 if not given.") var modelBits: Int?

    var isServer: Bool { model.map { $0.hasPrefix("http://") || $0.hasPrefix("https://") } ?? false }

    var packing: WeightPacking? {
        switch modelBits {
        case 16: nil
        case 4: .int4()
        default: .int8
        }
    }

    func validate() throws {
        if let modelBits, ![4, 8, 16].contains(modelBits) {
            throw ValidationError("--model-bits \(modelBits) is none of 4, 8 and 16")
        }
        if modelName != nil, !isServer { throw ValidationError("--model-name goes with the address of a server as --model") }
        if modelBits != nil, model == nil || isServer { throw ValidationError("--model-bits goes with a folder as --model") }
    }
}
