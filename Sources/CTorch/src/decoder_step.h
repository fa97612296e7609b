// The small operators of a decoder's step, each in one pass: a step of one token is otherwise hundreds of calls.
#pragma once
#include <ATen/core/Tensor.h>

namespace myna {

// Root-mean-square normalisation over the last axis, bfloat16 in and out: weight · bf16(x / rms(x)), as LlamaRMSNorm rounds.
at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double epsilon);

// Heads normalised (where there is a weight [D]) and turned by their positions: x [B, T, H, D] bfloat16, cos and sin that
// stretch to [B, H, T, D], to [B, H, T, D] float32.
at::Tensor norm_rotate(const at::Tensor &x, const at::Tensor &weight, double epsilon, const at::Tensor &cos, const at::Tensor &sin);

}  // namespace myna
