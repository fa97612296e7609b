import Testing

@testable import TorchTrain

@Suite struct ProcessorTests {
    @Test func `bfloat16 is for processors whose flags name it, and for those that tell none`() {
        #expect(
            !Processor.multipliesBFloat16(cpuinfo: "model name : X\nflags\t\t: fpu avx2 bmi2 avx512_bf16x\nbugs: avx512_bf16"))
        #expect(Processor.multipliesBFloat16(cpuinfo: "processor : 0\nflags\t\t: fpu avx2 avx512_bf16\n"))
        #expect(Processor.multipliesBFloat16(cpuinfo: "flags : amx_bf16"))
        #expect(Processor.multipliesBFloat16(cpuinfo: "Features : fp asimd bf16"))
    }
}
