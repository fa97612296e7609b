// The types that cross between libtorch and everything else. Plain C; no torch header.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
#define CT_BEGIN _Pragma("GCC visibility push(default)") extern "C" {
#define CT_END } _Pragma("GCC visibility pop")
#else
#define CT_BEGIN
#define CT_END
#endif

// A tensor: one owned reference, given back with ct_release. Opaque (it is libtorch's own implementation pointer).
typedef struct ct_tensor_impl *ct_tensor;

// A source of random numbers, given back with ct_generator_free.
typedef struct ct_generator_impl *ct_generator;
typedef struct ct_store_impl *ct_store;
typedef struct ct_cuda_graph_impl *ct_cuda_graph;
typedef struct ct_nccl_impl *ct_nccl;

// Tensors that an operator returned; free the array with ct_list_free once its tensors are taken.
typedef struct {
    ct_tensor *items;
    int64_t count;
} ct_tensor_list;

// A number that keeps its kind: 0 floating, 1 integer, 2 boolean.
typedef struct {
    double floating;
    int64_t integer;
    int8_t kind;
} ct_scalar;

// NULL when all went well; else the message of what went wrong, valid until this thread's next call.
typedef const char *ct_error;
