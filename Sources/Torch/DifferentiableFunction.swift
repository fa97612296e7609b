internal import CTorch

/// An operator of one's own, with its own gradient.
///
/// `forward` computes without recording and says what its gradient needs; `backward` turns the outputs' gradients into
/// the inputs'. Both run wherever the model runs, and on a GPU `backward` runs on libtorch's own thread while
/// `Tensor.backward` waits: hence `@Sendable`, and hence nothing else touches `Saved` meanwhile. A gradient of the gradient
/// is refused.
///
/// ```swift
/// let square = DifferentiableFunction<Tensor>(
///     forward: { inputs in ([inputs[0] * inputs[0]], inputs[0]) },
///     backward: { x, gradients in [gradients[0].map { $0 * x * 2 }] })
/// let y = square(x)
/// ```
public struct DifferentiableFunction<Saved>: Sendable {
    private let forward: @Sendable ([Tensor]) -> (outputs: [Tensor], saved: Saved)
    private let backward: @Sendable (Saved, [Tensor?]) -> [Tensor?]

    /// - Parameters:
    ///   - forward: from inputs to outputs and what `backward` needs. What it changes in place must not be an input.
    ///   - backward: from the outputs' gradients, `nil` where none flowed, to one gradient of each input's shape, or `nil`
    ///     where there is none.
    public init(
        forward: @escaping @Sendable ([Tensor]) -> (outputs: [Tensor], saved: Saved),
        backward: @escaping @Sendable (Saved, [Tensor?]) -> [Tensor?]
    ) {
        self.forward = forward
        self.backward = backward
    }

    /// Runs it on `inputs`; gradients flow back through the outputs as through any operator's.
    public func callAsFunction(_ inputs: [Tensor]) -> [Tensor] {
        let (outputs, saved) = withoutGradients { forward(inputs) }
        let backward = backward
        let expected = inputs.count
        let pass = BackwardPass { given in
            let gradients = withoutGradients { backward(saved, given) }
            precondition(
                gradients.count == expected, "a custom function of \(expected) inputs gave \(gradients.count) gradients")
            return gradients
        }
        var out = ct_tensor_list()
        withHandles(inputs) { inputHandles in
            withHandles(outputs) { outputHandles in
                check(
                    ct_custom_function(
                        inputHandles, Int64(inputs.count), outputHandles, Int64(outputs.count), runBackward, releaseBackward,
                        Unmanaged.passRetained(pass).toOpaque(), &out),
                    "custom_function", inputs)
            }
        }
        return Tensor.list(taking: out)
    }

    /// As ``callAsFunction(_:)-([Tensor])``, from some inputs to the one output.
    public func callAsFunction(_ inputs: Tensor...) -> Tensor {
        let outputs = self(inputs)
        precondition(outputs.count == 1, "a custom function of one output gave \(outputs.count)")
        return outputs[0]
    }
}

/// What the graph holds of a custom function.
private final class BackwardPass {
    let run: ([Tensor?]) -> [Tensor?]
    init(_ run: @escaping ([Tensor?]) -> [Tensor?]) { self.run = run }
}

private let runBackward: ct_gradient_function = { context, given, givenCount, made, madeCount in
    guard let context, let made else { return }
    let pass = Unmanaged<BackwardPass>.fromOpaque(context).takeUnretainedValue()
    let gradients = pass.run((0..<Int(givenCount)).map { given?[$0].map { Tensor(taking: $0) } })
    for (index, gradient) in gradients.enumerated() where index < Int(madeCount) {
        guard let gradient else { continue }
        ct_retain(gradient.handle)
        made[index] = gradient.handle
    }
}

private let releaseBackward: ct_deleter = { context in
    if let context { Unmanaged<BackwardPass>.fromOpaque(context).release() }
}
