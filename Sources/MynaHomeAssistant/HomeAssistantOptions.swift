/// How a Home Assistant is spoken to.
public struct HomeAssistantOptions: Sendable {
    /// Seconds for the connection and the token to be taken.
    public var connectSeconds = 5.0
    /// Seconds for a command to be answered.
    public var answerSeconds = 10.0
    /// Seconds for a device to show what was done to it, before the reply says that it did not.
    public var settleSeconds = 3.0
    /// Seconds between two looks whether the home is still there.
    public var pingSeconds = 20.0
    /// Seconds before the first try to connect again; each further one waits twice as long, up to `mostRetrySeconds`.
    public var firstRetrySeconds = 0.5
    public var mostRetrySeconds = 30.0
    /// The longest message taken; all states of a large home are a few megabytes.
    public var mostMessageBytes = 64 << 20
    /// Whether the program stays and can do things later: timers, and "in ten minutes".
    public var staysRunning = true

    public init() {}
}
