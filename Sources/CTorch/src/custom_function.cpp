// Autograd functions whose gradient another language computes.
#include <torch/csrc/autograd/custom_function.h>

#include <memory>
#include <vector>

#include "ctorch.h"

#include "convert.h"

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// What the caller gave for the backward pass; released with the graph's last node.
struct Callback {
    ct_gradient_function function;
    ct_deleter release;
    void *context;
    int64_t inputs;

    ~Callback() { release(context); }
};

struct Custom : torch::autograd::Function<Custom> {
    static variable_list forward(AutogradContext *context, at::ArrayRef<at::Tensor>, at::ArrayRef<at::Tensor> outputs,
                                 const std::shared_ptr<Callback> &callback) {
        context->set_materialize_grads(false);  // an output that nothing used has no gradient, not zeros
        auto capsule = new std::shared_ptr<Callback>(callback);
        context->saved_data["callback"] =
            at::from_blob(capsule, {1}, [capsule](void *) { delete capsule; }, at::TensorOptions().dtype(at::kLong));
        // Values of their own identity: what the caller saved of its outputs must not point back at this node.
        variable_list given;
        for (const auto &output : outputs) given.push_back(output.variable_data());
        return given;
    }

    static variable_list backward(AutogradContext *context, variable_list gradients) {
        TORCH_CHECK(!at::GradMode::is_enabled(), "a custom function has no gradient of its gradient");
        auto holder = context->saved_data["callback"].toTensor();
        auto &callback = **static_cast<std::shared_ptr<Callback> *>(holder.data_ptr());
        std::vector<ct_tensor> given(gradients.size());
        for (size_t i = 0; i < gradients.size(); i++) given[i] = give(gradients[i]);  // taken over by the callback
        std::vector<ct_tensor> made(callback.inputs, nullptr);
        callback.function(callback.context, given.data(), static_cast<int64_t>(given.size()), made.data(), callback.inputs);
        variable_list result;
        for (auto handle : made) {
            at::Tensor gradient = handle == nullptr ? at::Tensor() : as_tensor(handle);
            ct_release(handle);
            result.push_back(std::move(gradient));
        }
        // One for each variable that `apply` was given: the outputs are constants to it.
        result.resize(callback.inputs + gradients.size() + 1);
        return result;
    }
};

}  // namespace

extern "C" {

ct_error ct_custom_function(const ct_tensor *inputs, int64_t input_count, const ct_tensor *outputs, int64_t output_count,
                            ct_gradient_function function, ct_deleter release, void *context, ct_tensor_list *out) {
    auto callback = std::shared_ptr<Callback>(new Callback{function, release, context, input_count});
    return guarded([&] { *out = give_list(Custom::apply(as_list(inputs, input_count), as_list(outputs, output_count), callback)); });
}

}  // extern "C"
