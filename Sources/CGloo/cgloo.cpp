#include "cgloo.h"

#include <gloo/allreduce.h>
#include <gloo/barrier.h>
#include <gloo/broadcast.h>
#include <gloo/math.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/store.h>
#include <gloo/transport/tcp/device.h>

#include <chrono>
#include <stdexcept>
#include <string>

struct cg_group_s {
    std::shared_ptr<gloo::rendezvous::Context> context;
    uint32_t tag = 0;
};

namespace {

class Store : public gloo::rendezvous::Store {
public:
    Store(void *context, cg_set set_key, cg_get get_key) : context(context), set_key(set_key), get_key(get_key) {}

    void set(const std::string &key, const std::vector<char> &data) override {
        auto bytes = reinterpret_cast<const uint8_t *>(data.data());
        if (set_key(context, key.c_str(), bytes, static_cast<int64_t>(data.size())) != 0)
            throw std::runtime_error("the store did not take " + key);
    }

    std::vector<char> get(const std::string &key) override {
        std::vector<char> answer;
        if (get_key(context, key.c_str(), &answer) != 0) throw std::runtime_error("the store has no " + key);
        return answer;
    }

    void wait(const std::vector<std::string> &keys) override {
        for (const auto &key : keys) get(key);
    }
    void wait(const std::vector<std::string> &keys, const std::chrono::milliseconds &) override { wait(keys); }

private:
    void *context;
    cg_set set_key;
    cg_get get_key;
};

template <class Body>
cg_error guarded(Body &&body) {
    thread_local std::string last;
    try {
        body();
        return nullptr;
    } catch (const std::exception &error) {
        last = error.what();
    } catch (...) {
        last = "an unknown C++ exception";
    }
    return last.c_str();
}

}  // namespace

extern "C" {

void cg_give(void *answer, const uint8_t *bytes, int64_t count) {
    auto text = reinterpret_cast<const char *>(bytes);
    static_cast<std::vector<char> *>(answer)->assign(text, text + count);
}

cg_error cg_connect(int64_t rank, int64_t size, const char *host, int64_t timeout_ms, void *context, cg_set set, cg_get get, cg_group *out) {
    return guarded([&] {
        gloo::transport::tcp::attr attributes;
        attributes.hostname = host;
        auto device = gloo::transport::tcp::CreateDevice(attributes);
        auto group = std::make_shared<gloo::rendezvous::Context>(static_cast<int>(rank), static_cast<int>(size));
        group->setTimeout(std::chrono::milliseconds(timeout_ms));
        Store store(context, set, get);
        group->connectFullMesh(store, device);
        *out = new cg_group_s{group};
    });
}

void cg_free(cg_group group) { delete group; }

cg_error cg_allreduce_sum(cg_group group, float *values, int64_t count) {
    return guarded([&] {
        gloo::AllreduceOptions options(group->context);
        options.setOutput(values, static_cast<size_t>(count));
        options.setReduceFunction(static_cast<void (*)(void *, const void *, const void *, size_t)>(&gloo::sum<float>));
        options.setTag(group->tag++);
        gloo::allreduce(options);
    });
}

cg_error cg_broadcast(cg_group group, void *bytes, int64_t count, int64_t root) {
    return guarded([&] {
        gloo::BroadcastOptions options(group->context);
        options.setOutput(static_cast<char *>(bytes), static_cast<size_t>(count));
        options.setRoot(static_cast<int>(root));
        options.setTag(group->tag++);
        gloo::broadcast(options);
    });
}

cg_error cg_barrier(cg_group group) {
    return guarded([&] {
        gloo::BarrierOptions options(group->context);
        options.setTag(group->tag++);
        gloo::barrier(options);
    });
}

}  // extern "C"
