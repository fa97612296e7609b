import Foundation
import Testing
import Torch

@Suite struct TransducerLossTests {
    /// Three sequences of other lengths in one batch; the last has one frame and nothing to say.
    static let frames = [5, 3, 1], labels = [4, 2, 0]
    static let targets: [[Int]] = [[3, 3, 17, 0], [5, 1, 9, 9], [2, 2, 2, 2]]
    static let (vocabulary, blank) = (37, 36)

    func losses(_ logits: Tensor, fastEmit: Double = 0) -> Tensor {
        logits.transducerLoss(
            targets: Tensor(Self.targets.flatMap { $0 }, [3, 4]), frameLengths: Tensor(Self.frames),
            targetLengths: Tensor(Self.labels),
            blank: Self.blank, fastEmit: fastEmit)
    }

    func gradient(_ logits: Tensor, fastEmit: Double = 0) throws -> Tensor {
        let leaf = logits.detach().clone()
        leaf.requiresGrad = true
        (losses(leaf, fastEmit: fastEmit) * Tensor([Float(1), 2, 3])).sum().backward()
        return try #require(leaf.grad)
    }

    func drawn(_ seed: Int) -> Tensor { Tensor.scattered([3, 5, 5, Self.vocabulary], seed: seed) * 3 }

    /// −log of the sum over all alignments, each walked to its end.
    func bruteForce(_ scores: [Double], row: Int) -> Double {
        func score(_ t: Int, _ u: Int, _ id: Int) -> Double { scores[((row * 5 + t) * 5 + u) * Self.vocabulary + id] }
        func probability(_ t: Int, _ u: Int) -> Double {
            let blank = exp(score(t, u, Self.blank))
            if t == Self.frames[row] - 1 && u == Self.labels[row] { return blank }
            var sum = 0.0
            if t < Self.frames[row] - 1 { sum += blank * probability(t + 1, u) }
            if u < Self.labels[row] { sum += exp(score(t, u, Self.targets[row][u])) * probability(t, u + 1) }
            return sum
        }
        return -log(probability(0, 0))
    }

    func bruteForce(_ logits: Tensor) -> [Double] {
        let scores = logits.to(.float64).logSoftmax(-1).array(Double.self)
        return (0..<3).map { bruteForce(scores, row: $0) }
    }

    @Test func `the loss is the sum over all alignments, in a batch of other lengths`() {
        let logits = drawn(1)
        for (got, want) in zip(losses(logits).array(Float.self), bruteForce(logits)) {
            #expect(abs(Double(got) - want) < 1e-5 * (1 + want))
        }
    }

    @Test func `the gradient is the slope of that sum`() throws {
        let logits = drawn(2)
        let got = try gradient(logits).array(Float.self)
        let values = logits.array(Float.self).map(Double.init)
        func total(_ values: [Double]) -> Double {
            zip(bruteForce(Tensor(values, logits.shape)), [1.0, 2, 3]).reduce(0) { $0 + $1.0 * $1.1 }
        }
        for index in stride(from: 0, to: values.count, by: 31) {
            var (above, below) = (values, values)
            above[index] += 1e-5
            below[index] -= 1e-5
            #expect(abs(Double(got[index]) - (total(above) - total(below)) / 2e-5) < 2e-6, "logit \(index)")
        }
    }

    @Test func `the loops of our own agree with the operators that other devices use`() throws {
        // Double precision takes the way of other devices.
        let logits = drawn(3)
        let (own, other) = (try gradient(logits, fastEmit: 0.1), try gradient(logits.to(.float64), fastEmit: 0.1))
        #expect(other.dtype == .float64)
        #expect((own - other).abs().max().item() < 1e-5)
        #expect((losses(logits) - losses(logits.to(.float64))).abs().max().item() < 1e-5)
    }

    @Test func `beyond the lengths nothing counts and nothing flows`() throws {
        let logits = drawn(4)
        let other = logits.clone()
        _ = other.select(0, index: 1).narrow(0, start: 3, length: 2).fill_(.floating(.nan))
        _ = other.select(0, index: 1).narrow(1, start: 3, length: 2).fill_(.floating(.infinity))
        _ = other.select(0, index: 2).narrow(1, start: 1, length: 4).fill_(7)
        #expect(losses(other).isEqual(to: losses(logits)))
        let flow = try gradient(other)
        #expect(flow.isEqual(to: try gradient(logits)))
        #expect(flow.select(0, index: 1).narrow(0, start: 3, length: 2).abs().max().item() == 0)
        #expect(flow.select(0, index: 1).narrow(1, start: 3, length: 2).abs().max().item() == 0)
        #expect(flow.abs().max().item() > 0.01)
    }

    @Test func `bfloat16 logits give the loss of the same numbers in float32`() throws {
        let rounded = drawn(5).to(.bfloat16)
        #expect(losses(rounded).isEqual(to: losses(rounded.to(.float32))))
        let (narrow, wide) = (try gradient(rounded), try gradient(rounded.to(.float32)))
        #expect(narrow.dtype == .bfloat16)
        #expect(narrow.isEqual(to: wide.to(.bfloat16)))
    }

    @Test func `large and equal logits stay finite`() {
        let logits = drawn(6) * 1e4
        #expect(losses(logits).isfinite().all().item() == 1)
        let flat = losses(Tensor.zeros([3, 5, 5, Self.vocabulary])).array(Float.self)
        // One frame and no label: one alignment, of one blank.
        #expect(abs(Double(flat[2]) - log(Double(Self.vocabulary))) < 1e-6)
    }

    @Test func `FastEmit strengthens what is written and leaves blanks as they are`() throws {
        let logits = drawn(7)
        let (plain, eager) = (try gradient(logits), try gradient(logits, fastEmit: 0.5))
        // The third sequence writes nothing.
        #expect(plain.select(0, index: 2).isEqual(to: eager.select(0, index: 2)))
        let change = eager - plain
        #expect(change.abs().max().item() > 0.01)
        #expect(change.sum([-1]).abs().max().item() < 1e-4)  // still of a softmax: moves no total
        // The first label of the first sequence gains at the first frame.
        #expect(change.select(0, index: 0).select(0, index: 0).select(0, index: 0).array(Float.self)[3] < 0)
    }
}
