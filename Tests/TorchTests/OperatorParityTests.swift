import Foundation
import Testing
import Torch

/// One call of an operator in Swift; `Tools/parity/operators.py` writes the table and what PyTorch gave for it.
struct OperatorCase: Sendable {
    let name: String
    let isDifferentiable: Bool
    let call: @Sendable ([Tensor]) -> [Tensor]

    init(_ name: String, isDifferentiable: Bool, call: @escaping @Sendable ([Tensor]) -> [Tensor]) {
        self.name = name
        self.isDifferentiable = isDifferentiable
        self.call = call
    }
}

@Suite struct OperatorParityTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/parity/operators")
    /// Gradients that older libtorch lacks, by the minor version of libtorch 2 that brought them.
    static let gradientsSince = ["aminmax": 12]
    let expected: Safetensors

    init() throws { expected = try Safetensors(contentsOf: Self.folder.appending(path: "tensors.safetensors").path) }

    /// The first element that differs, in words; nil where all agree within 1e-5 of the largest.
    func difference(_ ours: Tensor, _ theirs: Tensor) -> String? {
        guard ours.shape == theirs.shape else { return "is \(ours.shape), expected \(theirs.shape)" }
        guard ours.dtype == theirs.dtype else { return "is \(ours.dtype), expected \(theirs.dtype)" }
        let (a, b) = (ours.array(Double.self), theirs.array(Double.self))
        let scale = max(1, b.filter(\.isFinite).map(\.magnitude).max() ?? 1)
        for (i, (x, y)) in zip(a, b).enumerated() where !(x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-5 * scale) {
            return "element \(i) of \(theirs.shape) is \(x), expected \(y)"
        }
        return nil
    }

    /// Complex numbers as pairs, as the fixture has them.
    func plain(_ tensor: Tensor) -> Tensor { tensor.dtype == .complex64 ? tensor.viewAsReal() : tensor }

    @Test func `every operator and its gradient are PyTorch's`() throws {
        let known = Set(expected.names)
        let minor = try #require(Torch.version.split(separator: ".").dropFirst().first.flatMap { Int($0) })
        for operation in operatorCases {
            let isDifferentiable = operation.isDifferentiable && minor >= Self.gradientsSince[operation.name, default: 0]
            var inputs: [Tensor] = []
            while true {
                let name = "\(operation.name)/in\(inputs.count)"
                if known.contains(name) {
                    inputs.append(try expected.tensor(name))
                } else if known.contains(name + "c") {
                    inputs.append(try expected.tensor(name + "c").viewAsComplex())
                } else {
                    break
                }
            }
            let leaves = inputs.indices.filter {
                isDifferentiable && (inputs[$0].dtype.isFloatingPoint || inputs[$0].dtype == .complex64)
            }
            for leaf in leaves { inputs[leaf].requiresGrad = true }
            let outputs = operation.call(inputs).map { plain($0) }
            for (i, output) in outputs.enumerated() {
                let theirs = try expected.tensor("\(operation.name)/out\(i)")
                if let difference = difference(output.detach(), theirs) {
                    Issue.record("\(operation.name) output \(i): \(difference)")
                }
            }
            #expect(!known.contains("\(operation.name)/out\(outputs.count)"), "\(operation.name) has more outputs")
            let slopes = outputs.filter(\.requiresGrad).map { output in
                let ramp = Tensor.arange(0, .integer(output.count), dtype: output.dtype)
                return (output * (ramp + 1).sin().view(output.shape)).sum()
            }
            guard let first = slopes.first else {
                #expect(!isDifferentiable, "\(operation.name) lost its gradient")
                continue
            }
            slopes.dropFirst().reduce(first) { $0 + $1 }.backward()
            for leaf in leaves {
                let name = "\(operation.name)/grad\(leaf)"
                guard let gradient = inputs[leaf].grad, known.contains(name) else {
                    #expect(inputs[leaf].grad == nil && !known.contains(name), "\(name) is there on one side only")
                    continue
                }
                if let difference = difference(plain(gradient), try expected.tensor(name)) {
                    Issue.record("\(name): \(difference)")
                }
            }
        }
    }

    @Test func `values are printed as PyTorch prints them`() throws {
        struct Printed: Decodable {
            var texts: [String: String]
        }
        let printed = try JSONDecoder().decode(Printed.self, from: Data(contentsOf: Self.folder.appending(path: "printed.json")))
        let tensors = try Safetensors(contentsOf: Self.folder.appending(path: "printed.safetensors").path)
        #expect(printed.texts.count > 8)
        for (name, text) in printed.texts {
            let tensor = try tensors.tensor(name)
            let separator = text.contains("\n") ? "\n" : " "
            #expect(tensor.description == "Tensor \(tensor.dtype)\(tensor.shape) on cpu\(separator)\(text)", "\(name)")
        }
        let leaf = Tensor.ones([1])
        leaf.requiresGrad = true
        #expect(leaf.debugDescription == "Tensor float32[1] on cpu, gradients [1.]")
        #expect(Tensor.zeros([0, 3]).description == "Tensor float32[0, 3] on cpu []")
    }
}
