// What our own loops share.
#pragma once

#include <bit>
#include <cstdint>

// Functions so marked are compiled for several instruction sets; the best that the processor has is chosen as the
// library loads. -O2 would leave loops of unknown length scalar.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#if __GNUC__ >= 12
#define FOR_EACH_CPU __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif
#else
#define FOR_EACH_CPU
#endif

namespace myna {

// e^x for x ≤ 0 within two units in the last place, without branches, so that a loop over it becomes vector code.
inline __attribute__((always_inline)) float exp_of_nonpositive(float x) {
    x = x < -87.0f ? -87.0f : x;  // below: 10⁻³⁸ stands for 0
    // x = n ln 2 + r, |r| ≤ ln 2 / 2. Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
    const float shifted = x * 1.44269504088896341f + 12582912.0f;
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts: the first has few bits
    // Taylor's series to r⁷: the next term is below 2⁻²⁴ of the sum.
    float e = 1.0f / 5040;
    e = e * r + 1.0f / 720;
    e = e * r + 1.0f / 120;
    e = e * r + 1.0f / 24;
    e = e * r + 1.0f / 6;
    e = e * r + 0.5f;
    e = e * r + 1;
    e = e * r + 1;
    const int32_t exponent = (std::bit_cast<int32_t>(shifted) - std::bit_cast<int32_t>(12582912.0f)) << 23;
    return std::bit_cast<float>(std::bit_cast<int32_t>(e) + exponent);
}

}  // namespace myna
