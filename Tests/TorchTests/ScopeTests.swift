import Testing
import Torch

private struct Thrown: Error {}

@Suite struct ScopeTests {
    @Test func `recording is as it was after nested scopes and errors`() {
        let x = Tensor.ones([2])
        x.requiresGrad = true
        func records() -> Bool { (x * 2).requiresGrad }
        withoutGradients {
            #expect(!records())
            withGradients { #expect(records()) }
            #expect(throws: Thrown.self) { try withGradients { throw Thrown() } }
            #expect(!records())
        }
        #expect(throws: Thrown.self) { try withoutGradients { throw Thrown() } }
        #expect(records())
    }

    @Test func `autocast is as it was after nested scopes and errors`() {
        let x = Tensor.randn([4, 4])
        let weight = Tensor.randn([4, 4])
        weight.requiresGrad = true  // such are cached once cast
        func dtype() -> DType { x.matmul(weight).dtype }
        withAutocast(.bfloat16) {
            #expect(dtype() == .bfloat16)
            #expect(throws: Thrown.self) {
                try withAutocast(.float16) {
                    #expect(dtype() == .float16)
                    throw Thrown()
                }
            }
            #expect(withAutocast(nil) { dtype() } == .bfloat16)
        }
        #expect(dtype() == .float32)
    }

    @Test func `an operator without a fixed order is refused in the deterministic scope only`() async {
        await #expect(processExitsWith: .success) {
            #expect(throws: Thrown.self) { try withDeterministicAlgorithms { throw Thrown() } }
            _ = Tensor.ones([4]).put(Tensor([0, 0]), source: Tensor([Float(1), 2]))
        }
        await #expect(processExitsWith: .failure) {
            withDeterministicAlgorithms {
                withDeterministicAlgorithms {}
                _ = Tensor.ones([4]).put(Tensor([0, 0]), source: Tensor([Float(1), 2]))
            }
        }
    }

    @Test func `a generator draws by its own seed alone`() {
        let (one, two) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
        let first = Tensor.randn([4], generator: one)
        _ = Tensor.randn([100])  // of the default
        #expect(Tensor.randn([4], generator: two).isEqual(to: first))
        let state = one.state
        let order = Tensor.randperm(20, generator: one)
        let coins = Tensor.full([20], 0.5).bernoulli(generator: one)
        one.state = state
        #expect(Tensor.randperm(20, generator: one).isEqual(to: order))
        #expect(Tensor.full([20], 0.5).bernoulli(generator: one).isEqual(to: coins))
        one.seed(9)
        #expect(Tensor.randn([4], generator: one).isEqual(to: first))
        #expect(
            !Tensor.rand([4], generator: RandomGenerator(seed: 1)).isEqual(to: .rand([4], generator: RandomGenerator(seed: 2))))
    }
}
