#include "packed_linear.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <vector>

#if defined(__x86_64__) && defined(__GNUC__)
#define MYNA_X86 1
#include <immintrin.h>
#endif

namespace myna {
namespace {

// Weights whose products are taken together: several streams of memory at once keep more of it under way than one.
constexpr int64_t kTogether = 4;

// The products of one row of x with `kTogether` rows of w, `inputs` apart.
using Dot = void (*)(const float *x, const int8_t *w, int64_t inputs, float *sums);

void dot_portable(const float *x, const int8_t *w, int64_t inputs, float *sums) {
    constexpr int64_t lanes = 8;
    for (int64_t row = 0; row < kTogether; ++row) {
        const int8_t *own = w + row * inputs;
        float part[lanes] = {};
        int64_t k = 0;
        for (; k + lanes <= inputs; k += lanes) {
            for (int64_t j = 0; j < lanes; ++j) part[j] += x[k + j] * static_cast<float>(own[k + j]);
        }
        float sum = 0;
        for (; k < inputs; ++k) sum += x[k] * static_cast<float>(own[k]);
        for (const float value : part) sum += value;
        sums[row] = sum;
    }
}

#ifdef MYNA_X86
// -O2 would leave the loops over a few rows as they are, and the sums in memory.
#define MYNA_UNROLL _Pragma("GCC unroll 4")

__attribute__((target("avx512f"))) void dot_avx512(const float *x, const int8_t *w, int64_t inputs, float *sums) {
    __m512 sum[kTogether][2];
    MYNA_UNROLL
    for (auto &pair : sum) pair[0] = pair[1] = _mm512_setzero_ps();
    int64_t k = 0;
    for (; k + 32 <= inputs; k += 32) {
        const __m512 x0 = _mm512_loadu_ps(x + k), x1 = _mm512_loadu_ps(x + k + 16);
        MYNA_UNROLL
        for (int64_t row = 0; row < kTogether; ++row) {
            const int8_t *own = w + row * inputs + k;
            // The same place two blocks on. Without it 0.5B parameters took 33 ms on one core, with it 17.5 (28 GB/s, 2026-11-23).
            __builtin_prefetch(own + 2 * kTogether * inputs);
            const __m512i w0 = _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(own)));
            const __m512i w1 = _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(own + 16)));
            sum[row][0] = _mm512_fmadd_ps(x0, _mm512_cvtepi32_ps(w0), sum[row][0]);
            sum[row][1] = _mm512_fmadd_ps(x1, _mm512_cvtepi32_ps(w1), sum[row][1]);
        }
    }
    MYNA_UNROLL
    for (int64_t row = 0; row < kTogether; ++row) {
        float whole = _mm512_reduce_add_ps(_mm512_add_ps(sum[row][0], sum[row][1]));
        for (int64_t rest = k; rest < inputs; ++rest) whole += x[rest] * static_cast<float>(w[row * inputs + rest]);
        sums[row] = whole;
    }
}

__attribute__((target("avx2,fma"))) void dot_avx2(const float *x, const int8_t *w, int64_t inputs, float *sums) {
    __m256 sum[kTogether][2];
    MYNA_UNROLL
    for (auto &pair : sum) pair[0] = pair[1] = _mm256_setzero_ps();
    int64_t k = 0;
    for (; k + 16 <= inputs; k += 16) {
        const __m256 x0 = _mm256_loadu_ps(x + k), x1 = _mm256_loadu_ps(x + k + 8);
        MYNA_UNROLL
        for (int64_t row = 0; row < kTogether; ++row) {
            const int8_t *own = w + row * inputs + k;
            __builtin_prefetch(own + 2 * kTogether * inputs);
            const __m256i w0 = _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(own)));
            const __m256i w1 = _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(own + 8)));
            sum[row][0] = _mm256_fmadd_ps(x0, _mm256_cvtepi32_ps(w0), sum[row][0]);
            sum[row][1] = _mm256_fmadd_ps(x1, _mm256_cvtepi32_ps(w1), sum[row][1]);
        }
    }
    MYNA_UNROLL
    for (int64_t row = 0; row < kTogether; ++row) {
        alignas(32) float lanes[8];
        _mm256_store_ps(lanes, _mm256_add_ps(sum[row][0], sum[row][1]));
        float whole = 0;
        for (const float value : lanes) whole += value;
        for (int64_t rest = k; rest < inputs; ++rest) whole += x[rest] * static_cast<float>(w[row * inputs + rest]);
        sums[row] = whole;
    }
}
#endif

Dot best_dot() {
#ifdef MYNA_X86
    if (__builtin_cpu_supports("avx512f")) return dot_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return dot_avx2;
#endif
    return dot_portable;
}

// A row of weights that is left when the rest went by `kTogether`.
float dot_one(const float *x, const int8_t *w, int64_t inputs) {
    float sum = 0;
    for (int64_t k = 0; k < inputs; ++k) sum += x[k] * static_cast<float>(w[k]);
    return sum;
}

