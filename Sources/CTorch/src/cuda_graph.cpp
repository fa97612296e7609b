// CUDA graphs: a GPU's work recorded once and started again with one call. Where libtorch has no CUDA, each call says so.
//
// MYNA_CUDA is set by Tools/ctorch.mk where libtorch_cuda is there; CUDA's own headers may still be missing or in part (crt/ is
// a pip package of its own), and what at::cuda::CUDAGraph holds depends on whether they are of CUDA 12.4 or later, as those are
// that libtorch 2.11 and later are built with.
#include "ctorch.h"

#include <ATen/Context.h>

#define HAS_CUDA_GRAPHS 0
#if defined(MYNA_CUDA) && __has_include(<cuda_runtime_api.h>) && __has_include(<crt/host_config.h>)
#include <cuda_runtime_api.h>
#if CUDART_VERSION >= 12040
#undef HAS_CUDA_GRAPHS
#define HAS_CUDA_GRAPHS 1
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAStream.h>
// Not CUDA's own guards: their inline code calls the CUDA run time, which would have to be found and linked too.
#include <c10/core/DeviceGuard.h>
#include <c10/core/StreamGuard.h>
#endif
#endif

#include "convert.h"

const char *ct_cuda_graph_obstacle(void) {
#if HAS_CUDA_GRAPHS
    return at::globalContext().hasCUDA() ? nullptr : "libtorch finds no CUDA device";
#elif defined(MYNA_CUDA)
    return "the shim was compiled without CUDA's headers, 12.4 or later";
#else
    return "this libtorch is built without CUDA";
#endif
}

#if HAS_CUDA_GRAPHS

namespace {

// A recording, and until it has ended the side stream it is made on: CUDA records no default stream.
struct Recording {
    explicit Recording(c10::DeviceIndex device) {
        c10::DeviceGuard on({c10::DeviceType::CUDA, device});
        c10::cuda::device_synchronize();  // what made the inputs ran on another stream
        side.emplace(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device).unwrap());
    }

    void begin() {
        c10::cuda::device_synchronize();
        c10::cuda::CUDACachingAllocator::emptyCache();  // the recording takes memory of its own; what waits is of no use to it
        graph.capture_begin();
    }

    void end() {
        try {
            graph.capture_end();
        } catch (...) {
            side.reset();
            throw;
        }
        side.reset();
    }

    at::cuda::CUDAGraph graph;
    std::optional<c10::StreamGuard> side;
};

Recording *recording_of(ct_cuda_graph graph) { return reinterpret_cast<Recording *>(graph); }

}  // namespace

ct_error ct_cuda_graph_new(int8_t index, ct_cuda_graph *out) {
    return guarded([&] { *out = reinterpret_cast<ct_cuda_graph>(new Recording(index)); });
}
ct_error ct_cuda_graph_begin(ct_cuda_graph graph) {
    return guarded([&] { recording_of(graph)->begin(); });
}
ct_error ct_cuda_graph_end(ct_cuda_graph graph) {
    return guarded([&] { recording_of(graph)->end(); });
}
ct_error ct_cuda_graph_replay(ct_cuda_graph graph) {
    return guarded([&] { recording_of(graph)->graph.replay(); });
}
void ct_cuda_graph_free(ct_cuda_graph graph) { delete recording_of(graph); }

#else

ct_error ct_cuda_graph_new(int8_t, ct_cuda_graph *) { return ct_cuda_graph_obstacle(); }
ct_error ct_cuda_graph_begin(ct_cuda_graph) { return ct_cuda_graph_obstacle(); }
ct_error ct_cuda_graph_end(ct_cuda_graph) { return ct_cuda_graph_obstacle(); }
ct_error ct_cuda_graph_replay(ct_cuda_graph) { return ct_cuda_graph_obstacle(); }
void ct_cuda_graph_free(ct_cuda_graph) {}

#endif
