import MynaTestSupport
import Testing

@Suite struct ManualClocks {
    @Test("sleepers wake in the order of their deadlines, and only when time reaches them")
    func order() async throws {
        let clock = ManualClock()
        let woken = Collected<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seconds in [3, 1, 2] {
                group.addTask {
                    try await clock.sleep(for: .seconds(seconds))
                    woken.add(seconds)
                }
            }
            try await until { clock.sleeperCount == 3 }
            for count in 1...3 {
                clock.advance(by: .seconds(1))
                try await until { woken.all.count >= count }
                #expect(woken.all == Array(1...count))
            }
            try await group.waitForAll()
        }
    }

    @Test("a sleep that is cancelled throws, whether it began before or after")
    func cancellation() async throws {
        let clock = ManualClock()
        let sleeping = Task { try await clock.sleep(for: .seconds(1)) }
        try await until { clock.sleeperCount > 0 }
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        let late = Task {
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }  // ends by the cancellation itself
            try await clock.sleep(for: .seconds(1))
        }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test("a clock that sleeps move is never late")
    func sleepsPassTime() async throws {
        let clock = ManualClock(sleepsPassTime: true)
        try await clock.sleep(for: .seconds(86_400))
        #expect(clock.now.offset == .seconds(86_400))
    }
}
