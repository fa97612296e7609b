import MynaTestSupport
import Testing
import Torch
import TorchTrain

@testable import TorchNN

/// What `Tools/parity/layers.py` wrote about one layer, loss or training.
struct ParityCase {
    static func tolerance(_ expected: Double) -> Double { 1e-5 * max(1, abs(expected)) }

    let name: String
    let file: Safetensors

    init(_ name: String) throws {
        self.name = name
        file = try Safetensors(contentsOf: Fixture.path("parity/layers.safetensors"))
    }

    func tensor(_ part: String) throws -> Tensor { try file.tensor("\(name)/\(part)") }

    /// Parts whose names begin so, without the beginning.
    func parts(_ prefix: String) -> [String] {
        file.names.filter { $0.hasPrefix("\(name)/\(prefix)") }.map { String($0.dropFirst(name.count + 1 + prefix.count)) }
    }

    /// A store that holds this case's weights.
    func store(dtype: DType = .float32, _ build: (Weights) -> Void) throws -> ParameterStore {
        let store = ParameterStore(dtype: dtype)
        build(store.root)
        #expect(Set(store.parameters.map(\.name)) == Set(parts("weights.")), "\(name): other names than torch's")
        for (name, tensor) in store.parameters {
            let there = try self.tensor("weights.\(name)")
            #expect(there.shape == tensor.shape, "\(self.name): \(name)")
            tensor.copy_(there)
        }
        store.setTrainable(true)
        return store
    }

    func expect(_ actual: Tensor, _ part: String) throws {
        let expected = try tensor(part)
        #expect(actual.shape == expected.shape && actual.dtype == expected.dtype, "\(name)/\(part)")
        let pairs = zip(actual.array(Double.self), expected.array(Double.self))
        // A bfloat16 has eight bits, and what is summed up is rounded at its largest.
        let coarse = expected.dtype == .bfloat16 ? expected.to(.float32).abs().max().item() / 128 : 0
        for (index, (a, e)) in pairs.enumerated() where !(abs(a - e) <= max(coarse, Self.tolerance(e))) {
            Issue.record("\(name)/\(part): element \(index) is \(a), expected \(e)")
            return
        }
    }
}

@Suite struct LayerParityTests {
    typealias Build = @Sendable (Weights) -> (Tensor) -> Tensor

