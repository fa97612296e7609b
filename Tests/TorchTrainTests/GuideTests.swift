// What docs/guides/train-a-model.md shows, compiled and run as it stands there.
import Foundation
import MynaTestSupport
import Testing

// guide begins
import Torch
import TorchNN
import TorchTrain

/// Says whether a point lies inside the unit circle.
struct Circle {
    let hidden: Linear, output: Linear

    init(_ weights: Weights) {
        hidden = Linear(weights / "hidden", from: 2, to: 32)
        output = Linear(weights / "output", from: 32, to: 2)
    }

    /// Points `[N, 2]` to scores `[N, 2]` of outside and inside.
    func callAsFunction(_ points: Tensor) -> Tensor { output(hidden(points).silu()) }
}

/// Points and where they lie: the same for the same step, so that a run that was stopped goes on as if it had not been.
func points(_ step: Int) -> (points: Tensor, inside: Tensor) {
    let points = Tensor.randn([64, 2], generator: RandomGenerator(seed: UInt64(step)))
    return (points, points.square().sum([1]).lt(1).to(.int64))
}

func trainCircle(in folder: String) throws {
    // Declare: layers ask the store for their tensors, and it makes them.
    TorchRandom.seed(1)
    let store = ParameterStore()
    let model = Circle(store.root)
    store.setTrainable(true)

    // Train. The folder keeps checkpoint, metrics and a picture of the loss; the same call again goes on from there.
    var options = TrainerOptions(schedule: WarmupStableDecay(peak: 0.02, warmupSteps: 10, decaySteps: 100, steps: 300))
    options.autocast = nil  // float32 throughout
    let trainer = try Trainer<(points: Tensor, inside: Tensor)>(
        store, optimizers: [AdamW(store.parameters)], options: options, folder: folder, report: { print($0) })
    try trainer.run(
        batches: { step in (points(step), "\(step)", 64) },
        loss: { (Loss.crossEntropy(model($0.points), $0.inside), [:]) })

    // Save the averaged weights.
    let weights = withoutGradients { trainer.averagedParameters.map { ($0.name, $0.tensor.detach()) } }
    try Safetensors.write(weights, to: folder + "/circle.safetensors")
}

func loadCircle(from folder: String) throws -> Circle {
    // Load: the same layers ask for the same names; `finish` tells every one that is missing, misshapen or left over.
    let file = folder + "/circle.safetensors"
    let store = ParameterStore(try Safetensors(contentsOf: file), named: file)
    let model = Circle(store.root)
    try store.finish()
    return model
}
// guide ends

@Suite struct GuideTests {
    @Test func `the guide's model learns, is saved and loaded`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a temporary folder may stay
        try trainCircle(in: folder)
        let model = try loadCircle(from: folder)
        let (points, inside) = points(100_000)
        let right = withoutGradients { model(points).argmax(-1).eq(inside).to(.float32).mean().item() }
        #expect(right > 0.9)
    }

    @Test func `the guide shows this code, in 60 lines`() throws {
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let guide = try String(contentsOf: Fixture.root.appending(path: "docs/guides/train-a-model.md"), encoding: .utf8)
        let begin = try #require(source.range(of: "// guide begins\n")).upperBound
        let end = try #require(source.range(of: "// guide ends\n")).lowerBound
        let code = source[begin..<end]
        #expect(guide.contains("```swift\n\(code)```"))
        #expect(code.split(separator: "\n", omittingEmptySubsequences: false).count <= 60)
    }
}
