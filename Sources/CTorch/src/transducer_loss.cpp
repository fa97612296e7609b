#include "transducer_loss.h"

#include "vectorised.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace myna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kNever = -std::numeric_limits<double>::infinity();

inline double log_add(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == kNever ? a : a + std::log1p(std::exp(b - a));
}

// Log-probabilities of blank and of the next label at every (t, u), on the CPU.
struct Lattice {
    at::Tensor blank, label;  // [B, T, U + 1] float32
    at::Tensor frames, labels;  // [B] int64: what is valid
};

// Runs forward and backward over each sequence's own part of the lattice.
// Writes the share of all alignments that leave (t, u) by blank and by label; returns the losses.
at::Tensor walk(const Lattice &lattice, at::Tensor &by_blank, at::Tensor &by_label) {
    const auto B = lattice.blank.size(0), T = lattice.blank.size(1), U1 = lattice.blank.size(2);
    auto losses = at::empty({B}, at::kFloat);
    const float *pb = lattice.blank.const_data_ptr<float>(), *pl = lattice.label.const_data_ptr<float>();
    const int64_t *frames = lattice.frames.const_data_ptr<int64_t>(), *labels = lattice.labels.const_data_ptr<int64_t>();
    float *gb = by_blank.data_ptr<float>(), *gl = by_label.data_ptr<float>(), *out = losses.data_ptr<float>();
    at::parallel_for(0, B, 1, [&](int64_t begin, int64_t end) {
        std::vector<double> alpha, beta;
        for (int64_t b = begin; b < end; b++) {
            const int64_t n = frames[b], m = labels[b] + 1, base = b * T * U1;
            auto at = [&](int64_t t, int64_t u) { return base + t * U1 + u; };
            alpha.assign(n * m, kNever);
            beta.assign(n * m, kNever);
            for (int64_t t = 0; t < n; t++)
                for (int64_t u = 0; u < m; u++) {
                    if (t == 0 && u == 0) {
                        alpha[0] = 0;
                        continue;
                    }
                    const double stay = t > 0 ? alpha[(t - 1) * m + u] + pb[at(t - 1, u)] : kNever;
                    const double emit = u > 0 ? alpha[t * m + u - 1] + pl[at(t, u - 1)] : kNever;
                    alpha[t * m + u] = log_add(stay, emit);
                }
            for (int64_t t = n - 1; t >= 0; t--)
                for (int64_t u = m - 1; u >= 0; u--) {
                    if (t == n - 1 && u == m - 1) {
                        beta[t * m + u] = pb[at(t, u)];
                        continue;
                    }
                    const double stay = t < n - 1 ? beta[(t + 1) * m + u] + pb[at(t, u)] : kNever;
                    const double emit = u < m - 1 ? beta[t * m + u + 1] + pl[at(t, u)] : kNever;
                    beta[t * m + u] = log_add(stay, emit);
                }
            const double total = beta[0];
            out[b] = static_cast<float>(-total);
            if (!std::isfinite(total)) continue;
            for (int64_t t = 0; t < n; t++)
                for (int64_t u = 0; u < m; u++) {
                    const double here = alpha[t * m + u] - total;
                    const bool last = t == n - 1 && u == m - 1;
                    if (last || t < n - 1) gb[at(t, u)] = static_cast<float>(std::exp(here + pb[at(t, u)] + (last ? 0 : beta[(t + 1) * m + u])));
                    if (u < m - 1) gl[at(t, u)] = static_cast<float>(std::exp(here + pl[at(t, u)] + beta[t * m + u + 1]));
                }
        }
    });
    return losses;
}

// Rows of logits in either type: bfloat16 is the upper half of a float32.
FOR_EACH_CPU void widen(const uint16_t *from, float *to, int64_t count) {
    for (int64_t v = 0; v < count; v++) to[v] = std::bit_cast<float>(static_cast<uint32_t>(from[v]) << 16);
}

FOR_EACH_CPU void narrow(const float *from, uint16_t *to, int64_t count) {
    for (int64_t v = 0; v < count; v++) {
        const uint32_t bits = std::bit_cast<uint32_t>(from[v]);
        const uint16_t rounded = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);  // half to even
        to[v] = (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded;
    }
}

// Sixteen lanes side by side, since one sum after the other could not become vector code.
constexpr int64_t kLanes = 16;

FOR_EACH_CPU float log_sum_exp(const float *row, int64_t count) {
    float highest[kLanes], sums[kLanes];
    for (int64_t l = 0; l < kLanes; l++) highest[l] = row[0], sums[l] = 0;
    const int64_t whole = count / kLanes * kLanes;
    for (int64_t v = 0; v < whole; v += kLanes)
        for (int64_t l = 0; l < kLanes; l++) highest[l] = row[v + l] > highest[l] ? row[v + l] : highest[l];
    float top = highest[0];
    for (int64_t l = 1; l < kLanes; l++) top = std::max(top, highest[l]);
    for (int64_t v = whole; v < count; v++) top = std::max(top, row[v]);
    if (!std::isfinite(top)) return top;
    for (int64_t v = 0; v < whole; v += kLanes)
        for (int64_t l = 0; l < kLanes; l++) sums[l] += exp_of_nonpositive(row[v + l] - top);
    float sum = 0;
    for (int64_t l = 0; l < kLanes; l++) sum += sums[l];
    for (int64_t v = whole; v < count; v++) sum += exp_of_nonpositive(row[v] - top);
    return top + std::log(sum);
}

