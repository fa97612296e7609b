import Foundation
import Testing
import Torch
import TorchNN
import TorchTrain

@Suite struct TrainerTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "trainer-\(UUID().uuidString)").path

    /// A small network with drop-out, trained by both optimizers; gives its weights, averages and losses.
    func run(_ folder: String, stops: [Int], steps: Int = 12) throws -> [[Float]] {
        var result: [[Float]] = []
        for stop in stops {
            TorchRandom.seed(5)
            let store = ParameterStore()
            let (first, second) = (Linear(store.root / "first", from: 6, to: 8), Linear(store.root / "second", from: 8, to: 2))
            store.setTrainable(true)
            var options = TrainerOptions(schedule: WarmupStableDecay(peak: 0.02, warmupSteps: 3, decaySteps: 5, steps: steps))
            options.autocast = nil
            options.averaging = 0.9
            let matrices = store.parameters.filter { $0.name == "first.weight" }
            let trainer = try Trainer<Tensor>(
                store, optimizers: [Muon(matrices), AdamW(store.parameters.filter { $0.name != "first.weight" })],
                options: options, folder: folder, report: { _ in })
            struct Stop: Error {}
            do {
                try trainer.run(
                    batches: { step in
                        if step == stop { throw Stop() }
                        return (Tensor((0..<24).map { Float(sin(Double($0 * (step + 1)))) }, [4, 6]), "\(step)", 4)
                    },
                    loss: { x in ((second(first(x).relu().dropout(0.3, train: true)) - 0.5).square().mean(), [:]) })
            } catch is Stop { try trainer.save() }
            result =
                trainer.parameters.map { $0.tensor.array(Float.self) }
                + trainer.averagedParameters.map { $0.tensor.array(Float.self) }
        }
        return result
    }

    @Test func `half a run and the rest equal the whole run, bit for bit`() async {
        // In a process of its own: libtorch's generator is the process's, and other tests draw from it.
        await #expect(processExitsWith: .success) {
            let tests = TrainerTests()
            defer { try? FileManager.default.removeItem(atPath: tests.folder) }  // nothing to clean where nothing was made
            let whole = try tests.run(tests.folder + "/whole", stops: [100])
            let parts = try tests.run(tests.folder + "/parts", stops: [5, 9, 100])
            #expect(whole == parts)
            #expect(FileManager.default.fileExists(atPath: tests.folder + "/parts/metrics.jsonl"))
        }
    }

    @Test func `a loss that is not finite stops the run and names the step`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        let store = ParameterStore()
        let layer = Linear(store.root, from: 2, to: 1)
        store.setTrainable(true)
        let trainer = try Trainer<Tensor>(
            store, optimizers: [AdamW(store.parameters)],
            options: TrainerOptions(schedule: WarmupStableDecay(peak: 0.1, warmupSteps: 0, decaySteps: 0, steps: 9)),
            folder: folder, report: { _ in })
        let error = #expect(throws: TrainingError.self) {
            try trainer.run(
                batches: { step in (Tensor.full([1, 2], step == 3 ? .floating(.nan) : 1), "batch \(step)", 1) },
                loss: { (layer($0).sum(), [:]) })
        }
        #expect(error?.description.contains("step 3") == true && error?.description.contains("batch 3") == true)
    }

    @Test func `a checkpoint of another model is refused by name`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        for width in [3, 4] {
            let store = ParameterStore()
            let layer = Linear(store.root, from: width, to: 1)
            store.setTrainable(true)
            func make() throws -> Trainer<Tensor> {
                try Trainer(
                    store, optimizers: [AdamW(store.parameters)],
                    options: TrainerOptions(schedule: WarmupStableDecay(peak: 0.1, warmupSteps: 0, decaySteps: 0, steps: 1)),
                    folder: folder, report: { _ in })
            }
            if width == 3 {
                try make().run(batches: { _ in (.ones([1, 3]), "", 1) }, loss: { (layer($0).sum(), [:]) })
            } else {
                let error = #expect(throws: TrainingError.self) { _ = try make() }
                #expect(error?.description.contains("model.weight") == true)
            }
        }
    }

    @Test func `the rate warms up, stays and falls to zero`() {
        let schedule = WarmupStableDecay(peak: 1, warmupSteps: 4, decaySteps: 4, steps: 12)
        #expect((0..<12).map { schedule.rate(after: $0) } == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25])
    }

    @Test func `Muon makes an update whose singular values are near one`() {
        let x = Tensor.randn([6, 20])
        let y = Muon.orthogonalized(x)
        let product = y.matmul(y.transposed(0, 1))
        #expect(product.diagonal().min().item() > 0.4 && product.diagonal().max().item() < 1.6)
        #expect(
            (product - product
                * Tensor([Float](repeating: 0, count: 36).enumerated().map { $0.offset % 7 == 0 ? Float(1) : 0 }, [6, 6])).abs()
                .max().item() < 0.4)
    }
}
