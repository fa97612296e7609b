/// Waits until a condition holds, and asks every millisecond; a test's time limit ends one that never does.
///
/// A loop over `Task.yield()` would keep one of the few threads that all tests share, and two such loops all of them.
public func until(_ condition: () throws -> Bool) async throws {
    while try !condition() { try await Task.sleep(for: .milliseconds(1)) }
}
