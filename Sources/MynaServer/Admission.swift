internal import Foundation
internal import Synchronization

/// Who is connected: lets conversations in up to a number, and asks all of them to come to an end.
final class Admission: Sendable {
    private struct State {
        /// What ends each open conversation in good order; nil until it has said how.
        var open: [Int: (@Sendable () async -> Void)?] = [:]
        var admitted = 0
        var refused = 0
        var isClosing = false
    }

    /// Why nobody is let in.
    enum Refusal: Error, Equatable { case full(most: Int), closing }

    let most: Int
    private let state = Mutex(State())

    init(most: Int) { self.most = most }

    /// How many are open, were let in, and were refused.
    var counts: (open: Int, admitted: Int, refused: Int) {
        state.withLock { ($0.open.count, $0.admitted, $0.refused) }
    }
    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// Lets one more in.
    ///
    /// - Returns: its number, for ``leave(_:)``.
    func enter() throws(Refusal) -> Int {
        let result: Result<Int, Refusal> = state.withLock { state in
            let refusal: Refusal? = state.isClosing ? .closing : state.open.count >= most ? .full(most: most) : nil
            if let refusal {
                state.refused += 1
                return .failure(refusal)
            }
            state.admitted += 1
            state.open[state.admitted] = .some(nil)
            return .success(state.admitted)
        }
        return try result.get()
    }

    /// Says what ends the conversation; called once, while it is open.
    func onClosing(_ id: Int, _ end: @escaping @Sendable () async -> Void) {
        state.withLock { if $0.open[id] != nil { $0.open[id] = .some(end) } }
    }

    func leave(_ id: Int) { state.withLock { _ = $0.open.removeValue(forKey: id) } }

    /// Lets nobody in any more, and asks all who are to end; comes back when they have, or after `limit`.
    func close(within limit: Duration) async {
        let ends = state.withLock { state in
            state.isClosing = true
            return state.open.values.compactMap { $0 }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { ending in
                    for end in ends { ending.addTask { await end() } }
                }
            }
            // A wait that is cancelled has done its work.
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
