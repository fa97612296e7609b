/// How long it is since it was made, on any clock.
package struct Stopwatch: Sendable {
    package let elapsed: @Sendable () -> Duration

    package init(_ clock: some Clock<Duration>) {
        let beginning = clock.now
        elapsed = { beginning.duration(to: clock.now) }
    }
}

extension Duration {
    /// The duration as a number of seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
