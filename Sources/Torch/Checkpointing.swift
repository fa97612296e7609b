internal import CTorch

/// Runs `body` without keeping what its gradient needs, and runs it again when the gradient is wanted (Chen et al. 2016).
///
/// Time for memory: a stack of layers, each called so, keeps only the layers' inputs. The second run sees the random numbers
/// and the autocast of the first, so gradients are the same bit for bit, drop-out included. Gradients of parameters that
/// `body` uses are added up as always.
///
/// ```swift
/// for layer in layers { x = checkpointed(x) { layer($0[0]) } }
/// ```
///
/// - Parameter body: a function of its inputs and of parameters alone, and without effects: it runs twice. Tensors other
///   than parameters that gradients must flow to are inputs. What it is given must not be changed in place afterwards.
public func checkpointed(_ inputs: Tensor..., body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    guard ct_grad_mode() else { return body(inputs) }
    nonisolated(unsafe) let body = body  // run on the calling thread, and again by `backward` on the same executor
    let wanted = inputs.map(\.requiresGrad)
    let random = TorchRandom.state
    let device = inputs.first?.device ?? .cpu
    let autocast = ct_set_autocast(device.type, -1)
    _ = ct_set_autocast(device.type, autocast)

    let function = DifferentiableFunction<[Tensor]>(
        forward: { given in
            let kept = given.dropLast().map { $0.detach() }
            let output = body(kept)
            // Weights cast without recording must not be found by what is recorded later.
            if autocast >= 0 { ct_clear_autocast_cache() }
            return ([output], kept)
        },
        backward: { kept, gradients in
            guard let gradient = gradients[0] else { return kept.map { _ in nil } + [nil] }
            let now = TorchRandom.state
            TorchRandom.state = random
            let outside = ct_set_autocast(device.type, autocast)
            let leaves = zip(kept, wanted).map { tensor, wanted in
                let leaf = tensor.detach()
                leaf.requiresGrad = wanted
                return leaf
            }
            let output = withGradients { body(leaves) }
            _ = ct_set_autocast(device.type, outside)
            ct_clear_autocast_cache()
            TorchRandom.state = now
            if output.requiresGrad { output.backward(gradient) }
            return leaves.map(\.grad) + [nil]
        })
    // Where no input is trained the parameters may be: something must lead the gradient here.
    let lead = Tensor.zeros([], dtype: .float32, device: device)
    lead.requiresGrad = true
    return function(inputs + [lead])[0]
}
