import Testing
import Torch

// Each in a process of its own: the cache is the whole process's.
@Suite struct MemoryCacheTests {
    @Test func `freed memory serves the next tensor of nearly its size, and goes back when asked`() async {
        await #expect(processExitsWith: .success) {
            Torch.cacheMemory(share: 1)
            do {
                let first = Tensor.ones([1 << 20])  // 4 MiB
                precondition(Torch.memoryInUse >= 4 << 20 && Torch.cachedMemory == 0)
                precondition(first.sum().item() == Double(1 << 20))
            }
            let kept = Torch.cachedMemory
            precondition(Torch.memoryInUse == 0 && kept >= 4 << 20)
            let second = Tensor.ones([1 << 20 - 100_000])
            precondition(Torch.cachedMemory == kept - Torch.memoryInUse && second.sum().item() == Double(1 << 20 - 100_000))
            Torch.releaseMemory()
            precondition(Torch.cachedMemory == 0 && second.select(0, index: 0).item() == 1)
        }
    }

    @Test func `what is held stays within its share of the most in use, whatever the sizes`() async {
        await #expect(processExitsWith: .success) {
            Torch.cacheMemory(share: 0.5)
            var (most, held) = (0, [Tensor]())
            for step in 0..<400 {
                held.append(.zeros([20_000 + step * 7919 % 700_000]))
                most = max(most, Torch.memoryInUse)
                if held.count > 5 { held.remove(at: step % 5) }
                precondition(Torch.memoryInUse + Torch.cachedMemory <= most * 3 / 2)
            }
            held = []
            precondition(Torch.memoryInUse == 0)
        }
    }

    @Test func `a negative share traps`() async {
        await #expect(processExitsWith: .failure) { Torch.cacheMemory(share: -1) }
    }
}
