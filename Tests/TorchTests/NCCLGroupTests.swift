import Testing
import Torch

@Suite struct NCCLGroupTests {
    @Test(.enabled(if: NCCLGroup.obstacle != nil)) func `where there is no NCCL, a group is refused and says why`() throws {
        let store = try ProcessStore(host: "127.0.0.1", port: 0, processes: 1, serves: true, timeout: .seconds(5))
        let error = #expect(throws: NCCLError.self) { _ = try NCCLGroup(store, rank: 0, size: 1, timeout: .seconds(5)) }
        #expect(error?.problem == NCCLGroup.obstacle)
        #expect(NCCLGroup.obstacle?.contains("CUDA") == true)
    }

    @Test(.enabled(if: NCCLGroup.obstacle == nil)) func `one GPU alone gets back what it gave`() throws {
        let store = try ProcessStore(host: "127.0.0.1", port: 0, processes: 1, serves: true, timeout: .seconds(60))
        let group = try NCCLGroup(store, rank: 0, size: 1, timeout: .seconds(60))
        let tensor = Tensor([Float(1), 2, 3]).to(Device.cuda())
        try group.allReduceSum(tensor)
        try group.broadcast(tensor)
        #expect(tensor.to(.cpu).array(Float.self) == [1, 2, 3])
    }
}
