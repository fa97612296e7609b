#include "transducer_loss.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

namespace myna {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr float kNever = -std::numeric_limits<float>::infinity();

inline double log_add(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == -std::numeric_limits<double>::infinity() ? a : a + std::log1p(std::exp(b - a));
}

// The lattice of one batch: log-probabilities of blank and of the next label at every (t, u), on the CPU.
struct Lattice {
    at::Tensor blank, label;  // [B, T, U + 1] float32
    at::Tensor frames, labels;  // [B] int64
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
                    if (t == 0 && u == 0) { alpha[0] = 0; continue; }
                    double stay = t > 0 ? alpha[(t - 1) * m + u] + pb[at(t - 1, u)] : kNever;
                    double emit = u > 0 ? alpha[t * m + u - 1] + pl[at(t, u - 1)] : kNever;
                    alpha[t * m + u] = log_add(stay, emit);
                }
            for (int64_t t = n - 1; t >= 0; t--)
                for (int64_t u = m - 1; u >= 0; u--) {
                    if (t == n - 1 && u == m - 1) { beta[t * m + u] = pb[at(t, u)]; continue; }
                    double stay = t < n - 1 ? beta[(t + 1) * m + u] + pb[at(t, u)] : kNever;
                    double emit = u < m - 1 ? beta[t * m + u + 1] + pl[at(t, u)] : kNever;
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

class TransducerLoss : public torch::autograd::Function<TransducerLoss> {
  public:
    static at::Tensor forward(AutogradContext *context, const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &frame_lengths,
                              const at::Tensor &target_lengths, int64_t blank, double fastemit) {
        TORCH_CHECK(logits.dim() == 4, "transducer_loss: logits are [B, T, U + 1, V], got ", logits.sizes());
        const auto B = logits.size(0), T = logits.size(1), U1 = logits.size(2), V = logits.size(3);
        TORCH_CHECK(targets.dim() == 2 && targets.size(0) == B && targets.size(1) == U1 - 1, "transducer_loss: targets are [B, U], got ", targets.sizes());
        TORCH_CHECK(blank >= 0 && blank < V, "transducer_loss: blank ", blank, " of a vocabulary of ", V);
        auto frames = frame_lengths.to(at::kCPU, at::kLong).contiguous(), labels = target_lengths.to(at::kCPU, at::kLong).contiguous();
        for (int64_t b = 0; b < B; b++) {
            const auto n = frames.const_data_ptr<int64_t>()[b], m = labels.const_data_ptr<int64_t>()[b];
            TORCH_CHECK(n >= 1 && n <= T, "transducer_loss: frame length ", n, " of ", T);
            TORCH_CHECK(m >= 0 && m < U1, "transducer_loss: target length ", m, " of ", U1 - 1);
        }
        auto normaliser = at::logsumexp(logits.scalar_type() == at::kFloat ? logits : logits.to(at::kFloat), {-1});  // [B, T, U + 1]
        // The last column has no next label; label 0 stands in and is never used.
        auto next = at::constant_pad_nd(targets, {0, 1}, 0).clamp(0, V - 1).unsqueeze(1).unsqueeze(-1).expand({B, T, U1, 1});
        auto label_scores = logits.gather(-1, next).squeeze(-1).to(at::kFloat) - normaliser;
        auto blank_scores = logits.select(-1, blank).to(at::kFloat) - normaliser;
        Lattice lattice{blank_scores.to(at::kCPU).contiguous(), label_scores.to(at::kCPU).contiguous(), frames, labels};
        auto by_blank = at::zeros({B, T, U1}, at::kFloat), by_label = at::zeros({B, T, U1}, at::kFloat);
        auto losses = walk(lattice, by_blank, by_label);
        context->save_for_backward({logits, targets, normaliser, by_blank.to(logits.device()), by_label.to(logits.device())});
        context->saved_data["blank"] = blank;
        context->saved_data["fastemit"] = fastemit;
        return losses.to(logits.device());
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        auto saved = context->get_saved_variables();
        const auto &logits = saved[0];
        const auto blank = context->saved_data["blank"].toInt();
        const auto V = logits.size(3), B = logits.size(0), T = logits.size(1), U1 = logits.size(2);
        auto scale = gradients[0].to(at::kFloat).view({B, 1, 1});
        auto by_blank = saved[3] * scale;
        auto by_label = saved[4] * (scale * (1 + context->saved_data["fastemit"].toDouble()));
        // d/dlogit = softmax × (all that leaves here) − what leaves by this symbol; outside a sequence nothing leaves.
        auto gradient = (logits - saved[2].unsqueeze(-1)).exp_().mul_((by_blank + by_label).unsqueeze(-1));
        gradient.select(-1, blank).sub_(by_blank);
        auto next = at::constant_pad_nd(saved[1], {0, 1}, 0).clamp(0, V - 1).unsqueeze(1).unsqueeze(-1).expand({B, T, U1, 1});
        gradient.scatter_add_(-1, next, by_label.neg().unsqueeze(-1));
        return {gradient.to(logits.scalar_type()), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
    }
};

}  // namespace

at::Tensor transducer_loss(const at::Tensor &logits, const at::Tensor &targets, const at::Tensor &frame_lengths,
                           const at::Tensor &target_lengths, int64_t blank, double fastemit) {
    return TransducerLoss::apply(logits, targets, frame_lengths, target_lengths, blank, fastemit);
}

}  // namespace myna
