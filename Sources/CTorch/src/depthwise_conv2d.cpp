#include "depthwise_conv2d.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

namespace myna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Shape {
    int64_t T, F, C, K, stride, pad, outT, outF;
    bool first;  // one input channel, read by every output channel
};

// One output row of time: out [F', C].
FOR_EACH_CPU void forward_row(const float *x, const float *w, const float *bias, float *out, const Shape s, int64_t t) {
    for (int64_t f = 0; f < s.outF; f++) {
        float *o = out + f * s.C;
        for (int64_t c = 0; c < s.C; c++) o[c] = bias[c];
        for (int64_t i = 0; i < s.K; i++) {
            const int64_t row = t * s.stride + i - s.pad;
            if (row < 0 || row >= s.T) continue;
            for (int64_t j = 0; j < s.K; j++) {
                const int64_t column = f * s.stride + j - s.pad;
                if (column < 0 || column >= s.F) continue;
                const float *k = w + (i * s.K + j) * s.C;
                if (s.first) {
                    const float value = x[row * s.F + column];
                    for (int64_t c = 0; c < s.C; c++) o[c] += k[c] * value;
                } else {
                    const float *v = x + (row * s.F + column) * s.C;
                    for (int64_t c = 0; c < s.C; c++) o[c] += k[c] * v[c];
                }
            }
        }
    }
}

// Adds what one output row of time gives to the gradients of weight [K, K, C], bias [C] and, where wanted, x.
FOR_EACH_CPU void backward_row(const float *x, const float *w, const float *g, float *gx, float *gw, float *gbias, const Shape s, int64_t t) {
    for (int64_t f = 0; f < s.outF; f++) {
        const float *d = g + f * s.C;
        for (int64_t c = 0; c < s.C; c++) gbias[c] += d[c];
        for (int64_t i = 0; i < s.K; i++) {
            const int64_t row = t * s.stride + i - s.pad;
            if (row < 0 || row >= s.T) continue;
            for (int64_t j = 0; j < s.K; j++) {
                const int64_t column = f * s.stride + j - s.pad;
                if (column < 0 || column >= s.F) continue;
                float *k = gw + (i * s.K + j) * s.C;
                const float *weight = w + (i * s.K + j) * s.C;
                if (s.first) {
                    const float value = x[row * s.F + column];
                    for (int64_t c = 0; c < s.C; c++) k[c] += d[c] * value;
                    if (gx != nullptr) {
                        float sum = 0;
                        for (int64_t c = 0; c < s.C; c++) sum += d[c] * weight[c];
                        gx[row * s.F + column] += sum;
                    }
                } else {
                    const int64_t at = (row * s.F + column) * s.C;
                    for (int64_t c = 0; c < s.C; c++) k[c] += d[c] * x[at + c];
                    if (gx != nullptr)
                        for (int64_t c = 0; c < s.C; c++) gx[at + c] += d[c] * weight[c];
                }
            }
        }
    }
}

Shape shape_of(const at::Tensor &x, const at::Tensor &weight, int64_t stride, int64_t left, int64_t right, bool first) {
    TORCH_CHECK(x.dim() == (first ? 3 : 4), "x is [B, T, F", first ? "]" : ", C]", ", got ", x.sizes());
    const auto K = weight.size(2), T = x.size(1), F = x.size(2);
    TORCH_CHECK(weight.dim() == 4 && weight.size(1) == 1 && weight.size(3) == K, "weight is [C, 1, K, K], got ", weight.sizes());
    TORCH_CHECK(first || x.size(3) == weight.size(0), "x has ", x.size(-1), " channels, weight ", weight.size(0));
    TORCH_CHECK(T + left + right >= K && F + left + right >= K, "x ", x.sizes(), " is smaller than the kernel");
    return {T, F, weight.size(0), K, stride, left, (T + left + right - K) / stride + 1, (F + left + right - K) / stride + 1, first};
}

