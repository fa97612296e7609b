internal import Foundation
internal import Torch

/// Where the processes leave word for each other while they connect.
final class Meeting {
    private let store: ProcessStore
    private let prefix: String

    init(_ store: ProcessStore, prefix: String) {
        self.store = store
        self.prefix = prefix
    }

    func set(_ key: String, to value: [UInt8]) throws(ProcessStoreError) { try store.set(prefix + key, to: value) }
    func get(_ key: String) throws(ProcessStoreError) -> [UInt8] { try store.get(prefix + key) }
}

/// `libcgloo`, opened at run time: see Sources/CGloo/cgloo.h for why it is not linked.
struct Gloo {
    private typealias Failure = UnsafePointer<CChar>?
    private typealias SetKey =
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafePointer<CChar>?, UnsafePointer<UInt8>?, Int64
        ) -> Int32
    private typealias GetKey = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Int32
    private typealias Give = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int64) -> Void
    private typealias Connect =
        @convention(c) (
            Int64, Int64, UnsafePointer<CChar>, Int64, UnsafeMutableRawPointer, SetKey, GetKey,
            UnsafeMutablePointer<OpaquePointer?>
        ) -> Failure
    private typealias Free = @convention(c) (OpaquePointer) -> Void
    private typealias Reduce = @convention(c) (OpaquePointer, UnsafeMutablePointer<Float>?, Int64) -> Failure
    private typealias Broadcast = @convention(c) (OpaquePointer, UnsafeMutableRawPointer?, Int64, Int64) -> Failure
    private typealias Barrier = @convention(c) (OpaquePointer) -> Failure

    private let library: UnsafeMutableRawPointer

    #if os(Linux)
        /// Its own symbols first, or libtorch's Gloo would answer.
        private static let mode = RTLD_NOW | RTLD_LOCAL | 0x8  // RTLD_DEEPBIND
        private static let file = "libcgloo.so"
    #else
        private static let mode = RTLD_NOW | RTLD_LOCAL
        private static let file = "libcgloo.dylib"
    #endif

    /// Found beside libctorch.
    static func opened() throws(DistributedError) -> Gloo {
        let folder = (Torch.library as NSString).deletingLastPathComponent
        guard let library = dlopen(folder + "/" + file, mode) else {
            let problem = dlerror().map { String(cString: $0) } ?? "unknown"
            throw .library("\(problem); install libgloo-dev and run make ctorch")
        }
        return Gloo(library: library)
    }

    private func function<F>(_ name: String, as type: F.Type) throws(DistributedError) -> F {
        guard let symbol = dlsym(library, name) else { throw .library("\(Self.file) has no \(name)") }
        return unsafeBitCast(symbol, to: type)
    }

    /// What the store's functions, which C calls, need.
    private final class Bridge {
        let meeting: Meeting
        let give: Give
        var error: ProcessStoreError?

        init(_ meeting: Meeting, _ give: @escaping Give) {
            self.meeting = meeting
            self.give = give
        }

        static func from(_ context: UnsafeMutableRawPointer?) -> Bridge {
            guard let context else { fatalError("a store was called without its context") }
            return Unmanaged<Bridge>.fromOpaque(context).takeUnretainedValue()
        }
    }

    func connect(rank: Int, size: Int, host: String, timeout: Duration, _ meeting: Meeting) throws -> OpaquePointer {
        let connect = try function("cg_connect", as: Connect.self)
        let bridge = Bridge(meeting, try function("cg_give", as: Give.self))
        let set: SetKey = { context, key, bytes, count in
            let bridge = Bridge.from(context)
            guard let key else { return 1 }
            do throws(ProcessStoreError) {
                try bridge.meeting.set(String(cString: key), to: Array(UnsafeBufferPointer(start: bytes, count: Int(count))))
                return 0
            } catch {
                bridge.error = error
                return 1
            }
        }
        let get: GetKey = { context, key, answer in
            let bridge = Bridge.from(context)
            guard let key else { return 1 }
            do throws(ProcessStoreError) {
                let value = try bridge.meeting.get(String(cString: key))
                bridge.give(answer, value, Int64(value.count))
                return 0
            } catch {
                bridge.error = error
                return 1
            }
        }
        var made: OpaquePointer?
        let failure = withExtendedLifetime(bridge) {
            connect(
                Int64(rank), Int64(size), host, Int64(timeout / .milliseconds(1)), Unmanaged.passUnretained(bridge).toOpaque(),
                set, get, &made)
        }
        if let error = bridge.error { throw error }
        if let failure { throw DistributedError.peer(problem: String(cString: failure)) }
        guard let made else { fatalError("a group was neither made nor refused") }
        return made
    }

    func allReduceSum(_ group: OpaquePointer, _ values: UnsafeMutableBufferPointer<Float>) throws(DistributedError) {
        try check(function("cg_allreduce_sum", as: Reduce.self)(group, values.baseAddress, Int64(values.count)))
    }

    func broadcast(_ group: OpaquePointer, _ values: UnsafeMutableBufferPointer<Float>) throws(DistributedError) {
        let bytes = Int64(values.count * MemoryLayout<Float>.stride)
        try check(function("cg_broadcast", as: Broadcast.self)(group, values.baseAddress, bytes, 0))
    }

    func barrier(_ group: OpaquePointer) throws(DistributedError) {
        try check(function("cg_barrier", as: Barrier.self)(group))
    }

    func free(_ group: OpaquePointer) {
        if let symbol = dlsym(library, "cg_free") { unsafeBitCast(symbol, to: Free.self)(group) }
    }

    private func check(_ failure: Failure) throws(DistributedError) {
        if let failure { throw .peer(problem: String(cString: failure)) }
    }
}
