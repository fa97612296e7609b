// The key-value store over TCP through which processes of one training find each other: torch's own, so that torchrun's will do.
#include "ctorch.h"

#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "convert.h"

using namespace ctorch;

static c10d::TCPStore *store_of(ct_store store) { return reinterpret_cast<c10d::TCPStore *>(store); }

extern "C" {

ct_error ct_store_connect(const char *host, int64_t port, int64_t processes, bool serves, int64_t timeout_ms, ct_store *out) {
    return guarded([&] {
        c10d::TCPStoreOptions options;
        options.port = static_cast<uint16_t>(port);
        options.isServer = serves;
        options.numWorkers = static_cast<size_t>(processes);
        options.waitWorkers = false;
        options.timeout = std::chrono::milliseconds(timeout_ms);
        *out = reinterpret_cast<ct_store>(c10::make_intrusive<c10d::TCPStore>(host, options).release());
    });
}

void ct_store_free(ct_store store) {
    if (store != nullptr) c10::intrusive_ptr<c10d::TCPStore>::reclaim(store_of(store));
}

ct_error ct_store_set(ct_store store, const char *key, const uint8_t *bytes, int64_t count) {
    return guarded([&] { store_of(store)->set(key, std::vector<uint8_t>(bytes, bytes + count)); });
}

// Waits until the key is there. The bytes are freed with `free`.
ct_error ct_store_get(ct_store store, const char *key, uint8_t **bytes, int64_t *count) {
    return guarded([&] {
        std::vector<uint8_t> value = store_of(store)->get(key);
        *bytes = static_cast<uint8_t *>(std::malloc(value.size() + 1));
        std::memcpy(*bytes, value.data(), value.size());
        *count = static_cast<int64_t>(value.size());
    });
}

}  // extern "C"
