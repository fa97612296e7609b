public import Torch

/// Group normalisation (Wu & He 2018): `[B, C, …]`, each of `groups` runs of channels by itself.
public struct GroupNorm {
    let weight: Tensor  // [C]
    let bias: Tensor  // [C]
    let groups: Int
    let epsilon: Double

    /// Reads `weight` and `bias`, both [channels]; `groups` divides `channels`.
    public init(_ weights: Weights, groups: Int, channels: Int, epsilon: Double = 1e-5) {
        precondition(channels % groups == 0, "\(channels) channels do not make \(groups) groups")
        weight = weights.tensor("weight", [channels], .ones)
        bias = weights.tensor("bias", [channels], .zeros)
        (self.groups, self.epsilon) = (groups, epsilon)
    }

    /// Normalises each group of channels over all further dimensions: [B, channels, …] to the same.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.groupNorm(groups, weight: weight, bias: bias, eps: epsilon) }
}

/// Batch normalisation (Ioffe & Szegedy 2015) of `[B, C, …]` by channel.
public struct BatchNorm {
    let weight: Tensor  // [C]
    let bias: Tensor  // [C]
    let runningMean: Tensor  // [C]
    let runningVariance: Tensor  // [C]
    let batchesTracked: Tensor  // [] int64
    let epsilon: Double
    let momentum: Double

    /// Reads `weight`, `bias`, `running_mean` and `running_var`, all [channels].
    public init(_ weights: Weights, channels: Int, epsilon: Double = 1e-5, momentum: Double = 0.1) {
        weight = weights.tensor("weight", [channels], .ones)
        bias = weights.tensor("bias", [channels], .zeros)
        runningMean = weights.buffer("running_mean", [channels], .zeros)
        runningVariance = weights.buffer("running_var", [channels], .ones)
        batchesTracked = weights.buffer("num_batches_tracked", [], .zeros, dtype: .int64)
        (self.epsilon, self.momentum) = (epsilon, momentum)
    }

    /// - Parameter training: normalises by the batch and moves the running statistics towards it.
    public func callAsFunction(_ x: Tensor, training: Bool = false) -> Tensor {
        precondition(x.rank >= 2 && x.size(1) == weight.size(0), "expected [B, \(weight.size(0)), …], got \(x.shape)")
        let shape = (0..<x.rank).map { $0 == 1 ? x.size(1) : 1 }
        var (mean, variance) = (runningMean.view(shape), runningVariance.view(shape))
        if training {
            let axes = (0..<x.rank).filter { $0 != 1 }
            mean = x.mean(axes, keepdim: true)
            variance = x.variance(axes, correction: 0, keepdim: true)
            let count = Double(x.count / x.size(1))
            withoutGradients {
                _ = runningMean.lerp_(mean.view([-1]), weight: .floating(momentum))
                _ = runningVariance.lerp_(variance.view([-1]) * (count / max(1, count - 1)), weight: .floating(momentum))
                _ = batchesTracked.add_(1)
            }
        }
        return (x - mean) * (variance + epsilon).rsqrt() * weight.view(shape) + bias.view(shape)
    }
}

/// Zeroes a share of the elements while training and scales the rest up.
public struct Dropout {
    public let share: Double

    /// Drops this share of elements, from 0 to less than 1, in training.
    public init(_ share: Double) { self.share = share }

    /// In training some elements become 0 and the rest grow to keep the mean; else `x` itself.
    public func callAsFunction(_ x: Tensor, training: Bool) -> Tensor { training ? x.dropout(share, train: true) : x }
}
