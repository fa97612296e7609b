internal import CTorch
internal import Foundation

/// The key-value store through which the processes of one training find each other: libtorch's `TCPStore`.
///
/// Calls block, and may be made from any thread.
public final class ProcessStore: Sendable {
    nonisolated(unsafe) private let store: ct_store

    /// - Parameters:
    ///   - serves: whether this process is the one that holds the store.
    ///   - timeout: how long to wait for the server, and for a key that is not there.
    /// - Throws: ``ProcessStoreError`` with the host and port.
    public init(host: String, port: Int, processes: Int, serves: Bool, timeout: Duration) throws(ProcessStoreError) {
        var made: ct_store?
        let milliseconds = Int64(timeout / .milliseconds(1))
        if let error = ct_store_connect(host, Int64(port), Int64(processes), serves, milliseconds, &made) {
            throw ProcessStoreError(place: "\(host):\(port)", problem: String(cString: error))
        }
        guard let made else { fatalError("a store was neither made nor refused") }
        store = made
    }

    deinit { ct_store_free(store) }

    func withHandle<Failure: Error>(_ body: (ct_store) throws(Failure) -> Void) throws(Failure) { try body(store) }

    /// Sets a key for all.
    public func set(_ key: String, to value: [UInt8]) throws(ProcessStoreError) {
        if let error = ct_store_set(store, key, value, Int64(value.count)) {
            throw ProcessStoreError(place: key, problem: String(cString: error))
        }
    }

    /// The value of a key; waits until some process has set it.
    public func get(_ key: String) throws(ProcessStoreError) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count: Int64 = 0
        if let error = ct_store_get(store, key, &bytes, &count) {
            throw ProcessStoreError(place: key, problem: String(cString: error))
        }
        defer { free(bytes) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}

/// The store cannot be reached, or a key was not set in time.
public struct ProcessStoreError: Error, Equatable, CustomStringConvertible {
    /// The address, or the key.
    public var place: String
    public var problem: String
    public var description: String { "\(place): \(problem)" }
}
