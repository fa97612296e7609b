public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A parameter and its name in the checkpoint.
public typealias NamedTensor = (name: String, tensor: Tensor)

/// Changes parameters by their gradients.
public protocol Optimizer: AnyObject {
    var parameters: [NamedTensor] { get }
    /// One step with the gradients that are there; parameters without a gradient stay.
    func step(learningRate: Double)
    /// Everything that the next step depends on beside parameters and gradients, by name.
    var state: [NamedTensor] { get }
}

/// AdamW (Loshchilov & Hutter 2019), with libtorch's fused kernel.
public final class AdamW: Optimizer {
    public let parameters: [NamedTensor]
    private let betas: (Double, Double)
    private let epsilon: Double
    private let weightDecay: Double
    private let first: [Tensor]
    private let second: [Tensor]
    private let steps: [Tensor]

    /// - Parameter weightDecay: applied to tensors of two or more axes only.
    public init(
        _ parameters: [NamedTensor], betas: (Double, Double) = (0.9, 0.98), epsilon: Double = 1e-8, weightDecay: Double = 0.01
    ) {
        self.parameters = parameters
        self.betas = betas
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        first = parameters.map { .zeros($0.tensor.shape, like: $0.tensor) }
        second = parameters.map { .zeros($0.tensor.shape, like: $0.tensor) }
        steps = parameters.map { .zeros([], dtype: .float32, device: $0.tensor.device) }
    }

    public func step(learningRate: Double) {
        withoutGradients {
            for decayed in [true, false] {
                let chosen = parameters.indices.filter {
                    (parameters[$0].tensor.rank >= 2) == decayed && parameters[$0].tensor.grad != nil
                }
                guard !chosen.isEmpty else { continue }
                for index in chosen { steps[index].add_(1) }
                Tensor.fusedAdamW_(
                    chosen.map { parameters[$0].tensor }, grads: chosen.compactMap { parameters[$0].tensor.grad },
                    expAvgs: chosen.map { first[$0] },
                    expAvgSqs: chosen.map { second[$0] }, maxExpAvgSqs: [], stateSteps: chosen.map { steps[$0] },
                    lr: learningRate, beta1: betas.0,
                    beta2: betas.1, weightDecay: decayed ? weightDecay : 0, eps: epsilon, amsgrad: false, maximize: false)
            }
        }
    }

    public var state: [NamedTensor] {
        parameters.indices.flatMap { index in
            let name = parameters[index].name
            return [
                ("adam.first.\(name)", first[index]), ("adam.second.\(name)", second[index]),
                ("adam.steps.\(name)", steps[index]),
            ]
        }
    }
}

/// Muon (Jordan et al. 2024): momentum whose matrices are made orthogonal by five Newton–Schulz steps.
///
/// For matrices of hidden layers; the update is scaled by 0.2 √(longer side), so that it suits AdamW's learning rates.
public final class Muon: Optimizer {
    public let parameters: [NamedTensor]
    private let momentum: Double
    private let weightDecay: Double
    private let averages: [Tensor]

    /// Steers these parameters, each of two dimensions or more; `weightDecay` is decoupled as AdamW's is.
    public init(_ parameters: [NamedTensor], momentum: Double = 0.95, weightDecay: Double = 0.01) {
        precondition(parameters.allSatisfy { $0.tensor.rank >= 2 }, "Muon takes matrices")
        self.parameters = parameters
        self.momentum = momentum
        self.weightDecay = weightDecay
        averages = parameters.map { .zeros($0.tensor.shape, like: $0.tensor) }
    }

    public func step(learningRate: Double) {
        withoutGradients {
            for (index, parameter) in parameters.enumerated() {
                guard let gradient = parameter.tensor.grad else { continue }
                averages[index].mul_(.floating(momentum)).add_(gradient)
                let direction = gradient.adding(averages[index], alpha: .floating(momentum))  // Nesterov
                let matrix = direction.flatten(1)
                let update = Self.orthogonalized(matrix).view(parameter.tensor.shape)
                let scale = 0.2 * sqrt(Double(max(matrix.size(0), matrix.size(1))))
                if weightDecay > 0 { parameter.tensor.mul_(.floating(1 - learningRate * weightDecay)) }
                parameter.tensor.add_(update, alpha: .floating(-learningRate * scale))
            }
        }
    }

    /// The nearest matrix with orthonormal rows or columns, roughly: singular values end within about 0.7 to 1.2.
    package static func orthogonalized(_ matrix: Tensor) -> Tensor {
        let tall = matrix.size(0) > matrix.size(1)
        var x = (tall ? matrix.transposed(0, 1) : matrix).to(.bfloat16)
        x = x / (x.vectorNorm().item() + 1e-7)
        for _ in 0..<5 {
            let a = x.matmul(x.transposed(0, 1))
            let b = a * -4.7750 + a.matmul(a) * 2.0315
            x = x * 3.4445 + b.matmul(x)
        }
        return (tall ? x.transposed(0, 1) : x).to(matrix.dtype)
    }

    public var state: [NamedTensor] { parameters.indices.map { ("muon.\(parameters[$0].name)", averages[$0]) } }
}

/// Scales gradients down so that their common norm is at most `limit`; returns the norm before.
@discardableResult
public func clipGradients(_ parameters: [NamedTensor], to limit: Double) -> Double {
    withoutGradients {
        let gradients = parameters.compactMap { $0.tensor.grad }
        guard !gradients.isEmpty else { return 0 }
        let norm = Tensor.stacked(Tensor.foreachNorm(gradients, 2), 0).vectorNorm().item()
        if norm > limit { Tensor.foreachMul_(gradients, .floating(limit / (norm + 1e-6))) }
        return norm
    }
}

/// A learning rate that warms up, stays, and falls linearly to zero at the last step.
public struct WarmupStableDecay: Codable, Sendable, Equatable {
    public var peak: Double
    public var warmupSteps: Int
    public var decaySteps: Int
    public var steps: Int

    /// Rises to `peak` in `warmupSteps`, stays, and falls over the last `decaySteps` of `steps`.
    public init(peak: Double, warmupSteps: Int, decaySteps: Int, steps: Int) {
        self.peak = peak
        self.warmupSteps = warmupSteps
        self.decaySteps = decaySteps
        self.steps = steps
    }

    /// The rate for the step after `done` steps.
    public func rate(after done: Int) -> Double {
        if done < warmupSteps { return peak * Double(done + 1) / Double(warmupSteps) }
        let left = steps - done
        return left >= decaySteps ? peak : peak * Double(max(0, left)) / Double(decaySteps)
    }
}