// out = softmax × mass; no logit is above the normaliser but by rounding.
FOR_EACH_CPU void scaled_softmax(const float *row, float normaliser, float mass, float *out, int64_t count) {
    for (int64_t v = 0; v < count; v++) {
        const float below = row[v] - normaliser;
        out[v] = exp_of_nonpositive(below < 0 ? below : 0) * mass;
    }
}

bool has_own_loops(const at::Tensor &logits) {
    return logits.is_cpu() && (logits.scalar_type() == at::kFloat || logits.scalar_type() == at::kBFloat16);
}

// Normaliser and lattice in one pass over the logits, which leaves out what lies beyond the lengths.
void read_scores(const at::Tensor &logits, const at::Tensor &targets, int64_t blank, Lattice &lattice, at::Tensor &normaliser) {
    const auto B = logits.size(0), T = logits.size(1), U1 = logits.size(2), V = logits.size(3);
    normaliser = at::zeros({B, T, U1}, at::kFloat);
    lattice.blank = at::zeros({B, T, U1}, at::kFloat);
    lattice.label = at::zeros({B, T, U1}, at::kFloat);
    const bool is_float = logits.scalar_type() == at::kFloat;
    const auto *source = static_cast<const char *>(logits.const_data_ptr());
    const int64_t *frames = lattice.frames.const_data_ptr<int64_t>(), *labels = lattice.labels.const_data_ptr<int64_t>();
    const int64_t *ids = targets.const_data_ptr<int64_t>();
    float *norm = normaliser.data_ptr<float>(), *pb = lattice.blank.data_ptr<float>(), *pl = lattice.label.data_ptr<float>();
    at::parallel_for(0, B * T, 1, [&](int64_t begin, int64_t end) {
        std::vector<float> wide(V);
        for (int64_t r = begin; r < end; r++) {
            const int64_t b = r / T;
            if (r % T >= frames[b]) continue;
            for (int64_t u = 0; u <= labels[b]; u++) {
                const int64_t at = r * U1 + u;
                const float *row = wide.data();
                if (is_float)
                    row = reinterpret_cast<const float *>(source) + at * V;
                else
                    widen(reinterpret_cast<const uint16_t *>(source) + at * V, wide.data(), V);
                norm[at] = log_sum_exp(row, V);
                pb[at] = row[blank] - norm[at];
                if (u < labels[b]) pl[at] = row[ids[b * (U1 - 1) + u]] - norm[at];
            }
        }
    });
}

// d/dlogit = softmax × (all that leaves here) − what leaves by this symbol; outside a sequence nothing leaves.
at::Tensor gradient_of(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &normaliser, const at::Tensor &by_blank,
                       const at::Tensor &by_label, int64_t blank) {
    const auto T = logits.size(1), U1 = logits.size(2), V = logits.size(3);
    auto gradient = at::empty_like(logits, at::MemoryFormat::Contiguous);
    const bool is_float = logits.scalar_type() == at::kFloat;
    const size_t width = is_float ? 4 : 2;
    const auto *source = static_cast<const char *>(logits.const_data_ptr());
    auto *target = static_cast<char *>(gradient.data_ptr());
    const float *norm = normaliser.const_data_ptr<float>(), *pb = by_blank.const_data_ptr<float>(), *pl = by_label.const_data_ptr<float>();
    const int64_t *ids = targets.const_data_ptr<int64_t>();
    at::parallel_for(0, logits.size(0) * T * U1, 64, [&](int64_t begin, int64_t end) {
        std::vector<float> wide(V), sum(V);
        for (int64_t at = begin; at < end; at++) {
            const int64_t b = at / (T * U1), u = at % U1;
            char *to = target + at * V * width;
            const float mass = pb[at] + pl[at];
            if (mass == 0) {
                std::fill(to, to + V * width, 0);
                continue;
            }
            const float *row = wide.data();
            if (is_float)
                row = reinterpret_cast<const float *>(source) + at * V;
            else
                widen(reinterpret_cast<const uint16_t *>(source) + at * V, wide.data(), V);
            float *out = is_float ? reinterpret_cast<float *>(to) : sum.data();
            scaled_softmax(row, norm[at], mass, out, V);
            out[blank] -= pb[at];
            if (u < U1 - 1 && pl[at] != 0) out[ids[b * (U1 - 1) + u]] -= pl[at];
            if (!is_float) narrow(out, reinterpret_cast<uint16_t *>(to), V);
        }
    });
    return gradient;
}

