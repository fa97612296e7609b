import Testing
import Torch

@Suite struct CUDAGraphTests {
    @Test(.enabled(if: !CUDAGraph.isAvailable)) func `where there are no CUDA graphs, making one says why`() {
        do {
            _ = try CUDAGraph([.ones([2])]) { _ in
                Issue.record("the body ran")
                return []
            }
            Issue.record("a graph was made")
        } catch {
            guard case .unavailable(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("CUDA") && error.description == "CUDA graphs are not available: \(reason)")
        }
    }

    @Test(.enabled(if: CUDAGraph.isAvailable)) func `a replay gives what the body gives, with new inputs and new weights`() throws
    {
        let weight = Tensor.randn([8, 8]).to(.cuda())
        func step(_ x: Tensor) -> Tensor { x.matmul(weight).tanh() + x }
        let graph = try CUDAGraph([.zeros([4, 8], device: .cuda())]) { [step($0[0])] }
        for _ in 0..<3 {
            let x = Tensor.randn([4, 8]).to(.cuda())
            let replayed = try graph.replay([x])[0]
            #expect(replayed.isClose(to: step(x), rtol: 1e-5, atol: 1e-6).all().item() == 1)
            weight.mul_(0.5)
        }
    }

    @Test(.enabled(if: CUDAGraph.isAvailable)) func `an input on the CPU is refused by its number`() {
        #expect(throws: CUDAGraphError.wrongDevice(input: 1, device: .cpu)) {
            try CUDAGraph([.zeros([1], device: .cuda()), .zeros([1])]) { $0 }
        }
    }
}
