import Testing
import Torch

@Suite struct StridedConvolutionTests {
    /// The output and what flows back to each input, from a slope that differs everywhere.
    func results(_ inputs: [Tensor], _ convolution: ([Tensor]) -> Tensor) throws -> (output: Tensor, gradients: [Tensor]) {
        let leaves = inputs.map { $0.detach().clone() }
        for leaf in leaves { leaf.requiresGrad = true }
        let output = convolution(leaves)
        (output * Tensor.arange(0, .init(output.count), dtype: .float32).sin().view(output.shape)).sum().backward()
        return (output.detach(), try leaves.map { try #require($0.grad) })
    }

    func expectEqual(
        _ ours: (output: Tensor, gradients: [Tensor]), _ theirs: (output: Tensor, gradients: [Tensor]), within tolerance: Double
    ) {
        for (a, b) in zip([ours.output] + ours.gradients, [theirs.output] + theirs.gradients) {
            #expect(a.shape == b.shape)
            #expect((a.to(.float32) - b).abs().max().item() < tolerance * (1 + b.abs().max().item()))
        }
    }

    @Test(arguments: [1, 5, 16, 35])
    func `depthwise convolution equals libtorch's, forward and backward`(channels: Int) throws {
        for (time, bands) in [(9, 7), (1, 1), (2, 12)] {
            let inputs = [
                Tensor.scattered([2, time, bands, channels], seed: 1), Tensor.scattered([channels, 1, 3, 3], seed: 2),
                Tensor.scattered([channels], seed: 3),
            ]
            let ours = try results(inputs) {
                $0[0].depthwiseConv2d(weight: $0[1], bias: $0[2], stride: 2, paddingLeft: 2, paddingRight: 1)
            }
            let theirs = try results(inputs) {
                $0[0].permute([0, 3, 1, 2]).constantPad([2, 1, 2, 1], value: 0)
                    .conv2d(weight: $0[1], bias: $0[2], stride: [2], padding: [0], groups: channels).permute([0, 2, 3, 1])
            }
            expectEqual(ours, theirs, within: 1e-5)
        }
    }

    @Test(arguments: [1, 5, 16, 35])
    func `the first convolution equals libtorch's, forward and backward`(channels: Int) throws {
        for (time, bands) in [(9, 7), (1, 1), (2, 12)] {
            let inputs = [
                Tensor.scattered([2, time, bands], seed: 4), Tensor.scattered([channels, 1, 3, 3], seed: 5),
                Tensor.scattered([channels], seed: 6),
            ]
            let ours = try results(inputs) {
                $0[0].conv2dFirst(weight: $0[1], bias: $0[2], stride: 2, paddingLeft: 2, paddingRight: 1)
            }
            let theirs = try results(inputs) {
                $0[0].unsqueeze(1).constantPad([2, 1, 2, 1], value: 0)
                    .conv2d(weight: $0[1], bias: $0[2], stride: [2], padding: [0]).permute([0, 2, 3, 1])
            }
            expectEqual(ours, theirs, within: 1e-5)
        }
    }

    @Test func `bfloat16 input is added up in float32 and its gradient is bfloat16`() throws {
        let x = Tensor.scattered([2, 9, 7, 20], seed: 7).to(.bfloat16)
        let parameters = [Tensor.scattered([20, 1, 3, 3], seed: 8), Tensor.scattered([20], seed: 9)]
        func run(_ input: Tensor) throws -> (output: Tensor, gradients: [Tensor]) {
            try results([input] + parameters) {
                $0[0].depthwiseConv2d(weight: $0[1], bias: $0[2], stride: 2, paddingLeft: 2, paddingRight: 1)
            }
        }
        let (narrow, wide) = (try run(x), try run(x.to(.float32)))
        #expect(narrow.output.isEqual(to: wide.output))
        #expect(narrow.gradients[0].dtype == .bfloat16 && narrow.gradients[0].isEqual(to: wide.gradients[0].to(.bfloat16)))
        #expect(narrow.gradients[1].isEqual(to: wide.gradients[1]))
    }
}

extension Tensor {
    /// Values that look drawn, without touching the random numbers that all tests share.
    static func scattered(_ shape: [Int], seed: Int) -> Tensor {
        let places = Tensor.arange(0, .init(shape.reduce(1, *)), dtype: .float64)
        let values = (places * 12.9898 + Double(seed) * 78.233).sin() * 43758.5453
        return ((values - values.floor()) * 4 - 2).to(.float32).view(shape)
    }
}
