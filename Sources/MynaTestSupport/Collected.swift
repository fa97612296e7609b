import Synchronization

/// A list that several tasks add to.
public final class Collected<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    public init() {}
    /// What was added so far, in order.
    public var all: [Element] { list.withLock { $0 } }
    public func add(_ element: Element) { list.withLock { $0.append(element) } }
}
