import Testing
import Torch

@Suite struct DifferentiableFunctionTests {
    /// tanh, whose gradient needs its own output.
    static let tanh = DifferentiableFunction<Tensor>(
        forward: { inputs in
            let y = inputs[0].tanh()
            return ([y], y)
        },
        backward: { y, gradients in [gradients[0].map { $0 * (Tensor.ones([]) - y * y) }] })

    func gradients(_ inputs: [Tensor], _ f: ([Tensor]) -> Tensor) -> [[Float]?] {
        let leaves = inputs.map { $0.clone() }
        for leaf in leaves { leaf.requiresGrad = true }
        let y = f(leaves)
        (y * Tensor.arange(0, .integer(y.count), dtype: .float32).reshape(y.shape)).sum().backward()
        return leaves.map { $0.grad?.array(Float.self) }
    }

    func isNear(_ a: [Float]?, _ b: [Float]?) -> Bool {
        guard let a, let b, a.count == b.count else { return false }
        return zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * (1 + abs($1)) }
    }

    @Test func `its gradient is the built-in's`() {
        let x = Tensor.randn([3, 4], generator: RandomGenerator(seed: 1))
        let ours = gradients([x]) { Self.tanh($0[0] * 2) }
        let theirs = gradients([x]) { ($0[0] * 2).tanh() }
        #expect(isNear(ours[0], theirs[0]))
        #expect(Self.tanh(x).isEqual(to: x.tanh()) && !Self.tanh(x).requiresGrad)
    }

    @Test func `several inputs and outputs, some without gradient`() throws {
        let both = DifferentiableFunction<(Tensor, Tensor)>(
            forward: { inputs in ([inputs[0] * inputs[1], inputs[0] + inputs[1]], (inputs[0], inputs[1])) },
            backward: { saved, given in
                let (a, b) = saved
                let product = given[0] ?? .zeros(a.shape)
                return [product * b + (given[1] ?? .zeros(a.shape)), given[1] == nil ? product * a : nil]
            })
        let inputs = [Tensor([Float(2), 3]), Tensor([Float(5), 7])]
        #expect(gradients(inputs) { both($0)[0] } == [[0, 7], [0, 3]])  // no gradient flows to the second output
        let constant = inputs[1]
        #expect(gradients([inputs[0]]) { x in both([x[0], constant])[0] } == [[0, 7]])
    }

    @Test func `a model trains through it and nothing is left over`() async {
        await #expect(processExitsWith: .success) {
            let tanh = DifferentiableFunction<Tensor>(
                forward: { inputs in
                    let y = inputs[0].tanh()
                    return ([y], y)
                },
                backward: { y, gradients in [gradients[0].map { $0 * (Tensor.ones([]) - y * y) }] })
            func train() -> Double {
                let weight = Tensor.full([1], 0.1)
                weight.requiresGrad = true
                for _ in 0..<50 {
                    weight.grad = nil
                    (tanh(weight) - 0.5).square().sum().backward()
                    if let gradient = weight.grad { withoutGradients { _ = weight.sub_(gradient) } }
                }
                return weight.item()
            }
            let before = Torch.liveTensors
            #expect(abs(train() - 0.549306) < 1e-4)  // atanh(0.5)
            #expect(Torch.liveTensors == before)
        }
    }

    @Test func `another thread's graph is its own`() async {
        await withTaskGroup(of: Float.self) { group in
            for value in 1...8 {
                group.addTask {
                    let x = Tensor([Float(value) / 8])
                    x.requiresGrad = true
                    Self.tanh(x).sum().backward()
                    return x.grad.map { Float($0.item() - (1 - x.detach().tanh().square().item())) } ?? .nan
                }
            }
            for await difference in group { #expect(abs(difference) < 1e-6) }
        }
    }

    @Test func `a gradient of the wrong shape traps`() async {
        await #expect(processExitsWith: .failure) {
            let wrong = DifferentiableFunction<Void>(
                forward: { ([$0[0] * 2], ()) }, backward: { _, _ in [Tensor.ones([5])] })
            let x = Tensor.ones([3])
            x.requiresGrad = true
            wrong(x).sum().backward()
        }
    }
}
