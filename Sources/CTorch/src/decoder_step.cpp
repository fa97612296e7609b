#include "decoder_step.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <vector>

#include "vectorised.h"

namespace myna {
namespace {

using at::BFloat16;

// Rows that are worth a thread's start.
constexpr int64_t kGrain = 256;

inline __attribute__((always_inline)) float wide(BFloat16 value) {
    return std::bit_cast<float>(static_cast<uint32_t>(value.x) << 16);
}
inline __attribute__((always_inline)) float rounded(float value) { return wide(BFloat16(value)); }

// 1 / rms of a row, summed in eight lanes so that it becomes vector code.
FOR_EACH_CPU
float scale_of(const BFloat16 *x, int64_t width, double epsilon) {
    constexpr int64_t lanes = 16;
    float part[lanes] = {};
    int64_t k = 0;
    for (; k + lanes <= width; k += lanes) {
        for (int64_t j = 0; j < lanes; ++j) {
            const float value = wide(x[k + j]);
            part[j] += value * value;
        }
    }
    float sum = 0;
    for (; k < width; ++k) sum += wide(x[k]) * wide(x[k]);
    for (const float value : part) sum += value;
    return 1.0f / std::sqrt(sum / static_cast<float>(width) + static_cast<float>(epsilon));
}

FOR_EACH_CPU
void normalise(const BFloat16 *x, const BFloat16 *weight, float scale, int64_t width, BFloat16 *y) {
    for (int64_t k = 0; k < width; ++k) y[k] = BFloat16(wide(weight[k]) * rounded(wide(x[k]) * scale));
}

void check(const at::Tensor &x, const at::Tensor &weight, const char *name) {
    TORCH_CHECK(x.device().is_cpu() && x.scalar_type() == at::kBFloat16, name, ": takes bfloat16 on the CPU");
    TORCH_CHECK(!weight.defined() || (weight.dim() == 1 && weight.size(0) == x.size(-1) && weight.scalar_type() == at::kBFloat16), name, ": weight for x ", x.sizes());
}

// Cosines or sines stretched to [B, H, T, D], as float32.
struct Angles {
    at::Tensor kept;
    const float *values;
    int64_t batch, head, time;

    Angles(const at::Tensor &given, const at::IntArrayRef shape) : kept(given.to(at::kFloat).expand(shape)) {
        TORCH_CHECK(kept.stride(3) == 1, "norm_rotate: angles are not dense");
        values = kept.const_data_ptr<float>();
        batch = kept.stride(0), head = kept.stride(1), time = kept.stride(2);
    }
    const float *at(int64_t b, int64_t h, int64_t t) const { return values + b * batch + h * head + t * time; }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor &given, const at::Tensor &weight_given, double epsilon) {
    check(given, weight_given, "rms_norm");
    const at::Tensor x = given.contiguous(), weight = weight_given.contiguous();
    at::Tensor y = at::empty(x.sizes(), x.options());
    const int64_t width = x.size(-1), rows = width == 0 ? 0 : x.numel() / width;
    const auto *from = x.const_data_ptr<BFloat16>();
    const auto *w = weight.const_data_ptr<BFloat16>();
    auto *to = y.mutable_data_ptr<BFloat16>();
    at::parallel_for(0, rows, kGrain, [&](int64_t first, int64_t last) {
        for (int64_t row = first; row < last; ++row) {
            const auto *own = from + row * width;
            normalise(own, w, scale_of(own, width, epsilon), width, to + row * width);
        }
    });
    return y;
}

at::Tensor norm_rotate(const at::Tensor &x, const at::Tensor &weight_given, double epsilon, const at::Tensor &cos, const at::Tensor &sin) {
    check(x, weight_given, "norm_rotate");
    TORCH_CHECK(x.dim() == 4 && x.size(3) % 2 == 0 && x.stride(3) == 1, "norm_rotate: x ", x.sizes());
    const int64_t B = x.size(0), T = x.size(1), H = x.size(2), D = x.size(3);
    const int64_t shape[] = {B, H, T, D};
    const Angles c(cos, shape), s(sin, shape);
    const at::Tensor weight = weight_given.defined() ? weight_given.contiguous() : at::Tensor();
    const auto *w = weight.defined() ? weight.const_data_ptr<BFloat16>() : nullptr;
    at::Tensor y = at::empty({B, H, T, D}, x.options().dtype(at::kFloat));
    const auto *from = x.const_data_ptr<BFloat16>();
    const int64_t batch = x.stride(0), time = x.stride(1), head = x.stride(2);
    auto *to = y.mutable_data_ptr<float>();
    at::parallel_for(0, B * H * T, kGrain, [&](int64_t first, int64_t last) {
        std::vector<float> row(D);
        for (int64_t index = first; index < last; ++index) {
            const int64_t t = index % T, h = index / T % H, b = index / T / H;
            const auto *own = from + b * batch + t * time + h * head;
            if (w) {
                const float scale = scale_of(own, D, epsilon);
                for (int64_t k = 0; k < D; ++k) row[k] = rounded(wide(w[k]) * rounded(wide(own[k]) * scale));
            } else {
                for (int64_t k = 0; k < D; ++k) row[k] = wide(own[k]);
            }
            const float *cosines = c.at(b, h, t), *sines = s.at(b, h, t);
            float *out = to + index * D;
            const int64_t half = D / 2;
            for (int64_t k = 0; k < half; ++k) {
                out[k] = row[k] * cosines[k] - row[k + half] * sines[k];
                out[k + half] = row[k + half] * cosines[k + half] + row[k] * sines[k + half];
            }
        }
    });
    return y;
}

}  // namespace myna
