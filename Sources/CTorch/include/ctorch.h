// CTorch: libtorch for languages that speak C. Every call returns NULL or a message; no exception leaves.
#pragma once
#include "ctorch_operators.h"
#include "ctorch_types.h"

CT_BEGIN

// Library and threads
const char *ct_version(void);
const char *ct_library_path(void);  // where this library was loaded from
int64_t ct_live_tensors(void);  // tensors given out and not yet released
ct_error ct_set_threads(int64_t count);
int64_t ct_threads(void);
ct_error ct_init_thread(void);  // call first on each thread that runs operators: one OpenMP team a thread
bool ct_cuda_available(void);
bool ct_mps_available(void);

// References
void ct_retain(ct_tensor t);
void ct_release(ct_tensor t);
void ct_list_free(ct_tensor_list list);

// Memory of tensors on the CPU that is kept for the next tensors once they are freed, up to `share` beyond the most that was
// in use; from the call on, for the whole process.
ct_error ct_cache_memory(double share);
void ct_release_memory(void);    // gives back to the system what no tensor uses
int64_t ct_cached_memory(void);  // bytes kept and not in use
int64_t ct_lent_memory(void);    // bytes in use that were taken since ct_cache_memory, blocks of 64 KiB and more

// What a tensor is. dtype: libtorch's ScalarType number. device: 0 CPU, 1 CUDA, 13 MPS.
int64_t ct_dim(ct_tensor t);
int64_t ct_size(ct_tensor t, int64_t axis);
int64_t ct_stride(ct_tensor t, int64_t axis);
int64_t ct_numel(ct_tensor t);
int8_t ct_dtype(ct_tensor t);
int8_t ct_device_type(ct_tensor t);
int8_t ct_device_index(ct_tensor t);
bool ct_is_contiguous(ct_tensor t);
void *ct_data(ct_tensor t);  // of the first element; NULL for an empty tensor
int64_t ct_element_size(int8_t dtype);

// Making tensors
ct_error ct_from_bytes(const void *bytes, const int64_t *sizes, int64_t dims, int8_t dtype, ct_tensor *out);  // copies
typedef void (*ct_deleter)(void *context);
ct_error ct_from_memory(void *bytes, const int64_t *sizes, int64_t dims, int8_t dtype, ct_deleter deleter, void *context, ct_tensor *out);
ct_error ct_full(const int64_t *sizes, int64_t dims, ct_scalar value, int8_t dtype, int8_t device, int8_t index, ct_tensor *out);
ct_error ct_empty(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_tensor *out);
ct_error ct_arange(ct_scalar start, ct_scalar end, ct_scalar step, int8_t dtype, int8_t device, int8_t index, ct_tensor *out);
ct_error ct_randn(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_generator generator, ct_tensor *out);
ct_error ct_rand(const int64_t *sizes, int64_t dims, int8_t dtype, int8_t device, int8_t index, ct_generator generator, ct_tensor *out);
ct_error ct_randint(int64_t low, int64_t high, const int64_t *sizes, int64_t dims, int8_t device, int8_t index, ct_generator generator, ct_tensor *out);
ct_error ct_randperm(int64_t count, ct_generator generator, ct_tensor *out);
ct_error ct_to(ct_tensor t, int8_t dtype, int8_t device, int8_t index, ct_tensor *out);  // −1 keeps dtype or device
ct_error ct_item(ct_tensor t, double *out);
ct_error ct_item_int(ct_tensor t, int64_t *out);

