internal import Foundation
internal import Torch
internal import TorchNN

extension RecognizerTraining {
    /// Puts another model's weights in place of the drawn ones; it may have fewer blocks than `config`.
    func take(_ start: ModelFolder, for config: FastConformerConfig, into store: ParameterStore) throws {
        let there = try start.config(over: FastConformerConfig())
        let (ours, theirs) = (config.encoder_config.num_hidden_layers, there.encoder_config.num_hidden_layers)
        var deeper = there.encoder_config
        if theirs < ours { deeper.num_hidden_layers = ours }
        for (field, ours, theirs) in [
            ("encoder_config", "\(config.encoder_config)", "\(deeper)"),
            ("vocab_size", "\(config.vocab_size)", "\(there.vocab_size)"),
            ("decoder_hidden_size", "\(config.decoder_hidden_size)", "\(there.decoder_hidden_size)"),
            ("num_decoder_layers", "\(config.num_decoder_layers)", "\(there.num_decoder_layers)"),
        ] where ours != theirs {
            throw RecognitionError.data("\(start.file("config.json")): \(field) is \(theirs), of the recipe's model \(ours)")
        }
        let weights = try start.weights(device: device)
        _ = FastConformerTransducer(weights.root, there)
        try weights.finish()
        let (mine, its) = (
            Dictionary(uniqueKeysWithValues: store.parameters), Dictionary(uniqueKeysWithValues: weights.parameters)
        )
        let sources = Self.sources(of: ours, from: theirs)
        withoutGradients {
            for (name, tensor) in mine {
                guard let place = BlockName(name) else {
                    if let weight = its[name] { tensor.copy_(weight) }
                    continue
                }
                let source = sources[place.index]
                tensor.copy_(its[place.name(at: source.block)]!)  // finished above, so every name is there
                if source.isNew, place.isOutput { tensor.zero_() }
            }
            for (index, source) in sources.enumerated() where source.isNew {
                passOn("encoder.layers.\(index).norm_out", in: mine)
            }
        }
        if ours > theirs { report("\(ours - theirs) blocks are new, between the \(theirs) of \(start.path)") }
    }

    /// From which of `there` blocks each of `count` begins; the new ones, spread evenly, begin as the block that they follow.
    static func sources(of count: Int, from there: Int) -> [(block: Int, isNew: Bool)] {
        (0..<there).flatMap { block in
            let copies = (block + 1) * count / there - block * count / there
            return (0..<copies).map { (block, $0 > 0) }
        }
    }

    /// Lets a block whose modules are silent pass on what the block before it says, as nearly as a normalisation can.
    ///
    /// What comes is γ z + β with z of mean 0 and variance 1, frame by frame. The block's own normalisation takes its mean and
    /// deviation off; on average over z they are what is given back here.
    private func passOn(_ norm: String, in parameters: [String: Tensor]) {
        guard let gamma = parameters[norm + ".weight"], let beta = parameters[norm + ".bias"] else { return }
        let mean = beta.mean()
        let deviation = ((gamma * gamma).mean() + (beta - mean).square().mean()).sqrt()
        gamma.fill_(.floating(deviation.item()))
        beta.fill_(.floating(mean.item()))
    }

    /// `encoder.layers.3.conv.norm.weight`, taken apart.
    private struct BlockName {
        let index: Int
        private let rest: String

        init?(_ name: String) {
            let prefix = "encoder.layers."
            guard name.hasPrefix(prefix) else { return nil }
            let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let index = Int(parts[0]) else { return nil }
            (self.index, rest) = (index, String(parts[1]))
        }

        /// Whether it is in the last layer of one of the modules that add to what comes.
        var isOutput: Bool { ["linear2.", "o_proj.", "pointwise_conv2."].contains { rest.contains($0) } }

        func name(at index: Int) -> String { "encoder.layers.\(index).\(rest)" }
    }
}
