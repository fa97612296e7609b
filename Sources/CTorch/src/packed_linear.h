// Products with weights of eight bits: a few rows of activations, each weight read from memory once.
#pragma once
#include <ATen/core/Tensor.h>

namespace myna {

// x [R, I] bfloat16, weight [O, I] int8, scales [O] bfloat16, bias [O] bfloat16 or undefined, to [R, O] bfloat16.
// Sums are float32; the result is rounded once.
at::Tensor int8_linear(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &scales, const at::Tensor &bias);

// SwiGLU's inner part: x [R, I], weight [2F, I] (gate above up), scales [2F], to silu(gate) · up, [R, F].
at::Tensor int8_gated(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &scales);

}  // namespace myna