// Autograd
ct_error ct_set_requires_grad(ct_tensor t, bool value);
bool ct_requires_grad(ct_tensor t);
ct_error ct_backward(ct_tensor t, ct_tensor gradient);  // gradient may be NULL for a scalar
ct_error ct_grad(ct_tensor t, ct_tensor *out);          // *out is NULL where there is none
ct_error ct_set_grad(ct_tensor t, ct_tensor gradient);  // NULL clears
// A function whose gradient the caller computes. `function` takes over the outputs' gradients (NULL where none flowed) and
// writes an owned tensor or NULL for each input; `release` is called once, when nothing can call `function` any more.
typedef void (*ct_gradient_function)(void *context, const ct_tensor *given, int64_t given_count, ct_tensor *made, int64_t made_count);
ct_error ct_custom_function(const ct_tensor *inputs, int64_t input_count, const ct_tensor *outputs, int64_t output_count, ct_gradient_function function, ct_deleter release, void *context, ct_tensor_list *out);
// Modes of the calling thread; each returns what was set before.
bool ct_set_grad_mode(bool enabled);
bool ct_grad_mode(void);
int8_t ct_set_autocast(int8_t device, int8_t dtype);  // dtype −1: off; returns the former dtype or −1
void ct_clear_autocast_cache(void);
void ct_set_deterministic(bool enabled);  // the whole process
bool ct_deterministic(void);

// Random numbers of the default CPU generator
ct_error ct_seed(uint64_t seed);
ct_error ct_rng_state(ct_tensor *out);
ct_error ct_set_rng_state(ct_tensor state);
// Generators of one's own; where an operator takes one, NULL is the default.
ct_error ct_generator_new(int8_t device, int8_t index, uint64_t seed, ct_generator *out);
void ct_generator_free(ct_generator generator);
ct_error ct_generator_seed(ct_generator generator, uint64_t seed);
ct_error ct_generator_state(ct_generator generator, ct_tensor *out);
ct_error ct_generator_set_state(ct_generator generator, ct_tensor state);

// The store through which the processes of one training find each other
ct_error ct_store_connect(const char *host, int64_t port, int64_t processes, bool serves, int64_t timeout_ms, ct_store *out);
void ct_store_free(ct_store store);
ct_error ct_store_set(ct_store store, const char *key, const uint8_t *bytes, int64_t count);
ct_error ct_store_get(ct_store store, const char *key, uint8_t **bytes, int64_t *count);

// NCCL: collectives among GPUs, each process with one; the store is that of the training
const char *ct_nccl_obstacle(void);  // why there is none here; NULL where there is
ct_error ct_nccl_new(ct_store store, int64_t rank, int64_t size, int64_t timeout_ms, ct_nccl *out);
ct_error ct_nccl_all_reduce_sum(ct_nccl group, ct_tensor tensor);
ct_error ct_nccl_broadcast(ct_nccl group, ct_tensor tensor);
void ct_nccl_free(ct_nccl group);

// CUDA graphs. `new` puts the calling thread on a side stream of the device, for warming up; `begin` records what it does there
// and `end` stops and puts it back. All three, and nothing else in between, on one thread; `free` also ends what was not ended.
const char *ct_cuda_graph_obstacle(void);  // why there are none here; NULL where there are
ct_error ct_cuda_graph_new(int8_t index, ct_cuda_graph *out);
ct_error ct_cuda_graph_begin(ct_cuda_graph graph);
ct_error ct_cuda_graph_end(ct_cuda_graph graph);
ct_error ct_cuda_graph_replay(ct_cuda_graph graph);
void ct_cuda_graph_free(ct_cuda_graph graph);

// Kernels of our own, for what libtorch lacks or does slowly
ct_error ct_transducer_loss(ct_tensor logits, ct_tensor targets, ct_tensor frame_lengths, ct_tensor target_lengths, int64_t blank, double fastemit, ct_tensor *out);
ct_error ct_depthwise_conv2d(ct_tensor x, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t pad_left, int64_t pad_right, ct_tensor *out);
ct_error ct_conv2d_first(ct_tensor x, ct_tensor weight, ct_tensor bias, int64_t stride, int64_t pad_left, int64_t pad_right, ct_tensor *out);
ct_error ct_int8_linear(ct_tensor x, ct_tensor weight, ct_tensor scales, ct_tensor bias, ct_tensor *out);  // bias may be NULL
ct_error ct_int8_gated(ct_tensor x, ct_tensor weight, ct_tensor scales, ct_tensor *out);
ct_error ct_rms_norm_bf16(ct_tensor x, ct_tensor weight, double epsilon, ct_tensor *out);
ct_error ct_norm_rotate(ct_tensor x, ct_tensor weight, double epsilon, ct_tensor cos, ct_tensor sin, ct_tensor *out);  // weight may be NULL

CT_END
