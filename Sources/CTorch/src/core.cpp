// The hand-written part: references, properties, factories, autograd, modes and random numbers.
#include "ctorch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include <dlfcn.h>

#include <atomic>
#include <cstring>

#include "convert.h"

namespace ctorch {

std::atomic<int64_t> live_tensors{0};

ct_error message(const char *text) {
    thread_local std::string last;
    last = text;
    return last.c_str();
}

ct_tensor_list give_list(std::vector<at::Tensor> tensors) {
    ct_tensor_list list{new ct_tensor[tensors.size()], static_cast<int64_t>(tensors.size())};
    for (size_t i = 0; i < tensors.size(); i++) list.items[i] = give(std::move(tensors[i]));
    return list;
}

static at::TensorOptions options(int8_t dtype, int8_t device, int8_t index) {
    auto kind = static_cast<c10::DeviceType>(device);
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(kind == c10::DeviceType::CPU ? c10::Device(kind) : c10::Device(kind, index));
}

}  // namespace ctorch

extern "C" {

const char *ct_version(void) { return TORCH_VERSION; }
const char *ct_library_path(void) {
    static Dl_info info;  // its strings live as long as the library
    return dladdr(reinterpret_cast<void *>(&ct_version), &info) != 0 ? info.dli_fname : "";
}
int64_t ct_live_tensors(void) { return live_tensors.load(); }
ct_error ct_set_threads(int64_t count) {
    return guarded([&] { at::set_num_threads(static_cast<int>(count)); });
}
int64_t ct_threads(void) { return at::get_num_threads(); }
ct_error ct_init_thread(void) {
    return guarded([&] { at::init_num_threads(); });
}
bool ct_cuda_available(void) { return at::globalContext().hasCUDA(); }
bool ct_mps_available(void) { return at::globalContext().hasMPS(); }

void ct_retain(ct_tensor t) {
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    c10::raw::intrusive_ptr::incref(reinterpret_cast<c10::TensorImpl *>(t));
}
void ct_release(ct_tensor t) {
    if (t == nullptr) return;
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
    c10::raw::intrusive_ptr::decref(reinterpret_cast<c10::TensorImpl *>(t));
}
void ct_list_free(ct_tensor_list list) { delete[] list.items; }

int64_t ct_dim(ct_tensor t) { return as_tensor(t).dim(); }
int64_t ct_size(ct_tensor t, int64_t axis) { return as_tensor(t).sizes()[axis]; }
int64_t ct_stride(ct_tensor t, int64_t axis) { return as_tensor(t).strides()[axis]; }
int64_t ct_numel(ct_tensor t) { return as_tensor(t).numel(); }
int8_t ct_dtype(ct_tensor t) { return static_cast<int8_t>(as_tensor(t).scalar_type()); }
int8_t ct_device_type(ct_tensor t) { return static_cast<int8_t>(as_tensor(t).device().type()); }
int8_t ct_device_index(ct_tensor t) { return as_tensor(t).device().index(); }
bool ct_is_contiguous(ct_tensor t) { return as_tensor(t).is_contiguous(); }
void *ct_data(ct_tensor t) { return as_tensor(t).data_ptr(); }
int64_t ct_element_size(int8_t dtype) { return static_cast<int64_t>(c10::elementSize(static_cast<at::ScalarType>(dtype))); }

ct_error ct_from_bytes(const void *bytes, const int64_t *sizes, int64_t dims, int8_t dtype, ct_tensor *out) {
    return guarded([&] {
        auto t = at::empty(at::IntArrayRef(sizes, dims), options(dtype, 0, 0));
        if (t.numel() > 0) std::memcpy(t.data_ptr(), bytes, t.nbytes());
        *out = give(std::move(t));
    });
}
ct_error ct_from_memory(void *bytes, const int64_t *sizes, int64_t dims, int8_t dtype, ct_deleter deleter, void *context, ct_tensor *out) {
    return guarded([&] {
        *out = give(at::from_blob(bytes, at::IntArrayRef(sizes, dims), [=](void *) { deleter(context); }, options(dtype, 0, 0)));
    });
}
ct_error ct_full(const int64_t *sizes, int64_t dims, ct_scalar value, int8_t dtype, int8_t device, int8_t index, ct_tensor *out) {
    return guarded([&] { *out = give(at::full(at::IntArrayRef(sizes, dims), as_scalar(value), options(dtype, device, index))); });
}
ct_error ct_empty(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_tensor *out) {
    return guarded([&] { *out = give(at::empty(at::IntArrayRef(sizes, dims), options(dtype, device, index))); });
}
ct_error ct_arange(ct_scalar start, ct_scalar end, ct_scalar step, int8_t dtype, int8_t device, int8_t index, ct_tensor *out) {
    return guarded([&] { *out = give(at::arange(as_scalar(start), as_scalar(end), as_scalar(step), options(dtype, device, index))); });
}
ct_error ct_randn(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_generator generator, ct_tensor *out) {
    return guarded([&] { *out = give(at::randn(at::IntArrayRef(sizes, dims), as_optional(generator), options(dtype, device, index))); });
}
ct_error ct_rand(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_generator generator, ct_tensor *out) {
    return guarded([&] { *out = give(at::rand(at::IntArrayRef(sizes, dims), as_optional(generator), options(dtype, device, index))); });
}
ct_error ct_randint(int64_t low, int64_t high, const int64_t *sizes, int64_t dims, int8_t device, int8_t index, ct_generator generator, ct_tensor *out) {
    return guarded([&] { *out = give(at::randint(low, high, at::IntArrayRef(sizes, dims), as_optional(generator), options(4, device, index))); });
}
ct_error ct_randperm(int64_t count, ct_generator generator, ct_tensor *out) {
    return guarded([&] { *out = give(at::randperm(count, as_optional(generator), at::TensorOptions().dtype(at::kLong))); });
}
ct_error ct_to(ct_tensor t, int8_t dtype, int8_t device, int8_t index, ct_tensor *out) {
    return guarded([&] {
        auto &x = as_tensor(t);
        auto target = options(dtype < 0 ? static_cast<int8_t>(x.scalar_type()) : dtype,
                              device < 0 ? static_cast<int8_t>(x.device().type()) : device, device < 0 ? x.device().index() : index);
        *out = give(x.to(target));
    });
}
ct_error ct_item(ct_tensor t, double *out) {
    return guarded([&] { *out = as_tensor(t).item().toDouble(); });
}
ct_error ct_item_int(ct_tensor t, int64_t *out) {
    return guarded([&] { *out = as_tensor(t).item().toLong(); });
}

ct_error ct_set_requires_grad(ct_tensor t, bool value) {
    return guarded([&] { as_tensor(t).set_requires_grad(value); });
}
bool ct_requires_grad(ct_tensor t) { return as_tensor(t).requires_grad(); }
ct_error ct_backward(ct_tensor t, ct_tensor gradient) {
    return guarded([&] {
        std::vector<at::Tensor> gradients;
        if (gradient != nullptr) gradients.push_back(as_tensor(gradient));
        torch::autograd::backward({as_tensor(t)}, gradients);
    });
}
ct_error ct_grad(ct_tensor t, ct_tensor *out) {
    return guarded([&] { *out = give(as_tensor(t).grad()); });
}
ct_error ct_set_grad(ct_tensor t, ct_tensor gradient) {
    return guarded([&] { as_tensor(t).mutable_grad() = gradient == nullptr ? at::Tensor() : as_tensor(gradient); });
}
bool ct_set_grad_mode(bool enabled) {
    bool before = at::GradMode::is_enabled();
    at::GradMode::set_enabled(enabled);
    return before;
}
bool ct_grad_mode(void) { return at::GradMode::is_enabled(); }
int8_t ct_set_autocast(int8_t device, int8_t dtype) {
    auto kind = static_cast<c10::DeviceType>(device);
    int8_t before = at::autocast::is_autocast_enabled(kind) ? static_cast<int8_t>(at::autocast::get_autocast_dtype(kind)) : -1;
    at::autocast::set_autocast_enabled(kind, dtype >= 0);
    if (dtype >= 0) at::autocast::set_autocast_dtype(kind, static_cast<at::ScalarType>(dtype));
    return before;
}
void ct_clear_autocast_cache(void) { at::autocast::clear_cache(); }
void ct_set_deterministic(bool enabled) { at::globalContext().setDeterministicAlgorithms(enabled, false); }
bool ct_deterministic(void) { return at::globalContext().deterministicAlgorithms(); }

ct_error ct_seed(uint64_t seed) {
    return guarded([&] { at::manual_seed(seed); });
}
ct_error ct_rng_state(ct_tensor *out) {
    return guarded([&] {
        auto generator = at::detail::getDefaultCPUGenerator();
        std::lock_guard<std::mutex> lock(generator.mutex());
        *out = give(generator.get_state());
    });
}
ct_error ct_set_rng_state(ct_tensor state) {
    return guarded([&] {
        auto generator = at::detail::getDefaultCPUGenerator();
        std::lock_guard<std::mutex> lock(generator.mutex());
        generator.set_state(as_tensor(state));
    });
}

}  // extern "C"
