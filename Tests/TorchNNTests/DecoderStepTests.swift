import Testing
import Torch
import TorchNN

@Suite("Kernels of a decoder's step")
struct DecoderStepTests {
    private static func random(_ shape: [Int], _ generator: RandomGenerator, dtype: DType = .bfloat16) -> Tensor {
        Tensor.randn(shape, generator: generator).to(dtype)
    }

    /// How far `got` is from `wanted` beside its magnitude.
    private static func error(_ got: Tensor, _ wanted: Tensor) -> Double {
        let wide = wanted.to(.float32)
        return (got.to(.float32) - wide).abs().max().item() / max(1e-6, wide.abs().max().item())
    }

    @Test(
        "a few rows by weights of eight bits are the plain product",
        arguments: [(1, 896, 64), (3, 40, 37), (4, 33, 5), (2, 7, 3), (1, 64, 1)])
    func int8Linear(rows: Int, inputs: Int, outputs: Int) {
        let generator = RandomGenerator(seed: 5)
        let weight = (Self.random([outputs, inputs], generator, dtype: .float32) * 40).clamped(min: -127, max: 127).to(.int8)
        let scales = (Self.random([outputs], generator, dtype: .float32).abs() + 0.1).to(.bfloat16)
        let bias = Self.random([outputs], generator)
        let x = Self.random([rows, inputs], generator)
        let wanted =
            x.to(.float32).linear(weight: weight.to(.float32)) * scales.to(.float32)
        #expect(Self.error(x.int8Linear(weight: weight, scales: scales), wanted) < 0.005)
        #expect(Self.error(x.int8Linear(weight: weight, scales: scales, bias: bias), wanted + bias.to(.float32)) < 0.005)
        // Rows do not see each other.
        let alone = x.narrow(0, start: rows - 1, length: 1).int8Linear(weight: weight, scales: scales)
        #expect(Self.error(alone, x.int8Linear(weight: weight, scales: scales).narrow(0, start: rows - 1, length: 1)) == 0)
    }

    @Test("gate and up in one pass are both products, joined", arguments: [(1, 64, 24), (3, 50, 13)])
    func gated(rows: Int, inputs: Int, width: Int) {
        let generator = RandomGenerator(seed: 6)
        let linear = Linear(
            weight: Self.random([2 * width, inputs], generator, dtype: .float32) * 0.2, bias: nil)
        let packed = PackedLinear(linear, .int8)
        let x = Self.random([rows, inputs], generator)
        let halves = x.to(.float32).linear(weight: linear.weight).chunk(2, dim: -1)
        #expect(Self.error(packed.gated(x), halves[0].silu() * halves[1]) < 0.03)
        // More rows go another way to the same.
        let many = Self.random([9, inputs], generator)
        let whole = packed(many).chunk(2, dim: -1)
        #expect(Self.error(packed.gated(many), whole[0].silu() * whole[1]) < 0.01)
        let (few, first) = (many.narrow(0, start: 0, length: 2), packed.gated(many).narrow(0, start: 0, length: 2))
        #expect(Self.error(packed.gated(few), first) < 0.02)
    }

    @Test("normalisation in one pass is that of many", arguments: [[3, 896], [1, 5], [300, 17], [2, 3, 64]])
    func norm(shape: [Int]) {
        let generator = RandomGenerator(seed: 7)
        let (x, weight) = (Self.random(shape, generator), Self.random([shape[shape.count - 1]], generator))
        let wide = x.to(.float32)
        let scale = (wide.square().mean([-1], keepdim: true) + 1e-6).rsqrt()
        let wanted = weight * (wide * scale).to(.bfloat16)
        #expect(Self.error(x.rmsNormBFloat16(weight: weight, epsilon: 1e-6), wanted) < 0.005)
    }

    @Test("heads normalised and turned in one pass are those of many", arguments: [(1, 1, 14, 64), (2, 7, 3, 6)])
    func rotated(B: Int, T: Int, H: Int, D: Int) {
        let generator = RandomGenerator(seed: 8)
        let (x, weight) = (Self.random([B, T, H, D], generator), Self.random([D], generator))
        // As a part of a packed projection: not contiguous.
        let wider = Tensor.concatenated([x.reshape([B, T, H * D]), x.reshape([B, T, H * D])], -1)
        let part = wider.narrow(-1, start: 0, length: H * D).reshape([B, T, H, D])
        let half = Self.random([T, D / 2], generator, dtype: .float32)
        let whole = Tensor.concatenated([half, half], -1)
        for (cos, sin) in [(whole.cos(), whole.sin()), (whole.cos().to(.bfloat16), whole.sin().to(.bfloat16))] {
            for norm in [nil, weight] {
                var wide = x.to(.float32)
                if let norm {
                    let scale = (wide.square().mean([-1], keepdim: true) + 1e-6).rsqrt()
                    wide = (norm * (wide * scale).to(.bfloat16)).to(.float32)
                }
                wide = wide.transposed(1, 2)  // [B, H, T, D]
                let halves = wide.chunk(2, dim: -1)
                let wanted = wide * cos.to(.float32) + Tensor.concatenated([-halves[1], halves[0]], -1) * sin.to(.float32)
                let got = part.normRotate(weight: norm, epsilon: 1e-6, cos: cos, sin: sin)
                #expect(got.dtype == .float32 && got.shape == [B, H, T, D])
                #expect(Self.error(got, wanted) < 0.01)
            }
        }
    }
}
