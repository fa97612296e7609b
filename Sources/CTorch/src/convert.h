// Between the C types and libtorch's, for the sources of this folder.
#pragma once
#include <ATen/ATen.h>

#include <optional>
#include <string>
#include <string_view>

#include "ctorch_types.h"

static_assert(sizeof(at::Tensor) == sizeof(void *), "at::Tensor is expected to be one pointer: handles are read as tensors in place");

namespace ctorch {

extern std::atomic<int64_t> live_tensors;

// Runs `body`; what it throws becomes the returned message.
ct_error message(const char *text);
template <typename Body>
ct_error guarded(Body &&body) {
    try {
        body();
        return nullptr;
    } catch (const c10::Error &error) {
        return message(error.what_without_backtrace());
    } catch (const std::exception &error) {
        return message(error.what());
    } catch (...) {
        return message("an unknown C++ exception");
    }
}

// The handle itself read as a tensor: no reference is counted.
inline const at::Tensor &as_tensor(const ct_tensor &handle) { return reinterpret_cast<const at::Tensor &>(handle); }
inline at::Tensor &as_mutable(ct_tensor &handle) { return reinterpret_cast<at::Tensor &>(handle); }
#define as_tensor(handle) ctorch::as_mutable(handle)

inline std::optional<at::Tensor> as_optional(const ct_tensor &handle) {
    if (handle == nullptr) return std::nullopt;
    return reinterpret_cast<const at::Tensor &>(handle);
}
inline at::TensorList as_list(const ct_tensor *handles, int64_t count) {
    return at::TensorList(reinterpret_cast<const at::Tensor *>(handles), count);
}
inline at::Scalar as_scalar(const ct_scalar &s) {
    switch (s.kind) {
        case 1: return at::Scalar(s.integer);
        case 2: return at::Scalar(s.integer != 0);
        default: return at::Scalar(s.floating);
    }
}
inline std::optional<at::Scalar> as_optional(const ct_scalar *s) {
    if (s == nullptr) return std::nullopt;
    return as_scalar(*s);
}
inline std::optional<at::Generator> as_optional(const ct_generator &g) {
    if (g == nullptr) return std::nullopt;
    return *reinterpret_cast<at::Generator *>(g);
}
// Indices into the axes in turn; an axis without one is taken whole.
inline c10::List<std::optional<at::Tensor>> as_optional_list(const ct_tensor *handles, int64_t count) {
    c10::List<std::optional<at::Tensor>> list;
    for (int64_t i = 0; i < count; i++) list.push_back(as_optional(handles[i]));
    return list;
}
inline std::optional<int64_t> as_optional(const int64_t *v) { return v == nullptr ? std::nullopt : std::optional<int64_t>(*v); }
inline std::optional<double> as_optional(const double *v) { return v == nullptr ? std::nullopt : std::optional<double>(*v); }
inline std::optional<bool> as_optional_bool(int8_t v) { return v < 0 ? std::nullopt : std::optional<bool>(v != 0); }
inline at::OptionalIntArrayRef as_optional_array(const int64_t *v, int64_t count) {
    if (v == nullptr) return std::nullopt;
    return at::IntArrayRef(v, count);
}
inline std::optional<at::ScalarType> as_optional_dtype(int8_t v) {
    return v < 0 ? std::nullopt : std::optional<at::ScalarType>(static_cast<at::ScalarType>(v));
}
inline std::optional<std::string_view> as_optional_view(const char *v) {
    return v == nullptr ? std::nullopt : std::optional<std::string_view>(v);
}

// Hands a reference over to the caller.
inline ct_tensor give(at::Tensor t) {
    if (!t.defined()) return nullptr;
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return reinterpret_cast<ct_tensor>(t.unsafeReleaseTensorImpl());
}
ct_tensor_list give_list(std::vector<at::Tensor> tensors);

}  // namespace ctorch

using namespace ctorch;
