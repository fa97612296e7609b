import Torch

extension Bench {
    /// Small operators, where the way into libtorch is most of the time, and large products, where it is none.
    static let operators: [String: Case] = [
        "operators.add16": { _ in
            let (a, b) = (Tensor.randn([16]), Tensor.randn([16]))
            return repeated(20_000) { _ = a + b }
        },
        "operators.chain16": { _ in
            let (a, b) = (Tensor.randn([16]), Tensor.randn([16]))
            return repeated(10_000) { _ = ((a + b) * b).relu() + a }
        },
        "operators.matmul64": { _ in
            let (a, b) = (Tensor.randn([64, 64]), Tensor.randn([64, 64]))
            return repeated(5_000) { _ = a.matmul(b) }
        },
        "operators.product.float32": { _ in product(.float32) },
        "operators.product.bfloat16": { _ in product(.bfloat16) },
    ]

    /// Microseconds of one call.
    private static func repeated(_ count: Int, _ body: @escaping () -> Void) -> Prepared {
        for _ in 0..<count / 10 { body() }
        return Prepared { seconds { for _ in 0..<count { body() } } / Double(count) * 1e6 }
    }

    /// Thousands of millions of operations a second in products of 1024 × 1024 matrices.
    private static func product(_ dtype: DType) -> Prepared {
        let (a, b) = (Tensor.randn([1024, 1024]).to(dtype), Tensor.randn([1024, 1024]).to(dtype))
        for _ in 0..<3 { _ = a.matmul(b) }
        return Prepared {
            // The best of several: what the machine can do at its most.
            let best = (0..<10).map { _ in seconds { _ = a.matmul(b) } }.min() ?? .infinity
            return 2 * 1024 * 1024 * 1024 / best / 1e9
        }
    }
}
