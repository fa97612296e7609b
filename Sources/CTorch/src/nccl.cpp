// Collectives among GPUs over NCCL, through libtorch's own process group. Where libtorch has none, each call says so.
//
// MYNA_CUDA and MYNA_NCCL are set by Tools/ctorch.mk where libtorch_cuda and NCCL's header are there; that header needs
// nearly all of CUDA's, libcu++ among them, which a toolkit has and pip's wheels have in part.
#include "ctorch.h"

#include <ATen/Context.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>

#if defined(MYNA_CUDA) && defined(MYNA_NCCL) && __has_include(<nv/target>)
#define HAS_NCCL 1
#define USE_C10D_NCCL 1
#include <c10/core/DeviceGuard.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#else
#define HAS_NCCL 0
#endif

#include "convert.h"

using namespace ctorch;

extern "C" {

const char *ct_nccl_obstacle(void) {
#if HAS_NCCL
    return at::globalContext().hasCUDA() ? nullptr : "libtorch finds no CUDA device";
#elif defined(MYNA_CUDA)
    return "the shim was compiled without NCCL's and all of CUDA's headers";
#else
    return "this libtorch is built without CUDA";
#endif
}

#if HAS_NCCL

static c10d::ProcessGroupNCCL *group_of(ct_nccl group) { return reinterpret_cast<c10d::ProcessGroupNCCL *>(group); }

// NCCL works on a stream of its own; waiting makes the current stream wait, `item` and copies to the CPU then see the result.
static void finish(const c10::intrusive_ptr<c10d::Work> &work) {
    TORCH_CHECK(work->wait(), "NCCL: the collective did not finish");
}

ct_error ct_nccl_new(ct_store store, int64_t rank, int64_t size, int64_t timeout_ms, ct_nccl *out) {
    return guarded([&] {
        if (const char *obstacle = ct_nccl_obstacle()) TORCH_CHECK(false, obstacle);
        // The store stays its owner's too.
        auto shared = c10::intrusive_ptr<c10d::Store>::reclaim_copy(reinterpret_cast<c10d::TCPStore *>(store));
        auto options = c10d::ProcessGroupNCCL::Options::create();
        options->timeout = std::chrono::milliseconds(timeout_ms);
        *out = reinterpret_cast<ct_nccl>(
            c10::make_intrusive<c10d::ProcessGroupNCCL>(shared, static_cast<int>(rank), static_cast<int>(size), options).release());
    });
}

ct_error ct_nccl_all_reduce_sum(ct_nccl group, ct_tensor tensor) {
    return guarded([&] {
        std::vector<at::Tensor> tensors = {as_tensor(tensor)};
        const c10::DeviceGuard guard(tensors[0].device());
        finish(group_of(group)->allreduce(tensors));
    });
}

ct_error ct_nccl_broadcast(ct_nccl group, ct_tensor tensor) {
    return guarded([&] {
        std::vector<at::Tensor> tensors = {as_tensor(tensor)};
        const c10::DeviceGuard guard(tensors[0].device());
        c10d::BroadcastOptions options;
        options.rootRank = 0;
        finish(group_of(group)->broadcast(tensors, options));
    });
}

void ct_nccl_free(ct_nccl group) {
    if (group != nullptr) c10::intrusive_ptr<c10d::ProcessGroupNCCL>::reclaim(group_of(group));
}

#else

ct_error ct_nccl_new(ct_store, int64_t, int64_t, int64_t, ct_nccl *) {
    return guarded([] { TORCH_CHECK(false, ct_nccl_obstacle()); });
}
ct_error ct_nccl_all_reduce_sum(ct_nccl, ct_tensor) {
    return guarded([] { TORCH_CHECK(false, ct_nccl_obstacle()); });
}
ct_error ct_nccl_broadcast(ct_nccl, ct_tensor) {
    return guarded([] { TORCH_CHECK(false, ct_nccl_obstacle()); });
}
void ct_nccl_free(ct_nccl) {}

#endif

}  // extern "C"
