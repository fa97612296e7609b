internal import CTorch

extension Tensor {
    /// The transducer's loss (Graves 2012): −log of the sum over all alignments, for each sequence.
    ///
    /// Self is logits `[B, T, U + 1, V]`; `targets` is `[B, U]` int64, padded with anything. Frames and labels beyond
    /// the lengths count for nothing and get no gradient.
    ///
    /// - Parameters:
    ///   - frameLengths: `[B]`, valid frames.
    ///   - targetLengths: `[B]`, valid labels.
    ///   - fastEmit: weight of FastEmit's regularisation (Yu et al. 2021); 0 gives the exact gradient.
    /// - Returns: `[B]` float32.
    public func transducerLoss(targets: Tensor, frameLengths: Tensor, targetLengths: Tensor, blank: Int, fastEmit: Double = 0)
        -> Tensor
    {
        var out: ct_tensor?
        check(
            ct_transducer_loss(handle, targets.handle, frameLengths.handle, targetLengths.handle, Int64(blank), fastEmit, &out),
            "transducer_loss", [self, targets, frameLengths, targetLengths])
        return Tensor(taking: out)
    }

    /// A strided depthwise convolution over time and frequency, channels last: `[B, T, F, C]` to `[B, T′, F′, C]`.
    ///
    /// Both axes are padded by `paddingLeft` in front and `paddingRight` behind. Weight `[C, 1, K, K]`, bias `[C]`.
    public func depthwiseConv2d(weight: Tensor, bias: Tensor, stride: Int, paddingLeft: Int, paddingRight: Int) -> Tensor {
        var out: ct_tensor?
        check(
            ct_depthwise_conv2d(handle, weight.handle, bias.handle, Int64(stride), Int64(paddingLeft), Int64(paddingRight), &out),
            "depthwise_conv2d", [self, weight, bias])
        return Tensor(taking: out)
    }

    /// A strided convolution of one channel into many, channels last: `[B, T, F]` to `[B, T′, F′, C]`.
    ///
    /// Both axes are padded by `paddingLeft` in front and `paddingRight` behind. Weight `[C, 1, K, K]`, bias `[C]`.
    public func conv2dFirst(weight: Tensor, bias: Tensor, stride: Int, paddingLeft: Int, paddingRight: Int) -> Tensor {
        var out: ct_tensor?
        check(
            ct_conv2d_first(handle, weight.handle, bias.handle, Int64(stride), Int64(paddingLeft), Int64(paddingRight), &out),
            "conv2d_first", [self, weight, bias])
        return Tensor(taking: out)
    }

    /// The product of a few rows with weights of eight bits, on the CPU: `[R, I]` bfloat16 to `[R, O]`.
    ///
    /// Weight `[O, I]` int8, one of `scales` `[O]` for each output, bias `[O]`. Bound by reading the weight.
    public func int8Linear(weight: Tensor, scales: Tensor, bias: Tensor? = nil) -> Tensor {
        var out: ct_tensor?
        check(
            ct_int8_linear(handle, weight.handle, scales.handle, bias?.handle, &out), "int8_linear", [self, weight, scales])
        return Tensor(taking: out)
    }

    /// The inner part of a gated feed-forward layer: `silu(x Gᵀ) · (x Uᵀ)`, `[R, I]` bfloat16 to `[R, F]`.
    ///
    /// Weight `[2F, I]` int8, G above U, with `scales` `[2F]`.
    public func int8Gated(weight: Tensor, scales: Tensor) -> Tensor {
        var out: ct_tensor?
        check(ct_int8_gated(handle, weight.handle, scales.handle, &out), "int8_gated", [self, weight, scales])
        return Tensor(taking: out)
    }

    /// Root-mean-square normalisation over the last axis in one pass, bfloat16 on the CPU, without gradients: `[…, D]`.
    ///
    /// Rounded as the published classes round: `weight · bf16(x / rms(x))`.
    public func rmsNormBFloat16(weight: Tensor, epsilon: Double) -> Tensor {
        var out: ct_tensor?
        check(ct_rms_norm_bf16(handle, weight.handle, epsilon, &out), "rms_norm", [self, weight])
        return Tensor(taking: out)
    }

    /// Heads normalised where there is a weight `[D]`, and turned by their positions, in one pass on the CPU, without
    /// gradients: `[B, T, H, D]` bfloat16 to `[B, H, T, D]` float32. `cos` and `sin` stretch to the result's shape.
    public func normRotate(weight: Tensor?, epsilon: Double, cos: Tensor, sin: Tensor) -> Tensor {
        var out: ct_tensor?
        check(ct_norm_rotate(handle, weight?.handle, epsilon, cos.handle, sin.handle, &out), "norm_rotate", [self, cos, sin])
        return Tensor(taking: out)
    }
}
