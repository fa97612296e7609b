import Testing
import Torch

@testable import TorchNN

@Suite struct LayerTests {
    /// Cuts `0..<length` at random places; a piece may be empty.
    static func cuts(_ length: Int, seed: Int) -> [Range<Int>] {
        var (ranges, start, draw) = ([Range<Int>](), 0, UInt64(seed) &* 2_654_435_761 &+ 1)
        while start < length {
            draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let end = min(length, start + Int((draw >> 33) % 6))
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }

    func difference(_ a: Tensor, _ b: Tensor) -> Double { a.shape == b.shape ? (a - b).abs().max().item() : .infinity }

    @Test(arguments: 0..<12) func `pieces through a causal convolution equal the whole`(seed: Int) {
        let (kernel, stride, dilation) = (3 + seed % 3, 1 + seed % 3, 1 + seed % 2)
        let layer = Conv1d(
            ParameterStore().root, from: 4, to: 6, kernel: kernel, stride: stride, dilation: dilation, groups: 2, causal: true,
            weightNorm: seed % 2 == 0)
        let x = Tensor.randn([2, 4, 31])
        var state = layer.initialState(batch: 2)
        let pieces = Self.cuts(31, seed: seed).map { layer.step(x.sliced(2, $0.lowerBound, $0.upperBound), &state) }
        let whole = layer(x)
        #expect(whole.size(2) == 31 / stride)
        #expect(difference(Tensor.concatenated(pieces, 2), whole) < 1e-5)
    }

    @Test(arguments: 0..<12) func `pieces through a causal transposed convolution equal the whole`(seed: Int) {
        let stride = 1 + seed % 3
        let layer = ConvTranspose1d(
            ParameterStore().root, from: 4, to: 6, kernel: stride + seed % 4, stride: stride, groups: 2, causal: true,
            weightNorm: seed % 2 == 0)
        let x = Tensor.randn([2, 4, 17])
        var state = layer.initialState(batch: 2)
        let pieces = Self.cuts(17, seed: seed).map { layer.step(x.sliced(2, $0.lowerBound, $0.upperBound), &state) }
        #expect(difference(Tensor.concatenated(pieces, 2), layer(x)) < 1e-5)
    }

    @Test(arguments: [AttentionSpan.full, .window(5), .chunk(4)], 0..<3)
    func `pieces through attention equal the whole, and nothing out of reach is kept`(span: AttentionSpan, seed: Int) {
        let layer = Attention(
            ParameterStore().root, width: 16, heads: 4, groups: 2,
            rotary: RotaryPositions(width: 4, scaling: .init(factor: 4, originalPositions: 16)), span: span)
        let x = Tensor.randn([2, 23, 16])
        var cache = Attention.Cache()
        let pieces = Self.cuts(23, seed: seed).map { layer.step(x.sliced(1, $0.lowerBound, $0.upperBound), &cache) }
        #expect(difference(Tensor.concatenated(pieces, 1), layer(x)) < 1e-5)
        #expect(cache.keys?.size(2) == 23 - span.first(for: 23))
    }

    @Test func `attention sees only its span`() {
        for (span, seen) in [(AttentionSpan.full, true), (.window(3), false), (.chunk(4), false)] {
            let layer = Attention(ParameterStore().root, width: 8, heads: 2, span: span)
            let x = Tensor.randn([1, 9, 8])
            let other = Tensor.concatenated([x.prefix(1, axis: 1) + 1, x.sliced(1, 1)], 1)
            let changed = difference(layer(x).sliced(1, 8), layer(other).sliced(1, 8)) > 1e-6
            #expect(changed == seen, "\(span)")
        }
    }

    @Test func `relative scores lie along their keys`() {
        let T = 4
        let distances = (0..<2 * T - 1).map { Float(T - 1 - $0) }
        let scores = Tensor(distances).expand([1, 1, T, 2 * T - 1])
        let expected = (0..<T).flatMap { row in (0..<T).map { Float(row - $0) } }
        #expect(RelativePositions.shifted(scores).array() == expected)
        #expect(RelativePositions.table(length: T, width: 6).shape == [7, 6])
    }

    @Test func `quantised gradients pass straight through, and codes follow their members`() {
        let quantizer = VectorQuantizer(ParameterStore().root, count: 2, width: 1, decay: 0.5)
        quantizer.codes.copy_(Tensor([Float(-1), 1], [2, 1]))
        let x = Tensor([Float(-3), -2.5, 0.5, 2], [4, 1])
        x.requiresGrad = true
        let (quantized, indices, _) = quantizer(x)
        (quantized * 3).sum().backward()
        #expect(indices.array(Int64.self) == [0, 0, 1, 1])
        #expect(quantized.array() == [-1, -1, 1, 1])
        #expect(x.grad?.array() == [3, 3, 3, 3])
        for _ in 0..<40 { _ = quantizer(x, training: true) }
        #expect(difference(quantizer.codes.squeeze(), Tensor([Float(-2.75), 1.25])) < 1e-3)
    }

    @Test func `more residual quantisers leave less over`() {
        let quantizer = ResidualVectorQuantizer(ParameterStore().root, depth: 4, count: 16, width: 2, decay: 0.8)
        let x = Tensor.randn([200, 2])
        for _ in 0..<30 { _ = quantizer(x, training: true) }
        let (quantized, indices, _) = quantizer(x)
        let errors = (1...4).map { (x - quantizer.decode(indices.prefix($0, axis: 0))).square().mean().item() }
        #expect(errors == errors.sorted(by: >))
        #expect(difference(quantized, quantizer.decode(indices)) < 1e-5)
    }

    @Test func `only the names that a pattern covers are trained`() {
        let store = ParameterStore()
        for name in ["encoder", "decoder"] { _ = BatchNorm(store.root / name / 0, channels: 2) }
        store.setTrainable(true)
        #expect(store.setTrainable(false, matching: "enc*.weight") == 1)
        #expect(
            store.parameters.filter(\.tensor.requiresGrad).map(\.name) == [
                "encoder.0.bias", "decoder.0.weight", "decoder.0.bias",
            ])
        #expect(store.setTrainable(true, matching: "*running*") == 0)
    }

    @Test func `a merged low-rank change gives the same as the two`() {
        let store = ParameterStore()
        let base = Linear(store.root, from: 6, to: 4)
        let layer = LowRankLinear(store.root, around: base, rank: 2, alpha: 4)
        let x = Tensor.randn([3, 6])
        #expect(difference(layer(x), base(x)) == 0)
        layer.up.copy_(Tensor.randn([4, 2]))
        #expect(difference(layer(x), base(x)) > 0.01)
        #expect(difference(layer.merged()(x), layer(x)) < 1e-5)
    }

    @Test(arguments: [(QuantizedLinear.Width.int8, 0.01), (.int4, 0.2)])
    func `no quantised weight is off by more than its bound`(width: QuantizedLinear.Width, largest: Double) {
        let linear = Linear(ParameterStore().root, from: 32, to: 5)
        linear.weight.normal_()
        let quantized = QuantizedLinear(linear, width, group: 8)
        let error = difference(quantized.weight, linear.weight)
        #expect(error > 0 && error <= quantized.errorBound * 1.0001)
        #expect(quantized.errorBound < largest * 2)
        #expect(difference(quantized(Tensor.ones([1, 32])), linear(Tensor.ones([1, 32]))) < 32 * quantized.errorBound)
    }
}
