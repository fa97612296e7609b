#include "depthwise_conv2d.h"

#include "vectorised.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace myna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Shape {
    int64_t T, F, C, K, stride, pad, outT, outF;
    bool first;  // one input channel, read by every output channel
    int64_t plane() const { return T * F * (first ? 1 : C); }
    int64_t taps() const { return K * K; }
};

// The taps of an output position that lie inside the input: rows and columns [from, to) of the kernel.
struct Window {
    int64_t i0, i1, j0, j1, row, column;
};

inline Window window_at(const Shape &s, int64_t t, int64_t f) {
    const int64_t row = t * s.stride - s.pad, column = f * s.stride - s.pad;
    return {std::max<int64_t>(0, -row), std::min(s.K, s.T - row), std::max<int64_t>(0, -column), std::min(s.K, s.F - column), row, column};
}

// Channels taken together: they stay in registers while the taps are added up.
constexpr int64_t kBlock = 16;

// The channels [c, c + n) of one output position; n is a constant wherever it is called but for the last few channels.
template <typename Count>
inline __attribute__((always_inline)) void gather_taps(const float *x, const float *w, const float *bias, float *out, const Shape &s, const Window &at, int64_t c, Count n) {
    float sum[kBlock];
    for (int64_t l = 0; l < n; l++) sum[l] = bias[c + l];
    for (int64_t i = at.i0; i < at.i1; i++)
        for (int64_t j = at.j0; j < at.j1; j++) {
            const float *k = w + (i * s.K + j) * s.C + c;
            const int64_t position = (at.row + i) * s.F + at.column + j;
            if (s.first) {
                const float value = x[position];
                for (int64_t l = 0; l < n; l++) sum[l] += k[l] * value;
            } else {
                const float *v = x + position * s.C + c;
                for (int64_t l = 0; l < n; l++) sum[l] += k[l] * v[l];
            }
        }
    for (int64_t l = 0; l < n; l++) out[c + l] = sum[l];
}

// One output row of time: out [F', C].
FOR_EACH_CPU void forward_row(const float *x, const float *w, const float *bias, float *out, const Shape s, int64_t t) {
    for (int64_t f = 0; f < s.outF; f++) {
        const Window at = window_at(s, t, f);
        int64_t c = 0;
        for (; c + kBlock <= s.C; c += kBlock) gather_taps(x, w, bias, out + f * s.C, s, at, c, std::integral_constant<int64_t, kBlock>());
        if (c < s.C) gather_taps(x, w, bias, out + f * s.C, s, at, c, s.C - c);
    }
}

template <typename Count>
inline __attribute__((always_inline)) void scatter_taps(const float *x, const float *w, const float *g, float *gx, float *gw, const Shape &s, const Window &at, int64_t c, Count n) {
    float d[kBlock];
    for (int64_t l = 0; l < n; l++) d[l] = g[c + l];
    for (int64_t i = at.i0; i < at.i1; i++)
        for (int64_t j = at.j0; j < at.j1; j++) {
            float *k = gw + (i * s.K + j) * s.C + c;
            const float *weight = w + (i * s.K + j) * s.C + c;
            const int64_t position = (at.row + i) * s.F + at.column + j;
            if (s.first) {
                const float value = x[position];
                for (int64_t l = 0; l < n; l++) k[l] += d[l] * value;
                if (gx != nullptr)
                    for (int64_t l = 0; l < n; l++) gx[position] += d[l] * weight[l];
            } else {
                const float *v = x + position * s.C + c;
                for (int64_t l = 0; l < n; l++) k[l] += d[l] * v[l];
                if (gx != nullptr) {
                    float *to = gx + position * s.C + c;
                    for (int64_t l = 0; l < n; l++) to[l] += d[l] * weight[l];
                }
            }
        }
}

// Adds what one output row of time gives to the gradients of weight [K, K, C], bias [C] and, where wanted, x.
FOR_EACH_CPU void backward_row(const float *x, const float *w, const float *g, float *gx, float *gw, float *gbias, const Shape s, int64_t t) {
    for (int64_t f = 0; f < s.outF; f++) {
        const Window at = window_at(s, t, f);
        const float *d = g + f * s.C;
        for (int64_t c = 0; c < s.C; c++) gbias[c] += d[c];
        int64_t c = 0;
        for (; c + kBlock <= s.C; c += kBlock) scatter_taps(x, w, d, gx, gw, s, at, c, std::integral_constant<int64_t, kBlock>());
        if (c < s.C) scatter_taps(x, w, d, gx, gw, s, at, c, s.C - c);
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
