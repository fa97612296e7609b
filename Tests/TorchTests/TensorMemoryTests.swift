import Testing
import Torch

@Suite struct TensorMemoryTests {
    @Test func `sixteen-bit numbers cross both ways, rounded as libtorch rounds`() {
        let values: [Float] = [0, -0.0, 1, 1.00390625, 1.01171875, 3.14159, -2.71828, 65504, 1e-30, 3.39e38, .infinity]
        let theirs = Tensor(values).to(.bfloat16)
        #expect(Tensor(values.map(BFloat16.init)).isEqual(to: theirs))
        #expect(theirs.array(BFloat16.self).map { Float($0) } == theirs.array(Float.self))
        #expect(Float(BFloat16(.nan)).isNaN && Float(BFloat16(Float(bitPattern: 0x7F80_0001))).isNaN)
        #expect(Tensor([Float16(1.5), -2]).array(Double.self) == [1.5, -2])
        #expect(Tensor([Int8(-3), 4]).dtype == .int8 && Tensor([Int16(300)]).array(Int.self) == [300])
    }

    @Test func `a buffer and the tensor over it share memory, and the tensor keeps it`() {
        let tensor: Tensor
        weak var watched: TensorBuffer<Float>?
        do {
            let buffer = TensorBuffer<Float>([1, 2, 3, 4])
            watched = buffer
            tensor = Tensor(sharing: buffer, [2, 2])
            buffer[3] = 40
            tensor.select(0, index: 0).fill_(7)
            #expect(buffer[0] == 7 && buffer[1] == 7)
        }
        #expect(tensor.array(Float.self) == [7, 7, 3, 40])
        #expect(watched != nil)
    }

    @Test func `a buffer is freed with the last tensor over it`() {
        weak var watched: TensorBuffer<Float>?
        do {
            let row: Tensor
            do {
                let buffer = TensorBuffer<Float>(repeating: 0, count: 4)
                watched = buffer
                row = Tensor(sharing: buffer, [2, 2]).select(0, index: 1)
            }
            #expect(row.sum().item() == 0 && watched != nil)
        }
        #expect(watched == nil)
    }

    @Test func `elements are read and written in place`() {
        let x = Tensor([Float(1), 2, 3]).to(.float64)
        x.withUnsafeMutableElements(of: Double.self) { $0[1] = 20 }
        #expect(x.withUnsafeElements(of: Double.self) { $0.reduce(0, +) } == 24)
        #expect(Tensor.zeros([0]).withUnsafeElements(of: Float.self) { $0.count } == 0)
    }

    @Test func `elements of another type or order trap`() async {
        await #expect(processExitsWith: .failure) { Tensor.zeros([2]).withUnsafeElements(of: Double.self) { _ in } }
        await #expect(processExitsWith: .failure) {
            Tensor.zeros([2, 2]).transposed(0, 1).withUnsafeElements(of: Float.self) { _ in }
        }
        await #expect(processExitsWith: .failure) { _ = Tensor(sharing: TensorBuffer<Float>([1]), [2]) }
    }
}