// The next label at each (t, u), for gather and scatter; the last column has none, label 0 stands in and is never used.
at::Tensor next_labels(const at::Tensor &targets, at::IntArrayRef shape) {
    return at::constant_pad_nd(targets, {0, 1}, 0).clamp(0, shape[3] - 1).unsqueeze(1).unsqueeze(-1).expand({shape[0], shape[1], shape[2], 1});
}

class TransducerLoss : public torch::autograd::Function<TransducerLoss> {
  public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &given, const at::Tensor &targets, const at::Tensor &frame_lengths,
                              const at::Tensor &target_lengths, int64_t blank, double fastemit) {
        TORCH_CHECK(given.dim() == 4, "transducer_loss: logits are [B, T, U + 1, V], got ", given.sizes());
        const auto B = given.size(0), T = given.size(1), U1 = given.size(2), V = given.size(3);
        TORCH_CHECK(targets.dim() == 2 && targets.size(0) == B && targets.size(1) == U1 - 1, "transducer_loss: targets are [B, U], got ", targets.sizes());
        TORCH_CHECK(frame_lengths.numel() == B && target_lengths.numel() == B, "transducer_loss: lengths are [B]");
        TORCH_CHECK(blank >= 0 && blank < V, "transducer_loss: blank ", blank, " of a vocabulary of ", V);
        auto logits = given.contiguous();
        auto ids = targets.to(at::kLong).contiguous();
        Lattice lattice;
        lattice.frames = frame_lengths.to(at::kCPU, at::kLong).contiguous();
        lattice.labels = target_lengths.to(at::kCPU, at::kLong).contiguous();
        const auto local = ids.to(at::kCPU);
        for (int64_t b = 0; b < B; b++) {
            const auto n = lattice.frames.const_data_ptr<int64_t>()[b], m = lattice.labels.const_data_ptr<int64_t>()[b];
            TORCH_CHECK(n >= 1 && n <= T, "transducer_loss: frame length ", n, " of ", T, " in row ", b);
            TORCH_CHECK(m >= 0 && m < U1, "transducer_loss: target length ", m, " of ", U1 - 1, " in row ", b);
            for (int64_t u = 0; u < m; u++) {
                const auto id = local.const_data_ptr<int64_t>()[b * (U1 - 1) + u];
                TORCH_CHECK(id >= 0 && id < V && id != blank, "transducer_loss: label ", id, " in row ", b, ", of a vocabulary of ", V, " with blank ", blank);
            }
        }
        at::Tensor normaliser;  // [B, T, U + 1]
        if (has_own_loops(logits)) {
            read_scores(logits, ids, blank, lattice, normaliser);
        } else {
            normaliser = at::logsumexp(logits.to(at::kFloat), {-1});
            auto labels = logits.gather(-1, next_labels(ids, logits.sizes())).squeeze(-1).to(at::kFloat) - normaliser;
            auto blanks = logits.select(-1, blank).to(at::kFloat) - normaliser;
            lattice.blank = blanks.to(at::kCPU).contiguous();
            lattice.label = labels.to(at::kCPU).contiguous();
        }
        auto by_blank = at::zeros({B, T, U1}, at::kFloat), by_label = at::zeros({B, T, U1}, at::kFloat);
        auto losses = walk(lattice, by_blank, by_label);
        context->save_for_backward({logits, ids, normaliser, by_blank.to(logits.device()), by_label.to(logits.device())});
        context->saved_data["blank"] = blank;
        context->saved_data["fastemit"] = fastemit;
        return losses.to(logits.device());
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        const auto &logits = saved[0], &targets = saved[1], &normaliser = saved[2];
        const auto blank = context->saved_data["blank"].toInt();
        auto scale = gradients[0].to(at::kFloat).view({logits.size(0), 1, 1});
        auto by_blank = saved[3] * scale;
        auto by_label = saved[4] * (scale * (1 + context->saved_data["fastemit"].toDouble()));
        at::Tensor gradient;
        if (has_own_loops(logits)) {
            gradient = gradient_of(logits, targets, normaliser, by_blank, by_label, blank);
        } else {
            gradient = (logits - normaliser.unsqueeze(-1)).exp_().mul_((by_blank + by_label).unsqueeze(-1));
            gradient.select(-1, blank).sub_(by_blank);
            gradient.scatter_add_(-1, next_labels(targets, logits.sizes()), by_label.neg().to(gradient.scalar_type()).unsqueeze(-1));
            gradient = gradient.to(logits.scalar_type());
        }
        return {gradient, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

}  // namespace

at::Tensor transducer_loss(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &frame_lengths,
                           const at::Tensor &target_lengths, int64_t blank, double fastemit) {
    return TransducerLoss::apply(logits, targets, frame_lengths, target_lengths, blank, fastemit);
}

}  // namespace myna
