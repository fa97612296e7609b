import Foundation
import MynaTestSupport
import Testing
import Torch
import TorchNN

@testable import TorchTrain

/// A small training whose batches differ from each other; `group` shares it.
private func losses(steps: Int, accumulation: Int, group: ProcessGroup?, folder: String, diesAt: Int? = nil) throws -> [Float] {
    TorchRandom.seed(4)
    let store = ParameterStore()
    let first = Linear(store.root / "first", from: 6, to: 12)
    let second = Linear(store.root / "second", from: 12, to: 3)
    store.setTrainable(true)
    var options = TrainerOptions(
        schedule: WarmupStableDecay(peak: 0.01, warmupSteps: 2, decaySteps: 2, steps: steps))
    (options.accumulation, options.group, options.autocast) = (accumulation, group, nil)
    let trainer = try Trainer<Tensor>(store, optimizers: [AdamW(store.parameters)], options: options, folder: folder) { _ in }
    try trainer.run(
        batches: { number in
            if let diesAt, number >= diesAt { kill(getpid(), SIGKILL) }
            let x = (Tensor.arange(0, 24, dtype: .float32) + Double(number)).sin().view([4, 6])
            return (x, "\(number)", 4)
        },
        loss: { x in
            let y = second(first(x).tanh())
            return ((y - x.narrow(1, start: 0, length: 3)).square().mean(), [:])
        })
    return trainer.parameters.flatMap { $0.tensor.detach().flatten().array(Float.self) }
}

/// A port that nobody uses at the moment.
private func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
        }
    }
    try #require(bound)
    return Int(UInt16(bigEndian: address.sin_port))
}

private func variables(_ rank: Int, of size: Int, _ port: Int) -> [String: String] {
    ["RANK": "\(rank)", "WORLD_SIZE": "\(size)", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "\(port)"]
}

@Suite struct ProcessGroupTests {
    @Test func `two processes train as one does with the double batch`() async throws {
        let scratch = NSTemporaryDirectory() + "ranks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }  // what is left over does no harm
        let port = try freePort()
        func run(_ rank: Int) async {
            await #expect(processExitsWith: .success) { [rank = rank as Int, port = port as Int, scratch = scratch as String] in
                let group = try ProcessGroup.fromEnvironment(variables(rank, of: 2, port), timeout: .seconds(60))
                let weights = try losses(steps: 10, accumulation: 1, group: group, folder: scratch + "/two")
                try JSONEncoder().encode(weights).write(to: URL(filePath: "\(scratch)/\(rank).json"))
            }
        }
        async let other: Void = run(1)
        await run(0)
        await other
        await #expect(processExitsWith: .success) { [scratch = scratch as String] in
            let weights = try losses(steps: 10, accumulation: 2, group: nil, folder: scratch + "/one")
            try JSONEncoder().encode(weights).write(to: URL(filePath: "\(scratch)/one.json"))
        }
        func weights(_ name: String) throws -> [Float] {
            try JSONDecoder().decode([Float].self, from: Data(contentsOf: URL(filePath: "\(scratch)/\(name).json")))
        }
        let (one, first, second) = try (weights("one"), weights("0"), weights("1"))
        #expect(first == second)
        for (index, (a, b)) in zip(one, first).enumerated() where !(abs(a - b) <= 1e-5 * max(1, abs(a))) {
            Issue.record("weight \(index) is \(b) in two processes, \(a) in one")
            break
        }
        #expect(one.count == first.count)
        #expect(FileManager.default.fileExists(atPath: scratch + "/two/checkpoint.safetensors"))
    }

    @Test(.timeLimit(.minutes(2))) func `a peer that dies is an error, not a hang`() async throws {
        let scratch = NSTemporaryDirectory() + "ranks-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: scratch) }  // what is left over does no harm
        let port = try freePort()
        func mourn() async {
            await #expect(processExitsWith: .success) { [port = port as Int, scratch = scratch as String] in
                let group = try ProcessGroup.fromEnvironment(variables(0, of: 2, port), timeout: .seconds(60))
                do {
                    _ = try losses(steps: 10, accumulation: 1, group: group, folder: scratch + "/a")
                    exit(3)
                } catch DistributedError.peer {
                    exit(0)
                }
            }
        }
        async let left: Void = mourn()
        await #expect(processExitsWith: .failure) { [port = port as Int, scratch = scratch as String] in
            let group = try ProcessGroup.fromEnvironment(variables(1, of: 2, port), timeout: .seconds(60))
            _ = try losses(steps: 10, accumulation: 1, group: group, folder: scratch + "/b", diesAt: 7)
        }
        await left
    }

    @Test(arguments: [
        (["WORLD_SIZE": "2"], "MASTER_ADDR"),
        (["WORLD_SIZE": "two", "MASTER_ADDR": "localhost"], "WORLD_SIZE"),
        (["WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "RANK": "2"], "RANK"),
        (["WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "RANK": "1"], "MASTER_PORT"),
        (["WORLD_SIZE": "2", "MASTER_ADDR": "localhost", "RANK": "0", "MASTER_PORT": "70000"], "MASTER_PORT"),
    ])
    func `a wrong variable is named`(_ environment: [String: String], _ name: String) {
        let error = #expect(throws: DistributedError.self) { try ProcessGroup.fromEnvironment(environment) }
        #expect(error?.description.contains(name) == true)
    }

    @Test func `without variables a process trains alone`() throws {
        #expect(try ProcessGroup.fromEnvironment([:]) == nil)
        #expect(try ProcessGroup.fromEnvironment(["WORLD_SIZE": "1"]) == nil)
    }
}
