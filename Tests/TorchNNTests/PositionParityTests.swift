import Testing
import Torch

@testable import TorchNN

/// Positions, codebooks and tables: what has no weights of a layer, beside the reference classes.
@Suite struct PositionParityTests {
    /// Outputs and the gradient of the input, as `Tools/parity/layers.py` weighs them.
    func compare(_ name: String, _ function: (Tensor) -> Tensor) throws {
        let fixture = try ParityCase(name)
        let x = try fixture.tensor("x")
        x.requiresGrad = true
        let y = function(x)
        (y * Tensor.arange(0, .integer(y.count), dtype: .float32).sin().view(y.shape)).sum().backward()
        try fixture.expect(y, "y")
        try fixture.expect(#require(x.grad), "dx")
    }

    @Test func `rotary positions turn as Llama's, stretched ones as Llama 3's`() throws {
        try compare("rotary") { RotaryPositions(width: 16)($0, from: 40) }
        try compare("rotary.stretched") {
            RotaryPositions(width: 16, scaling: .init(factor: 8, originalPositions: 64))($0, from: 40)
        }
    }

    @Test func `relative positions have the reference's table and shift`() throws {
        try compare("relative.shift") { RelativePositions.shifted($0) }
        try ParityCase("relative.table").expect(RelativePositions.table(length: 6, width: 8), "y")
    }

    @Test func `a table's rows and their gradients are torch's`() throws {
        let fixture = try ParityCase("embedding")
        var layer: Embedding?
        let store = try fixture.store { layer = Embedding($0, count: 9, width: 4) }
        let table = try #require(layer)
        let y = table(try fixture.tensor("x"))
        (y * Tensor.arange(0, .integer(y.count), dtype: .float32).sin().view(y.shape)).sum().backward()
        try fixture.expect(y, "y")
        try fixture.expect(#require(store.parameters[0].tensor.grad), "grad.weight")
    }

    @Test func `a codebook finds, passes on and follows as its formulas say`() throws {
        let fixture = try ParityCase("quantizer")
        let quantizer = VectorQuantizer(ParameterStore().root, count: 8, width: 3, decay: 0.9)
        quantizer.codes.copy_(try fixture.tensor("codes"))
        quantizer.sums.copy_(quantizer.codes)
        let x = try fixture.tensor("x")
        x.requiresGrad = true
        let (y, indices, commitment) = quantizer(x, training: true)
        let weights = Tensor.arange(0, .integer(y.count), dtype: .float32).sin().view(y.shape)
        ((y * weights).sum() + commitment).backward()
        try fixture.expect(y, "y")
        try fixture.expect(indices, "indices")
        try fixture.expect(commitment, "commitment")
        try fixture.expect(#require(x.grad), "dx")
        try fixture.expect(quantizer.codes, "after")
    }
}
