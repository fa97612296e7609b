public import Torch

/// Why weights do not fit a model: every key that is missing, misshapen or unused, at once.
public struct WeightsError: Error, Equatable, CustomStringConvertible {
    public var source: String
    public var problems: [String]

    public var description: String {
        "\(source): " + problems.prefix(8).joined(separator: "; ")
            + (problems.count > 8 ? "; and \(problems.count - 8) more" : "")
    }
}

/// The tensors of one model by name: read from a file, or made anew for training.
///
/// Layers ask for `store / "layers" / 0 / "weight"` while they are made. After that ``finish()`` says whether every
/// key that was asked for was there in its shape, and every key that was there was asked for.
public final class ParameterStore {
    /// How a parameter that is made anew is filled.
    public enum Initial: Sendable {
        case zeros, ones
        case normal(Double)
        /// Uniform within ±bound.
        case uniform(Double)
        case constant(Double)
    }

    private(set) var tensors: [String: Tensor] = [:]
    private var order: [String] = []
    private let source: String
    private let existing: ((String) throws(SafetensorsError) -> Tensor)?
    private let existingNames: Set<String>
    private let existingShapes: [String: [Int]]
    private var problems: [String] = []
    private var asked: Set<String> = []
    private var bufferNames: Set<String> = []
    private let dtype: DType
    /// Where its tensors are.
    public let device: Device

    /// A store that makes every tensor anew, drawing from the default generator.
    public init(dtype: DType = .float32, device: Device = .cpu) {
        source = "new weights"
        existing = nil
        existingNames = []
        existingShapes = [:]
        self.dtype = dtype
        self.device = device
    }

    /// A store over a weights file; tensors are converted to `dtype`.
    public init(_ file: some WeightFile, named source: String, dtype: DType = .float32, device: Device = .cpu) {
        self.source = source
        existing = { name throws(SafetensorsError) in try file.tensor(name) }
        existingNames = Set(file.names)
        existingShapes = Dictionary(uniqueKeysWithValues: file.names.map { ($0, file.shape(of: $0) ?? []) })
        self.dtype = dtype
        self.device = device
    }

    /// Where the names begin.
    public var root: Weights { Weights(store: self, path: "") }

    /// Names in the order in which layers asked for them, with their tensors.
    public var parameters: [(name: String, tensor: Tensor)] {
        order.map { name in
            guard let tensor = tensors[name] else { fatalError("\(name) was ordered but not made") }
            return (name, tensor)
        }
    }

    /// How many numbers the model has.
    public var count: Int { tensors.values.reduce(0) { $0 + $1.count } }

    /// Makes every floating tensor trainable, or none; buffers never are.
    public func setTrainable(_ trainable: Bool) {
        for (name, tensor) in tensors where tensor.dtype.isFloatingPoint && !bufferNames.contains(name) {
            tensor.requiresGrad = trainable
        }
    }

    /// As ``setTrainable(_:)``, for the names that a pattern covers, in which `*` stands for any characters.
    ///
    /// - Returns: how many there are.
    @discardableResult
    public func setTrainable(_ trainable: Bool, matching pattern: String) -> Int {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        let chosen = tensors.filter {
            $1.dtype.isFloatingPoint && !bufferNames.contains($0) && Self.matches($0, parts)
        }
        for tensor in chosen.values { tensor.requiresGrad = trainable }
        return chosen.count
    }

