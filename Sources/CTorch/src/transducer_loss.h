// The transducer's loss (Graves 2012), exact.
#pragma once
#include <ATen/core/Tensor.h>

namespace myna {

// logits [B, T, U + 1, V]; targets [B, U] int64; lengths [B] int64. Returns [B] float32: −log of the sum over alignments.
at::Tensor transducer_loss(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &frame_lengths,
                           const at::Tensor &target_lengths, int64_t blank, double fastemit);

}  // namespace myna
