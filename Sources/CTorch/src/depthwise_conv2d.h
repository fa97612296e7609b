// Strided convolutions over time and frequency with channels last, for the subsampling of a recogniser.
// libtorch's depthwise path on the CPU takes longer than the rest of a small Conformer; this one is bound by memory.
#pragma once
#include <ATen/core/Tensor.h>

namespace myna {

// x [B, T, F, C], weight [C, 1, K, K], bias [C] to [B, T', F', C]; both axes padded alike with zeros.
at::Tensor depthwise_conv2d(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride, int64_t pad_left, int64_t pad_right);

// x [B, T, F] to [B, T', F', C].
at::Tensor conv2d_first(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride, int64_t pad_left, int64_t pad_right);

}  // namespace myna
