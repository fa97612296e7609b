import Testing
import Torch

@Suite struct CheckpointingTests {
    /// A deep stack with drop-out; gradients of input and weights.
    static func gradients(checkpointing: Bool, autocast: DType?, inputTrained: Bool = true) -> [Tensor] {
        TorchRandom.seed(5)
        let x = Tensor.randn([8, 16])
        let weights = (0..<6).map { _ in Tensor.randn([16, 16]) * 0.3 }
        x.requiresGrad = inputTrained
        for weight in weights { weight.requiresGrad = true }
        withAutocast(autocast) {
            var y = x
            for weight in weights {
                let layer: ([Tensor]) -> Tensor = { $0[0] + $0[0].linear(weight: weight).gelu().dropout(0.3, train: true) }
                y = run(y, checkpointing, layer)
            }
            return y.to(.float32).square().mean()
        }.backward()
        return (inputTrained ? [x] : []).compactMap(\.grad) + weights.compactMap(\.grad)
    }

    static func run(_ x: Tensor, _ enabled: Bool, _ layer: @escaping ([Tensor]) -> Tensor) -> Tensor {
        enabled ? checkpointed(x, body: layer) : layer([x])
    }

    // In processes of their own: the default generator is everybody's.
    @Test func `gradients are the same bit for bit, drop-out included`() async {
        await #expect(processExitsWith: .success) { Self.compare(nil, true) }
        await #expect(processExitsWith: .success) { Self.compare(nil, false) }
    }

    @Test func `under autocast too`() async {
        await #expect(processExitsWith: .success) { Self.compare(.bfloat16, true) }
        await #expect(processExitsWith: .success) { Self.compare(.bfloat16, false) }
    }

    static func compare(_ autocast: DType?, _ inputTrained: Bool) {
        let plain = gradients(checkpointing: false, autocast: autocast, inputTrained: inputTrained)
        let saved = gradients(checkpointing: true, autocast: autocast, inputTrained: inputTrained)
        precondition(plain.count == (inputTrained ? 7 : 6) && saved.count == plain.count)
        for (a, b) in zip(plain, saved) { precondition(a.isEqual(to: b) && a.abs().max().item() > 0) }
    }

    @Test func `a deep stack holds less`() async {
        await #expect(processExitsWith: .success) {
            Torch.cacheMemory()
            let weights = (0..<12).map { _ in Tensor.randn([256, 256]) * 0.05 }
            for weight in weights { weight.requiresGrad = true }
            func held(_ enabled: Bool) -> Int {
                var y = Tensor.randn([1024, 256])
                let before = Torch.memoryInUse
                for weight in weights {
                    y = Self.run(y, enabled) { $0[0] + $0[0].linear(weight: weight).gelu().sigmoid() }
                }
                return Torch.memoryInUse - before
            }
            let (plain, saved) = (held(false), held(true))
            precondition(saved > 0 && saved * 5 < plain * 2, "\(saved) of \(plain) bytes")
        }
    }

    @Test func `without gradients nothing is kept for them`() {
        let weight = Tensor.ones([2, 2])
        weight.requiresGrad = true
        let y = withoutGradients { checkpointed(Tensor.ones([1, 2])) { $0[0].matmul(weight) } }
        #expect(!y.requiresGrad && y.array(Float.self) == [2, 2])
    }
}
