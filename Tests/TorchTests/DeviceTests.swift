import Testing

@testable import Torch

@Suite struct DeviceTests {
    @Test func `devices have names, and one that can't be had is named`() throws {
        #expect(try Device(named: "cpu") == .cpu)
        for name in ["gpu", "cpu:1", "cuda:x", "cuda:-1", "", "mps:2", "CUDA"] {
            #expect(throws: DeviceError(name: name, problem: "is none of cpu, cuda, cuda:N and mps")) { try Device(named: name) }
        }
        guard Device.best.isCPU else { return }
        for name in ["cuda", "cuda:3", "mps"] {
            let error = #expect(throws: DeviceError.self) { try Device(named: name) }
            #expect(error?.name == name)
        }
    }
}
