internal import Foundation

/// A fast Fourier transform of one power-of-two length, in place, radix 2.
struct FourierTransform {
    let count: Int
    private let cosines: [Float]
    private let sines: [Float]
    private let order: [Int32]

    init(count: Int) {
        precondition(count >= 2 && count & (count - 1) == 0, "FourierTransform needs a power of two, got \(count)")
        self.count = count
        cosines = (0..<count / 2).map { Float(cos(2 * Double.pi * Double($0) / Double(count))) }
        sines = (0..<count / 2).map { Float(-sin(2 * Double.pi * Double($0) / Double(count))) }
        let bits = count.trailingZeroBitCount
        order = (0..<count).map { i in
            var reversed = 0
            for b in 0..<bits where i >> b & 1 == 1 { reversed |= 1 << (bits - 1 - b) }
            return Int32(reversed)
        }
    }

    func forward(_ real: inout [Float], _ imaginary: inout [Float]) {
        precondition(real.count == count && imaginary.count == count, "FourierTransform of \(count) got \(real.count)")
        real.withUnsafeMutableBufferPointer { re in
            imaginary.withUnsafeMutableBufferPointer { im in
                order.withUnsafeBufferPointer { order in
                    for i in 0..<count where Int(order[i]) > i {
                        re.swapAt(i, Int(order[i]))
                        im.swapAt(i, Int(order[i]))
                    }
                }
                cosines.withUnsafeBufferPointer { cosines in
                    sines.withUnsafeBufferPointer { sines in
                        var half = 1
                        while half < count {
                            let step = count / (2 * half)
                            var block = 0
                            while block < count {
                                var w = 0
                                for i in block..<block + half {
                                    let j = i + half
                                    let a = re[j] * cosines[w] - im[j] * sines[w]
                                    let b = re[j] * sines[w] + im[j] * cosines[w]
                                    re[j] = re[i] - a
                                    im[j] = im[i] - b
                                    re[i] += a
                                    im[i] += b
                                    w += step
                                }
                                block += 2 * half
                            }
                            half *= 2
                        }
                    }
                }
            }
        }
    }

    /// The convolution of two real signals, as long as the first, computed by overlap and add in blocks of `count`.
    func convolve(_ signal: [Float], _ response: [Float]) -> [Float] {
        precondition(response.count < count, "a response of \(response.count) does not fit a transform of \(count)")
        var hr = response + [Float](repeating: 0, count: count - response.count)
        var hi = [Float](repeating: 0, count: count)
        forward(&hr, &hi)
        let hop = count - response.count + 1
        var out = [Float](repeating: 0, count: signal.count + count)
        var start = 0
        let scale = 1 / Float(count)
        // Two blocks at a time: one as the real part, one as the imaginary.
        while start < signal.count {
            var re = [Float](repeating: 0, count: count)
            var im = [Float](repeating: 0, count: count)
            let second = start + hop
            for i in 0..<min(hop, signal.count - start) { re[i] = signal[start + i] }
            if second < signal.count { for i in 0..<min(hop, signal.count - second) { im[i] = signal[second + i] } }
            forward(&re, &im)
            for i in 0..<count {
                // The conjugate, so that the forward transform serves as the inverse.
                let a = re[i] * hr[i] - im[i] * hi[i]
                let b = re[i] * hi[i] + im[i] * hr[i]
                re[i] = a
                im[i] = -b
            }
            forward(&re, &im)
            for i in 0..<min(count, out.count - start) { out[start + i] += re[i] * scale }
            if second < signal.count {
                for i in 0..<min(count, out.count - second) { out[second + i] -= im[i] * scale }
            }
            start += 2 * hop
        }
        out.removeLast(count)
        return out
    }
}
