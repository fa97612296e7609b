internal import Foundation
#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif
internal import Synchronization

/// One request whose answer goes to disk as it comes, after what the file already holds.
///
/// `@unchecked Sendable`: everything that changes is inside the mutex.
final class Transfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct State {
        var handle: FileHandle?
        var failure: HubError?
        var written: Int64 = 0
        var continuation: CheckedContinuation<Void, any Error>?
        var task: URLSessionDataTask?
    }

    private let place: URL
    private let expected: Int64?
    private let limit: Int64
    private let timeout: Double
    private let report: @Sendable (Int64) -> Void
    private let state = Mutex(State())
    private var address = ""

    /// - Parameter limit: bytes after which an answer is given up.
    init(to place: URL, expecting: Int64?, timeout: Double, limit: Int64 = .max, report: @escaping @Sendable (Int64) -> Void) {
        (self.place, expected, self.timeout, self.limit) = (place, expecting, timeout, limit)
        self.report = report
    }

    /// - Throws: ``HubError`` for what the hub or the disk refuses; what came stays on disk.
    func run(_ request: URLRequest, address: String) async throws {
        self.address = address
        var request = request
        let have = HubClient.size(of: place) ?? 0
        if have > 0 { request.setValue("bytes=\(have)-", forHTTPHeaderField: "Range") }
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        let task = session.dataTask(with: request)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock {
                    $0.continuation = continuation
                    $0.task = task
                    $0.written = have
                }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
        try Task.checkCancellation()
    }

    /// The token is the hub's own: it does not follow to another host.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        var next = request
        let original = task.originalRequest
        if next.url?.host != original?.url?.host || next.url?.port != original?.url?.port {
            next.setValue(nil, forHTTPHeaderField: "Authorization")
        }
        if let range = original?.value(forHTTPHeaderField: "Range") { next.setValue(range, forHTTPHeaderField: "Range") }
        completionHandler(next)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        let failure: HubError? = state.withLock { state in
            switch status {
            case 200: state.written = 0  // the whole file, also where a part was asked for
            case 206:
                let range = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Content-Range") ?? ""
                guard range.hasPrefix("bytes \(state.written)-") else {
                    return .badListing(address, reason: "answers with \(range)")
                }
            case 404: return .notFound(address)
            case 401, 403: return .notAllowed(address, status: status)
            default: return .refused(address, status: status)
            }
            do {
                if !FileManager.default.fileExists(atPath: place.path) {
                    guard FileManager.default.createFile(atPath: place.path, contents: nil) else {
                        return .cannotWrite(place.path, reason: String(cString: strerror(errno)))
                    }
                }
                let handle = try FileHandle(forWritingTo: place)
                try handle.truncate(atOffset: UInt64(state.written))
                try handle.seek(toOffset: UInt64(state.written))
                state.handle = handle
            } catch {
                return .cannotWrite(place.path, reason: "\(error.localizedDescription)")
            }
            return nil
        }
        if let failure { state.withLock { $0.failure = failure } }
        completionHandler(failure == nil ? .allow : .cancel)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let written: Int64? = state.withLock { state in
            guard state.failure == nil, let handle = state.handle else { return nil }
            let after = state.written + Int64(data.count)
            guard after <= limit, after <= expected ?? .max else {
                state.failure = .wrongSize(place.path, expected: expected ?? limit, got: after)
                return nil
            }
            do {
                try handle.write(contentsOf: data)
                state.written = after
                return after
            } catch {
                state.failure = .cannotWrite(place.path, reason: "\(error.localizedDescription)")
                return nil
            }
        }
        if let written { report(written) } else { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (continuation, failure) = state.withLock { state in
            let result = (state.continuation, state.failure)
            do {
                try state.handle?.close()
            } catch {
                state.failure = state.failure ?? .cannotWrite(place.path, reason: "\(error.localizedDescription)")
            }
            (state.continuation, state.handle) = (nil, nil)
            return (result.0, result.1 ?? state.failure)
        }
        if let failure {
            continuation?.resume(throwing: failure)
        } else if let error {
            continuation?.resume(throwing: HubError.unreachable(address, reason: error.localizedDescription))
        } else {
            continuation?.resume()
        }
    }
}