class StridedConv : public torch::autograd::Function<StridedConv> {
  public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias, int64_t stride,
                              int64_t left, int64_t right, bool first) {
        const auto s = shape_of(input, weight, stride, left, right, first);
        auto x = input.to(at::kFloat).contiguous();
        auto w = weight.to(at::kFloat).permute({2, 3, 1, 0}).contiguous();  // [K, K, 1, C]
        auto b = bias.to(at::kFloat).contiguous();
        const auto B = x.size(0), plane = s.T * s.F * (first ? 1 : s.C);
        auto out = at::empty({B, s.outT, s.outF, s.C}, x.options());
        const float *px = x.const_data_ptr<float>(), *pw = w.const_data_ptr<float>(), *pb = b.const_data_ptr<float>();
        float *po = out.data_ptr<float>();
        at::parallel_for(0, B * s.outT, 16, [&](int64_t begin, int64_t end) {
            for (int64_t r = begin; r < end; r++) forward_row(px + r / s.outT * plane, pw, pb, po + r * s.outF * s.C, s, r % s.outT);
        });
        context->save_for_backward({x, w});
        context->saved_data["stride"] = stride;
        context->saved_data["left"] = left;
        context->saved_data["right"] = right;
        context->saved_data["first"] = first;
        context->saved_data["wants_x"] = input.requires_grad();
        context->saved_data["dtype"] = static_cast<int64_t>(input.scalar_type());
        return out;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        const auto &x = saved[0], &w = saved[1];
        const bool first = context->saved_data["first"].toBool(), wants_x = context->saved_data["wants_x"].toBool();
        const auto s = shape_of(x, w.permute({3, 2, 0, 1}), context->saved_data["stride"].toInt(), context->saved_data["left"].toInt(),
                                context->saved_data["right"].toInt(), first);
        auto g = gradients[0].to(at::kFloat).contiguous();
        const auto B = x.size(0), plane = s.T * s.F * (first ? 1 : s.C);
        auto gx = wants_x ? at::zeros_like(x) : at::Tensor();
        auto gw = at::zeros({B, s.K * s.K * s.C}, x.options()), gb = at::zeros({B, s.C}, x.options());
        const float *px = x.const_data_ptr<float>(), *pw = w.const_data_ptr<float>(), *pg = g.const_data_ptr<float>();
        float *pgx = wants_x ? gx.data_ptr<float>() : nullptr, *pgw = gw.data_ptr<float>(), *pgb = gb.data_ptr<float>();
        // Rows of the batch are independent: each adds up its own, in a fixed order.
        at::parallel_for(0, B, 1, [&](int64_t begin, int64_t end) {
            for (int64_t b = begin; b < end; b++)
                for (int64_t t = 0; t < s.outT; t++)
                    backward_row(px + b * plane, pw, pg + (b * s.outT + t) * s.outF * s.C, wants_x ? pgx + b * plane : nullptr,
                                 pgw + b * s.K * s.K * s.C, pgb + b * s.C, s, t);
        });
        const auto dtype = static_cast<at::ScalarType>(context->saved_data["dtype"].toInt());
        return {wants_x ? gx.to(dtype) : at::Tensor(), gw.sum(0).view({s.K, s.K, 1, s.C}).permute({3, 2, 0, 1}).contiguous(), gb.sum(0),
                at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

// Any other device: libtorch's own convolution, channels moved there and back.
at::Tensor elsewhere(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride, int64_t left, int64_t right, bool first) {
    auto y = first ? x.unsqueeze(1) : x.permute({0, 3, 1, 2});
    y = at::conv2d(at::constant_pad_nd(y, {left, right, left, right}, 0), weight, bias, at::IntArrayRef({stride, stride}), at::IntArrayRef({0, 0}), at::IntArrayRef({1, 1}), first ? 1 : weight.size(0));
    return y.permute({0, 2, 3, 1});
}

}  // namespace

at::Tensor depthwise_conv2d(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride, int64_t pad_left, int64_t pad_right) {
    if (!x.is_cpu()) return elsewhere(x, weight, bias, stride, pad_left, pad_right, false);
    return StridedConv::apply(x, weight, bias, stride, pad_left, pad_right, false);
}

at::Tensor conv2d_first(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride, int64_t pad_left, int64_t pad_right) {
    if (!x.is_cpu()) return elsewhere(x, weight, bias, stride, pad_left, pad_right, true);
    return StridedConv::apply(x, weight, bias, stride, pad_left, pad_right, true);
}

}  // namespace myna
