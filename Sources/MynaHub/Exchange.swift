internal import Foundation
#if canImport(FoundationNetworking)
    internal import FoundationNetworking
#endif
internal import MynaText
internal import Synchronization

/// One request whose answer is taken as it comes; whoever stops taking it ends it.
///
/// `@unchecked Sendable`: everything that changes is inside the mutex.
final class Exchange: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct State {
        var status = 0
        /// The body of a refusal, for its words.
        var refusal = Data()
        var received = 0
        var failure: ChatModelError?
    }

    /// No answer of a language model is longer, in bytes.
    static let limit = 16 << 20

    /// The body of an answer with status 200.
    ///
    /// - Throws: `ChatModelError`, naming the server and what it said.
    let bytes: AsyncThrowingStream<Data, any Error>
    private let continuation: AsyncThrowingStream<Data, any Error>.Continuation
    private let server: String
    private let state = Mutex(State())

    /// Sends `request`.
    init(_ request: URLRequest, server: String, timeout: Double) {
        self.server = server
        // The limit of bytes bounds what waits; a piece that were dropped would go unseen.
        (bytes, continuation) = AsyncThrowingStream.makeStream(of: Data.self, bufferingPolicy: .bufferingOldest(Self.limit))
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout
        configuration.urlCache = nil
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        let task = session.dataTask(with: request)
        continuation.onTermination = { _ in
            task.cancel()
            session.finishTasksAndInvalidate()
        }
        task.resume()
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        state.withLock { $0.status = status }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        enum Step { case hand, keep, end }
        let step: Step = state.withLock { state in
            state.received += data.count
            guard state.received <= Self.limit else {
                state.failure = .nonsense(model: server, problem: "answers with more than \(Self.limit) bytes", said: "")
                return .end
            }
            if state.status == 200 { return .hand }
            if state.refusal.count < 4096 { state.refusal += data }
            return .keep
        }
        switch step {
        case .hand: continuation.yield(data)
        case .keep: break
        case .end: dataTask.cancel()
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let failure: ChatModelError? = state.withLock { state in
            if let failure = state.failure { return failure }
            if let error { return .unreachable(model: server, reason: error.localizedDescription) }
            guard state.status != 200 else { return nil }
            return .refused(model: server, status: state.status, said: Self.words(of: state.refusal))
        }
        continuation.finish(throwing: failure)
    }

    /// What servers say of a fault: `{"error": {"message": …}}`, `{"error": …}`, `{"message": …}`, `{"detail": …}`, or all of it.
    private static func words(of body: Data) -> String {
        let text = String(decoding: body, as: UTF8.self)
        guard let tree = try? JSONTree(text) else { return text }  // what is no JSON is told as it is
        for found in [tree["error"]?["message"], tree["error"], tree["message"], tree["detail"]] {
            switch found {
            case .string(let words)?: return words
            case let other? where other != .null: return other.text
            default: continue
            }
        }
        return text
    }
}