void check(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &scales) {
    TORCH_CHECK(x.dim() == 2 && weight.dim() == 2 && x.size(1) == weight.size(1), "int8_linear: x ", x.sizes(), ", weight ", weight.sizes());
    TORCH_CHECK(scales.dim() == 1 && scales.size(0) == weight.size(0), "int8_linear: scales ", scales.sizes(), ", weight ", weight.sizes());
    TORCH_CHECK(x.scalar_type() == at::kBFloat16 && scales.scalar_type() == at::kBFloat16 && weight.scalar_type() == at::kChar, "int8_linear: types");
    TORCH_CHECK(x.device().is_cpu() && weight.device().is_cpu() && scales.device().is_cpu(), "int8_linear: works on the CPU");
}

std::vector<float> widened(const at::Tensor &x) {
    std::vector<float> values(x.numel());
    const auto *from = x.const_data_ptr<at::BFloat16>();
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(from[i]);
    return values;
}

// A thread's share of the outputs is worth its start.
int64_t grain(int64_t inputs) { return std::max<int64_t>(kTogether, (1 << 16) / std::max<int64_t>(1, inputs)); }

}  // namespace

at::Tensor int8_linear(const at::Tensor &given, const at::Tensor &packed, const at::Tensor &scales_given, const at::Tensor &bias_given) {
    check(given, packed, scales_given);
    const at::Tensor x = given.contiguous(), weight = packed.contiguous(), scales = scales_given.contiguous();
    const int64_t rows = x.size(0), inputs = x.size(1), outputs = weight.size(0);
    at::Tensor bias;
    if (bias_given.defined()) {
        TORCH_CHECK(bias_given.dim() == 1 && bias_given.size(0) == outputs && bias_given.scalar_type() == at::kBFloat16, "int8_linear: bias ", bias_given.sizes());
        bias = bias_given.contiguous();
    }
    at::Tensor y = at::empty({rows, outputs}, x.options());
    const std::vector<float> wide = widened(x);
    const auto *w = weight.const_data_ptr<int8_t>();
    const auto *s = scales.const_data_ptr<at::BFloat16>();
    const auto *b = bias.defined() ? bias.const_data_ptr<at::BFloat16>() : nullptr;
    auto *out = y.mutable_data_ptr<at::BFloat16>();
    static const Dot dot = best_dot();
    at::parallel_for(0, outputs, grain(inputs), [&](int64_t first, int64_t last) {
        auto put = [&](int64_t row, int64_t o, float sum) {
            out[row * outputs + o] = static_cast<at::BFloat16>(sum * static_cast<float>(s[o]) + (b ? static_cast<float>(b[o]) : 0.0f));
        };
        int64_t o = first;
        for (; o + kTogether <= last; o += kTogether) {
            for (int64_t row = 0; row < rows; ++row) {
                float sums[kTogether];
                dot(wide.data() + row * inputs, w + o * inputs, inputs, sums);
                for (int64_t i = 0; i < kTogether; ++i) put(row, o + i, sums[i]);
            }
        }
        for (; o < last; ++o) {
            for (int64_t row = 0; row < rows; ++row) put(row, o, dot_one(wide.data() + row * inputs, w + o * inputs, inputs));
        }
    });
    return y;
}

at::Tensor int8_gated(const at::Tensor &given, const at::Tensor &packed, const at::Tensor &scales_given) {
    check(given, packed, scales_given);
    const at::Tensor x = given.contiguous(), weight = packed.contiguous(), scales = scales_given.contiguous();
    TORCH_CHECK(weight.size(0) % 2 == 0, "int8_gated: weight ", weight.sizes());
    const int64_t rows = x.size(0), inputs = x.size(1), outputs = weight.size(0) / 2;
    at::Tensor y = at::empty({rows, outputs}, x.options());
    const std::vector<float> wide = widened(x);
    const auto *gate = weight.const_data_ptr<int8_t>();
    const auto *up = gate + outputs * inputs;
    const auto *s = scales.const_data_ptr<at::BFloat16>();
    auto *out = y.mutable_data_ptr<at::BFloat16>();
    static const Dot dot = best_dot();
    at::parallel_for(0, outputs, grain(inputs), [&](int64_t first, int64_t last) {
        auto put = [&](int64_t row, int64_t o, float g, float u) {
            g *= static_cast<float>(s[o]);
            u *= static_cast<float>(s[outputs + o]);
            out[row * outputs + o] = static_cast<at::BFloat16>(g / (1.0f + std::exp(-g)) * u);
        };
        int64_t o = first;
        for (; o + kTogether <= last; o += kTogether) {
            for (int64_t row = 0; row < rows; ++row) {
                const float *own = wide.data() + row * inputs;
                float gates[kTogether], ups[kTogether];
                dot(own, gate + o * inputs, inputs, gates);
                dot(own, up + o * inputs, inputs, ups);
                for (int64_t i = 0; i < kTogether; ++i) put(row, o + i, gates[i], ups[i]);
            }
        }
        for (; o < last; ++o) {
            for (int64_t row = 0; row < rows; ++row) {
                const float *own = wide.data() + row * inputs;
                put(row, o, dot_one(own, gate + o * inputs, inputs), dot_one(own, up + o * inputs, inputs));
            }
        }
    });
    return y;
}

}  // namespace myna