    private static func matches(_ name: String, _ parts: [String]) -> Bool {
        guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
        guard parts.count > 1 else { return name == first }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            let start = rest.indices.first { rest[$0...].hasPrefix(part) }
            guard let start else { return false }
            rest = rest[start...].dropFirst(part.count)
        }
        return rest.hasSuffix(last)
    }

    /// What layers keep beside their parameters: running statistics, codebooks.
    public var buffers: [(name: String, tensor: Tensor)] { parameters.filter { bufferNames.contains($0.name) } }

    /// Whether its tensors are made anew rather than read.
    var isNew: Bool { existing == nil }

    /// Whether the file has this name; always false for new weights.
    func has(_ name: String) -> Bool { existingNames.contains(name) }

    /// Forgets the tensors under `prefix`, which count as used: what was made of them needs them no more.
    func release(prefix: String) {
        for name in order where name.hasPrefix(prefix) {
            tensors[name] = nil
            bufferNames.remove(name)
        }
        order.removeAll { tensors[$0] == nil }
    }

    /// Names under `prefix` that need not be used.
    public func ignore(prefix: String) { asked.formUnion(existingNames.filter { $0.hasPrefix(prefix) }) }

    func get(_ name: String, _ shape: [Int], _ initial: Initial, isBuffer: Bool = false, dtype: DType? = nil) -> Tensor {
        asked.insert(name)
        if isBuffer { bufferNames.insert(name) }
        if let made = tensors[name] {
            precondition(made.shape == shape, "\(name) is asked for as \(shape) and as \(made.shape)")
            return made
        }
        let tensor = existing == nil ? make(shape, initial, dtype ?? self.dtype) : read(name, shape, dtype ?? self.dtype)
        tensors[name] = tensor
        order.append(name)
        return tensor
    }

    private func read(_ name: String, _ shape: [Int], _ dtype: DType) -> Tensor {
        guard let existing, let there = existingShapes[name] else {
            problems.append("\"\(name)\" \(shape) is missing")
            return .zeros(shape, dtype: dtype, device: device)
        }
        guard there == shape else {
            problems.append("\"\(name)\" is \(there), expected \(shape)")
            return .zeros(shape, dtype: dtype, device: device)
        }
        do {
            return try existing(name).to(dtype).to(device)
        } catch {
            problems.append("\"\(name)\": \(error.problem)")
            return .zeros(shape, dtype: dtype, device: device)
        }
    }

    private func make(_ shape: [Int], _ initial: Initial, _ dtype: DType) -> Tensor {
        let tensor: Tensor
        switch initial {
        case .zeros: tensor = .zeros(shape, dtype: dtype)
        case .ones: tensor = .ones(shape, dtype: dtype)
        case .constant(let value): tensor = .full(shape, .floating(value), dtype: dtype)
        case .normal(let deviation): tensor = .randn(shape, dtype: dtype) * deviation
        case .uniform(let bound): tensor = .rand(shape, dtype: dtype) * (2 * bound) - bound
        }
        return tensor.to(device)
    }

    /// Checks that names and shapes were met and every key of the file was used.
    public func finish() throws(WeightsError) {
        let unused = existingNames.subtracting(asked).sorted().map { "\"\($0)\" is not part of this model" }
        guard problems.isEmpty, unused.isEmpty else { throw WeightsError(source: source, problems: problems + unused) }
    }
}

/// A place in a ``ParameterStore``: `weights / "self_attn" / "q_proj"`.
public struct Weights {
    public let store: ParameterStore
    public let path: String

    /// The place called `name` within this one.
    public static func / (weights: Weights, name: String) -> Weights {
        Weights(store: weights.store, path: weights.path.isEmpty ? name : "\(weights.path).\(name)")
    }

    /// The place numbered `index` within this one, as lists of layers are named.
    public static func / (weights: Weights, index: Int) -> Weights { weights / "\(index)" }

    /// The tensor called `name` here, read or made; problems with it are told by ``ParameterStore/finish()``.
    public func tensor(_ name: String, _ shape: [Int], _ initial: ParameterStore.Initial) -> Tensor {
        store.get((self / name).path, shape, initial)
    }

    /// A tensor that no optimizer changes, such as a running mean; `dtype` keeps it apart from the model's.
    public func buffer(_ name: String, _ shape: [Int], _ initial: ParameterStore.Initial, dtype: DType? = nil) -> Tensor {
        store.get((self / name).path, shape, initial, isBuffer: true, dtype: dtype)
    }

    /// Lets go of the tensors here, once something else was made of them.
    public func release() { store.release(prefix: path + ".") }

    /// As ``tensor(_:_:_:)``, or `nil` where the file has no such name; new weights never have it.
    public func tensorIfPresent(_ name: String, _ shape: [Int]) -> Tensor? {
        store.has((self / name).path) ? store.get((self / name).path, shape, .zeros) : nil
    }
}
