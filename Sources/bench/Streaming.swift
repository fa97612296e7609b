import MynaRecognition
import Torch
import TorchNN

extension Bench {
    /// Milliseconds of one streaming step of the shipped recogniser's encoder: 7 frames of 80 ms, all caches full.
    static let streaming: [String: Case] = [
        "streaming.recogniser": { setting in
            let model = try FastConformerTransducer.load(from: ModelFolder("Models/myna-asr"))
            let chunk = 7
            let bins = model.encoder.config.num_mel_bins
            let mels = wave([1, 8 * chunk * 40, bins], 0.37) * 4 - 7
            var slots = withoutGradients { EncoderSlots(model.encoder, longestStep: chunk) }
            let slot = withoutGradients { slots.claim() }
            var position = 0
            func step() -> Tensor {
                // The first chunk of n frames takes 1 + 8 (n − 1) mel frames, the next ones 8 n; then the sound begins again.
                let count = slots.frames(of: slot) == 0 ? 8 * chunk - 7 : 8 * chunk
                if position + count > mels.size(1) { position = 0 }
                defer { position += count }
                let piece = mels.narrow(1, start: position, length: count).select(0, index: 0)
                return withoutGradients { slots.step([.init(slot: slot, mels: piece)]).frames }
            }
            var sum = 0.0
            for _ in 0..<20 { sum += step().abs().mean().item() }
            return Prepared(
                facts: ["output": sum / 20],
                measure: { seconds { for _ in 0..<20 { _ = step() } } / 20 * 1e3 })
        }
    ]
}
