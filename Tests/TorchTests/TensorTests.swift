import Testing
import Torch

@Suite struct TensorTests {
    @Test func `values come back in row order`() {
        let x = Tensor([Float(1), 2, 3, 4, 5, 6], [2, 3])
        #expect(x.shape == [2, 3] && x.rank == 2 && x.count == 6 && x.size(-1) == 3 && x.dtype == .float32)
        #expect(x.transposed(0, 1).array(Float.self) == [1, 4, 2, 5, 3, 6])
        #expect((x * 2 + x).sum().item() == 63)
        #expect(x.select(0, index: 1).array(Int.self) == [4, 5, 6])
    }

    @Test func `gradients reach the leaves and stop without recording`() throws {
        let x = Tensor([Float(3), -2])
        x.requiresGrad = true
        (x * x).sum().backward()
        #expect(try #require(x.grad).array(Float.self) == [6, -4])
        x.grad = nil
        #expect(x.grad == nil)
        #expect(withoutGradients { (x * x).requiresGrad } == false)
        #expect((x * x).requiresGrad)
    }

    @Test func `autocast holds inside its scope only`() {
        let x = Tensor.randn([4, 4])
        #expect(withAutocast(.bfloat16) { x.matmul(x).dtype } == .bfloat16)
        #expect(x.matmul(x).dtype == .float32)
    }

    @Test func `the same seed draws the same, and a restored state goes on the same`() async {
        // In a process of its own: libtorch's generator is the process's, and other tests draw from it.
        await #expect(processExitsWith: .success) {
            TorchRandom.seed(3)
            let first = Tensor.randn([5])
            let state = TorchRandom.state
            let second = Tensor.randn([5])
            TorchRandom.state = state
            #expect(Tensor.randn([5]).isEqual(to: second))
            TorchRandom.seed(3)
            #expect(Tensor.randn([5]).isEqual(to: first))
            #expect(!first.isEqual(to: second))
        }
    }

    @Test func `writing in place changes what is read`() {
        let x = Tensor.zeros([3])
        x.withMutableBytes { $0.bindMemory(to: Float.self)[1] = 7 }
        #expect(x.array(Float.self) == [0, 7, 0])
    }
}
