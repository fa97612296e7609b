internal import CTorch

/// Where a tensor lives and its operators run.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// libtorch's number of the device's kind.
    let type: Int8
    /// Which one, where there are several.
    public let index: Int

    public static let cpu = Device(type: 0, index: 0)
    /// The GPU of this number, counted from 0.
    public static func cuda(_ index: Int = 0) -> Device { Device(type: 1, index: index) }
    public static let mps = Device(type: 13, index: 0)

    /// The fastest kind this machine has.
    public static var best: Device {
        if ct_cuda_available() { return .cuda() }
        return ct_mps_available() ? .mps : .cpu
    }

    public var isCPU: Bool { type == 0 }
    /// Whether it is an NVIDIA GPU.
    public var isCUDA: Bool { type == Device.cuda().type }

    public var description: String {
        switch type {
        case 0: "cpu"
        case 1: "cuda:\(index)"
        case 13: "mps"
        default: "device \(type):\(index)"
        }
    }
}

extension Device {
    /// The device of a name: `cpu`, `cuda`, `cuda:1`, `mps`.
    ///
    /// - Throws: ``DeviceError`` for another name, and for what this machine or this libtorch hasn't.
    public init(named name: String) throws(DeviceError) {
        let fields = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let index = fields.count == 2 ? Int(fields[1]) ?? -1 : 0
        switch (fields.first, index) {
        case ("cpu", 0): self = .cpu
        case ("cuda", 0...):
            if !ct_cuda_available() {
                throw DeviceError(name: name, problem: "this machine, or this libtorch, has no CUDA device")
            }
            self = .cuda(index)
        case ("mps", 0):
            if !ct_mps_available() {
                throw DeviceError(name: name, problem: "this machine, or this libtorch, has no Metal device")
            }
            self = .mps
        default: throw DeviceError(name: name, problem: "is none of cpu, cuda, cuda:N and mps")
        }
    }
}

/// A device that cannot be had.
public struct DeviceError: Error, Equatable, CustomStringConvertible {
    public var name: String
    public var problem: String

    public var description: String { "device \"\(name)\": \(problem)" }
}

/// libtorch itself: its version, threads and switches.
public enum Torch {
    /// Such as `2.13.0`.
    public static var version: String { String(cString: ct_version()) }

    /// The file that the C shim was loaded from; other libraries of ours lie beside it.
    package static var library: String { String(cString: ct_library_path()) }

    /// Tensors that Swift holds now, over all threads: for tests that look for leaks.
    public static var liveTensors: Int { Int(ct_live_tensors()) }

    /// Threads that one operator may use, in the calling thread's team.
    public static var threads: Int {
        get { Int(ct_threads()) }
        set { check(ct_set_threads(Int64(newValue)), "set_num_threads", []) }
    }

    /// Call first on each thread that runs operators, so that libtorch and OpenMP agree on the team's size.
    public static func prepareThread() { check(ct_init_thread(), "init_num_threads", []) }

    /// Refuses operators whose result may differ from run to run.
    public static func useDeterministicAlgorithms(_ enabled: Bool) { ct_set_deterministic(enabled) }
}