    static let layers: [String: Build] = [
        "linear": { w in Linear(w, from: 5, to: 7).callAsFunction },
        "layerNorm": { w in LayerNorm(w, width: 6).callAsFunction },
        "rmsNorm": { w in
            let layer = RMSNorm(w, width: 6)
            return { layer($0) }
        },
        "lstm": { w in
            let layer = LSTM(w, from: 5, width: 6)
            return { x in
                var state = layer.initialState(batch: 2)
                return layer(x, &state)
            }
        },
        "gatedMLP": { w in GatedMLP(w, width: 6, inner: 10).callAsFunction },
        "lowRank": { w in LowRankLinear(w, around: Linear(w / "base", from: 6, to: 4), rank: 2, alpha: 3).callAsFunction },
        "attention.full": { w in Attention(w, width: 16, heads: 4, groups: 2).callAsFunction },
        "attention.window": { w in Attention(w, width: 16, heads: 4, groups: 2, span: .window(5)).callAsFunction },
        "attention.chunk": { w in Attention(w, width: 16, heads: 4, groups: 2, span: .chunk(4)).callAsFunction },
        "bfloat16.linear": { w in Linear(w, from: 32, to: 16).callAsFunction },
        "bfloat16.conv1d": { w in Conv1d(w, from: 8, to: 8, kernel: 3).callAsFunction },
        "bfloat16.layerNorm": { w in LayerNorm(w, width: 16).callAsFunction },
        "bfloat16.gatedMLP": { w in GatedMLP(w, width: 16, inner: 24).callAsFunction },
        "bfloat16.attention": { w in Attention(w, width: 16, heads: 4, groups: 2, span: .window(5)).callAsFunction },
        "conv1d": { w in
            Conv1d(w, from: 6, to: 4, kernel: 5, stride: 2, padding: 3, dilation: 2, groups: 2).callAsFunction
        },
        "conv1d.normalised": { w in Conv1d(w, from: 3, to: 4, kernel: 3, weightNorm: true).callAsFunction },
        "conv2d": { w in
            Conv2d(w, from: 4, to: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0], groups: 2).callAsFunction
        },
        "transposed": { w in
            ConvTranspose1d(w, from: 4, to: 6, kernel: 5, stride: 3, padding: 1, outputPadding: 1, groups: 2).callAsFunction
        },
        "transposed.normalised": { w in
            ConvTranspose1d(w, from: 3, to: 4, kernel: 4, stride: 2, weightNorm: true).callAsFunction
        },
        "group": { w in GroupNorm(w, groups: 2, channels: 6).callAsFunction },
        "batch.training": { w in
            let norm = BatchNorm(w, channels: 5)
            return { norm($0, training: true) }
        },
        "batch.evaluating": { w in
            let norm = BatchNorm(w, channels: 5)
            return { norm($0) }
        },
    ]

    @Test(arguments: layers.keys.sorted()) func `a layer gives torch's outputs and gradients`(_ name: String) throws {
        let build = try #require(Self.layers[name])
        let fixture = try ParityCase(name)
        var forward: (Tensor) -> Tensor = { $0 }
        let x = try fixture.tensor("x")
        let store = try fixture.store(dtype: x.dtype) { forward = build($0) }
        x.requiresGrad = true
        let y = forward(x)
        let weights = Tensor.arange(0, .integer(y.count), dtype: y.dtype).sin().view(y.shape)
        (y * weights).sum().backward()
        try fixture.expect(y, "y")
        try fixture.expect(#require(x.grad), "dx")
        for (name, tensor) in store.parameters where tensor.requiresGrad {
            try fixture.expect(#require(tensor.grad), "grad.\(name)")
        }
        for (name, tensor) in store.buffers { try fixture.expect(tensor, "after.\(name)") }
    }

    static let losses: [String: @Sendable (Tensor, Tensor) -> Tensor] = [
        "crossEntropy": { Loss.crossEntropy($0, $1, smoothing: 0.1) },
        "ctc": { Loss.ctc($0.logSoftmax(-1), $1, inputLengths: [12, 9], targetLengths: [3, 2]) },
        "l1": { Loss.l1($0, $1) },
        "meanSquared": { Loss.meanSquared($0, $1) },
        "huber": { Loss.huber($0, $1, delta: 0.7) },
        "cosine": { Loss.cosine($0, $1) },
        "kullbackLeibler": { Loss.kullbackLeibler($0.logSoftmax(-1), from: $1.softmax(-1)) },
        "hinge": { Loss.hingeDiscriminator(real: $0, fake: $1) },
        "leastSquares": { Loss.leastSquaresDiscriminator(real: $0, fake: $1) },
        "hingeGenerator": { x, _ in Loss.hingeGenerator(fake: x) },
        "leastSquaresGenerator": { x, _ in Loss.leastSquaresGenerator(fake: x) },
        "multiScaleSpectral.standard": { Loss.multiScaleSpectral($0, $1) },
        "multiScaleSpectral": { Loss.multiScaleSpectral($0, $1, windows: [64, 32]) },
    ]

    @Test(arguments: losses.keys.sorted()) func `a loss gives torch's value and gradient`(_ name: String) throws {
        let loss = try #require(Self.losses[name])
        let fixture = try ParityCase(name)
        let x = try fixture.tensor("x")
        x.requiresGrad = true
        let y = loss(x, try fixture.tensor("target"))
        y.backward()
        try fixture.expect(y, "y")
        try fixture.expect(#require(x.grad), "dx")
    }

    static let trainings: [String: Build] = [
        "train.transformer": { w in
            let embed = Embedding(w / "embed", count: 20, width: 16)
            let norms = [LayerNorm(w / "norm1", width: 16), LayerNorm(w / "norm2", width: 16)]
            let attention = Attention(w, width: 16, heads: 4)
            let mlp = GatedMLP(w, width: 16, inner: 24)
            let head = Linear(w / "head", from: 16, to: 20)
            return { ids in
                var x = embed(ids)
                x = x + attention(norms[0](x))
                x = x + mlp(norms[1](x))
                return Loss.crossEntropy(head(x).prefix(8, axis: 1).flatten(0, endDim: 1), ids.sliced(1, 1).flatten())
            }
        },
        "train.codec": { w in
            let down = Conv1d(w / "down", from: 1, to: 8, kernel: 4, stride: 2)
            let up = ConvTranspose1d(w / "up", from: 8, to: 1, kernel: 4, stride: 2)
            return { x in Loss.l1(up(down(x).elu()), x) }
        },
        "train.lstm": { w in
            let (lstm, head) = (LSTM(w / "lstm", from: 5, width: 8), Linear(w / "head", from: 8, to: 5))
            return { x in
                var state = lstm.initialState(batch: 2)
                return Loss.meanSquared(head(lstm(x, &state)).prefix(6, axis: 1), x.sliced(1, 1))
            }
        },
    ]

    @Test(arguments: trainings.keys.sorted()) func `ten steps of AdamW lose what torch's lose`(_ name: String) throws {
        let build = try #require(Self.trainings[name])
        let fixture = try ParityCase(name)
        var loss: (Tensor) -> Tensor = { $0 }
        let store = try fixture.store { loss = build($0) }
        let x = try fixture.tensor("x")
        let optimizer = AdamW(store.parameters)
        let losses = (0..<10).map { _ in
            for (_, tensor) in store.parameters { tensor.grad = nil }
            let value = loss(x)
            value.backward()
            optimizer.step(learningRate: 3e-3)
            return value.detach()
        }
        try fixture.expect(Tensor.stacked(losses, 0), "losses")
    }
}
