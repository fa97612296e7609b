public import Torch
#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Losses; each gives the mean over the batch as one number.
public enum Loss {
    /// Cross-entropy of logits `[N, C]` against classes `[N]`.
    public static func crossEntropy(_ logits: Tensor, _ classes: Tensor, ignoring ignored: Int = -100, smoothing: Double = 0)
        -> Tensor
    {
        logits.crossEntropyLoss(target: classes, ignoreIndex: ignored, labelSmoothing: smoothing)
    }

    /// Connectionist temporal classification (Graves et al. 2006) of log-probabilities `[T, B, C]`.
    ///
    /// - Parameter targets: `[B, U]`, or all of them in a row; a sequence's loss is divided by its target's length.
    public static func ctc(
        _ logProbabilities: Tensor, _ targets: Tensor, inputLengths: [Int], targetLengths: [Int], blank: Int = 0,
        zeroInfinity: Bool = false
    ) -> Tensor {
        logProbabilities.ctcLoss(
            targets: targets, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank, zeroInfinity: zeroInfinity)
    }

    /// Mean absolute difference.
    public static func l1(_ x: Tensor, _ target: Tensor) -> Tensor { x.l1Loss(target) }

    /// Mean squared difference.
    public static func meanSquared(_ x: Tensor, _ target: Tensor) -> Tensor { x.mseLoss(target) }

    /// Squared below `delta`, linear above (Huber 1964).
    public static func huber(_ x: Tensor, _ target: Tensor, delta: Double = 1) -> Tensor { x.huberLoss(target, delta: delta) }

    /// One minus the cosine of the angle between vectors of the last axis.
    public static func cosine(_ x: Tensor, _ target: Tensor) -> Tensor {
        let norms = x.vectorNorm(2, dim: [-1]).clamped(min: 1e-8) * target.vectorNorm(2, dim: [-1]).clamped(min: 1e-8)
        return (-((x * target).sum([-1]) / norms) + 1).mean()
    }

    /// Kullback–Leibler divergence of `logProbabilities` `[B, …]` from `target` probabilities, by row of the batch.
    public static func kullbackLeibler(_ logProbabilities: Tensor, from target: Tensor, logTarget: Bool = false) -> Tensor {
        logProbabilities.klDiv(target, reduction: 2, logTarget: logTarget) / Double(logProbabilities.size(0))
    }

    /// Differences of magnitude spectra and of their logarithms over several window sizes (Yamamoto et al. 2020).
    ///
    /// Signals `[B, T]`; Hann windows, hops of a quarter window, no padding: the shortest signal is the largest window.
    public static func multiScaleSpectral(_ x: Tensor, _ target: Tensor, windows: [Int] = [2048, 1024, 512, 256, 128]) -> Tensor {
        precondition(!windows.isEmpty && x.size(-1) >= (windows.max() ?? 0), "\(x.shape) is shorter than a window of \(windows)")
        let losses = windows.map { size -> Tensor in
            let (a, b) = (magnitudes(x, size), magnitudes(target, size))
            return (a - b).abs().mean() + (a.log() - b.log()).abs().mean()
        }
        return Tensor.stacked(losses, 0).mean()
    }

    private static func magnitudes(_ x: Tensor, _ size: Int) -> Tensor {
        let window = (0..<size).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(size)) }
        let frames = x.unfold(-1, size: size, step: size / 4) * Tensor(window).to(x.dtype).to(x.device)
        return (frames.fftRfft().viewAsReal().square().sum([-1]) + 1e-7).sqrt()
    }

    /// A discriminator's hinge loss (Lim & Ye 2017).
    public static func hingeDiscriminator(real: Tensor, fake: Tensor) -> Tensor {
        (-real + 1).relu().mean() + (fake + 1).relu().mean()
    }

    /// A generator's part of the hinge loss.
    public static func hingeGenerator(fake: Tensor) -> Tensor { -fake.mean() }

    /// A discriminator's least-squares loss (Mao et al. 2017).
    public static func leastSquaresDiscriminator(real: Tensor, fake: Tensor) -> Tensor {
        (real - 1).square().mean() + fake.square().mean()
    }

    /// A generator's part of the least-squares loss.
    public static func leastSquaresGenerator(fake: Tensor) -> Tensor { (fake - 1).square().mean() }
}
