// The C side of our own kernels.
#include "ctorch.h"

#include "convert.h"
#include "decoder_step.h"
#include "depthwise_conv2d.h"
#include "packed_linear.h"
#include "transducer_loss.h"

extern "C" {

ct_error ct_transducer_loss(ct_tensor logits, ct_tensor targets, ct_tensor frame_lengths, ct_tensor target_lengths, int64_t blank, double fastemit, ct_tensor *out) {
    return guarded([&] {
        *out = give(myna::transducer_loss(as_tensor(logits), as_tensor(targets), as_tensor(frame_lengths), as_tensor(target_lengths), blank, fastemit));
    });
}
ct_error ct_depthwise_conv2d(ct_tensor x, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t pad_left, int64_t pad_right, ct_tensor *out) {
    return guarded([&] { *out = give(myna::depthwise_conv2d(as_tensor(x), as_tensor(weight), as_tensor(bias), stride, pad_left, pad_right)); });
}
ct_error ct_conv2d_first(ct_tensor x, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t pad_left, int64_t pad_right, ct_tensor *out) {
    return guarded([&] { *out = give(myna::conv2d_first(as_tensor(x), as_tensor(weight), as_tensor(bias), stride, pad_left, pad_right)); });
}
ct_error ct_int8_linear(ct_tensor x, ct_tensor weight, ct_tensor scales, ct_tensor bias, ct_tensor *out) {
    return guarded([&] {
        *out = give(myna::int8_linear(as_tensor(x), as_tensor(weight), as_tensor(scales), bias == nullptr ? at::Tensor() : as_tensor(bias)));
    });
}
ct_error ct_int8_gated(ct_tensor x, ct_tensor weight, ct_tensor scales, ct_tensor *out) {
    return guarded([&] { *out = give(myna::int8_gated(as_tensor(x), as_tensor(weight), as_tensor(scales))); });
}
ct_error ct_rms_norm_bf16(ct_tensor x, ct_tensor weight, double epsilon, ct_tensor *out) {
    return guarded([&] { *out = give(myna::rms_norm(as_tensor(x), as_tensor(weight), epsilon)); });
}
ct_error ct_norm_rotate(ct_tensor x, ct_tensor weight, double epsilon, ct_tensor cos, ct_tensor sin, ct_tensor *out) {
    return guarded([&] {
        *out = give(myna::norm_rotate(as_tensor(x), weight == nullptr ? at::Tensor() : as_tensor(weight), epsilon, as_tensor(cos), as_tensor(sin)));
    });
}

}  // extern "C"
