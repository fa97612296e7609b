public import Foundation
public import MynaStages

/// A virtual home whose clock goes on by itself: its timers run out and what is to be done later is done, also while nobody asks.
public actor RunningHome: HomeBackend {
    private let inner: VirtualHome
    private let clock: any Clock<Duration>
    private let date: @Sendable () -> Date
    private var last: Date
    private var waiting: [Int: Task<Void, Never>] = [:]
    /// Why calls that were due could not be made.
    public private(set) var missed: [String] = []

    /// - Parameters:
    ///   - clock: Waits until something is due.
    ///   - date: The time by that clock.
    public init(
        _ home: VirtualHome, clock: any Clock<Duration> = ContinuousClock(), date: @escaping @Sendable () -> Date = { Date() }
    ) {
        (inner, self.clock, self.date) = (home, clock, date)
        last = date()
    }

    private func advance() async {
        let passed = date().timeIntervalSince(last)
        guard passed > 0 else { return }
        last = date()
        do { try await inner.advance(by: .seconds(passed)) } catch { missed.append("\(error)") }
    }

    public func home() async -> Home {
        await advance()
        return await inner.home()
    }

    public func state(of entity: String) async throws -> EntityState {
        await advance()
        return try await inner.state(of: entity)
    }

    public func call(_ call: ServiceCall) async throws {
        await advance()
        try await inner.call(call)
    }

    public func schedule(_ calls: [ServiceCall], after delay: Duration) async -> Int {
        await advance()
        let id = await inner.schedule(calls, after: delay)
        waiting[id] = Task { [weak self, clock] in
            do { try await clock.sleep(for: delay) } catch { return }
            await self?.take(id)
        }
        return id
    }

    private func take(_ id: Int) async {
        waiting[id] = nil
        await advance()
    }

    public func cancelScheduled(_ id: Int) async {
        waiting.removeValue(forKey: id)?.cancel()
        await inner.cancelScheduled(id)
    }

    public func timers() async -> [HomeTimer] {
        await advance()
        return await inner.timers()
    }

    public func now() async -> Date {
        await advance()
        return await inner.now()
    }
}
