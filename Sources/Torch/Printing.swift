#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension Tensor: CustomStringConvertible, CustomDebugStringConvertible {
    /// Dtype, shape, device, then the values in aligned columns as PyTorch prints them: of more than a thousand, the first
    /// and last three along each axis.
    public var description: String {
        let values = printedValues(indent: 0)
        return "Tensor \(dtype)\(shape) on \(device)\(values.contains("\n") ? "\n" : " ")\(values)"
    }

    /// As ``description``, and whether gradients flow and rows are contiguous.
    public var debugDescription: String {
        let notes = (requiresGrad ? ", gradients" : "") + (isContiguous ? "" : ", not contiguous")
        let values = printedValues(indent: 0)
        return "Tensor \(dtype)\(shape) on \(device)\(notes)\(values.contains("\n") ? "\n" : " ")\(values)"
    }

    /// The values alone.
    func printedValues(indent: Int) -> String {
        guard count > 0 else { return "[]" }
        return withoutGradients {
            let isSummarised = count > NumberFormat.threshold
            let lengths = shape
            var shown = detach()
            if isSummarised {
                for (axis, length) in lengths.enumerated() where length > 2 * NumberFormat.edge {
                    shown = .concatenated(
                        [shown.prefix(NumberFormat.edge, axis: axis), shown.suffix(NumberFormat.edge, axis: axis)], axis)
                }
            }
            let words = NumberFormat.words(shown)
            var block = PrintedBlock(words: words, lengths: lengths, isSummarised: isSummarised)
            return block.text(axis: 0, indent: indent)
        }
    }
}

/// Rows of words, taken from the front as the axes are walked.
private struct PrintedBlock {
    let words: [String]
    let lengths: [Int]
    let isSummarised: Bool
    var next = 0

    init(words: [String], lengths: [Int], isSummarised: Bool) {
        self.words = words
        self.lengths = lengths
        self.isSummarised = isSummarised
    }

    mutating func take() -> String {
        defer { next += 1 }
        return words[next]
    }

    mutating func text(axis: Int, indent: Int) -> String {
        guard axis < lengths.count else { return take() }
        let length = lengths[axis]
        let isCut = isSummarised && length > 2 * NumberFormat.edge
        let half = isCut ? NumberFormat.edge : length
        var parts: [String] = []
        let isLast = axis == lengths.count - 1
        for _ in 0..<half { parts.append(isLast ? take() : text(axis: axis + 1, indent: indent + 1)) }
        if isCut {
            parts.append(isLast ? " ..." : "...")
            for _ in 0..<half { parts.append(isLast ? take() : text(axis: axis + 1, indent: indent + 1)) }
        }
        let margin = String(repeating: " ", count: indent + 1)
        guard isLast else {
            return "[" + parts.joined(separator: "," + String(repeating: "\n", count: lengths.count - 1 - axis) + margin) + "]"
        }
        let width = words[0].utf8.count + 2
        let perLine = Swift.max(1, (NumberFormat.lineWidth - indent) / width)
        let lines = stride(from: 0, to: parts.count, by: perLine).map {
            parts[$0..<Swift.min($0 + perLine, parts.count)].joined(separator: ", ")
        }
        return "[" + lines.joined(separator: ",\n" + margin) + "]"
    }
}

/// How numbers are written so that columns line up.
private enum NumberFormat {
    /// More elements than this are summarised.
    static let threshold = 1000
    /// How many are shown at either end of an axis then.
    static let edge = 3
    static let lineWidth = 80

    /// All elements as words of one width.
    static func words(_ tensor: Tensor) -> [String] {
        let words: [String]
        switch tensor.dtype {
        case .bool: words = tensor.array(Bool.self).map { $0 ? "True" : "False" }
        case .complex64:
            let parts = tensor.to(.cpu).viewAsReal().array(Double.self)
            let real = floating(stride(from: 0, to: parts.count, by: 2).map { parts[$0] })
            let imaginary = floating(stride(from: 1, to: parts.count, by: 2).map { parts[$0] })
            words = zip(real, imaginary).map { real, imaginary in
                let bare = imaginary.drop { $0 == " " }
                return real + (bare.hasPrefix("-") ? "" : "+") + bare + "j"
            }
        case let dtype where dtype.isFloatingPoint: return aligned(floating(tensor.array(Double.self)))
        default: words = tensor.array(Int64.self).map { String($0) }
        }
        return aligned(words)
    }

    static func aligned(_ words: [String]) -> [String] {
        let width = words.map(\.utf8.count).max() ?? 0
        return words.map { String(repeating: " ", count: width - $0.utf8.count) + $0 }
    }

    private static func floating(_ values: [Double]) -> [String] {
        let regular = values.filter { $0.isFinite && $0 != 0 }
        let isWhole = regular.allSatisfy { $0 == $0.rounded(.up) }
        let sizes = regular.map(\.magnitude)
        let (smallest, largest) = (sizes.min() ?? 1, sizes.max() ?? 1)
        let isScientific = largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4
        return values.map { value in
            if value.isNaN { return "nan" }
            if value.isInfinite { return value < 0 ? "-inf" : "inf" }
            if isScientific { return written(value, "%.4e") }
            return isWhole ? written(value, "%.0f") + "." : written(value, "%.4f")
        }
    }

    private static func written(_ value: Double, _ format: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in  // the longest Double has 309 digits
            let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
            return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
