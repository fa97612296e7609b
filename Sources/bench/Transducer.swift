import Torch

extension Bench {
    /// The transducer's loss and its gradient for several sizes: milliseconds, and MiB beyond the logits.
    static let transducer: [String: Case] = [(4, 100, 20, 256), (8, 200, 40, 256), (8, 200, 40, 1024)]
        .reduce(into: [:]) { cases, size in
            let (B, T, U, V) = size
            cases["transducer.\(B)x\(T)x\(U)x\(V)"] = { _ in
                let logits = wave([B, T, U + 1, V], 0.731) * 3
                logits.requiresGrad = true
                let targets = Tensor((0..<B * U).map { 1 + $0 * 5 % (V - 1) }, [B, U])
                // Every other sequence is a quarter shorter.
                let frames = Tensor((0..<B).map { $0 % 2 == 0 ? T : T * 3 / 4 })
                let labels = Tensor((0..<B).map { $0 % 2 == 0 ? U : U * 3 / 4 })
                func pass() -> Double {
                    logits.grad = nil
                    let loss = logits.transducerLoss(targets: targets, frameLengths: frames, targetLengths: labels, blank: 0)
                        .sum()
                    loss.backward()
                    return loss.item()
                }
                let loss = pass()
                logits.grad = nil
                let peak = try ResidentMemory.peak { _ = pass() }
                return Prepared(facts: ["loss": loss, "memory": peak], measure: { seconds { _ = pass() } * 1e3 })
            }
        }
}
