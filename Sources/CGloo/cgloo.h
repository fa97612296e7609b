// Collectives between processes on CPUs, over Gloo, as a library of its own.
//
// libtorch has another Gloo inside whose symbols it exports; this library is opened with its own symbols first
// (RTLD_DEEPBIND) and never linked, so that the two don't meet.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// NULL: done. Otherwise what went wrong, valid until the thread's next call.
typedef const char *cg_error;
typedef struct cg_group_s *cg_group;

// The store's functions return 0 when done; `get` waits for the key and calls `cg_give` with the answer and its value.
typedef int (*cg_set)(void *context, const char *key, const uint8_t *bytes, int64_t count);
typedef int (*cg_get)(void *context, const char *key, void *answer);

void cg_give(void *answer, const uint8_t *bytes, int64_t count);

cg_error cg_connect(int64_t rank, int64_t size, const char *host, int64_t timeout_ms, void *context, cg_set set, cg_get get, cg_group *out);
void cg_free(cg_group group);
cg_error cg_allreduce_sum(cg_group group, float *values, int64_t count);
cg_error cg_broadcast(cg_group group, void *bytes, int64_t count, int64_t root);
cg_error cg_barrier(cg_group group);

#ifdef __cplusplus
}
#endif
