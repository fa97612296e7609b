// Generators of random numbers that stand beside the process-wide one.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include "ctorch.h"

#include "convert.h"

extern "C" {

ct_error ct_generator_new(int8_t device, int8_t index, uint64_t seed, ct_generator *out) {
    return guarded([&] {
        auto kind = static_cast<c10::DeviceType>(device);
        auto made = kind == c10::DeviceType::CPU ? at::make_generator<at::CPUGeneratorImpl>(seed)
                                                 : at::globalContext().getAcceleratorHooksInterface(kind).getNewGenerator(index);
        made.set_current_seed(seed);
        *out = reinterpret_cast<ct_generator>(new at::Generator(std::move(made)));
    });
}
void ct_generator_free(ct_generator generator) { delete reinterpret_cast<at::Generator *>(generator); }
ct_error ct_generator_seed(ct_generator generator, uint64_t seed) {
    return guarded([&] {
        auto &g = *reinterpret_cast<at::Generator *>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(seed);
    });
}
ct_error ct_generator_state(ct_generator generator, ct_tensor *out) {
    return guarded([&] {
        auto &g = *reinterpret_cast<at::Generator *>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        *out = give(g.get_state());
    });
}
ct_error ct_generator_set_state(ct_generator generator, ct_tensor state) {
    return guarded([&] {
        auto &g = *reinterpret_cast<at::Generator *>(generator);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_state(as_tensor(state));
    });
}

}  // extern "C"
